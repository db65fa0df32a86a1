"""Which areas are in a flood of alarms now: watched as alarms go active, ended by a durable timer.

Bound by whoever composes the gateway: `engine.handle(QUEUE, floods.handle)` and
`board.also_in(floods.changed_in)` before either is started, and `await floods.start()`. What makes a flood
is decided in `flood`. Counted is what people may be told of: nothing suppressed, nothing out of service.
"""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import delete, insert, or_, select
from sqlalchemy.exc import IntegrityError

from tocsin.alarms.flood import Flood, area_of, decide
from tocsin.alarms.rules import OWN
from tocsin.alarms.tables import episodes, floods
from tocsin.db import after_commit
from tocsin.journal import record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.episode import AlarmChanged
    from tocsin.alarms.flood import FloodLimits, Verdict
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.port import Engine, Job

log = structlog.get_logger("tocsin.alarms")

QUEUE: Final = "flood"
"""The engine's queue; keys are areas."""

"""Alarms of the gateway itself; they are no plant's flood."""


class Floods:
    """The floods of a gateway. `limits` gives what the configuration in force says."""

    def __init__(
        self, db: Database, clock: Clock, engine: Engine, *, limits: Callable[[], FloodLimits]
    ) -> None:
        self._db = db
        self._clock = clock
        self._engine = engine
        self._limits = limits
        self._guard = threading.Lock()
        self._lately: dict[str, deque[int]] = {}
        self._began: dict[str, int] = {}  # replaced as a whole, so that anybody may read it at any time

    def now(self) -> tuple[Flood, ...]:
        """Give the floods that are going on, from memory, by area."""
        began = self._began
        if not began:
            return ()
        since_ms = self._clock.now_ms() - self._limits().within_ms
        with self._guard:
            counts = {area: sum(at > since_ms for at in self._lately.get(area, ())) for area in began}
        return tuple(Flood(area, at_ms, counts[area]) for area, at_ms in sorted(began.items()))

    def in_flood(self, areas: Iterable[str]) -> tuple[Flood, ...]:
        """Give the floods of these areas."""
        wanted = set(areas)
        return tuple(one for one in self.now() if one.area in wanted)

    async def start(self) -> None:
        """Take up the floods that were going on, and what went active lately."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> None:
            found = _activations(connection, now_ms - self._limits().within_ms)
            with self._guard:
                self._lately = {area: deque(times) for area, times in found.items()}
            self._began = _going_on(connection)
            self._engine.enqueue_all_in(connection, QUEUE, [(area, now_ms, 0) for area in self._began])

        await self._db.write(work)

    async def follow(self) -> None:
        """Take over which floods other gateways on the same database have begun or ended."""
        self._follow(await self._db.read(_going_on))

    def changed_in(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:
        """Count what goes active, and begin a flood in the transaction that makes it one."""
        limits = self._limits()
        if not limits.begins:
            return
        touched: set[str] = set()
        with self._guard:
            for one in changes:
                episode = one.episode
                if one.kind != "active" or episode.path.startswith(OWN):
                    continue
                if not episode.suppressed_or_shelved(now_ms):
                    area = area_of(episode.path)
                    touched.add(area)
                    self._count(area, episode.active_ms, now_ms - limits.within_ms)
            lately = {area: list(self._lately[area]) for area in touched - self._began.keys()}
        for area, times in lately.items():
            if decide(False, times, limits, now_ms).change is None:
                continue
            # Memory counts what came to nothing too, such as a commit that failed and was asked for again.
            stored = _activations(connection, now_ms - limits.within_ms, area).get(area, [])
            verdict = decide(False, stored, limits, now_ms)
            if verdict.change is not None:
                with self._guard:
                    self._lately[area] = deque(stored)
                self._act(connection, area, verdict, now_ms)

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Look whether the floods of these areas are over, by what the database knows."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> None:
            going_on = _going_on(connection)
            after_commit(connection, lambda: self._follow(going_on))
            for job in jobs:
                # The engine says what is due, even where the clock has been set back since.
                self._look(connection, job, job.key in going_on, max(job.due_ms, now_ms))

        await self._db.write(work)

    def _look(self, connection: Connection, job: Job, flooded: bool, now_ms: int) -> None:
        limits = self._limits()
        times = _activations(connection, now_ms - limits.within_ms, job.key).get(job.key, [])
        with self._guard:
            self._lately[job.key] = deque(times)
            if not times:
                del self._lately[job.key]
        verdict = decide(flooded, times, limits, now_ms)
        if verdict.look_ms is None:
            self._engine.complete_in(connection, [job])
        elif verdict.change is None:
            self._engine.enqueue_in(connection, QUEUE, job.key, due_ms=verdict.look_ms)
        self._act(connection, job.key, verdict, now_ms)

    def _count(self, area: str, at_ms: int, since_ms: int) -> None:
        times = self._lately.setdefault(area, deque())
        times.append(at_ms)
        while times and times[0] <= since_ms:
            times.popleft()

    def _act(self, connection: Connection, area: str, verdict: Verdict, now_ms: int) -> None:
        """Write down that a flood began or ended; memory follows once that is on disk."""
        if verdict.change == "began":
            if not _begun(connection, area, verdict.alarms, now_ms):
                return
            if verdict.look_ms is not None:
                self._engine.enqueue_in(connection, QUEUE, area, due_ms=verdict.look_ms)
            after_commit(connection, lambda: self._remember(area, now_ms))
        elif verdict.change == "ended":
            connection.execute(delete(floods).where(floods.c.area == area))
            after_commit(connection, lambda: self._remember(area, None))
        else:
            return
        facts = {"alarms": verdict.alarms, "why": verdict.why}
        record(connection, kind=f"flood.{verdict.change}", at_ms=now_ms, subject=area, data=facts)
        after_commit(connection, lambda: log.warning("flood", change=verdict.change, area=area, **facts))

    def _follow(self, began: dict[str, int]) -> None:
        with self._guard:
            self._began = began

    def _remember(self, area: str, began_ms: int | None) -> None:
        with self._guard:
            others = {name: at_ms for name, at_ms in self._began.items() if name != area}
            self._began = others if began_ms is None else {**others, area: began_ms}


def _begun(connection: Connection, area: str, alarms: int, now_ms: int) -> bool:
    """Write down a flood; False where it is on record, by this or another replica."""
    if area in _going_on(connection):
        return False
    try:
        with connection.begin_nested():
            connection.execute(insert(floods), [{"area": area, "began_ms": now_ms, "alarms": alarms}])
    except IntegrityError:
        return False
    return True


def _going_on(connection: Connection) -> dict[str, int]:
    query = select(floods.c.area, floods.c.began_ms)
    return {row.area: row.began_ms for row in connection.execute(query)}


def _activations(connection: Connection, since_ms: int, area: str | None = None) -> dict[str, list[int]]:
    """Give when alarms went active since a moment, by area, oldest first."""
    query = select(episodes.c.path, episodes.c.active_ms).where(
        episodes.c.active_ms > since_ms,
        episodes.c.suppressed_ms.is_(None),
        episodes.c.out_of_service_ms.is_(None),
    )
    if area is not None:
        query = query.where(or_(episodes.c.path == area, episodes.c.path.contains(area, autoescape=True)))
    found: dict[str, list[int]] = {}
    for path, active_ms in connection.execute(query.order_by(episodes.c.active_ms)):
        if not path.startswith(OWN):
            found.setdefault(area_of(path), []).append(active_ms)
    return found
