"""Episodes as rows: reading them, adding them, and changing one only if nobody else did meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, get_args

from sqlalchemy import and_, insert, not_, or_, select, tuple_, update

from tocsin.alarms.episode import Episode
from tocsin.alarms.tables import ACTIVE, CLEARED, OPEN, episodes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import ColumnElement, Connection, Select, TextClause

Listing: TypeAlias = Literal[
    "open", "active", "cleared", "unacknowledged", "acknowledged", "shelved", "suppressed", "out-of-service",
    "all",
]  # fmt: skip
LISTINGS: tuple[Listing, ...] = get_args(Listing)

_COLUMNS = tuple(column.name for column in episodes.columns)
_AT_ONCE = 500  # values in one IN (...): well under every database's limit of parameters


def _episode(row: Any) -> Episode:
    named = row._mapping  # noqa: SLF001 the documented way to a row's names
    return Episode(**{**named, "ackers": tuple(named["ackers"])})


def _row(episode: Episode) -> dict[str, Any]:
    row = {name: getattr(episode, name) for name in _COLUMNS}
    row["data"] = dict(episode.data)
    row["ackers"] = list(episode.ackers)
    return row


def _alone(query: Select[Any]) -> Select[Any]:
    """Have others wait who would change what is read; in one order, so that no two wait for each other."""
    return query.order_by(episodes.c.id).with_for_update()


def open_episodes(connection: Connection, *, alone: bool = False) -> list[Episode]:
    """Give every episode that is active or unacknowledged; `alone`: nobody else changes them meanwhile."""
    query = select(episodes).where(OPEN)
    return [_episode(row) for row in connection.execute(_alone(query) if alone else query)]


def open_versions(connection: Connection) -> dict[str, int]:
    """Give the version of every episode that is active or unacknowledged, by id."""
    query = select(episodes.c.id, episodes.c.version).where(OPEN)
    return {row.id: row.version for row in connection.execute(query)}


def active_on(connection: Connection, paths: Collection[str], *, alone: bool = False) -> list[Episode]:
    """Give the episodes active on any of the paths; `alone`: nobody else changes them meanwhile."""
    wanted = sorted(paths)
    found: list[Episode] = []
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(episodes).where(ACTIVE, episodes.c.path.in_(wanted[start : start + _AT_ONCE]))
        found.extend(_episode(row) for row in connection.execute(_alone(query) if alone else query))
    return found


def was_cleared(connection: Connection, path: str, name: str) -> bool:
    """Tell whether this alarm was ever active and cleared, however long ago."""
    query = select(episodes.c.id).where(CLEARED, episodes.c.path == path, episodes.c.name == name).limit(1)
    return connection.execute(query).first() is not None


def open_on(connection: Connection, alarms: Collection[tuple[str, str]]) -> list[Episode]:
    """Give the open episodes of these alarms, each a path and a name; the oldest first."""
    wanted, found = sorted(alarms), list[Episode]()
    for start in range(0, len(wanted), _AT_ONCE // 2):
        query = select(episodes).where(
            OPEN,
            tuple_(episodes.c.path, episodes.c.name).in_(wanted[start : start + _AT_ONCE // 2]),
        )
        found.extend(_episode(row) for row in connection.execute(query.order_by(episodes.c.active_ms)))
    return found


def by_ids(connection: Connection, ids: Iterable[str], *, alone: bool = False) -> dict[str, Episode]:
    """Give the episodes with these ids; an unknown id is left out. `alone`: nobody else changes them now."""
    wanted = list(dict.fromkeys(ids))
    found: dict[str, Episode] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(episodes).where(episodes.c.id.in_(wanted[start : start + _AT_ONCE]))
        found |= {row.id: _episode(row) for row in connection.execute(_alone(query) if alone else query)}
    return found


def any_waits(connection: Connection, ids: Iterable[str]) -> bool:
    """Tell whether one of these episodes is active and waits for somebody's acknowledgement."""
    wanted = sorted(ids)
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(episodes.c.id).where(
            episodes.c.id.in_(wanted[start : start + _AT_ONCE]),
            episodes.c.state == "active",
            episodes.c.acked_ms.is_(None),
        )
        if connection.execute(query.limit(1)).first() is not None:
            return True
    return False


def listed(
    connection: Connection, state: Listing, now_ms: int, *, limit: int, before: tuple[int, str] | None = None
) -> list[Episode]:
    """Give at most `limit` episodes in a state, newest first, those older than `before` (active_ms, id)."""
    query = (
        select(episodes)
        .where(*_condition(state, now_ms))
        .order_by(episodes.c.active_ms.desc(), episodes.c.id.desc())
        .limit(limit)
    )
    if before is not None:
        query = query.where(
            or_(
                episodes.c.active_ms < before[0],
                and_(episodes.c.active_ms == before[0], episodes.c.id < before[1]),
            )
        )
    return [_episode(row) for row in connection.execute(query)]


def waiting(now_ms: int) -> list[ColumnElement[bool]]:
    """Give the conditions under which an episode waits for somebody's acknowledgement."""
    shelved_until = episodes.c.shelved_until_ms
    return [
        episodes.c.acked_ms.is_(None),
        episodes.c.suppressed_ms.is_(None),
        or_(shelved_until.is_(None), shelved_until <= now_ms),
        not_(_out_of_service(now_ms)),
    ]


def _out_of_service(now_ms: int) -> ColumnElement[bool]:
    until = episodes.c.out_of_service_until_ms
    return and_(episodes.c.out_of_service_ms.is_not(None), or_(until.is_(None), until > now_ms))


def _condition(state: Listing, now_ms: int) -> Sequence[ColumnElement[bool] | TextClause]:
    unacknowledged = episodes.c.acked_ms.is_(None)
    conditions: dict[Listing, Sequence[ColumnElement[bool] | TextClause]] = {
        "open": [OPEN],
        "active": [OPEN, ACTIVE],
        "cleared": [CLEARED],
        "unacknowledged": [OPEN, unacknowledged],
        "acknowledged": [episodes.c.acked_ms.is_not(None)],
        "shelved": [episodes.c.shelved_until_ms > now_ms],
        "suppressed": [episodes.c.suppressed_ms.is_not(None)],
        "out-of-service": [_out_of_service(now_ms)],
        "all": [],
    }
    return conditions[state]


def add(connection: Connection, fresh: Sequence[Episode]) -> None:
    """Insert new episodes; IntegrityError where another transaction has just opened the same alarm."""
    if fresh:
        connection.execute(insert(episodes), [_row(episode) for episode in fresh])


def change(connection: Connection, before: Episode, after: Episode) -> bool:
    """Write `after` over `before`; False where the row is no longer the version `before` is."""
    # By identity: to Python 1 and true are equal, to a plant they are not.
    news = {name: value for name in _COLUMNS if (value := getattr(after, name)) is not getattr(before, name)}
    if "data" in news:
        news["data"] = dict(after.data)
    done = connection.execute(
        update(episodes).where(episodes.c.id == before.id, episodes.c.version == before.version).values(news)
    )
    return done.rowcount == 1
