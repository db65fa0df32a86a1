"""Jobs as rows: asking for them, being done with them, moving them where the clock was set.

Every function takes the connection first and belongs to the caller's transaction. Handing rows out to an
owner, and taking them back from one that is gone, is `claiming`.
"""

from __future__ import annotations

import secrets
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sqlalchemy import and_, bindparam, case, delete, func, or_, select, true, tuple_, update

from tocsin.db import insert_into
from tocsin.engine.port import Job, LeaseLost
from tocsin.engine.tables import timers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import ColumnElement, Connection
    from sqlalchemy.dialects.sqlite import Insert

NEVER: Final = 2**62
"""The due time of a job that was cancelled while it is being done: its row keeps others from the key."""

_AT_ONCE: Final = 500  # values in one IN (...): well under every database's limit of parameters
_FIRST_SERIALS: Final = 2**30  # half of what the column holds; the rest is for counting up

_t = timers.c


def chunks(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Cut a sequence into pieces that fit one statement."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


def by_queue(jobs: Sequence[Job]) -> Iterator[tuple[str, Sequence[Job]]]:
    """Sort jobs into queues; each piece fits one statement."""
    queues: dict[str, list[Job]] = {}
    for job in jobs:
        queues.setdefault(job.queue, []).append(job)
    for queue, members in queues.items():
        for chunk in chunks(members):
            yield queue, chunk


def these(jobs: Sequence[Job]) -> ColumnElement[bool]:
    """Build the condition for the jobs of one queue as they were handed out, not as enqueued anew."""
    return and_(
        _t.queue == jobs[0].queue, tuple_(_t.key, _t.serial).in_([(job.key, job.serial) for job in jobs])
    )


# ---------------------------------------------------------------- asking


@cache
def _upsert(dialect: str) -> Insert:
    added = insert_into(timers, dialect)
    return added.on_conflict_do_update(
        index_elements=["queue", "key"],
        set_={
            "due_ms": added.excluded.due_ms,
            "priority": added.excluded.priority,
            "serial": _t.serial + 1,
            "tries": 0,
            "reckoned_ms": added.excluded.reckoned_ms,
            "reckoned_by": added.excluded.reckoned_by,
            # The owner stays: whoever is at it now ends first.
        },
    )


def enqueue(
    connection: Connection, queue: str, items: Sequence[tuple[str, int, int]], *, owner: str, now_ms: int
) -> None:
    """Ask for jobs (key, due_ms, priority) by the clock of `owner`; a key that is there is moved."""
    # A key dropped and asked for again must not look like the request that may still be under way, so
    # counting does not begin at 1. Sorted, so that two transactions cannot wait for each other.
    rows = [
        {
            "queue": queue,
            "key": key,
            "due_ms": due_ms,
            "priority": priority,
            "serial": 1 + secrets.randbelow(_FIRST_SERIALS),
            "tries": 0,
            "reckoned_ms": now_ms,
            "reckoned_by": owner,
        }
        for key, due_ms, priority in sorted(items)
    ]
    if rows:
        connection.execute(_upsert(connection.dialect.name), rows)


def cancel(connection: Connection, queue: str, keys: Sequence[str]) -> None:
    """Drop jobs; one that is being done is dropped when its owner ends."""
    for chunk in chunks(keys):
        wanted = and_(_t.queue == queue, _t.key.in_(chunk))
        connection.execute(delete(timers).where(wanted, _t.owner.is_(None)))
        connection.execute(
            update(timers).where(wanted, _t.due_ms < NEVER).values(due_ms=NEVER, serial=_t.serial + 1)
        )


# ---------------------------------------------------------------- being done


class Completion(NamedTuple):
    """What came of completing: when keys enqueued anew are due, by queue, and which jobs were not there."""

    again: dict[str, int]
    missing: list[Job]


def complete(connection: Connection, jobs: Sequence[Job], *, owner: str) -> Completion:
    """Drop what is done; what was enqueued anew meanwhile is free from now on.

    Raises LeaseLost where one of the jobs is somebody else's now.
    """
    found = Completion({}, [])
    for queue, members in by_queue(jobs):
        keys = [job.key for job in members]
        cancelled = and_(_t.queue == queue, _t.key.in_(keys), _t.due_ms == NEVER)
        gone = connection.execute(
            delete(timers)
            .where(or_(these(members), cancelled), or_(_t.owner == owner, _t.owner.is_(None)))
            .returning(_t.key)
        )
        left = set(keys).difference(gone.scalars())
        if not left:
            continue
        anew = update(timers).where(_t.queue == queue, _t.key.in_(left), _t.owner == owner)
        for key, due_ms in connection.execute(
            anew.values(owner=None, lease_ms=None).returning(_t.key, _t.due_ms)
        ):
            found.again[queue] = min(due_ms, found.again.get(queue, due_ms))
            left.discard(key)
        lost = select(_t.key).where(these(members), _t.owner.is_not(None)).limit(1)
        if (key := connection.execute(lost).scalar()) is not None:
            raise LeaseLost(f"the job {key!r} of {queue!r} took too long here; another engine does it now")
        found.missing.extend(job for job in members if job.key in left)
    return found


_FREED: Final = (
    update(timers)
    .where(
        _t.queue == bindparam("q"),
        _t.key == bindparam("k"),
        _t.owner == bindparam("o"),
        # This very handing out, or what was enqueued anew under it: not a later claim of the same owner.
        _t.tries == case((_t.serial == bindparam("s"), bindparam("was")), else_=0),
    )
    .values(
        owner=None,
        lease_ms=None,
        due_ms=case((_t.serial == bindparam("s"), bindparam("d")), else_=_t.due_ms),
        tries=case((_t.serial == bindparam("s"), bindparam("n")), else_=_t.tries),
        reckoned_ms=case((_t.serial == bindparam("s"), bindparam("now")), else_=_t.reckoned_ms),
        reckoned_by=case((_t.serial == bindparam("s"), bindparam("o")), else_=_t.reckoned_by),
    )
)


class Return(NamedTuple):
    """A job as it was handed out, and the due time and tries with which it waits again."""

    job: Job
    due_ms: int
    tries: int


def give_back(connection: Connection, returns: Sequence[Return], *, owner: str, now_ms: int) -> list[Return]:
    """Free jobs that were not completed; gives those that were still to be done.

    One that was enqueued anew keeps what it was enqueued with, and is free as well.
    """
    open_: set[tuple[str, str]] = set()
    jobs = [one.job for one in returns]
    for queue, members in by_queue(jobs):
        keys = [job.key for job in members]
        connection.execute(
            delete(timers).where(_t.queue == queue, _t.key.in_(keys), _t.owner == owner, _t.due_ms == NEVER)
        )
        still = select(_t.key).where(these(members), _t.owner == owner)
        open_.update((queue, key) for key in connection.execute(still).scalars())
    rows = [
        {"q": job.queue, "k": job.key, "o": owner, "s": job.serial, "was": job.tries}
        | {"d": due_ms, "n": tries, "now": now_ms}
        for job, due_ms, tries in sorted(returns, key=lambda one: (one.job.queue, one.job.key))
    ]
    if rows:
        connection.execute(_FREED, rows)
    return [one for one in returns if (one.job.queue, one.job.key) in open_]


def purge(connection: Connection, *, handled: Sequence[str], before_ms: int) -> dict[str, int]:
    """Drop what cannot come due, and what was due before `before_ms` in other queues; gives their counts."""
    connection.execute(delete(timers).where(_t.due_ms == NEVER, _t.owner.is_(None)))
    old = delete(timers).where(_t.queue.not_in(handled), _t.due_ms < before_ms, _t.owner.is_(None))
    counts: dict[str, int] = {}
    for queue in connection.execute(old.returning(_t.queue)).scalars():
        counts[queue] = counts.get(queue, 0) + 1
    return counts


# ---------------------------------------------------------------- looking


class Look:
    """The cheap question that is asked every second: when the next job of each queue is due."""

    def __init__(self, queues: Sequence[str]) -> None:
        self._queues = queues
        first = [
            select(func.min(_t.due_ms)).where(_t.queue == queue, _t.owner.is_(None)).scalar_subquery()
            for queue in queues
        ]
        self._query = select(*first)

    def __call__(self, connection: Connection) -> dict[str, int]:
        """Give the earliest due time of each queue in which a job waits."""
        row = connection.execute(self._query).one()
        return {
            queue: due_ms
            for queue, due_ms in zip(self._queues, row, strict=True)
            if due_ms is not None and due_ms < NEVER
        }


def counts(connection: Connection, now_ms: int) -> dict[str, dict[str, int]]:
    """Count per queue what is `waiting`, what of it is `due`, and what was tried in vain (`failing`)."""
    rows = connection.execute(
        select(
            _t.queue,
            func.count(),
            func.sum(case((_t.due_ms <= now_ms, 1), else_=0)),
            func.sum(case((_t.tries > 0, 1), else_=0)),
        )
        .where(_t.owner.is_(None), _t.due_ms < NEVER)
        .group_by(_t.queue)
    )
    return {
        queue: {"waiting": int(waiting), "due": int(due), "failing": int(failing)}
        for queue, waiting, due, failing in rows
    }


# ---------------------------------------------------------------- the clock was set


def _by(connection: Connection, owner: str) -> ColumnElement[bool]:
    """Build the condition for jobs whose due times come from this owner's clock."""
    # A file belongs to one gateway, whatever it was called; on a server each has a clock of its own.
    return true() if connection.dialect.name == "sqlite" else _t.reckoned_by == owner


def shift(connection: Connection, delta_ms: int, *, owner: str, since_ms: int, now_ms: int) -> int:
    """Move jobs by as much as the owner's clock was set; those asked for since then are right already."""
    moved = connection.execute(
        update(timers)
        .where(_by(connection, owner), _t.due_ms < NEVER, ~_t.reckoned_ms.between(since_ms, now_ms))
        .values(due_ms=_t.due_ms + delta_ms, reckoned_ms=_t.reckoned_ms + delta_ms)
    )
    return moved.rowcount


class Near(NamedTuple):
    """How many jobs were brought near, and the latest moment at which one of them was asked for (ms UTC)."""

    moved: int
    last_ms: int


def bring_near(connection: Connection, *, owner: str, now_ms: int, slack_ms: int) -> Near:
    """Let jobs asked for in what is now the future wait as long from now as they were to wait then."""
    far = and_(
        _by(connection, owner), _t.due_ms.between(now_ms, NEVER - 1), _t.reckoned_ms > now_ms + slack_ms
    )
    last_ms = connection.execute(select(func.max(_t.reckoned_ms)).where(far)).scalar()
    if last_ms is None:
        return Near(0, now_ms)
    waits = case((_t.due_ms > _t.reckoned_ms, _t.due_ms - _t.reckoned_ms), else_=0)
    moved = connection.execute(update(timers).where(far).values(due_ms=now_ms + waits, reckoned_ms=now_ms))
    return Near(moved.rowcount, last_ms)
