"""The engine whose jobs are rows of tocsin's own database: timers, claims, leases and a watchdog.

It is the default, on SQLite and on PostgreSQL. How rows change hands is `claiming`, when a queue claims
`lane`, how its handler is called `running`; here they are put together and looked after.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.clock import USUAL
from tocsin.db import NotStored, after_commit
from tocsin.engine import claiming, store
from tocsin.engine.lane import Lane, held
from tocsin.engine.port import Engine, LeaseLost
from tocsin.engine.running import Runner
from tocsin.engine.timeline import Timeline
from tocsin.engine.watchdog import Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.port import Handler, Job

log = structlog.get_logger("tocsin.engine")

_GRACE_S: Final = 5.0  # real seconds that handlers have to end when the engine stops
_AHEAD_MS: Final = 60_000  # a job asked for further ahead of now was asked for by a clock set back since
_FORSAKEN_MS: Final = 7 * 86_400_000  # after a week overdue in a queue without a handler a job is dropped


class EmbeddedEngine(Engine):
    """Keeps jobs in `ts_timer`.

    `owner` names this replica: the same after a restart, never that of another one running. `look_s` is
    how often (real seconds) it looks for what other processes enqueued, and whether the clock was set;
    `watch_s` (seconds of the clock) how often for owners that are gone.
    """

    def __init__(
        self, db: Database, clock: Clock, *, owner: str, look_s: float = 1.0, watch_s: float = 10.0
    ) -> None:
        self._db = db
        self._clock = clock
        self._owner = owner
        self._look_s = look_s
        self._watch_s = watch_s
        self._lanes: dict[str, Lane] = {}
        self._timeline = Timeline(clock)
        self._moved: list[Callable[[Connection, int], None]] = []
        self._moving: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._look: store.Look | None = None
        self._watchdog = Watchdog(db, clock, owner, self._lanes)
        self._ready = False  # what an earlier process left has been taken back
        self._news: dict[str, int] = {}
        self._news_guard = threading.Lock()

    # ---------------------------------------------------------------- what rooms call

    def handle(
        self,
        queue: str,
        handler: Handler,
        *,
        batch: int = 64,
        lease_s: float = 30,
        at_once: int = 1,
        rank: int = USUAL,
    ) -> None:
        """Have a queue's jobs done by `handler`; raises RuntimeError for a second one, or once started."""
        if self._loop is not None:
            raise RuntimeError(f"the handler of {queue!r} comes too late: the engine has started")
        if queue in self._lanes:
            raise RuntimeError(f"the queue {queue!r} has a handler already")
        runner = partial(Runner, self._db, self._clock, self._owner, handler, lease_s)
        self._lanes[queue] = Lane(queue, runner, batch=batch, at_once=at_once, now_ms=self._now_ms, rank=rank)

    def enqueue_in(
        self, connection: Connection, queue: str, key: str, *, due_ms: int, priority: int = 0
    ) -> None:
        """Ask for a job, or move the one there is; see `Engine.enqueue_in`."""
        self.enqueue_all_in(connection, queue, [(key, due_ms, priority)])

    def enqueue_all_in(
        self, connection: Connection, queue: str, items: Sequence[tuple[str, int, int]]
    ) -> None:
        """Ask for many jobs by one statement; see `Engine.enqueue_all_in`."""
        if not items:
            return
        store.enqueue(connection, queue, items, owner=self._owner, now_ms=self._clock.now_ms())
        self._tell_after(connection, queue, min(due_ms for _, due_ms, _ in items))

    def cancel_in(self, connection: Connection, queue: str, keys: Sequence[str]) -> None:
        """Drop jobs, or have one that is being done dropped when that ends."""
        store.cancel(connection, queue, keys)

    def complete_in(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Drop what is done, but for what was enqueued anew; raises LeaseLost where it was taken over."""
        found = store.complete(connection, jobs, owner=self._owner)
        for job in found.missing:
            lane = self._lanes.get(job.queue)
            # A job handed out here stays in the table, even where it is cancelled: unless it was taken over.
            if lane is not None and lane.has(job) and (job.key, job.serial) not in lane.runner.completed:
                raise LeaseLost(
                    f"the job {job.key!r} of {job.queue!r} took too long here; another engine has done it"
                )
        for queue, due_ms in found.again.items():
            self._tell_after(connection, queue, due_ms)
        after_commit(connection, partial(self._completed, jobs))

    def moved_in(self, callback: Callable[[Connection, int], None]) -> None:
        """Have another room's due times moved along where the clock was set."""
        self._moved.append(callback)

    def _completed(self, jobs: Sequence[Job]) -> None:
        for job in jobs:
            lane = self._lanes.get(job.queue)
            if lane is not None and lane.has(job):
                lane.runner.completed.add((job.key, job.serial))

    def _tell_after(self, connection: Connection, queue: str, due_ms: int) -> None:
        """Wake the queue's lane once the transaction is on disk; one call into the loop for many."""
        if queue not in self._lanes:
            return

        def tell() -> None:
            with self._news_guard:
                first = not self._news
                self._news[queue] = min(due_ms, self._news.get(queue, due_ms))
            if first and self._loop is not None:
                with contextlib.suppress(RuntimeError):  # the loop has ended; the next start finds the job
                    self._loop.call_soon_threadsafe(self._hear)

        after_commit(connection, tell)

    def _hear(self) -> None:
        with self._news_guard:
            news, self._news = self._news, {}
        for queue, due_ms in news.items():
            self._lanes[queue].heard(due_ms)

    # ---------------------------------------------------------------- beginning and ending

    async def start(self) -> None:
        """Take up what an earlier process of this owner left, and begin; a database may still be away."""
        self._loop = asyncio.get_running_loop()
        self._hear()
        self._look = store.Look(list(self._lanes))
        with self._clock.hold():
            try:
                await self._take_up()
            except NotStored as error:
                log.warning("engine-waits-for-database", error=str(error))
        self._tasks = [
            self._loop.create_task(work, name=name)
            for name, work in (("engine-look", self._keep_looking()), ("engine-watch", self._keep_watch()))
        ]
        await asyncio.sleep(0)  # so that the watch waits for the clock before anybody moves that

    async def _take_up(self) -> None:
        """Take back what an earlier process left, then let the lanes go; tried again until stored."""
        now_ms = self._clock.now_ms()

        def work(connection: Connection) -> tuple[int, int]:
            near = store.bring_near(connection, owner=self._owner, now_ms=now_ms, slack_ms=_AHEAD_MS)
            if near.moved:
                # Since then the clock was set; for how long nothing ran, such a clock cannot tell.
                for callback in self._moved:
                    self._move_also(connection, callback, now_ms - near.last_ms)
            return claiming.take_back_own(connection, self._owner, now_ms=now_ms), near.moved

        left, near = await self._db.write(work)
        if left or near:
            log.info("jobs-taken-up", left_by_earlier_process=left, due_brought_near=near)
        self._ready = True
        for lane in self._lanes.values():
            lane.open()
        await self._look_once()
        await self._watch_once()

    async def aclose(self) -> None:
        """End handlers within a moment and give back what they left; jobs stay."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        await asyncio.gather(*(lane.close(_GRACE_S) for lane in self._lanes.values()))
        if self._moving is not None:
            await asyncio.wait({self._moving})
        if self._ready:
            self._ready = False
            now_ms = self._clock.now_ms()
            with contextlib.suppress(NotStored):  # then the next start takes them back
                await self._db.write(
                    partial(claiming.take_back_own, owner=self._owner, now_ms=now_ms, untried=True)
                )

    # ---------------------------------------------------------------- looking and watching

    async def _keep_looking(self) -> None:
        while True:
            await asyncio.sleep(self._look_s)
            try:
                if self._ready:
                    await self._look_once()
                else:
                    await self._take_up()
            except NotStored as error:
                log.debug("look-failed", error=str(error))
            except Exception:
                log.exception("look-failed")

    async def _look_once(self) -> None:
        """Find what other processes enqueued, and whether the clock was set."""
        if not self._lanes or self._look is None or self._now_ms() is None:
            return
        for lane in self._lanes.values():
            await lane.runner.pay()
        for queue, due_ms in (await self._db.read(self._look)).items():
            self._lanes[queue].heard(due_ms)

    async def _keep_watch(self) -> None:
        while True:
            await self._clock.sleep(self._watch_s)
            # Where somebody else has taken a job, time that tests move waits for the verdict on it.
            with self._clock.hold() if self._watchdog.waits else contextlib.nullcontext():
                try:
                    await self._watch_once()
                except NotStored as error:
                    log.debug("watch-failed", error=str(error))
                except Exception:
                    log.exception("watch-failed")

    async def _watch_once(self) -> None:
        if await self._watchdog.look():
            await self._look_once()

    async def purge(self) -> int:
        """Drop jobs a week overdue in queues without a handler; returns how many."""
        before_ms = self._clock.now_ms() - _FORSAKEN_MS
        dropped = await self._db.write(partial(store.purge, handled=list(self._lanes), before_ms=before_ms))
        for queue, jobs in dropped.items():
            log.warning("jobs-forsaken", queue=queue, jobs=jobs)
        return sum(dropped.values())

    def stats(self) -> dict[str, int | float]:
        """Tell what waits, is due, fails and is claimed, and how late; see `Engine.stats`."""
        return self._watchdog.stats()

    # ---------------------------------------------------------------- the clock was set

    def _now_ms(self) -> int | None:
        """Tell the time (ms UTC); None while due times are moved because the clock was set."""
        if self._moving is not None:
            return None
        reading = self._timeline.look()
        if not reading.delta_ms:
            self._timeline.follow(reading)
            return reading.now_ms
        self._moving = held(self._clock, self._move())
        return None

    async def _move(self) -> None:
        """Move due times by as much as the clock was set."""

        def work(connection: Connection) -> Any:
            reading = self._timeline.look()
            moved = 0
            if reading.delta_ms:
                moved = store.shift(
                    connection,
                    reading.delta_ms,
                    owner=self._owner,
                    since_ms=reading.since_ms,
                    now_ms=reading.now_ms,
                )
                for callback in self._moved:
                    self._move_also(connection, callback, reading.delta_ms)
            return reading, moved

        try:
            reading, moved = await self._db.write(work)
            self._timeline.follow(reading)
            log.warning("clock-was-set", by_ms=reading.delta_ms, jobs_moved=moved)
            for lane in self._lanes.values():
                lane.forget()
        except NotStored as error:
            log.warning("due-times-not-moved", error=str(error))  # tried again at the next look
            return
        finally:
            self._moving = None
        with contextlib.suppress(NotStored):
            await self._look_once()

    def _move_also(
        self, connection: Connection, callback: Callable[[Connection, int], None], delta_ms: int
    ) -> None:
        try:
            with connection.begin_nested():
                callback(connection, delta_ms)
        except NotStored:
            raise
        except Exception:
            # One room's mistake must not keep every job from being handed out.
            log.exception("due-times-not-moved-along")
