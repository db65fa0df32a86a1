"""Many cheap timers on one Clock.

A call waits some twenty times. Instead of twenty tasks asleep on the clock, one driver sleeps for the
earliest timer of all; firing and cancelling are calls, not tasks. This also makes the emulator one
single sleeper of a movable clock, so that the clock can always tell when the next thing happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.clock import OUTSIDE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.clock import Clock


@dataclass(order=True, slots=True)
class Timer:
    """One thing to do at one moment (seconds since 1970-01-01 UTC); ties fire in the order they were set."""

    when: float
    order: int
    action: Callable[[], None] | None = field(compare=False)


class Timers:
    """The timers of one emulator; `failed` is told of an action that raises."""

    def __init__(self, clock: Clock, failed: Callable[[BaseException], None]) -> None:
        self._clock = clock
        self._failed = failed
        self._heap: list[Timer] = []
        self._order = itertools.count()
        self._target: Timer | None = None
        self._news: asyncio.Future[None] | None = None
        self._driver: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin firing timers on the running event loop."""
        if self._driver is None:
            self._driver = asyncio.create_task(self._drive(), name="emulator-timers")

    async def aclose(self) -> None:
        """Stop firing timers; those that are set never fire."""
        if self._driver is not None:
            self._driver.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._driver
            self._driver = None

    def after(self, seconds: float, action: Callable[[], None]) -> Timer:
        """Call `action` once `seconds` have passed."""
        timer = Timer(self._clock.now() + max(0.0, seconds), next(self._order), action)
        heapq.heappush(self._heap, timer)
        if self._target is None or timer < self._target:
            self._tell()
        return timer

    def cancel(self, timer: Timer) -> None:
        """Make sure `timer` does not fire; harmless if it did."""
        timer.action = None
        if timer is self._target:
            self._tell()

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed."""
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        timer = self.after(seconds, lambda: None if waker.done() else waker.set_result(None))
        try:
            await waker
        finally:
            self.cancel(timer)

    def _tell(self) -> None:
        if self._news is not None and not self._news.done():
            self._news.set_result(None)

    def _fire_due(self) -> None:
        while self._heap:
            first = self._heap[0]
            if first.action is not None and first.when > self._clock.now():
                return
            heapq.heappop(self._heap)
            action, first.action = first.action, None
            if action is None:
                continue
            try:
                action()
            except Exception as error:  # noqa: BLE001  # boundary: one broken action must not stop all time
                self._failed(error)

    async def _drive(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._news = loop.create_future()
            self._fire_due()
            if self._news.done():
                continue
            self._target = self._heap[0] if self._heap else None
            if self._target is None:
                await self._news
                continue
            sleeper = asyncio.ensure_future(self._clock.sleep_until(self._target.when, rank=OUTSIDE))
            try:
                await asyncio.wait({sleeper, self._news}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeper.cancel()
                self._target = None
