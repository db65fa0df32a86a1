"""Looks every hour for rosters that have nobody on call, or soon will not, and raises an alarm for each.

What a saved configuration shows is told when it is saved. This is for what time brings: a rotation that ends,
an absence that was entered, a script that names nobody any more. Nothing here changes who is on call.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

import structlog

from tocsin.alarms import AlarmEvent
from tocsin.calls.own_words import OWN, own_data
from tocsin.config import in_order
from tocsin.gateway.binding import directory_of
from tocsin.journal import record
from tocsin.people.gap_checks import described, empty_rosters

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.alarms import Board
    from tocsin.clock import Clock
    from tocsin.config import Loaded
    from tocsin.db import Database
    from tocsin.engine.port import Engine, Job
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration
    from tocsin.people import Directory, Gap

log = structlog.get_logger("tocsin.gateway")

QUEUE: Final = "rosters"
ROSTER: Final = f"{OWN}Roster/"
HOUR_MS: Final = 60 * 60 * 1000
AHEAD_MS: Final = 7 * 24 * HOUR_MS
"""So far is looked ahead: time enough to find somebody."""

SOON_MS: Final = 24 * HOUR_MS
_HOURLY: Final = "hourly"
_AT_ONCE: Final = 10
"""So many rosters are looked at before others have their turn on the event loop."""


def coming_gaps(loaded: Loaded[Configuration], now_ms: int) -> list[Finding]:
    """Find the rosters of a configuration that within a year have nobody on call; a warning for each."""
    return in_order(loaded.places, empty_rosters(directory_of(loaded.value), now_ms))


class RosterWatch:
    """A job of the engine, so that of several replicas one looks. `directory` gives the people in force."""

    def __init__(
        self, db: Database, clock: Clock, engine: Engine, board: Board, directory: Callable[[], Directory]
    ) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self._board = board
        self._directory = directory
        self._told: dict[str, tuple[int, int | None, str]] = {}
        engine.handle(QUEUE, self._handle, batch=1)

    async def start(self) -> None:
        """Find what is raised already, and look for the first time."""
        for one in self._board.kept():
            if one.path.startswith(ROSTER) and one.state == "active":
                told = one.data.get("from_ms", 0), one.data.get("to_ms"), one.priority
                self._told[one.path.removeprefix(ROSTER)] = told
        await self.look_soon()

    async def look_soon(self) -> None:
        """Look again at once: the people in force are others."""
        now_ms = self._clock.now_ms()
        await self._db.write(
            lambda connection: self._engine.enqueue_in(connection, QUEUE, _HOURLY, due_ms=now_ms)
        )

    async def _handle(self, _: Sequence[Job]) -> None:
        now_ms = self._clock.now_ms()
        await self._look(now_ms)
        await self._db.write(
            lambda connection: self._engine.enqueue_in(connection, QUEUE, _HOURLY, due_ms=now_ms + HOUR_MS)
        )

    async def _look(self, now_ms: int) -> None:
        directory = self._directory()
        gone = set(self._told) - set(directory.rosters)
        for place, (name, roster) in enumerate(directory.rosters.items()):
            if place % _AT_ONCE == 0:
                await asyncio.sleep(0)
            gaps = () if roster.may_be_empty else directory.gaps(now_ms, now_ms + AHEAD_MS, rosters=[name])
            if gaps:
                await self._tell(gaps[0], directory, now_ms)
            elif name in self._told:
                gone.add(name)
        for name in gone:
            await self._board.report([AlarmEvent(path=f"{ROSTER}{name}", name="Roster", state="clear")])
            del self._told[name]

    async def _tell(self, gap: Gap, directory: Directory, now_ms: int) -> None:
        """Say it in the log each hour; journal and alarm hear of it once, and again when it is near."""
        end_ms = directory.shift(gap.roster, gap.from_ms).until_ms
        when = described(replace(gap, to_ms=end_ms or 0), directory, now_ms)
        log.warning("roster-empty", roster=gap.roster, when=when, why=gap.why)
        priority = "High" if gap.from_ms <= now_ms else "Medium" if gap.from_ms <= now_ms + SOON_MS else "Low"
        begin_ms = gap.from_ms if gap.from_ms > now_ms else self._begun(gap.roster, now_ms)
        news = begin_ms, end_ms, priority
        if self._told.get(gap.roster) == news:
            return
        data = {"roster": gap.roster, "from_ms": begin_ms, "to_ms": end_ms, "why": gap.why}
        event = AlarmEvent(
            path=f"{ROSTER}{gap.roster}",
            name="Roster",
            state="active",
            priority=priority,
            label=f"nobody is on call on roster {gap.roster} {when}",
            data=data | _words(gap, directory, now_ms),
        )
        await self._board.report([event])
        await self._db.write(
            lambda connection: record(
                connection, kind="roster.empty", at_ms=now_ms, subject=gap.roster, data=data
            )
        )
        self._told[gap.roster] = news

    def _begun(self, roster: str, now_ms: int) -> int:
        """Return when a gap that is there already was first seen to begin."""
        known = self._told.get(roster)
        return known[0] if known is not None and known[0] <= now_ms else now_ms


def _words(gap: Gap, directory: Directory, now_ms: int) -> dict[str, Any]:
    """Return the phrase for it: nobody is there, or nobody will be from a moment on."""
    if gap.from_ms <= now_ms:
        return own_data("roster-empty", roster=gap.roster)
    roster = directory.roster(gap.roster)
    zone = ZoneInfo((roster.timezone if roster else None) or directory.timezone)
    at = datetime.fromtimestamp(gap.from_ms / 1000, UTC).astimezone(zone)
    return own_data("roster-empty-from", roster=gap.roster, at=f"{at:%Y-%m-%d %H:%M}")
