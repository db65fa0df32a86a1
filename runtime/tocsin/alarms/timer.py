"""Drives what time does to alarms: a durable timer per episode that is due for something.

Bound by whoever composes the gateway: `engine.handle(QUEUE, timer.handle)` and
`board.also_in(timer.changed_in)` before either is started, and `await timer.refresh()` once both are and
whenever the rules changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.alarms.timing import next_due

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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

    def changed_in(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:  # noqa: ARG002 the signature of those who take part
        """Set, move or drop the timers of episodes in the transaction that changes them."""
        latest = {one.episode.id: one.episode for one in changes}
        fresh = {one.episode.id for one in changes if one.before is None}
        self._set(connection, latest.values(), fresh)

    async def refresh(self) -> None:
        """Set the timers of all open episodes anew, as the rules now in force ask."""
        kept = self._board.kept()
        await self._db.write(lambda connection: self._set(connection, kept, ()))

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Do what is due for these episodes, in one transaction with the completion of the jobs."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> tuple[None, list[TimePassed]]:
            # The engine says what is due, even where the clock has been set back since.
            due = {job.key: max(job.due_ms, now_ms) for job in jobs}
            done = self._board.pass_time_in(connection, due, now_ms=now_ms)
            self._engine.complete_in(connection, jobs)
            return None, done

        await self._board.transact(work)

    def _set(self, connection: Connection, episodes: Iterable[Episode], fresh: Iterable[str]) -> None:
        items: list[tuple[str, int, int]] = []
        idle: list[str] = []
        for episode in episodes:
            due_ms = next_due(episode, self._board.rule_of(episode))
            if due_ms is not None:
                items.append((episode.id, due_ms, episode.rank()[0]))
            elif episode.id not in fresh:
                idle.append(episode.id)
        if items:
            self._engine.enqueue_all_in(connection, QUEUE, items)
        if idle:
            self._engine.cancel_in(connection, QUEUE, idle)
