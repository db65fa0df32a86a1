"""When virtual time may move: only while no webhook is open, no request is served and nobody is at a phone.

Moving time is the one thing that must not race with the outside world. `quiet` waits until everything
that is under way has settled, including the real milliseconds a product needs to react to an answer;
`advance` and the automatic jump go from one due moment to the next and settle in between.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from tocsin.clock import Clock, VirtualClock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A woken task reaches its next webhook or timer within a few passes of the loop; this leaves a margin.
_PASSES = 25
# How often, in real seconds, an idle autojump looks whether somebody else sleeps on a shared clock.
_LOOK = 0.02


class NotMovable(RuntimeError):  # noqa: N818  # reads as a sentence at the place of use
    """The clock of this emulator cannot be moved."""


class Pace:
    """Counts what is under way and moves a virtual clock between."""

    def __init__(self, clock: Clock, *, settle_s: float) -> None:
        self._clock = clock
        self._settle = settle_s
        self._open = 0
        self._stamp = 0
        self._outside = 0
        self._settled = 0
        self._moving = asyncio.Lock()
        self._waiters: list[asyncio.Future[None]] = []
        self.holds: set[object] = set()
        """Whatever keeps the automatic jump from moving time, such as a ringing manual phone."""
        if isinstance(clock, VirtualClock):
            clock.keepers.append(self.busy)

    @contextlib.contextmanager
    def busy(self) -> Iterator[None]:
        """Stop virtual time while the body runs: a webhook is open, a request is being served."""
        self._open += 1
        self.touch()
        try:
            yield
        finally:
            self._open -= 1
            self._outside += 1
            self.touch()

    def touch(self) -> None:
        """Say that something happened, so that nobody takes the moment for quiet."""
        self._stamp += 1
        if self._waiters:
            waiters, self._waiters = self._waiters, []
            for waiter in waiters:
                if not waiter.done():
                    waiter.set_result(None)

    async def _touched(self) -> None:
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        await waiter

    async def quiet(self) -> None:
        """Return once nothing is under way and the world outside had `settle_s` real seconds to react."""
        while True:
            if self._open:
                await self._touched()
                continue
            stamp, outside = self._stamp, self._outside
            if outside != self._settled:
                await asyncio.sleep(self._settle)
            for _ in range(_PASSES):
                await asyncio.sleep(0)
            if self._open == 0 and self._stamp == stamp:
                self._settled = outside
                return

    def movable(self) -> VirtualClock:
        """Give the virtual clock; raises NotMovable where the clock is another."""
        if not isinstance(self._clock, VirtualClock):
            raise NotMovable(
                "this emulator runs on a clock that moves by itself; start it with --clock virtual"
            )
        return self._clock

    async def advance(self, seconds: float) -> None:
        """Move a virtual clock by `seconds`, one due moment at a time, never while a webhook is open.

        Raises NotMovable on any other clock and ValueError where `seconds` is below 0.
        """
        if seconds < 0:
            raise ValueError(f"time cannot go back by {-seconds} s; give a number of seconds above 0")
        clock = self.movable()
        async with self._moving:
            end = clock.now() + seconds
            await self.quiet()
            while (due := clock.next_due) is not None and due <= end:
                await clock.advance(max(0.0, due - clock.now()))
                await self.quiet()
            if clock.now() < end:
                await clock.advance(end - clock.now())
            await self.quiet()

    async def run_until(self, done: Callable[[], bool], *, limit_s: float = 3600.0) -> bool:
        """Jump from due moment to due moment until `done()`, at most `limit_s` of virtual time.

        Returns whether `done()` came true; gives up early where nothing is due any more.
        """
        clock = self.movable()
        end = clock.now() + limit_s
        async with self._moving:
            await self.quiet()
            while not done():
                due = clock.next_due
                if due is None or due > end:
                    return False
                await clock.advance(max(0.0, due - clock.now()))
                await self.quiet()
        return True

    async def autojump(self) -> None:
        """Move time to the next due moment whenever nothing else can happen; runs until cancelled."""
        clock = self.movable()
        while True:
            async with self._moving:
                await self.quiet()
                due = None if self.holds else clock.next_due
                if due is not None:
                    await clock.advance(max(0.0, due - clock.now()))
            if due is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._touched(), _LOOK)
