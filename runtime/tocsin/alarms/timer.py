"""Drives what time does to alarms: a durable timer per episode that is due for something.

Bound by whoever composes the gateway: `engine.handle(QUEUE, timer.handle)` and
`board.also_in(timer.changed_in)` before either is started, and `await timer.refresh()` once both are and
whenever the rules changed.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from sqlalchemy import select, tuple_

from tocsin.alarms import store
from tocsin.alarms.lifecycle import LONGEST_SHELVING_MS
from tocsin.alarms.timing import next_due
from tocsin.db import after_commit
from tocsin.engine.tables import timers

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.board import Board
    from tocsin.alarms.episode import AlarmChanged, Episode, TimePassed
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.port import Engine, Job

QUEUE: Final = "alarm"
"""The engine's queue; keys are ids of episodes."""


class AlarmTimer:
    """Keeps the timers of episodes, and does what is due."""

    def __init__(self, board: Board, engine: Engine, *, db: Database, clock: Clock) -> None:
        self._board = board
        self._engine = engine
        self._db = db
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._back_ms = 0  # by so much at most the clock is behind what was recorded by it
        engine.moved_in(self._moved)

    def changed_in(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:  # noqa: ARG002 the signature of those who take part
        """Set, move or drop the timers of episodes in the transaction that changes them.

        A change that is nothing to a timer leaves it: it may have gone along with a clock that was set.
        """
        first: dict[str, Episode | None] = {}
        for one in changes:
            first.setdefault(one.episode.id, one.before)
        latest = {one.episode.id: one.episode for one in changes}
        fresh = {key for key, before in first.items() if before is None}
        touched = [after for key, after in latest.items() if not self._as_before(first[key], after)]
        self._set(connection, touched, fresh)

    def _as_before(self, before: Episode | None, after: Episode) -> bool:
        if before is None:
            return False
        rule = self._board.rule_of(after)
        return next_due(before, rule) == next_due(after, rule)

    async def refresh(self) -> None:
        """Set the timers of all open episodes anew, as the rules now in force ask."""
        self._loop = asyncio.get_running_loop()
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> int:
            # Read where it is written: a change that is on its way to the disk sets a timer of its own.
            found = store.open_episodes(connection, alone=True)
            self._set(connection, found, ())
            return max((_latest(one) - now_ms for one in found), default=0)

        self._back_ms = max(self._back_ms, await self._db.write(work))
        await self._board.follow()  # shelvings that went along with the clock before there was a loop

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Do what is due for these episodes, in one transaction with the completion of the jobs."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> tuple[None, list[TimePassed]]:
            due = {job.key: job.due_ms for job in jobs}
            done = self._board.pass_time_in(connection, due, now_ms=now_ms)
            idle = [one.episode_id for one in done if not one.changes]
            if idle:
                done += self._by_the_timer(connection, idle, jobs, now_ms)
            found = store.by_ids(connection, due).values()
            self._set(connection, [one for one in found if self._due_ms(one, now_ms) > now_ms], due)
            self._engine.complete_in(connection, jobs)
            return None, done

        await self._board.transact(work)

    def _by_the_timer(
        self, connection: Connection, idle: Sequence[str], jobs: Sequence[Job], now_ms: int
    ) -> list[TimePassed]:
        """Do what timers stand for where the clock does not show it: it has been set back since.

        The engine has moved them along. A timer that was set anew meanwhile stands for something else.
        """
        found = store.by_ids(connection, idle)
        asked = [(job.queue, job.key, job.serial) for job in jobs if job.key in found]
        standing = select(timers.c.key).where(
            tuple_(timers.c.queue, timers.c.key, timers.c.serial).in_(asked)
        )
        due = {
            key: due_ms
            for key in connection.execute(standing).scalars()
            if (due_ms := next_due(found[key], self._board.rule_of(found[key]))) is not None
            and due_ms - now_ms <= self._back_ms
        }
        return self._board.pass_time_in(connection, due, now_ms=now_ms) if due else []

    def _moved(self, connection: Connection, delta_ms: int) -> None:
        """Follow the timers that were moved because the clock was set.

        A shelving lasts as long as it was to last. Maintenance ends at the moment that was given for it.
        """
        now_ms = self._clock.now_ms()
        query = select(timers.c.key, timers.c.due_ms).where(timers.c.queue == QUEUE)
        moved = {row.key: row.due_ms for row in connection.execute(query)}
        until: dict[str, int] = {}
        again: list[Episode] = []
        for one in store.open_episodes(connection):
            ends = [at for at in (one.shelved_until_ms, one.out_of_service_until_ms) if at is not None]
            timer_ms = moved.get(one.id)
            if not ends or timer_ms is None or timer_ms == min(ends):
                continue  # nothing ends, or the timer was set by a clock that is right
            first = one.shelved_until_ms == min(ends)
            if one.shelved_until_ms is not None:
                moved_ms = timer_ms if first else one.shelved_until_ms + delta_ms
                until[one.id] = min(moved_ms, now_ms + LONGEST_SHELVING_MS)
            if not first:
                again.append(one)
        self._set(connection, again, ())
        shelved = self._board.move_shelvings_in(connection, until, now_ms=now_ms)
        loop = self._loop

        def committed() -> None:
            self._back_ms = max(0, self._back_ms - delta_ms)
            if shelved and loop is not None:
                loop.call_soon_threadsafe(self._board.applied, shelved)

        after_commit(connection, committed)

    def _due_ms(self, episode: Episode, now_ms: int) -> int:
        due_ms = next_due(episode, self._board.rule_of(episode), now_ms=now_ms)
        return now_ms if due_ms is None else due_ms

    def _set(self, connection: Connection, episodes: Iterable[Episode], fresh: Collection[str]) -> None:
        items: list[tuple[str, int, int]] = []
        idle: list[str] = []
        now_ms = self._clock.now_ms()
        for episode in episodes:
            due_ms = next_due(episode, self._board.rule_of(episode), now_ms=now_ms)
            if due_ms is not None:
                items.append((episode.id, due_ms, episode.rank()[0]))
            elif episode.id not in fresh:
                idle.append(episode.id)
        if items:
            self._engine.enqueue_all_in(connection, QUEUE, items)
        if idle:
            self._engine.cancel_in(connection, QUEUE, idle)


def _latest(episode: Episode) -> int:
    return max(episode.active_ms, episode.acked_ms or 0, episode.re_alarmed_ms or 0)
