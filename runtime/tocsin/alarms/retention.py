"""Removing the notices of alarms that are long over. Episodes stay: they are what the journal is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from tocsin.alarms.tables import episodes, notices

if TYPE_CHECKING:
    from sqlalchemy import Connection


def prune_notices_in(
    connection: Connection, *, before_ms: int, after: int = 0, limit: int = 500
) -> tuple[int, int | None]:
    """Remove notices made before a moment whose episode is cleared and acknowledged.

    Looks through `limit` of them beyond the id `after`; gives how many went and the id to go on after, None
    where there are no more.
    """
    old = select(notices.c.id).where(notices.c.id > after, notices.c.created_ms < before_ms)
    seen = connection.scalars(old.order_by(notices.c.id).limit(limit)).all()
    if not seen:
        return 0, None
    closed = (episodes.c.state == "cleared") & episodes.c.acked_ms.is_not(None)
    going = (
        select(notices.c.id)
        .join(episodes, episodes.c.id == notices.c.episode_id)
        .where(notices.c.id.in_(seen), notices.c.state == "done", closed)
    )
    ids = connection.scalars(going).all()
    if ids:
        connection.execute(delete(notices).where(notices.c.id.in_(ids)))
    return len(ids), seen[-1]
