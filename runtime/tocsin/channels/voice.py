"""Calls to people: whose turn it is, the intent on record, one request to Twilio, and what came of it.

One live call per person carries all that waits for them; what is said is composed when they answer. How
the call ends arrives as events and is settled in `ends`; what nobody knows is cleared up in `reconcile`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from tocsin.alarms import notices
from tocsin.calls import ending, placing
from tocsin.calls.ledger import outbound
from tocsin.channels import store
from tocsin.channels.announcing import announcement
from tocsin.channels.dispatcher import UNANSWERED_MS, Dispatcher
from tocsin.channels.settling import DUPLICATE
from tocsin.channels.station import RECONCILE, VOICE, of_call
from tocsin.channels.watch import watch_in
from tocsin.db import NotStored
from tocsin.journal import record
from tocsin.telephony.attempt import Attempt
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.outcome import Outcome
    from tocsin.calls.services import Line
    from tocsin.channels.cancelling import Cancelling
    from tocsin.channels.dispatch import Waiting
    from tocsin.channels.ends import CallEnds
    from tocsin.channels.station import Station

log = structlog.get_logger("tocsin.channels")


@dataclass(frozen=True, slots=True)
class Planned:
    """A call that was decided on and written down, and is to be asked for."""

    call: Call
    line: Line
    twiml: str = ""


@dataclass(frozen=True, slots=True)
class Came:
    """What came of asking for a call: it has ended (with its outcome), or nobody needs it any more."""

    ended: bool = False
    outcome: Outcome | None = None
    idle: bool = False


class Voice(Dispatcher[Planned]):
    """Places calls."""

    channel = VOICE

    def __init__(self, station: Station, ends: CallEnds, cancelling: Cancelling) -> None:
        super().__init__(station)
        self._ends = ends
        self._cancelling = cancelling

    # Before the request, in one transaction.

    def plan_in(self, conn: Connection, chosen: Waiting, account: str, now_ms: int) -> Planned | None:
        """Write down the call and what it carries; None where the person cannot be called like that now."""
        station = self.station
        services = station.services
        user, line = station.reachable(chosen.person, chosen.number), services.lines.get(chosen.profile)
        if user is None or line is None or line.account != account:
            self.gone_in(conn, chosen, profile_there=line is not None, now_ms=now_ms)
            return None
        waiting = notices.of_person(conn, user.username, channel=VOICE)
        queued = [one for one in waiting if one.state == "queued"]
        attempt = max((one.attempt for one in queued), default=1)
        call = outbound(services, line, user, chosen.number, attempt=attempt)
        carried = notices.place_in(conn, [one.id for one in queued], call_id=call.id, now_ms=now_ms)
        if not carried:
            return None  # somebody else took over all of it between these statements
        doubtful = any(one.why == DUPLICATE for one in carried)
        placing.intend_in(conn, call, possible_duplicate=doubtful)
        station.engine.enqueue_in(conn, RECONCILE, of_call(call.id), due_ms=now_ms + UNANSWERED_MS)
        facts = {"number": masked(call.number), "profile": line.profile, "notices": len(carried)}
        if doubtful:
            facts["possibleDuplicate"] = True
        record(conn, kind="call.intended", at_ms=now_ms, subject=call.id, person=user.username, data=facts)
        told = [one.episode_id for one in carried]
        twiml = "" if line.base else announcement(conn, told, services, call, line)
        return Planned(call, line, twiml)

    def give_up_in(self, conn: Connection, ids: list[int], profile: str, why: str, now_ms: int) -> None:
        """Let notices go out through the next profile, or let their runs know that there is none."""
        self._ends.fail_over_in(conn, ids, profile, why=why, now_ms=now_ms)

    def begin(self, planned: Planned) -> None:
        """Ask Twilio for a call that is on record."""
        planned.call.stored = True
        self.station.ledger.keep(self.station.services, planned.call)
        self.asking.add(planned.call.id)
        self.station.spawn(self._ask(planned))

    # The request, and what came of it.

    async def _ask(self, planned: Planned) -> None:
        station, call = self.station, planned.call
        services = station.services
        try:
            tried = await self._requested(planned)
            if tried.state == "placed":
                station.well(VOICE, call.account)
            if tried.sid and not call.sid:
                station.ledger.bind(call, tried.sid)
            came = await services.db.write(lambda conn: self._tried_in(conn, call, tried))
        except NotStored as error:
            # The intent stands, with a job that finds out what became of it.
            log.error("call-end-not-stored", call=call.id, why=str(error))
            return
        finally:
            self.asking.discard(call.id)
        if tried.why:
            log.warning("call-not-placed", call=call.id, state=tried.state, code=tried.code, why=tried.why)
        if came.ended:
            ended = ending.Ended("refused", code=tried.code)
            ending.remember(services, call, ended, came.outcome, station.now_ms)
        if came.idle:
            await self._cancelling.cancel_idle(call.id)

    async def _requested(self, planned: Planned) -> Attempt:
        station, call, line = self.station, planned.call, planned.line
        if self.stale(call.started_ms):
            return Attempt("refused", why="this gateway stood still, so it did not ask", refusal="transient")
        client = station.client(line.twilio_profile)
        if client is None:
            return Attempt("refused", why=f"no Twilio profile {line.twilio_profile}", refusal="account")
        request = placing.request_of(station.services, line, call, twiml=planned.twiml)
        return await client.place_call(call.number, **request)

    def _tried_in(self, conn: Connection, call: Call, tried: Attempt) -> Came:
        """Record what came of asking."""
        station = self.station
        now_ms = station.now_ms
        row = store.call_row(conn, call.id)
        if row is None or (row["state"] != "intent" and tried.state != "placed"):
            return Came()  # somebody else has found out meanwhile
        if row["sid"] and tried.state != "placed":
            tried = Attempt("placed", row["sid"])  # its webhooks were faster
        facts = {"number": masked(call.number), "why": tried.why} if tried.why else {"sid": tried.sid}
        record(
            conn, kind=f"call.{tried.state}", at_ms=now_ms, subject=call.id,
            person=call.person.username if call.person else None, data=facts,
        )  # fmt: skip
        placing.tried_in(conn, call, tried)
        key = of_call(call.id)
        if tried.state == "unknown":
            station.engine.enqueue_in(conn, RECONCILE, key, due_ms=now_ms)
            return Came()
        station.engine.cancel_in(conn, RECONCILE, [key])
        if tried.state == "refused":
            ended = ending.Ended("refused", code=tried.code)
            return Came(ended=True, outcome=ending.end_in(conn, station.services, call, ended, now_ms))
        if row["ended_ms"] is not None:
            return Came()
        watch_in(conn, station, call.id, call.profile, now_ms)
        return Came(idle=store.idle(conn, call.id) is not None)
