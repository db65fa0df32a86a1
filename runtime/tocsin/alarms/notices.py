"""Who is to be told, is being told and was told of which episode: one row per episode, person and attempt.

A notice is *queued* until somebody tries to tell the person, *placed* while a call or a text is under way
for it, and *done* once it has its outcome. Everything here runs inside the caller's transaction and handles
any number of notices with a few statements. Who is told when is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sqlalchemy import delete, func, insert, select, update

from tocsin.alarms.store import waiting
from tocsin.alarms.tables import episodes, notices

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

NoticeState: TypeAlias = Literal["queued", "placed", "done"]

_AT_ONCE: Final = 500  # values in one IN (...): well under every database's limit of parameters


@dataclass(frozen=True, slots=True)
class NewNotice:
    """One person to be told of one episode over a channel ("voice", "sms"), not before `due_ms`.

    `profile` is the notification profile that tells, `number` the contact; a higher `priority` goes first.
    """

    run_id: str | None
    episode_id: str
    person: str
    channel: str
    profile: str
    number: str
    priority: int
    due_ms: int


@dataclass(frozen=True, slots=True)
class Notice:
    """One attempt to tell a person of an episode, as it is stored; times are ms UTC.

    `run_id` None: nobody planned it, the person rang in. `outcome` and `why` say how it ended; `held_ms`,
    `held_until_ms` and `held_why` that a throttle holds or held it back.
    """

    id: int
    episode_id: str
    run_id: str | None
    person: str
    attempt: int
    channel: str
    profile: str
    number: str
    state: NoticeState
    priority: int
    created_ms: int
    due_ms: int | None
    call_id: str | None
    message_id: str | None
    placed_ms: int | None
    heard_ms: int | None
    ended_ms: int | None
    outcome: str | None
    why: str
    held_ms: int | None = None
    held_until_ms: int | None = None
    held_why: str = ""

    @property
    def open(self) -> bool:
        """Whether it has no outcome yet."""
        return self.state != "done"


_COLUMNS: Final = tuple(notices.c[field.name] for field in fields(Notice))
_FRESH: Final = ("run_id", "episode_id", "person", "channel", "profile", "number", "priority", "due_ms")


# --- writing ---------------------------------------------------------------------------------------------


def add_in(connection: Connection, news: Sequence[NewNotice], now_ms: int) -> None:
    """Queue notices; each gets the next attempt number of its episode and person.

    Raises IntegrityError where an episode does not exist.
    """
    rows = [{name: getattr(new, name) for name in _FRESH} | {"state": "queued"} for new in news]
    _insert(connection, rows, now_ms)


def place_in(
    connection: Connection,
    ids: Iterable[int],
    *,
    call_id: str | None = None,
    message_id: str | None = None,
    now_ms: int,
) -> list[Notice]:
    """Bind queued notices to the call or text that now carries them; give those that were still queued."""
    news = {"state": "placed", "call_id": call_id, "message_id": message_id, "placed_ms": now_ms}
    return _changed(connection, ids, notices.c.state == "queued", news)


def settle_in(
    connection: Connection, ids: Iterable[int], *, outcome: str, why: str = "", now_ms: int
) -> list[Notice]:
    """Give notices their outcome; one that has its outcome keeps it. Give those that changed."""
    news = {"state": "done", "outcome": outcome, "why": why, "ended_ms": now_ms}
    return _changed(connection, ids, notices.c.state != "done", news)


def requeue_in(connection: Connection, ids: Iterable[int], *, due_ms: int, why: str = "") -> list[Notice]:
    """Take notices that have no outcome back into the queue, free of any call; give those that changed."""
    freed = dict.fromkeys(("call_id", "message_id", "placed_ms", "heard_ms", "held_ms", "held_until_ms"))
    news = {"state": "queued", "due_ms": due_ms, "why": why, "held_why": ""} | freed
    return _changed(connection, ids, notices.c.state != "done", news)


def hasten_in(connection: Connection, runs: Mapping[str, int]) -> list[Notice]:
    """Give what these runs have queued a higher priority, and let it be held back no more; give what changed.

    `runs` gives the priority of each. Whether a throttle still holds it back is decided anew.
    """
    changed: list[Notice] = []
    for run_id, priority in runs.items():
        lower = (notices.c.run_id == run_id, notices.c.state == "queued", notices.c.priority < priority)
        news = {"priority": priority, "held_ms": None, "held_until_ms": None, "held_why": ""}
        done = connection.execute(update(notices).where(*lower).values(news).returning(*_COLUMNS))
        changed += [Notice(*row) for row in done]
    return changed


def heard_in(
    connection: Connection, episode_ids: Iterable[str], *, person: str, call_id: str, now_ms: int
) -> None:
    """Record that `person` heard these episodes in a call.

    The first time counts: a repeat changes nothing. An episode that the call was not placed for (the person
    rang in, or it went active meanwhile) gets a notice of its own, done. Unknown episodes are passed over.
    """
    wanted = list(dict.fromkeys(episode_ids))
    known: set[str] = set()
    planned: set[str] = set()
    for some in _portions(wanted):
        of_these = (
            notices.c.person == person, notices.c.call_id == call_id, notices.c.episode_id.in_(some)
        )  # fmt: skip
        known |= set(connection.execute(select(episodes.c.id).where(episodes.c.id.in_(some))).scalars())
        planned |= set(connection.execute(select(notices.c.episode_id).where(*of_these)).scalars())
        connection.execute(
            update(notices).where(*of_these, notices.c.heard_ms.is_(None)).values(heard_ms=now_ms)
        )
    own = {"person": person, "channel": "voice", "call_id": call_id, "state": "done"}
    times = {"heard_ms": now_ms, "ended_ms": now_ms}
    _insert(
        connection, [{"episode_id": one} | own | times for one in wanted if one in known - planned], now_ms
    )


def unheard_in(connection: Connection, call_id: str) -> None:
    """Take back that anybody heard anything in a call: a machine had answered it."""
    mine = notices.c.call_id == call_id
    beside = (notices.c.state == "done", notices.c.placed_ms.is_(None), notices.c.outcome.is_(None))
    connection.execute(delete(notices).where(mine, *beside))
    connection.execute(update(notices).where(mine).values(heard_ms=None))


# --- reading ---------------------------------------------------------------------------------------------


def queued_in(
    connection: Connection,
    *,
    channel: str,
    now_ms: int | None = None,
    profiles: Collection[str] | None = None,
    limit: int,
) -> list[Notice]:
    """Give at most `limit` queued notices of a channel: highest priority first, then the oldest.

    With `now_ms` only those that are due; with `profiles` only those of these notification profiles.
    """
    query = select(*_COLUMNS).where(*_waiting(channel, profiles))
    if now_ms is not None:
        query = query.where(notices.c.due_ms <= now_ms)
    return _read(
        connection, query.order_by(notices.c.priority.desc(), notices.c.created_ms, notices.c.id), limit
    )


def next_due_in(
    connection: Connection, *, channel: str, profiles: Collection[str] | None = None
) -> int | None:
    """Give when the first queued notice of a channel is due, ms UTC; None where none is queued."""
    query = select(func.min(notices.c.due_ms)).where(*_waiting(channel, profiles))
    due_ms: int | None = connection.execute(query).scalar_one()
    return due_ms


def of_call(connection: Connection, call_id: str) -> list[Notice]:
    """Give the notices a call carries or carried, oldest first."""
    return _read(connection, select(*_COLUMNS).where(notices.c.call_id == call_id))


def waiting_of_call(
    connection: Connection, call_id: str, now_ms: int, *, people: Collection[str] = ()
) -> list[str]:
    """Give the episodes a call carries or told of that still wait for an acknowledgement.

    Not those of which one of `people` has done so, and that wait for others.
    """
    query = (
        select(episodes.c.id, episodes.c.ackers)
        .join(notices, notices.c.episode_id == episodes.c.id)
        .where(notices.c.call_id == call_id, *waiting(now_ms))
        .distinct()
    )
    return [row.id for row in connection.execute(query) if not set(people) & set(row.ackers)]


def of_message(connection: Connection, message_id: str) -> list[Notice]:
    """Give the notices a text carries or carried, oldest first."""
    return _read(connection, select(*_COLUMNS).where(notices.c.message_id == message_id))


def of_run(connection: Connection, run_id: str) -> list[Notice]:
    """Give what a pipeline's run has asked for so far, oldest first."""
    return _read(connection, select(*_COLUMNS).where(notices.c.run_id == run_id))


def of_runs(connection: Connection, run_ids: Iterable[str]) -> dict[str, list[Notice]]:
    """Give what each of these runs has asked for so far, oldest first; a run without any is left out."""
    found: dict[str, list[Notice]] = {}
    for some in _portions(list(dict.fromkeys(run_ids))):
        for notice in _read(connection, select(*_COLUMNS).where(notices.c.run_id.in_(some))):
            found.setdefault(str(notice.run_id), []).append(notice)
    return found


def held_of_runs(connection: Connection, run_ids: Iterable[str]) -> dict[str, list[Notice]]:
    """Give what each of these runs has asked for and a throttle holds back now, oldest first."""
    found: dict[str, list[Notice]] = {}
    for some in _portions(sorted(set(run_ids))):
        held = (notices.c.run_id.in_(some), notices.c.state == "queued", notices.c.held_ms.is_not(None))
        for notice in _read(connection, select(*_COLUMNS).where(*held)):
            found.setdefault(str(notice.run_id), []).append(notice)
    return found


def by_ids(connection: Connection, ids: Iterable[int]) -> list[Notice]:
    """Give these notices, oldest first."""
    found: list[Notice] = []
    for some in _portions(list(dict.fromkeys(ids))):
        found += _read(connection, select(*_COLUMNS).where(notices.c.id.in_(some)))
    return sorted(found, key=lambda notice: notice.id)


def of_person(connection: Connection, person: str, *, channel: str | None = None) -> list[Notice]:
    """Give a person's notices that have no outcome yet, oldest first; with `channel` only those of it."""
    query = select(*_COLUMNS).where(notices.c.state != "done", notices.c.person == person)
    return _read(connection, query if channel is None else query.where(notices.c.channel == channel))


def of_episodes(connection: Connection, episode_ids: Iterable[str]) -> list[Notice]:
    """Give the notices of these episodes that have no outcome yet, oldest first."""
    found: list[Notice] = []
    for some in _portions(list(dict.fromkeys(episode_ids))):
        query = select(*_COLUMNS).where(notices.c.state != "done", notices.c.episode_id.in_(some))
        found += _read(connection, query)
    return sorted(found, key=lambda notice: notice.id)


def notices_of(connection: Connection, episode_id: str) -> list[dict[str, Any]]:
    """Give everything about who was told of an episode, oldest first, for whoever shows it."""
    wanted = [column for column in notices.c if column.name not in {"id", "episode_id"}]
    query = select(*wanted).where(notices.c.episode_id == episode_id).order_by(notices.c.id)
    return [dict(row) for row in connection.execute(query).mappings()]


# --- statements ------------------------------------------------------------------------------------------


def _insert(connection: Connection, rows: Sequence[dict[str, Any]], now_ms: int) -> None:
    """Insert rows with the next attempt numbers; of several replicas one after the other numbers its own."""
    if not rows:
        return
    for some in _portions(sorted({row["episode_id"] for row in rows})):
        # Locked in one order, and not against whoever only refers to the episode. SQLite has one writer.
        mine = select(episodes.c.id).where(episodes.c.id.in_(some)).order_by(episodes.c.id)
        connection.execute(mine.with_for_update(key_share=True))
    connection.execute(insert(notices), _numbered(connection, rows, now_ms))


def _numbered(connection: Connection, rows: Sequence[dict[str, Any]], now_ms: int) -> list[dict[str, Any]]:
    last: dict[tuple[str, str], int] = {}
    for some in _portions(list({row["episode_id"] for row in rows})):
        query = (
            select(notices.c.episode_id, notices.c.person, func.max(notices.c.attempt))
            .where(notices.c.episode_id.in_(some))
            .group_by(notices.c.episode_id, notices.c.person)
        )
        last |= {(episode, person): attempt for episode, person, attempt in connection.execute(query)}
    numbered = []
    for row in rows:
        key = row["episode_id"], row["person"]
        last[key] = last.get(key, 0) + 1
        numbered.append({"attempt": last[key], "created_ms": now_ms} | row)
    return numbered


def _changed(
    connection: Connection, ids: Iterable[int], condition: ColumnElement[bool], news: dict[str, Any]
) -> list[Notice]:
    changed: list[Notice] = []
    for some in _portions(list(dict.fromkeys(ids))):
        done = connection.execute(
            update(notices).where(notices.c.id.in_(some), condition).values(news).returning(*_COLUMNS)
        )
        changed += [Notice(*row) for row in done]
    return sorted(changed, key=lambda notice: notice.id)


def _waiting(channel: str, profiles: Collection[str] | None) -> list[ColumnElement[bool]]:
    conditions = [notices.c.state == "queued", notices.c.channel == channel]
    return conditions if profiles is None else [*conditions, notices.c.profile.in_(sorted(profiles))]


def _read(connection: Connection, query: Any, limit: int | None = None) -> list[Notice]:
    ordered = query if limit is not None else query.order_by(notices.c.id)
    return [Notice(*row) for row in connection.execute(ordered.limit(limit))]


def _portions(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]
