"""Taking a person out of runs that have ended; one that still runs knows whom it has told, and keeps that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import Text, or_, select, type_coerce, update

from tocsin.journal.forgetting import without
from tocsin.pipelines.tables import runs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection


def forget_in(conn: Connection, person: str, numbers: Sequence[str], *, pseudonym: str) -> int:
    """Replace a username and telephone numbers in what ended runs still say; return how many changed."""
    words = {person: pseudonym, **dict.fromkeys(numbers, pseudonym)}
    text = type_coerce(runs.c.position, Text)
    told = or_(
        runs.c.ended_why.contains(person, autoescape=True),
        *(text.contains(f'"{word}"', autoescape=True) for word in words),
    )
    named = re.compile(rf"(?<![\w.-]){re.escape(person)}(?![\w-])")
    found = conn.execute(
        select(runs.c.id, runs.c.position, runs.c.ended_why).where(runs.c.state == "ended", told)
    ).all()
    for row in found:
        why = named.sub(lambda _: pseudonym, row.ended_why)
        news = {"position": without(row.position, words), "ended_why": why}
        conn.execute(update(runs).where(runs.c.id == row.id).values(**news))
    return len(found)
