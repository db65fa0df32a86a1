"""Taking a person out of calls and texts: that they were made stays, with whom and about what goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from tocsin.calls.store import from_json, to_json
from tocsin.calls.tables import (
    calls,
    effects,
    messages,
    number_counts,
    status_events,
    text_codes,
    text_dialogues,
    turns,
)
from tocsin.journal.forgetting import without

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

_AT_ONCE: Final = 500
_BLANK: Final = {"params": "{}", "given": "{}", "twiml": "", "log": "[]", "failure": "{}"}
_SAID: Final = (
    (turns, (turns.c.given, turns.c.twiml, turns.c.log)),
    (effects, (effects.c.result,)),
    (messages, (messages.c.body,)),
)
SHORTEST_NAME: Final = 4
"""Shorter names are not looked for in what was said: they are part of too many words."""


def numbers_of(conn: Connection, person: str) -> set[str]:
    """Return the telephone numbers at which a person was called or texted."""
    return {
        *conn.scalars(select(calls.c.number).where(calls.c.person == person)),
        *conn.scalars(select(messages.c.number).where(messages.c.person == person)),
    }


def forget_in(conn: Connection, person: str, numbers: Sequence[str], *, name: str, pseudonym: str) -> int:
    """Take a person out of their calls and texts, and their spoken name out of everybody's.

    Of their own calls nothing that was said or typed is left; numbers count no more. Returns how many
    calls and texts there were.
    """
    mine = or_(calls.c.person == person, calls.c.identified == person, calls.c.number.in_(numbers))
    rows = conn.execute(select(calls.c.id, calls.c.account, calls.c.sid).where(mine)).all()
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        ids = [row.id for row in some]
        conn.execute(update(turns).where(turns.c.call_id.in_(ids)).values(**_BLANK))
        conn.execute(update(calls).where(calls.c.id.in_(ids)).values(session="{}"))
        _blank_events(conn, some)
        _rename_effects(conn, ids, {person: pseudonym})
    for column in (calls.c.person, calls.c.identified):
        conn.execute(update(calls).where(column == person).values({column.name: pseudonym}))
    conn.execute(update(calls).where(calls.c.number.in_(numbers)).values(number=pseudonym))
    theirs = or_(messages.c.person == person, messages.c.number.in_(numbers))
    texts = conn.execute(update(messages).where(theirs).values(body="")).rowcount
    conn.execute(update(messages).where(messages.c.person == person).values(person=pseudonym))
    conn.execute(update(messages).where(messages.c.number.in_(numbers)).values(number=pseudonym))
    conn.execute(delete(number_counts).where(number_counts.c.number.in_(numbers)))
    told = or_(text_codes.c.person == person, text_codes.c.number.in_(numbers))
    conn.execute(delete(text_codes).where(told))
    conn.execute(delete(text_dialogues).where(text_dialogues.c.number.in_(numbers)))
    _unsay(conn, [*([name] if len(name) >= SHORTEST_NAME else []), *numbers], pseudonym)
    return len(rows) + texts


def _blank_events(conn: Connection, some: Sequence[Any]) -> None:
    for account in {row.account for row in some}:
        sids = [row.sid for row in some if row.account == account and row.sid]
        told = (status_events.c.account == account) & status_events.c.sid.in_(sids)
        conn.execute(update(status_events).where(told).values(params="{}"))


def _rename_effects(conn: Connection, ids: Sequence[str], words: dict[str, str]) -> None:
    """Replace the username in what steps came to; a repeat of such a step finds nobody any more."""
    for row in conn.execute(select(effects.c.id, effects.c.result).where(effects.c.call_id.in_(ids))):
        news = to_json(without(from_json(row.result), words))
        if news != row.result:
            conn.execute(update(effects).where(effects.c.id == row.id).values(result=news))


def _unsay(conn: Connection, words: Sequence[str], pseudonym: str) -> None:
    """Replace words in what others were told, such as who had acknowledged already."""
    for word in words:
        for table, columns in _SAID:
            said: ColumnElement[bool] = or_(*(column.contains(word, autoescape=True) for column in columns))
            news = {column.name: func.replace(column, word, pseudonym) for column in columns}
            conn.execute(update(table).where(said).values(**news))
