"""The standing of alarms as rows: which are suppressed by design or out of service, beyond one activation."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import delete, select

from tocsin.alarms.aside import STANDING, Standing
from tocsin.alarms.tables import standings
from tocsin.db import insert_into

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

_AT_ONCE: Final = 500


def on_paths(connection: Connection, paths: Collection[str]) -> dict[tuple[str, str], Standing]:
    """Give the standing of every alarm on these paths that has one, by path and name."""
    wanted = sorted(paths)
    found: dict[tuple[str, str], Standing] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(standings).where(standings.c.path.in_(wanted[start : start + _AT_ONCE]))
        found |= {(row.path, row.name): _standing(row) for row in connection.execute(query)}
    return found


def everywhere(connection: Connection) -> dict[tuple[str, str], Standing]:
    """Give the standing of every alarm that has one, by path and name."""
    query = select(standings).order_by(standings.c.path, standings.c.name)
    return {(row.path, row.name): _standing(row) for row in connection.execute(query)}


def save(connection: Connection, path: str, name: str, standing: Standing) -> None:
    """Record the standing of an alarm; where it is neither suppressed nor out of service, nothing."""
    if not standing:
        mine = (standings.c.path == path, standings.c.name == name)
        connection.execute(delete(standings).where(*mine))
        return
    news = asdict(standing)
    connection.execute(
        insert_into(standings, connection)
        .values(path=path, name=name, **news)
        .on_conflict_do_update(index_elements=["path", "name"], set_=news)
    )


def _standing(row: Any) -> Standing:
    return Standing(**{name: getattr(row, name) for name in STANDING})
