"""Texts to people: whose turn it is, the intent on record, one request to Twilio, and what came of it.

One text carries all that waits for a person. Receipts are taken in `receipts`; what nobody knows is
cleared up in `reconcile`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import select

from tocsin.alarms import notices
from tocsin.calls import store as call_store
from tocsin.calls.tables import message_status
from tocsin.channels import contacts, settling, store
from tocsin.channels.answerable import body_in
from tocsin.channels.dispatcher import UNANSWERED_MS, Dispatcher
from tocsin.channels.failing_over import chain, fail_over_in, move_in
from tocsin.channels.receipts import is_slow_in, patience_in, receipt_due_in
from tocsin.channels.settling import DUPLICATE
from tocsin.channels.station import RECONCILE, SMS, of_message
from tocsin.db import NotStored
from tocsin.journal import record
from tocsin.telephony.attempt import Attempt
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.channels.dispatch import Waiting
    from tocsin.channels.receipts import Receipts
    from tocsin.channels.station import Station

log = structlog.get_logger("tocsin.channels")


@dataclass(frozen=True, slots=True)
class Written:
    """A text that was decided on and written down, and is to be sent."""

    id: str
    profile: str
    person: str
    number: str
    body: str
    at_ms: int


class Texts(Dispatcher[Written]):
    """Sends texts."""

    channel = SMS

    def __init__(self, station: Station, receipts: Receipts) -> None:
        super().__init__(station)
        self._receipts = receipts

    # Before the request, in one transaction.

    def plan_in(self, conn: Connection, chosen: Waiting, account: str, now_ms: int) -> Written | None:
        """Write down the text and what it carries; None where the person cannot be texted like that now."""
        station = self.station
        profile = station.services.profiles.message.get(chosen.profile)
        if profile is not None and self._moved_in(conn, chosen, account, now_ms):
            return None
        if profile is None or station.reachable(chosen.person, chosen.number) is None:
            self.gone_in(conn, chosen, profile_there=profile is not None, now_ms=now_ms)
            return None
        waiting = notices.of_person(conn, chosen.person, channel=SMS)
        message_id = secrets.token_urlsafe(12)
        queued = [one.id for one in waiting if one.state == "queued"]
        carried = notices.place_in(conn, queued, message_id=message_id, now_ms=now_ms)
        if not carried:
            return None  # somebody else took over all of it between these statements
        body = body_in(
            conn,
            station.services,
            profile,
            person=chosen.person,
            number=chosen.number,
            episode_ids=[one.episode_id for one in carried],
            now_ms=now_ms,
        )
        written = Written(message_id, chosen.profile, chosen.person, chosen.number, body, now_ms)
        doubtful = any(one.why == DUPLICATE for one in carried)
        call_store.add_message(
            conn,
            {
                "id": written.id,
                "account": account,
                "sid": None,
                "direction": "outbound",
                "number": chosen.number,
                "own_number": profile.twilio.phone_number,
                "body": body,
                "state": "intent",
                "error": "",
                "person": chosen.person,
                "profile": chosen.profile,
                "possible_duplicate": doubtful,
                "at_ms": now_ms,
            },
        )
        station.engine.enqueue_in(conn, RECONCILE, of_message(written.id), due_ms=now_ms + UNANSWERED_MS)
        facts: dict[str, Any] = {"profile": chosen.profile, "notices": len(carried)}
        if doubtful:
            facts["possibleDuplicate"] = True
        self._note(conn, "message.intended", written, now_ms, facts)
        return written

    def give_up_in(self, conn: Connection, ids: list[int], profile: str, why: str, now_ms: int) -> None:
        """Let notices go out through the next profile, or let their runs know that there is none."""
        fail_over_in(self.station, conn, SMS, ids, profile, why=why, now_ms=now_ms)

    def _moved_in(self, conn: Connection, chosen: Waiting, account: str, now_ms: int) -> bool:
        """Hand over to the next profile what waits for one whose account is slow, unless that is slow too."""
        station = self.station
        after = [
            name
            for name in chain(station, SMS, chosen.profile)
            if (other := station.account_of(SMS, name)) not in (None, account)
            and not is_slow_in(conn, station, str(other))
        ]
        if not after or not is_slow_in(conn, station, account):
            return False
        ids = store.queued_ids(conn, SMS, profile=chosen.profile, person=chosen.person, number=chosen.number)
        move_in(station, conn, SMS, ids, after[0])
        facts = {"profile": chosen.profile, "to": after[0], "why": "texts of its account are slow"}
        record(
            conn, kind="message.rerouted", at_ms=now_ms, subject="", person=chosen.person,
            data={**facts, "number": masked(chosen.number)},
        )  # fmt: skip
        return True

    def begin(self, planned: Written) -> None:
        """Ask Twilio for a text that is on record."""
        self.asking.add(planned.id)
        self.station.spawn(self._send(planned))

    # The request, and what came of it.

    async def _send(self, written: Written) -> None:
        station = self.station
        try:
            tried = await self._requested(written)
            if tried.state == "placed":
                station.well(SMS, station.account_of(SMS, written.profile) or "")
            await station.services.db.write(lambda conn: self.tried_in(conn, written, tried))
        except NotStored as error:
            log.error("message-end-not-stored", message=written.id, why=str(error))
            return
        finally:
            self.asking.discard(written.id)
        if tried.why:
            log.warning(
                "text-not-sent", message=written.id, state=tried.state, code=tried.code, why=tried.why
            )

    async def _requested(self, written: Written) -> Attempt:
        station = self.station
        if self.stale(written.at_ms):
            return Attempt("refused", why="this gateway stood still, so it did not ask", refusal="transient")
        client = station.client_of(SMS, written.profile)
        if client is None:
            return Attempt("refused", why=f"no message profile {written.profile}", refusal="account")
        base = client.profile.webhook_base
        request = {"status_callback": status_url(base, written.id)} if base else {}
        return await client.send_message(written.number, written.body, **request)

    def tried_in(self, conn: Connection, written: Written, tried: Attempt) -> None:
        """Record what came of asking, or of seeking."""
        station = self.station
        now_ms = station.now_ms
        row = store.message_row(conn, written.id)
        if row is None or row["state"] not in ("intent", "unknown", "missing", "sent"):
            return
        if row["sid"]:
            tried = Attempt("placed", row["sid"])  # its callbacks were faster
        state = "sent" if tried.state == "placed" else tried.state
        call_store.settle_message(conn, written.id, sid=tried.sid, state=state, error=tried.why)
        store.change_message(conn, written.id, code=tried.code, refusal=tried.refusal or "")
        doubtful = bool(row["possible_duplicate"])
        self._note(conn, f"message.{state}", written, now_ms, {"sid": tried.sid, "why": tried.why})
        key = of_message(written.id)
        if tried.state == "unknown":
            station.engine.enqueue_in(conn, RECONCILE, key, due_ms=now_ms)
            return
        station.engine.cancel_in(conn, RECONCILE, [key])
        if tried.state == "refused":
            self._refused_in(conn, written, tried, now_ms, doubtful=doubtful)
            return
        base = station.base_of(SMS, written.profile)
        patience_ms = patience_in(conn, station, row["account"], base)
        receipt_due_in(conn, station, written.id, written.at_ms, base, patience_ms=patience_ms)
        told = select(message_status.c.status, message_status.c.error).where(
            message_status.c.account == row["account"], message_status.c.sid == tried.sid
        )
        for status, error in conn.execute(told).all():  # callbacks may be faster than the answer
            code = int(error) if error.isdigit() else None
            self._receipts.receipt_in(conn, row, status, code, now_ms)

    def _refused_in(
        self, conn: Connection, written: Written, tried: Attempt, now_ms: int, *, doubtful: bool
    ) -> None:
        carried = store.carried(conn, message_id=written.id)
        if tried.refusal == "transient":
            why = DUPLICATE if doubtful else "Twilio was not ready"
            notices.requeue_in(conn, [one.id for one in carried], due_ms=now_ms, why=why)
            self.station.wake_all_in(conn, SMS)
            return
        about_number = tried.refusal in ("number", "opted-out", "barred")
        if tried.refusal == "number":
            contacts.bad_in(
                conn, SMS, written.number, why=tried.why, code=tried.code, now_ms=now_ms, for_good=True
            )
        elif tried.refusal == "opted-out":
            self._receipts.opting_out.stopped_in(
                conn, written.number, why=tried.why, code=tried.code, now_ms=now_ms
            )
        outcome = "failed-number" if about_number else "failed-provider"
        if tried.refusal in ("account", "barred"):
            # Nothing was sent; another account may send it.
            ids = [one.id for one in carried if one.why not in settling.CANCELLED]
            carried = [one for one in carried if one.why in settling.CANCELLED]
            fail_over_in(
                self.station, conn, SMS, ids, written.profile,
                why=tried.why, now_ms=now_ms, outcome=outcome, doubtful=doubtful,
            )  # fmt: skip
        over = settling.Over(
            outcome, told=False, number=written.number, profile=written.profile, started_ms=0
        )
        for fate in settling.fates(carried, over):
            if fate.outcome:
                self.failed_in(conn, [fate.id], fate.outcome, fate.why or tried.why, now_ms)
            else:
                notices.requeue_in(conn, [fate.id], due_ms=now_ms, why=fate.why)
        self.station.wake_all_in(conn, SMS)

    def _note(
        self, conn: Connection, kind: str, written: Written, now_ms: int, facts: dict[str, Any]
    ) -> None:
        data = {name: value for name, value in facts.items() if value} | {"number": masked(written.number)}
        record(conn, kind=kind, at_ms=now_ms, subject=written.id, person=written.person or None, data=data)


def status_url(base: str, message_id: str) -> str:
    """Give the URL at which Twilio tells how a text fares."""
    return f"{base}/main/system/twilio-message/status/{message_id}#rc=2&rp=all"
