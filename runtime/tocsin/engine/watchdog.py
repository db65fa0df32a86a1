"""The watchdog: frees what owners that are gone had taken, counts what waits, and says what is late.

When an owner is gone is decided in `leases`; when the watchdog looks, by the engine.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.engine import claiming, store
from tocsin.engine.leases import Sightings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.lane import Lane

log = structlog.get_logger("tocsin.engine")

_LATE_MS: Final = 60_000  # a job that nobody takes for so long is reported
_LEASE_S: Final = 30.0  # what another owner's lease is taken to last in a queue that is not handled here


class Watchdog:
    """Looks after the jobs of one engine's lanes, and after those that others have taken."""

    def __init__(self, db: Database, clock: Clock, owner: str, lanes: Mapping[str, Lane]) -> None:
        self._db = db
        self._clock = clock
        self._owner = owner
        self._lanes = lanes
        self._sightings = Sightings()
        self._counts: dict[str, dict[str, int]] = {}
        self._late: set[str] = set()

    @property
    def waits(self) -> bool:
        """Whether somebody else has taken a job, so that the next look may have to free it."""
        return self._sightings.any

    async def look(self) -> int:
        """Free, count and report; gives how many jobs were freed. Raises NotStored."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> tuple[list[claiming.Taken], dict[str, dict[str, int]]]:
            return claiming.taken(connection), store.counts(connection, now_ms)

        taken, self._counts = await self._db.read(work)
        others = [one for one in taken if not self._at_work(one)]
        gone = self._sightings.over(others, lease_s=self._lease_s, monotonic=self._clock.monotonic())
        freed = 0
        if gone:
            freed = await self._db.write(partial(claiming.take_back, gone=gone, now_ms=now_ms))
            log.warning("leases-over", jobs=freed, owners=sorted({one.owner for one in gone}))
        self._report_late(now_ms)
        return freed

    def _at_work(self, one: claiming.Taken) -> bool:
        lane = self._lanes.get(one.queue)
        return one.owner == self._owner and lane is not None and one.key in lane.running

    def _lease_s(self, queue: str) -> float:
        lane = self._lanes.get(queue)
        return _LEASE_S if lane is None else lane.runner.lease_s

    def _report_late(self, now_ms: int) -> None:
        late = {
            queue: late_ms for queue in self._lanes if (late_ms := self._late_ms(queue, now_ms)) > _LATE_MS
        }
        for queue in late.keys() - self._late:
            log.warning("jobs-late", queue=queue, late_ms=late[queue])
        for queue in self._late - late.keys():
            log.info("jobs-in-time-again", queue=queue)
        self._late = set(late)

    def _late_ms(self, queue: str, now_ms: int) -> int:
        lane = self._lanes.get(queue)
        return 0 if lane is None or lane.next_ms is None else max(0, now_ms - lane.next_ms)

    def stats(self) -> dict[str, int | float]:
        """Tell the figures that the port promises."""
        now_ms = self._clock.now_ms()
        none = {"waiting": 0, "due": 0, "failing": 0}
        told: dict[str, int | float] = {**none, "claimed": 0, "late_ms": 0}
        for queue in sorted({*self._lanes, *self._counts}):
            lane = self._lanes.get(queue)
            found = none | self._counts.get(queue, {})
            found["claimed"] = len(lane.running) if lane is not None else 0
            for name, value in found.items():
                told[name] += value
                told[f"{queue}.{name}"] = value
            told[f"{queue}.late_ms"] = late_ms = self._late_ms(queue, now_ms)
            told["late_ms"] = max(told["late_ms"], late_ms)
        return told
