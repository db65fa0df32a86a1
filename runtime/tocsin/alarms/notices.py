"""Who was told of which episode: one row per episode, person and attempt.

Only what a call reports is written here now; attempts are made by whoever notifies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, select, update

from tocsin.alarms.tables import episodes, notices

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection


def notices_of(connection: Connection, episode_id: str) -> list[dict[str, Any]]:
    """Give everything about who was told of an episode, oldest first."""
    wanted = [column for column in notices.c if column.name not in {"id", "episode_id"}]
    query = select(*wanted).where(notices.c.episode_id == episode_id).order_by(notices.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


def heard_in(
    connection: Connection, episode_ids: Iterable[str], *, person: str, call_id: str, now_ms: int
) -> None:
    """Record in the caller's transaction that `person` heard these episodes in a call.

    The first time counts: a repeat changes nothing. A call nobody planned (the person rang in) gets a
    notice of its own. Unknown episodes are passed over.
    """
    wanted = list(dict.fromkeys(episode_ids))
    if not wanted:
        return
    known = set(connection.execute(select(episodes.c.id).where(episodes.c.id.in_(wanted))).scalars())
    mine = (notices.c.person == person, notices.c.call_id == call_id, notices.c.episode_id.in_(known))
    planned = set(connection.execute(select(notices.c.episode_id).where(*mine)).scalars())
    connection.execute(update(notices).where(*mine, notices.c.heard_ms.is_(None)).values(heard_ms=now_ms))
    for episode_id in wanted:
        if episode_id not in known or episode_id in planned:
            continue
        last = select(func.coalesce(func.max(notices.c.attempt), 0)).where(
            notices.c.episode_id == episode_id, notices.c.person == person
        )
        connection.execute(
            insert(notices).values(
                episode_id=episode_id,
                person=person,
                attempt=connection.execute(last).scalar_one() + 1,
                channel="voice",
                call_id=call_id,
                created_ms=now_ms,
                heard_ms=now_ms,
            )
        )
