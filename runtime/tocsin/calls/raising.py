"""Raising an alarm by telephone: somebody calls in about something that nothing measures.

Which alarm that is stands in the voice profile. Only a person whom a PIN has proved may raise it, and only
one whose areas it is in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import AlarmEvent
from tocsin.alarms import store as alarm_store
from tocsin.calls.auditing import audit_profile, audited_in
from tocsin.journal import record
from tocsin.journal.chain import AuditRow
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Accepted, Board
    from tocsin.calls.call import Call
    from tocsin.calls.services import Line, Raisable, Services
    from tocsin.calls.step import Step

_SOURCE: Final = "voice"


def label_in(services: Services, line: Line, call: Call) -> str:
    """Return what the alarm is called that this caller may raise once identified; "" where there is none."""
    raised, user = line.raises, call.user
    if raised is None or call.direction != "inbound" or user is None:
        return ""
    return raised.label if services.directory.may(user, raised.path) else ""


async def raise_alarm(step: Step, _: None) -> dict[str, Any]:
    """Raise the profile's alarm; `already_raised` where it still waits for somebody."""
    call, services, raised = step.call, step.services, step.line.raises
    if raised is None or not label_in(services, step.line, call):
        return {"reason": "not_allowed"}
    if call.identified is None:
        return {"reason": "pin_required"}
    person, now_ms = call.identified.username, services.clock.now_ms()

    def work(conn: Connection) -> tuple[dict[str, Any], Sequence[Accepted]]:
        taken = _raised_in(conn, services.board, raised, now_ms)
        fresh = any(one.change is not None and one.change.kind == "active" for one in taken)
        reason, episode = "ok" if fresh else "already_raised", str(taken[-1].episode)
        data = {"via": "voice", "call": call.id, "path": raised.path, "again": not fresh}
        record(conn, kind="alarm.raised", at_ms=now_ms, subject=episode, person=person, data=data)
        row = AuditRow(
            now_ms,
            "raise",
            reason,
            person=person,
            number=masked(call.number),
            episode_id=episode,
            via="voice",
            call_id=call.id,
        )
        audited_in(conn, audit_profile(services, "voice", call.profile), [row])
        result = {"reason": reason, "raised": [episode]}
        step.note(conn, result)
        return result, taken

    return await step.committed(services.board.transact(work), failed="alarm-not-raised")


def _raised_in(conn: Connection, board: Board, raised: Raisable, now_ms: int) -> list[Accepted]:
    """Report the alarm as active. One that was taken care of and never cleared is over, and begins anew.

    Otherwise nobody would be told: an alarm that is active already only takes the new value.
    """
    active = AlarmEvent(raised.path, "active", priority=raised.priority, source=_SOURCE)
    taken = board.report_in(conn, [active], now_ms=now_ms)
    episode = alarm_store.by_ids(conn, [str(taken[-1].episode)])[str(taken[-1].episode)]
    new = taken[-1].change is not None and taken[-1].change.kind == "active"
    if new or not episode.acked:
        return taken
    clear = AlarmEvent(raised.path, "clear", name=episode.name, source=_SOURCE)
    return [*taken, *board.report_in(conn, [clear, active], now_ms=now_ms)]
