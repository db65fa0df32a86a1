"""Finds what should be on its way and is not: runs whose timer is gone, alarms that no run looks after.

It is the net under the net: timers are set in the transactions that need them. What it finds it counts.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from tocsin.db import NotStored
from tocsin.pipelines import store

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.pipelines.runs import Runs

log = structlog.get_logger("tocsin.pipelines")

EVERY_S: Final = 10.0
LATE_MS: Final = 30_000
"""A run that was due so long ago, and has no timer that is, has lost it."""
_AGAIN_MS: Final = 60_000  # a run that got its timer anew is left alone for so long
_AT_ONCE: Final = 500


class Strays(NamedTuple):
    """Late runs as (id, due_ms, priority), and ids of episodes without a run."""

    late: list[tuple[str, int | None, int]]
    forsaken: list[str]


def strays_in(connection: Connection, now_ms: int) -> Strays:
    """Find at most 500 of each; reads only."""
    late = store.late(connection, now_ms - LATE_MS, limit=_AT_ONCE)
    return Strays(late, store.forsaken(connection, limit=_AT_ONCE))


class Watchdog:
    """Looks every ten seconds."""

    def __init__(self, db: Database, clock: Clock, runs: Runs) -> None:
        self._db = db
        self._clock = clock
        self._runs = runs
        self._helped: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Look once, then every ten seconds until `aclose`."""
        await self.look()
        self._task = asyncio.create_task(self._watch(), name="tocsin-pipelines-watchdog")

    async def aclose(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def look(self) -> Strays:
        """Find strays and help them; give those that were helped."""
        now_ms = self._clock.now_ms()
        try:
            found = await self._db.read(lambda connection: strays_in(connection, now_ms))
            strays = self._not_yet_helped(found, now_ms)
            if strays.late or strays.forsaken:
                await self._db.write(lambda connection: self._runs.rescue_in(connection, strays, now_ms))
                log.warning("runs-rescued", late=len(strays.late), without_run=len(strays.forsaken))
        except NotStored as error:
            log.warning("watchdog-not-stored", error=str(error))
            return Strays([], [])
        return strays

    def _not_yet_helped(self, found: Strays, now_ms: int) -> Strays:
        """Leave out what was given a timer a moment ago: where an engine is behind, haste only adds to it."""
        known = self._helped
        late = [
            one for one in found.late if not 0 <= now_ms - known.get(one[0], now_ms - _AGAIN_MS) < _AGAIN_MS
        ]
        self._helped = {one[0]: known.get(one[0], now_ms) for one in found.late} | {
            one[0]: now_ms for one in late
        }
        return Strays(late, found.forsaken)

    async def _watch(self) -> None:
        while True:
            await self._clock.sleep(EVERY_S)
            with self._clock.hold():
                try:
                    await self.look()
                except Exception:
                    # Whatever it was, the next look may find more.
                    log.exception("watchdog-failed")
