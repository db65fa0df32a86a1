"""One queue at work: knows when its next job is due, claims then, and runs what it claimed.

Everything here happens on the event loop's thread. A lane does not poll: it is told of due times
(`heard`) by whoever enqueued, by its own claims and by the engine's look at the table.
"""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.clock import USUAL
from tocsin.db import NotStored
from tocsin.engine import claiming

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from tocsin.clock import Clock
    from tocsin.engine.port import Job
    from tocsin.engine.running import Runner

log = structlog.get_logger("tocsin.engine")


def held(clock: Clock, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
    """Start a task; time that tests move stands still from this moment until it is done."""
    hold = clock.hold()
    hold.__enter__()  # here and now: by the time the task first runs, time might have moved on
    task = asyncio.get_running_loop().create_task(work)
    task.add_done_callback(lambda _: hold.__exit__(None, None, None))
    return task


class Lane:
    """The waiting, claiming and running of one queue, in at most `at_once` tasks."""

    def __init__(
        self,
        queue: str,
        runner: Callable[[Callable[[int], None]], Runner],
        *,
        batch: int,
        at_once: int,
        now_ms: Callable[[], int | None],
        rank: int = USUAL,
    ) -> None:
        self.queue = queue
        self.runner = runner(self.heard)
        self.next_ms: int | None = None
        """When the next job that nobody runs is due (ms UTC), as far as is known here."""
        self.running: dict[str, int] = {}
        """Key and serial of what is claimed."""
        self._batch = batch
        self._at_once = at_once
        self._now_ms = now_ms  # None while due times are being moved to a clock that was set
        self._rank = rank
        self._open = False
        self._claiming: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._alarm: asyncio.Task[None] | None = None
        self._alarm_ms: int | None = None

    def open(self) -> None:
        """Allow claims from now on."""
        self._open = True

    def heard(self, due_ms: int) -> None:
        """Take note that a job is due at `due_ms` (ms UTC), now or later."""
        if self.next_ms is None or due_ms < self.next_ms:
            self.next_ms = due_ms
        self._go()

    def has(self, job: Job) -> bool:
        """Tell whether this very job is claimed here; for any thread."""
        return self.running.get(job.key) == job.serial

    def forget(self) -> None:
        """Drop what is known of due times, because they were moved."""
        self.next_ms = None
        self._disarm()

    def _go(self) -> None:
        """Claim, or set the alarm for when there will be something to claim."""
        if not self._open or self._claiming or self.next_ms is None or len(self._tasks) >= self._at_once:
            return
        now_ms = self._now_ms()
        if now_ms is None:
            return
        if self.next_ms > now_ms:
            self._arm(self.next_ms)
            return
        self._disarm()
        self._claiming = held(self.runner.clock, self._claim())

    # ---------------------------------------------------------------- waiting

    def _arm(self, due_ms: int) -> None:
        if self._alarm_ms == due_ms:
            return
        self._disarm()
        self._alarm_ms = due_ms
        hold = contextlib.ExitStack()
        hold.enter_context(self.runner.clock.hold())  # until the alarm waits for the clock
        self._alarm = asyncio.get_running_loop().create_task(self._ring(due_ms, hold))
        self._alarm.add_done_callback(lambda _: hold.close())

    def _disarm(self) -> None:
        self._alarm_ms = None
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    async def _ring(self, due_ms: int, hold: contextlib.ExitStack) -> None:
        hold.close()
        await self.runner.clock.sleep_until(due_ms / 1000, rank=self._rank)
        self._alarm = self._alarm_ms = None
        self._go()

    # ---------------------------------------------------------------- claiming and running

    async def _claim(self) -> None:
        try:
            while self._open and len(self._tasks) < self._at_once:
                if not await self._claim_once():
                    break
        except NotStored as error:
            # The engine's look asks again within a second, and finds the same jobs when storage is back.
            self.next_ms = None
            log.warning("claim-failed", queue=self.queue, error=str(error))
        except Exception:
            self.next_ms = None
            log.exception("claim-failed", queue=self.queue)
        finally:
            self._claiming = None
            self._go()

    async def _claim_once(self) -> bool:
        """Claim one batch and begin to run it; tells whether it is worth claiming another at once."""
        now_ms = self._now_ms()
        if now_ms is None:
            return False
        self.next_ms = None  # so that what is heard during the claim can be told from what it found
        claimed = asyncio.get_running_loop().time()
        jobs, due_ms = await self.runner.db.write(
            partial(
                claiming.claim,
                queue=self.queue,
                owner=self.runner.owner,
                now_ms=now_ms,
                lease_ms=now_ms + round(self.runner.lease_s * 1000),
                most=self._batch,
            )
        )
        if jobs:
            self.running.update((job.key, job.serial) for job in jobs)
            task = held(self.runner.clock, self._serve(jobs, claimed))
            self._tasks.add(task)
        # Empty-handed though something is due: another engine is just taking it. The look will tell.
        if due_ms is not None and (jobs or due_ms > now_ms):
            self.next_ms = due_ms if self.next_ms is None else min(due_ms, self.next_ms)
        return self.next_ms is not None and self.next_ms <= now_ms

    async def _serve(self, jobs: Sequence[Job], claimed: float) -> None:
        try:
            await self.runner.run(jobs, claimed)
        finally:
            for job in jobs:
                if self.has(job):
                    del self.running[job.key]
            task = asyncio.current_task()
            assert task is not None
            self._tasks.discard(task)
            self.runner.forget(jobs)
            self._go()

    # ---------------------------------------------------------------- ending

    async def close(self, grace_s: float) -> None:
        """Claim nothing more, wait `grace_s` real seconds for handlers, then cancel them."""
        self._open = False
        self._disarm()
        if self._claiming is not None:
            await asyncio.wait({self._claiming})
        tasks = set(self._tasks)
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        if late:
            log.warning("handlers-cancelled", queue=self.queue, tasks=len(late))
            await asyncio.wait(late, timeout=grace_s)
