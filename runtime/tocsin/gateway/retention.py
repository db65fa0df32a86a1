"""Retention: what is removed after how long, room by room, in transactions so small that nobody waits.

Run once a day by the gateway, or by hand with `tocsin db prune`. The journal, the episodes and the counters
stay; audit rows go after the days of their own profile and leave a signed anchor.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.alarms.retention import prune_notices_in
from tocsin.calls import retention as calls
from tocsin.journal import audit
from tocsin.pipelines import retention as pipelines
from tocsin.scripts import retention as scripts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from sqlalchemy import Connection

    from tocsin.db import Database
    from tocsin.gateway.configuration import Configuration
    from tocsin.journal.audit_key import AuditKey

log = structlog.get_logger("tocsin.gateway")

DAY_MS: Final = 24 * 60 * 60 * 1000
QUEUE: Final = "retention"


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went, by what they were about."""

    calls: int = 0
    texts: int = 0
    traces: int = 0
    notices: int = 0
    runs: int = 0
    scripts: int = 0
    audit: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in self.__slots__)


class Retention:
    """Removes what is old enough by the configuration in force.

    `in_force` gives the ids of the releases that answer calls now; where nobody can tell, releases stay.
    """

    def __init__(
        self,
        db: Database,
        configuration: Callable[[], Configuration],
        key: AuditKey,
        *,
        in_force: Callable[[], Collection[str]] | None = None,
    ) -> None:
        self._db = db
        self._configuration = configuration
        self._key = key
        self._in_force = in_force

    async def prune(self, now_ms: int) -> Pruned:
        """Remove everything that is old enough at a moment. Raises NotStored; what went so far is gone."""
        value = self._configuration()
        before_ms = now_ms - value.retention.calls_days * DAY_MS
        done = Pruned(
            runs=await self._until_none(lambda conn: pipelines.prune_in(conn, before_ms=before_ms)),
            notices=await self._notices(before_ms),
            calls=await self._until_none(lambda conn: calls.prune_calls_in(conn, before_ms=before_ms)),
            texts=await self._until_none(lambda conn: calls.prune_texts_in(conn, before_ms=before_ms)),
            traces=await self._until_none(lambda conn: calls.prune_traces_in(conn, before_ms=before_ms)),
            scripts=await self._scripts(before_ms),
            audit=await self._audit(value, now_ms),
        )
        # What texts could be answered with is no record of what was said, and counts as none.
        await self._until_none(lambda conn: calls.prune_codes_in(conn, before_ms=before_ms))
        log.info("pruned", **{name: getattr(done, name) for name in Pruned.__slots__})
        return done

    async def _until_none(self, step: Callable[[Connection], int]) -> int:
        total = 0
        while gone := await self._db.write(step):
            total += gone
        return total

    async def _notices(self, before_ms: int) -> int:
        total, after = 0, 0
        while True:

            def step(conn: Connection, after: int = after) -> tuple[int, int | None]:
                return prune_notices_in(conn, before_ms=before_ms, after=after)

            gone, last = await self._db.write(step)
            total += gone
            if last is None:
                return total
            after = last

    async def _scripts(self, before_ms: int) -> int:
        if self._in_force is None:
            return 0
        in_force = set(self._in_force())

        def step(conn: Connection) -> int:
            used = in_force | calls.releases_used(conn)
            return scripts.prune_in(conn, used=used, before_ms=before_ms)

        return await self._db.write(step)

    async def _audit(self, value: Configuration, now_ms: int) -> int:
        total = 0
        for name, profile in value.audit_profiles.items():
            before_ms = now_ms - profile.retention_days * DAY_MS

            def step(conn: Connection, name: str = name, before_ms: int = before_ms) -> int:
                return audit.prune_in(conn, name, before_ms=before_ms, key=self._key, now_ms=now_ms)

            total += await self._until_none(step)
        return total
