"""Taking a person out of episodes and notices: who acknowledged stays somebody, under a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Table, select, update

from tocsin.alarms import tables
from tocsin.alarms.tables import notices

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TABLES: Final = [one for one in vars(tables).values() if isinstance(one, Table)]


def numbers_of(connection: Connection, person: str) -> set[str]:
    """Give the telephone numbers at which a person was to be told of something."""
    told = select(notices.c.number).where(notices.c.person == person, notices.c.number != "").distinct()
    return set(connection.scalars(told))


def forget_in(connection: Connection, person: str, *, pseudonym: str) -> int:
    """Replace a username wherever an alarm names who did something; give how many rows changed."""
    changed = 0
    for table in _TABLES:
        for column in table.c:
            if column.name.endswith("_by"):
                mine = update(table).where(column == person).values({column.name: pseudonym})
                changed += connection.execute(mine).rowcount
    told = update(notices).where(notices.c.person == person).values(person=pseudonym, number="")
    return changed + connection.execute(told).rowcount
