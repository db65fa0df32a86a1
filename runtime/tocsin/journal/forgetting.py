"""Taking a person out of the journal and the audit: the entries stay, under a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Text, or_, select, type_coerce, update

from tocsin.journal import audit
from tocsin.journal.tables import journal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


def without(value: Any, words: Mapping[str, str]) -> Any:
    """Return JSON-like data with each of `words` replaced where it is a whole text or the name of a value."""
    if isinstance(value, str):
        return words.get(value, value)
    if isinstance(value, dict):
        return {words.get(name, name): without(one, words) for name, one in value.items()}
    if isinstance(value, list):
        return [without(one, words) for one in value]
    return value


def forget_in(
    conn: Connection,
    person: str,
    numbers: Sequence[str],
    *,
    pseudonym: str,
    paths: Mapping[str, str],
    now_ms: int,
) -> int:
    """Replace a username and telephone numbers in the journal, and in every audit profile's rows.

    `paths` of alarms about the person are replaced by what they are called from now on. Returns how many
    entries and rows changed. Texts that people wrote, such as notes, go from the audit; in the journal they
    stay, for they tell what was done at the plant.
    """
    words = {person: pseudonym, **dict.fromkeys(numbers, pseudonym), **paths}
    mine = or_(
        journal.c.person == person,
        journal.c.subject.in_([*words, f"user:{person}", *(f"number:{one}" for one in numbers)]),
        *(type_coerce(journal.c.data, Text).contains(f'"{word}"', autoescape=True) for word in words),
    )
    found = conn.execute(select(journal).where(mine)).all()
    for row in found:
        subject = row.subject.split(":")[-1]
        news = {
            "person": words.get(row.person, row.person),
            "subject": pseudonym if subject in words else row.subject,
            "data": without(row.data, words),
        }
        conn.execute(update(journal).where(journal.c.id == row.id).values(**news))
    return len(found) + audit.forget_in(conn, person, pseudonym=pseudonym, now_ms=now_ms)
