"""Time as something one holds: a protocol with a real, a scaled and a movable clock behind it.

Every room takes a Clock instead of calling `time`, so that a test moves five minutes in no time.
Nothing else lives here; calendars and schedules belong to people.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import time
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager


USUAL: Final = 5
"""The rank of whoever does not care who wakes first; see `Clock.sleep_until`."""

OUTSIDE: Final = 9
"""The rank of the world outside: what is due within wakes before news come in."""


class Clock(Protocol):
    """What tocsin knows of time."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""

    def now_ms(self) -> int:
        """Return whole milliseconds since 1970-01-01 UTC, the unit of every stored time."""

    def monotonic(self) -> float:
        """Return seconds that never go back, for deadlines inside one process."""

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` of this clock have passed."""

    async def sleep_until(self, when: float, *, rank: int = USUAL) -> None:
        """Return once `now()` has reached `when` (seconds since 1970-01-01 UTC).

        Of those who sleep until the same moment the lowest `rank` wakes first, where time is moved by hand:
        what a test tells must not hang on who lay down first.
        """

    def hold(self) -> AbstractContextManager[None]:
        """Keep time that tests move where it is while the body runs; real time goes on.

        For work in the background that must be seen to its end before anything else comes due; it must
        not itself wait for this clock.
        """


class SystemClock:
    """The machine's own time."""

    def now(self) -> float:
        """Return seconds since 1970-01-01 UTC."""
        return time.time()

    def now_ms(self) -> int:
        """Return whole milliseconds since 1970-01-01 UTC."""
        return time.time_ns() // 1_000_000

    def monotonic(self) -> float:
        """Return the machine's monotonic seconds."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` have passed."""
        await asyncio.sleep(max(0.0, seconds))

    async def sleep_until(self, when: float, *, rank: int = USUAL) -> None:
        """Return once the wall clock shows `when`, even where it is set meanwhile."""
        del rank
        while (left := when - self.now()) > 0:
            await asyncio.sleep(min(left, 60.0))

    def hold(self) -> AbstractContextManager[None]:
        """Do nothing: this time cannot be stopped."""
        return contextlib.nullcontext()


class ScaledClock:
    """Time in which one second lasts `factor` real seconds, counted from the moment of creation."""

    def __init__(self, factor: float) -> None:
        if factor <= 0:
            raise ValueError(f"a clock's factor must be above 0, not {factor}")
        self.factor = factor
        self._wall = time.time()
        self._started = time.monotonic()

    def now(self) -> float:
        """Return scaled seconds since 1970-01-01 UTC."""
        return self._wall + self.monotonic()

    def now_ms(self) -> int:
        """Return scaled whole milliseconds since 1970-01-01 UTC."""
        return int(self.now() * 1000)

    def monotonic(self) -> float:
        """Return scaled seconds since the clock was made."""
        return (time.monotonic() - self._started) / self.factor

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` of scaled time have passed."""
        await asyncio.sleep(max(0.0, seconds) * self.factor)

    async def sleep_until(self, when: float, *, rank: int = USUAL) -> None:
        """Return once scaled time shows `when`."""
        del rank
        await self.sleep(when - self.now())

    def hold(self) -> AbstractContextManager[None]:
        """Do nothing: this time cannot be stopped."""
        return contextlib.nullcontext()


class VirtualClock:
    """Time that stands still until `advance` moves it, waking sleepers one by one by due time and rank."""

    def __init__(self, start: float = 1_767_225_600.0) -> None:
        self._now = start
        self._start = start
        self._order = itertools.count()
        # By the millisecond, which is the unit of stored times, by rank, and by who lay down first.
        self._sleepers: list[tuple[int, int, int, float, asyncio.Future[None]]] = []
        self._held = 0
        self._released: list[asyncio.Future[None]] = []
        self.keepers: list[Callable[[], AbstractContextManager[None]]] = []
        """Who else must know that time is held, such as an emulator that moves it."""

    def now(self) -> float:
        """Return virtual seconds since 1970-01-01 UTC."""
        return self._now

    def now_ms(self) -> int:
        """Return virtual whole milliseconds since 1970-01-01 UTC."""
        return round(self._now * 1000)

    def monotonic(self) -> float:
        """Return virtual seconds since the clock was made."""
        return self._now - self._start

    async def sleep(self, seconds: float) -> None:
        """Return once the clock has been moved by `seconds`."""
        await self.sleep_until(self._now + seconds)

    async def sleep_until(self, when: float, *, rank: int = USUAL) -> None:
        """Return once the clock has been moved to `when`."""
        if when <= self._now:
            await asyncio.sleep(0)
            return
        waker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (round(when * 1000), rank, next(self._order), when, waker))
        await waker

    @property
    def next_due(self) -> float | None:
        """The earliest moment somebody sleeps for, or None."""
        while self._sleepers and self._sleepers[0][4].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][3] if self._sleepers else None

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep time where it is while the body runs; for the event loop's own thread."""
        with contextlib.ExitStack() as stack:
            for keeper in self.keepers:
                stack.enter_context(keeper())
            self._held += 1
            try:
                yield
            finally:
                self._held -= 1
                if not self._held:
                    waiters, self._released = self._released, []
                    for waiter in waiters:
                        if not waiter.done():
                            waiter.set_result(None)

    async def _settled(self) -> None:
        """Let woken tasks run, and whatever they hold time for come to its end."""
        while True:
            # A woken task may sleep again at once; ten passes let ordinary chains of awaits settle.
            for _ in range(10):
                await asyncio.sleep(0)
            if not self._held:
                return
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._released.append(waiter)
            await waiter

    async def advance(self, seconds: float) -> None:
        """Move time forward by `seconds`, letting each woken task run before the next is woken."""
        end = self._now + seconds
        if self._held:
            await self._settled()
        while (due := self.next_due) is not None and due <= end:
            self._now = max(self._now, due)
            *_, waker = heapq.heappop(self._sleepers)
            if not waker.done():
                waker.set_result(None)
            await self._settled()
        self._now = end
