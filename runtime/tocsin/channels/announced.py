"""The end of a call in which alarms were announced and no key could be taken.

Who answered, as Twilio detected it before the text began, is all there is to go by: a person who stayed
long enough to hear it has been told; a machine, or nobody knows who, has not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, update

from tocsin.alarms import notices
from tocsin.alarms import store as alarm_store
from tocsin.calls import ending, statistics
from tocsin.calls.outcome import CallFacts, outcome_of
from tocsin.calls.tables import calls
from tocsin.channels.announcing import spoken_of
from tocsin.channels.station import WATCH

if TYPE_CHECKING:
    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from tocsin.calls.outcome import Outcome
    from tocsin.channels.station import Station
    from tocsin.telephony.found import FoundCall

LISTENED_S: Final = 10
"""Whoever hangs up sooner has not heard an alarm named."""


def outcome(found: FoundCall) -> tuple[Outcome, str]:
    """Decide how an announcing call ended."""
    listened = (found.duration_s or 0) >= LISTENED_S
    if found.status == "completed" and found.answered_by == "human":
        if listened:
            return "notified-no-ack", f"a person listened for {found.duration_s} s; no key could be taken"
        return "hung-up", f"hung up after {found.duration_s or 0} s"
    return outcome_of(CallFacts(status=found.status, answered_by=found.answered_by))


async def end(station: Station, row: RowMapping, found: FoundCall) -> None:
    """Record the end; raises NotStored."""
    services, now_ms = station.services, station.now_ms
    call = await station.ledger.load(services, row["id"])
    if call is None:
        return
    ended, (word, why) = ending.Ended(found.status, duration_s=found.duration_s), outcome(found)

    def work(conn: Connection) -> Outcome | None:
        mine = calls.c.id == call.id
        told = {
            "answered_by": found.answered_by,
            "ended_ms": now_ms,
            "duration_s": found.duration_s,
            "billed_minutes": _billed(found),
        }
        conn.execute(
            update(calls)
            .where(mine)
            .values({name: func.coalesce(calls.c[name], told[name]) for name in told})
        )
        statistics.call_event_counted_in(conn, call.account, _as_event(row, found))
        first = update(calls).where(mine, calls.c.outcome.is_(None)).values(outcome=word, outcome_why=why)
        if not conn.execute(first).rowcount:
            # It was given up for lost, and what it carried is told anew; it is over all the same.
            station.engine.cancel_in(conn, WATCH, [call.id])
            return None
        if word == "notified-no-ack" and call.person is not None:
            carried = [one.episode_id for one in notices.of_call(conn, call.id)]
            named = [one.id for one in spoken_of(alarm_store.by_ids(conn, carried).values())]
            notices.heard_in(conn, named, person=call.person.username, call_id=call.id, now_ms=now_ms)
        services.ended_in(conn, call, word, now_ms)
        return word

    known = await services.db.write(work)
    call.answered_by = found.answered_by
    ending.remember(services, call, ended, known, now_ms)


def _billed(found: FoundCall) -> int | None:
    return -(-found.duration_s // 60) if found.status == "completed" and found.duration_s else None


def _as_event(row: RowMapping, found: FoundCall) -> dict[str, str]:
    params = {"CallSid": row["sid"], "CallStatus": found.status, "Direction": "outbound-api"}
    params |= {"To": row["number"], "From": row["own_number"]}
    billed = _billed(found)
    return params if billed is None else {**params, "Duration": str(billed)}
