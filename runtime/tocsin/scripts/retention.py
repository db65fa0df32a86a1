"""Removing releases that no call on record was answered by, and sources that no release needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tocsin.scripts.tables import releases, sources

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection


def prune_in(conn: Connection, *, used: Collection[str], before_ms: int) -> int:
    """Remove releases that are older than a moment and not among `used`; return how many rows went.

    `used` are those in force, and those that calls on record or in progress began with.
    """
    going = [
        row.id
        for row in conn.execute(select(releases.c.id).where(releases.c.created_ms < before_ms))
        if row.id not in used
    ]
    for one in going:
        conn.execute(delete(releases).where(releases.c.id == one))
    if not going:
        return 0
    needed = {
        source
        for row in conn.execute(select(releases.c.files))
        for _, source in [*row.files["scripts"], *row.files["default"]]
    }
    spare = [one for one in conn.scalars(select(sources.c.hash)) if one not in needed]
    for one in spare:
        conn.execute(delete(sources).where(sources.c.hash == one))
    return len(going) + len(spare)
