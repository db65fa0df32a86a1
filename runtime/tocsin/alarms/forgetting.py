"""Taking a person out of episodes and notices: who acknowledged stays somebody, under a pseudonym."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import Table, Text, select, type_coerce, update

from tocsin.alarms import tables
from tocsin.alarms.tables import episodes, notices

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

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
    for row in connection.execute(select(episodes.c.id, episodes.c.ackers).where(_among(person))).all():
        others = [pseudonym if one == person else one for one in row.ackers]
        mine = update(episodes).where(episodes.c.id == row.id).values(ackers=others)
        changed += connection.execute(mine).rowcount
    told = update(notices).where(notices.c.person == person).values(person=pseudonym, number="")
    return changed + connection.execute(told).rowcount


def _among(person: str) -> ColumnElement[bool]:
    """Find the episodes that several people acknowledge, this one among them."""
    return type_coerce(episodes.c.ackers, Text).contains(f'"{person}"', autoescape=True)
