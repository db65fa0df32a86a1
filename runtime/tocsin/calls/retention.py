"""Removing calls, their turns and events, and texts, once they are old enough: a little at a time.

Each function takes part in the caller's transaction and returns how many rows went; the caller goes on, in
a transaction of its own each time, until nothing goes any more. What was counted stays counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, exists, func, select

from tocsin.alarms.tables import notices
from tocsin.calls.tables import (
    calls,
    effects,
    message_status,
    messages,
    status_events,
    text_codes,
    text_dialogues,
    turns,
)

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table

_DAY_MS: Final = 24 * 60 * 60 * 1000


def prune_calls_in(conn: Connection, *, before_ms: int, limit: int = 100) -> int:
    """Remove calls that began before a moment, with turns, effects and status events.

    A call whose end nobody told is gone a day later; one that still carries somebody's notice stays.
    """
    waiting = exists().where(notices.c.call_id == calls.c.id, notices.c.state != "done")
    over = calls.c.ended_ms.is_not(None) | (calls.c.started_ms < before_ms - _DAY_MS)
    old = select(calls.c.id, calls.c.account, calls.c.sid).where(
        calls.c.started_ms < before_ms, over, ~waiting
    )
    going = conn.execute(old.order_by(calls.c.started_ms).limit(limit)).all()
    if not going:
        return 0
    ids = [one.id for one in going]
    conn.execute(delete(turns).where(turns.c.call_id.in_(ids)))
    conn.execute(delete(effects).where(effects.c.call_id.in_(ids)))
    for account in {one.account for one in going}:
        sids = [one.sid for one in going if one.account == account and one.sid]
        conn.execute(
            delete(status_events).where(status_events.c.account == account, status_events.c.sid.in_(sids))
        )
    conn.execute(delete(calls).where(calls.c.id.in_(ids)))
    return len(ids)


def prune_texts_in(conn: Connection, *, before_ms: int, limit: int = 500) -> int:
    """Remove texts that were sent or came in before a moment; one that carries an open notice stays."""
    waiting = exists().where(notices.c.message_id == messages.c.id, notices.c.state != "done")
    gone = 0
    for account in conn.scalars(select(messages.c.account).distinct()).all():
        old = select(messages.c.id).where(
            messages.c.account == account, messages.c.at_ms < before_ms, ~waiting
        )
        ids = conn.scalars(old.order_by(messages.c.at_ms).limit(limit)).all()
        if ids:
            conn.execute(delete(messages).where(messages.c.id.in_(ids)))
            gone += len(ids)
    return gone


def prune_codes_in(conn: Connection, *, before_ms: int, limit: int = 500) -> int:
    """Remove the codes that stood in texts before a moment, and what was asked of telephones before it."""
    old = select(text_codes.c.id).where(text_codes.c.told_ms < before_ms)
    ids = conn.scalars(old.order_by(text_codes.c.told_ms).limit(limit)).all()
    conn.execute(delete(text_codes).where(text_codes.c.id.in_(ids)))
    asked = func.coalesce(text_dialogues.c.asked_ms, 0)
    quiet = (text_dialogues.c.replied_ms < before_ms) & (asked < before_ms)
    return len(ids) + conn.execute(delete(text_dialogues).where(quiet)).rowcount


def prune_traces_in(conn: Connection, *, before_ms: int, limit: int = 500) -> int:
    """Remove turns and events that outlived their call, or never had one, from the oldest on."""
    return sum(
        _oldest(conn, table, before_ms=before_ms, limit=limit)
        for table in (turns, status_events, message_status)
    )


def _oldest(conn: Connection, table: Table, *, before_ms: int, limit: int) -> int:
    """Remove rows from the lowest id on, up to the first that is young enough: ids grow with time."""
    rows = conn.execute(select(table.c.id, table.c.at_ms).order_by(table.c.id).limit(limit)).all()
    going: list[Any] = []
    for row in rows:
        if row.at_ms >= before_ms:
            break
        going.append(row.id)
    if going:
        conn.execute(delete(table).where(table.c.id.in_(going)))
    return len(going)


def releases_used(conn: Connection) -> set[str]:
    """Return the ids of the releases that calls on record were answered by."""
    return set(conn.scalars(select(calls.c.release_id).distinct()))
