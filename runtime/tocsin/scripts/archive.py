"""Releases on disk: kept before they come into force, found again by id.

Storage in trouble holds no release back; it is stored later. The statements are in `store`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from tocsin.db import NotStored
from tocsin.scripts import store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.scripts.release import Release

log = structlog.get_logger("tocsin.scripts")

_PATIENCE_S = 0.5
_AGAIN_S = 5.0


class Archive:
    """Where releases are kept for calls that outlive the process."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock
        self._waiting: dict[str, Release] = {}
        self._last: dict[str, Release] = {}  # by project
        self._storing: asyncio.Task[None] | None = None

    async def keep(self, release: Release) -> None:
        """Return once the release is on disk, or after half a second; then it is stored when that works."""
        self._waiting[release.id] = release
        if self._storing is None or self._storing.done():
            self._storing = asyncio.ensure_future(self._store())
        await asyncio.wait({self._storing}, timeout=_PATIENCE_S)

    async def find(self, release_id: str, domain_of: Callable[[str], str]) -> Release | None:
        """Return a release that was kept, or None. Raises NotStored where it cannot be read."""
        waiting = self._waiting.get(release_id)
        if waiting is not None:
            return waiting
        return await self._db.read(lambda conn: store.find(conn, release_id, domain_of))

    async def aclose(self) -> None:
        """Give up what could not be stored."""
        if self._storing is not None:
            self._storing.cancel()
            await asyncio.gather(self._storing, return_exceptions=True)

    async def _store(self) -> None:
        while self._waiting:
            now_ms = self._clock.now_ms()
            batch = list(self._waiting.values())
            try:
                await self._db.write(lambda conn: self._keep_all(conn, batch, now_ms))  # noqa: B023  awaited here
            except NotStored as error:
                log.error("release-not-stored", releases=len(batch), message=str(error))
                await self._clock.sleep(_AGAIN_S)
                continue
            for one in batch:
                del self._waiting[one.id]
                self._last[one.project] = one

    def _keep_all(self, conn: Connection, batch: Sequence[Release], now_ms: int) -> None:
        for one in batch:
            store.keep(conn, one, now_ms=now_ms, like=self._last.get(one.project))
