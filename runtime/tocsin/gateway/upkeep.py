"""What a gateway does for itself once a day: removing what is old, and jobs that nobody handles any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.gateway import retention_guard
from tocsin.gateway.retention import DAY_MS, QUEUE
from tocsin.gateway.retention_guard import Held

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.alarms import Board
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.port import Engine, Job
    from tocsin.gateway.retention import Retention

_FIRST_MS: Final = 60 * 60 * 1000
_DAILY: Final = "daily"
_LEASE_S: Final = 1800.0  # the first time after years may take long; each step by itself is short


class Upkeep:
    """Runs retention as a job of the engine, so that of several replicas one does it."""

    def __init__(
        self, db: Database, clock: Clock, engine: Engine, board: Board, retention: Retention
    ) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self._board = board
        self._retention = retention
        engine.handle(QUEUE, self._handle, batch=1, lease_s=_LEASE_S)

    async def start(self) -> None:
        """Ask for the first time: not while everything else begins."""
        due_ms = self._clock.now_ms() + _FIRST_MS
        await self._db.write(
            lambda connection: self._engine.enqueue_in(connection, QUEUE, _DAILY, due_ms=due_ms)
        )

    async def _handle(self, _: Sequence[Job]) -> None:
        now_ms = self._clock.now_ms()
        done = await retention_guard.prune(self._retention, self._db, now_ms)
        held = done if isinstance(done, Held) else None
        await retention_guard.tell(held, self._board, self._db, now_ms)
        if held is None:  # by such a clock every job were forsaken, too
            await self._engine.purge()
        await self._db.write(
            lambda connection: self._engine.enqueue_in(connection, QUEUE, _DAILY, due_ms=now_ms + DAY_MS)
        )
