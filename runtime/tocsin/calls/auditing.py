"""What calls and texts leave in the audit: a row per person, episode and result, in the profile's own chain.

Each function takes part in the transaction of what it tells of. A notification profile without an audit
profile leaves none; the journal tells of acknowledgements all the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from tocsin.alarms import notices
from tocsin.calls.tables import calls, messages
from tocsin.journal.audit import append_in
from tocsin.journal.chain import AuditRow
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Acknowledged
    from tocsin.alarms.notices import Notice
    from tocsin.calls.call import Call
    from tocsin.calls.services import Services

SETTLED: Final = frozenset({"delivered", "undelivered", "failed"})
"""MessageStatus values that say what became of a text; those before them only say that it is on its way."""


def audited_in(conn: Connection, profile: str | None, rows: Sequence[AuditRow]) -> None:
    """Append rows to an audit profile, where there is one."""
    if profile is not None:
        append_in(conn, profile, rows)


def audit_profile(services: Services, channel: str, profile: str) -> str | None:
    """Return the audit profile of a notification profile ("voice" or "sms"), or None."""
    known = (services.profiles.voice if channel == "voice" else services.profiles.message).get(profile)
    return known.section.audit_profile if known is not None else None


def acknowledged_in(
    conn: Connection, services: Services, call: Call, done: Sequence[Acknowledged], *, note: str, now_ms: int
) -> None:
    """Tell what became of an acknowledgement in a call, for each alarm it was about."""
    rows = [
        AuditRow(
            now_ms,
            "acknowledge",
            one.outcome,
            person=call.user.username if call.user else None,
            number=masked(call.number),
            note=note,
            episode_id=one.episode_id,
            via="voice",
            call_id=call.id,
        )
        for one in done
    ]
    audited_in(conn, audit_profile(services, "voice", call.profile), rows)


def call_ended_in(
    conn: Connection,
    services: Services,
    call: Call,
    carried: Sequence[Notice],
    *,
    outcome: str,
    now_ms: int,
) -> None:
    """Tell how a call ended for everybody and everything it carried; `carried` as it was before its end.

    A notice that goes on by another way is told with the call's outcome. A call that carried nothing has
    one row.
    """
    profile = audit_profile(services, "voice", call.profile)
    if profile is None:
        return
    settled = {one.id: one.outcome for one in notices.of_call(conn, call.id)}
    common: dict[str, Any] = {"via": "voice", "call_id": call.id}
    facts = {"direction": call.direction, "answered_by": call.answered_by}
    rows = [
        AuditRow(
            now_ms,
            "call",
            settled.get(one.id) or outcome,
            person=one.person,
            number=masked(one.number or call.number),
            episode_id=one.episode_id,
            data={**facts, "attempt": one.attempt, "heard": one.heard_ms is not None},
            **common,
        )
        for one in carried
    ]
    if not rows:
        person = call.user.username if call.user else None
        rows = [
            AuditRow(now_ms, "call", outcome, person=person, number=masked(call.number), data=facts, **common)
        ]
    append_in(conn, profile, rows)


def text_in(
    conn: Connection, services: Services, message_id: str, *, action: str, result: str, now_ms: int
) -> None:
    """Tell what became of a text: of the request to send it ("text"), or of the text itself ("receipt")."""
    row = conn.execute(select(messages).where(messages.c.id == message_id)).mappings().first()
    if row is None:
        return
    profile = audit_profile(services, "sms", row["profile"])
    if not row["profile"] and row["call_id"]:  # a script's text is told where its call is
        voice = conn.execute(select(calls.c.profile).where(calls.c.id == row["call_id"])).scalar()
        profile = audit_profile(services, "voice", voice or "")
    if profile is None:
        return
    common: dict[str, Any] = {"via": "sms", "call_id": row["call_id"], "message_id": message_id}
    number = masked(row["number"])
    carried = notices.of_message(conn, message_id)
    rows = [
        AuditRow(
            now_ms,
            action,
            result,
            person=one.person,
            number=number,
            episode_id=one.episode_id,
            data={"attempt": one.attempt},
            **common,
        )
        for one in carried
    ]
    append_in(
        conn,
        profile,
        rows or [AuditRow(now_ms, action, result, person=row["person"], number=number, **common)],
    )


def receipt_in(conn: Connection, services: Services, status: Mapping[str, Any]) -> None:
    """Tell that a text was delivered, or that it was not; `status` is a new row of `ts_message_status`."""
    if status["status"] not in SETTLED or not status["sid"]:
        return
    ours = (messages.c.account == status["account"]) & (messages.c.sid == status["sid"])
    message_id = conn.execute(select(messages.c.id).where(ours)).scalar()
    if message_id is not None:
        text_in(conn, services, message_id, action="receipt", result=status["status"], now_ms=status["at_ms"])
