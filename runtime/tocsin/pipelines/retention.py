"""Removing runs that ended long ago, and the plans that no run needs any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, exists, or_, select

from tocsin.alarms.tables import episodes
from tocsin.pipelines.tables import plans, runs

if TYPE_CHECKING:
    from sqlalchemy import Connection


def prune_in(conn: Connection, *, before_ms: int, limit: int = 500) -> int:
    """Remove runs that ended before a moment, then plans of that age without a run; return how many rows.

    The run of an alarm that is still open stays: that a person cancelled it is known by it alone.
    """
    still_open = or_(episodes.c.state == "active", episodes.c.acked_ms.is_(None))
    over = ~exists().where(episodes.c.id == runs.c.episode_id, still_open)
    old = select(runs.c.id).where(runs.c.state == "ended", runs.c.ended_ms < before_ms, over).limit(limit)
    ids = conn.scalars(old).all()
    if ids:
        conn.execute(delete(runs).where(runs.c.id.in_(ids)))
    needed = exists().where(runs.c.plan == plans.c.hash)
    spare = conn.scalars(select(plans.c.hash).where(plans.c.created_ms < before_ms, ~needed)).all()
    if spare:
        conn.execute(delete(plans).where(plans.c.hash.in_(spare)))
    return len(ids) + len(spare)
