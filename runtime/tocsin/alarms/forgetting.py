"""Taking a person out of episodes and notices: who acknowledged stays somebody, under a pseudonym."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Table, Text, or_, select, type_coerce, update

from tocsin.alarms import tables
from tocsin.alarms.rules import OWN
from tocsin.alarms.tables import episodes, notices, standings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Connection

_TABLES: Final = [one for one in vars(tables).values() if isinstance(one, Table)]


def numbers_of(connection: Connection, person: str) -> set[str]:
    """Give the telephone numbers at which a person was to be told of something."""
    told = select(notices.c.number).where(notices.c.person == person, notices.c.number != "").distinct()
    return set(connection.scalars(told))


def forget_in(connection: Connection, person: str, *, pseudonym: str, paths: Mapping[str, str]) -> int:
    """Replace a username wherever an alarm names who did something; give how many rows changed.

    `paths` are those of the gateway's own alarms about the person, and what each is from now on.
    """
    changed = _rename(connection, person, pseudonym, paths)
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


def _rename(connection: Connection, person: str, pseudonym: str, paths: Mapping[str, str]) -> int:
    """Take a person out of the gateway's own alarms about them, and of those about these alarms."""
    named = re.compile(rf"(?<![\w.-]){re.escape(person)}(?![\w-])")

    def without(value: Any) -> Any:
        if isinstance(value, str):
            return named.sub(lambda _: pseudonym, value)
        if isinstance(value, dict):
            return {name: without(one) for name, one in value.items()}
        return [without(one) for one in value] if isinstance(value, list) else value

    about = (type_coerce(episodes.c.data, Text).contains(f'"{path}"', autoescape=True) for path in paths)
    own = episodes.c.path.startswith(OWN, autoescape=True)
    query = select(episodes.c.id, episodes.c.path, episodes.c.label, episodes.c.data, episodes.c.version)
    found = connection.execute(query.where(own, or_(episodes.c.path.in_(paths), *about))).all()
    for row in found:
        path = paths.get(row.path, row.path)
        news = {"path": path, "display_path": path, "label": without(row.label), "data": without(row.data)}
        # A gateway that runs takes over what has a later version.
        mine = update(episodes).where(episodes.c.id == row.id).values(version=row.version + 1, **news)
        connection.execute(mine)
    for old, new in paths.items():
        connection.execute(update(standings).where(standings.c.path == old).values(path=new))
    return len(found)
