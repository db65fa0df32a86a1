"""Handing rows out: a batch of what is due becomes one owner's, by one statement.

A taken row is nobody else's until its owner completes it or gives it back, or is seen to be gone
(`watchdog`). So that no clock has to be trusted, a claim does not ask whether a lease is over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from sqlalchemy import and_, bindparam, case, delete, func, select, update

from tocsin.engine.port import Job
from tocsin.engine.store import NEVER, by_queue, these
from tocsin.engine.tables import timers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Connection

_t = timers.c
_FIELDS: Final = (_t.queue, _t.key, _t.due_ms, _t.priority, _t.serial, _t.tries)

_DUE: Final = (
    select(_t.id)
    .where(_t.queue == bindparam("q"), _t.owner.is_(None), _t.due_ms <= bindparam("now"))
    .order_by(_t.priority, _t.due_ms, _t.id)
    .limit(bindparam("most"))
)
_TAKE: Final = (
    update(timers)
    .values(owner=bindparam("o"), lease_ms=bindparam("lease"), tries=_t.tries + 1)
    .returning(*_FIELDS)
)
# PostgreSQL passes over what another engine is just claiming, and plans the choice once only because it
# stands in a query of its own that locks.
_CHOSEN: Final = _DUE.with_for_update(skip_locked=True).cte("chosen")
_CLAIMS: Final = {
    "sqlite": _TAKE.where(_t.id.in_(_DUE.scalar_subquery())),
    "postgresql": _TAKE.where(_t.id == _CHOSEN.c.id),
}
_NEXT: Final = select(func.min(_t.due_ms)).where(_t.queue == bindparam("q"), _t.owner.is_(None))


def claim(
    connection: Connection, queue: str, *, owner: str, now_ms: int, lease_ms: int, most: int
) -> tuple[list[Job], int | None]:
    """Take at most `most` jobs that are due, the most urgent first; gives also when the next one is due."""
    rows = connection.execute(
        _CLAIMS[connection.dialect.name],
        {"q": queue, "now": now_ms, "most": most, "o": owner, "lease": lease_ms},
    )
    jobs = sorted((Job(*row) for row in rows), key=lambda job: (job.priority, job.due_ms, job.key))
    due_ms = connection.execute(_NEXT, {"q": queue}).scalar()
    return jobs, due_ms if due_ms is not None and due_ms < NEVER else None


def keep(connection: Connection, jobs: Sequence[Job], *, owner: str, lease_ms: int) -> list[Job]:
    """Renew the lease of those jobs that are still to be done and still this owner's; gives them.

    One that was enqueued anew under the lease is free from now on.
    """
    kept: set[tuple[str, str]] = set()
    for queue, members in by_queue(jobs):
        rows = connection.execute(
            update(timers)
            .where(these(members), _t.owner == owner)
            .values(lease_ms=lease_ms)
            .returning(_t.key)
        )
        kept.update((queue, key) for key in rows.scalars())
        others = [job.key for job in members if (queue, job.key) not in kept]
        own = and_(_t.queue == queue, _t.key.in_(others), _t.owner == owner)
        if others:
            connection.execute(delete(timers).where(own, _t.due_ms == NEVER))
            connection.execute(update(timers).where(own, _t.tries == 0).values(owner=None, lease_ms=None))
    return [job for job in jobs if (job.queue, job.key) in kept]


class Taken(NamedTuple):
    """A job somebody has taken, and what tells this taking from the next."""

    queue: str
    key: str
    owner: str
    lease_ms: int
    tries: int


def taken(connection: Connection) -> list[Taken]:
    """List every job that is taken."""
    rows = connection.execute(
        select(_t.queue, _t.key, _t.owner, _t.lease_ms, _t.tries).where(_t.owner.is_not(None))
    )
    return [Taken(*row) for row in rows]


def take_back(connection: Connection, gone: Sequence[Taken], *, now_ms: int) -> int:
    """Free jobs whose owner is gone, unless it was heard of meanwhile; what it was to drop is dropped."""
    freed = 0
    for one in gone:
        same = and_(
            _t.queue == one.queue, _t.key == one.key, _t.owner == one.owner, _t.lease_ms == one.lease_ms
        )
        # An owner may have stopped in the middle of a transaction: that is waited for by trying again later.
        unlocked = select(_t.id).where(same).with_for_update(skip_locked=True)
        if (row := connection.execute(unlocked).scalar()) is not None:
            freed += _free(connection, _t.id == row, now_ms=now_ms)
    return freed


def take_back_own(connection: Connection, owner: str, *, now_ms: int, untried: bool = False) -> int:
    """Free whatever this owner has taken; nothing of it can be running any more.

    `untried` where it was given back in good order: then the try does not count.
    """
    return _free(connection, _t.owner == owner, now_ms=now_ms, untried=untried)


def _free(connection: Connection, which: ColumnElement[bool], *, now_ms: int, untried: bool = False) -> int:
    connection.execute(delete(timers).where(which, _t.due_ms == NEVER))
    freed = {
        "owner": None,
        "lease_ms": None,
        # What was handed out was due, whatever the clock has been set to since.
        "due_ms": case((and_(_t.tries > 0, _t.due_ms > now_ms), now_ms), else_=_t.due_ms),
    }
    if untried:
        freed["tries"] = case((_t.tries > 0, _t.tries - 1), else_=0)
    return connection.execute(update(timers).where(which).values(**freed)).rowcount
