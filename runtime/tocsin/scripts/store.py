"""Keeping releases, so that a call finds the scripts it began with after a restart or on another replica."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from tocsin.db import insert_into
from tocsin.scripts.release import Release, Source
from tocsin.scripts.tables import releases, sources

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Table


def keep(conn: Connection, release: Release, *, now_ms: int, like: Release | None = None) -> None:
    """Store a release and its sources unless they are there already.

    `like` is a release that was stored before: what both have in common need not be looked for.
    """
    if _is_stored(conn, release):
        return
    parts = {one.hash: one.text for one in (*release.files, *release.default)}
    if like is not None and _is_stored(conn, like):
        # A stored release has all its sources: pruning takes none that one refers to.
        for one in (*like.files, *like.default):
            parts.pop(one.hash, None)
    there = set(conn.scalars(select(sources.c.hash).where(sources.c.hash.in_(parts))))
    new = [{"hash": one, "source": text} for one, text in parts.items() if one not in there]
    if new:
        _insert(conn, sources, new)
    files = {
        "scripts": [[one.name, one.hash] for one in release.files],
        "default": [[one.name, one.hash] for one in release.default],
    }
    _insert(
        conn,
        releases,
        [{"id": release.id, "project": release.project, "files": files, "created_ms": now_ms}],
    )


def _is_stored(conn: Connection, release: Release) -> bool:
    return conn.execute(select(releases.c.id).where(releases.c.id == release.id)).first() is not None


def find(conn: Connection, release_id: str, domain_of: Callable[[str], str]) -> Release | None:
    """Return a stored release, or None where it or one of its sources is not there."""
    row = conn.execute(select(releases).where(releases.c.id == release_id)).first()
    if row is None:
        return None
    scripts, default = ([(name, one) for name, one in row.files[part]] for part in ("scripts", "default"))
    named = [*scripts, *default]
    wanted = select(sources.c.hash, sources.c.source).where(sources.c.hash.in_({one for _, one in named}))
    texts = {one.hash: one.source for one in conn.execute(wanted)}
    if any(one not in texts for _, one in named):
        return None
    files = tuple(Source(name, texts[one], one) for name, one in named)
    return Release(row.project, domain_of(row.project), files[: len(scripts)], files[len(scripts) :])


def _insert(conn: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    # Another replica may store the same content at the same moment.
    conn.execute(insert_into(table, conn).on_conflict_do_nothing(), rows)
