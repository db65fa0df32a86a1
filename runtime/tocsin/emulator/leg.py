"""One leg of a call while it lives: what the phone does arrives here, and whoever runs the leg waits here.

Every wait of a call (for a sentence to be spoken, a key, an answer of the product) goes through `listen`,
`pause` or `during`, and every one of them ends at once when the phone hangs up or REST says otherwise.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from tocsin.clock import Clock
    from tocsin.emulator.meeting import Meeting
    from tocsin.emulator.phone import Line
    from tocsin.emulator.records import Call
    from tocsin.emulator.timers import Timer, Timers

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Goto:
    """The next document: a URL with what to send there, or TwiML given inline."""

    url: str = ""
    method: str = "POST"
    params: dict[str, str] = field(default_factory=dict)
    twiml: str = ""


@dataclass(frozen=True, slots=True)
class Finish:
    """A verb ended the document: "hangup", "reject" (with `busy` or `no-answer` as `event`) or "leave"."""

    verb: str
    event: str = "hangup"


@dataclass(frozen=True, slots=True)
class Key:
    """One key of the keypad."""

    key: str


@dataclass(frozen=True, slots=True)
class Said:
    """Words spoken into the phone, and how long that took."""

    text: str
    seconds: float


class HungUp(Exception):  # noqa: N818  # control flow of a call, not an error
    """The person put the phone down, or declined."""


class Ended(Exception):  # noqa: N818  # control flow of a call, not an error
    """The network or REST ended the call; `event` is what that does to its status."""

    def __init__(self, event: str) -> None:
        super().__init__(event)
        self.event = event


class Moved(Exception):  # noqa: N818  # control flow of a call, not an error
    """REST gave the call another document."""

    def __init__(self, goto: Goto) -> None:
        super().__init__(goto.url)
        self.goto = goto


class Summoned(Exception):  # noqa: N818  # control flow of a call, not an error
    """Somebody is ready for a caller on hold."""


Interrupt = HungUp | Ended | Moved | Summoned


class Leg:
    """A call in progress, joined to the line of the phone at its other end."""

    def __init__(self, call: Call, clock: Clock, timers: Timers) -> None:
        self.call = call
        self.line: Line | None = None
        self.meeting: Meeting | None = None
        """Whom this leg talks to, while it does."""
        self.clock = clock
        self.timers = timers
        self.picked_up = False
        self.over = False
        self.limit: Timer | None = None
        """What ends the call when its time limit is reached."""
        self.timeouts = 0
        """How many Gathers of this leg ended without a key or word."""
        self.prompted = False
        """Whether all was said that there is to say, and only an answer is waited for."""
        self._collecting = False
        self._inbox: deque[Key | Said] = deque()
        self._interrupt: Interrupt | None = None
        self._waker: asyncio.Future[None] | None = None
        self._background: set[asyncio.Task[Any]] = set()

    def note(self, kind: str, text: str) -> None:
        """Add one line to the timeline of the call."""
        self.call.timeline.append((self.clock.now(), kind, text))

    @property
    def collecting(self) -> bool:
        """Whether a key or word would be taken now, rather than lost."""
        return self._collecting

    # What others do to the leg.

    def pick_up(self) -> None:
        """Note that the phone was answered."""
        self.picked_up = True
        self._wake()

    def deliver(self, event: Key | Said) -> None:
        """Take a key or words from the phone; lost where nothing listens, as at Twilio."""
        if self.meeting is not None:
            self.meeting.pass_on(self, event)
        if self._collecting:
            self._inbox.append(event)
            self._wake()
        elif self.meeting is None:
            self.note("ignored", "a key or word came while nothing listened")

    def interrupt(self, why: Interrupt) -> None:
        """End, move or fetch the call at its next wait; a lesser reason never replaces a weightier one."""
        if self._interrupt is None or _weight(why) >= _weight(self._interrupt) < 2:
            self._interrupt = why
        self._wake()

    def unsummoned(self) -> None:
        """Forget that somebody was ready: this caller no longer waits."""
        if isinstance(self._interrupt, Summoned):
            self._interrupt = None

    # What the runner of the leg does.

    def collect(self, *, wanted: bool) -> None:
        """Begin or stop to keep keys and words; what is left unread when it stops is lost."""
        self._collecting, self.prompted = wanted, False
        self._inbox.clear()

    async def listen(
        self, seconds: float | None, *, also: asyncio.Future[Any] | None = None
    ) -> Key | Said | None:
        """Return the next key or words, or None once `seconds` have passed or `also` is done.

        Raises HungUp, Ended, Moved or Summoned.
        """
        end = None if seconds is None else self.clock.now() + seconds
        while True:
            self.check()
            if self._inbox:
                return self._inbox.popleft()
            if also is not None and also.done():
                return None
            if end is not None and self.clock.now() >= end - 1e-6:
                return None
            await self._wait(end, also)

    async def pause(self, seconds: float) -> None:
        """Let time pass while nothing is listened to; raises HungUp, Ended or Moved."""
        end = self.clock.now() + seconds
        while self.clock.now() < end - 1e-6:
            self.check()
            await self._wait(end, None)
        self.check()

    async def until_picked_up(self, seconds: float) -> bool:
        """Return whether the phone was answered within `seconds`; raises HungUp, Ended or Moved."""
        end = self.clock.now() + seconds
        while not self.picked_up:
            self.check()
            if self.clock.now() >= end - 1e-6:
                return False
            await self._wait(end, None)
        # The caller may have gone in the very moment of the answer.
        self.check()
        return True

    async def during(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` returns, unless the call ends or moves first; then `work` goes on unheeded."""
        task = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)
        while not task.done():
            self.check()
            await self._wait(None, task)
        self.check()
        return task.result()

    def take_move(self) -> Goto | None:
        """Return where REST sent the leg while nobody waited on it, None where it did not; once."""
        why = self._interrupt
        if not isinstance(why, Moved):
            return None
        self._interrupt = None
        return why.goto

    async def until_gone(self) -> Interrupt:
        """Return what ends or moves this leg, and ignore everything else until then."""
        while self._interrupt is None:
            await self._wait(None, None)
        return self._interrupt

    def check(self) -> None:
        """Raise what interrupts the leg, if anything does; a move or a summons is raised once."""
        why = self._interrupt
        if why is not None:
            if isinstance(why, (Moved, Summoned)):
                self._interrupt = None
            raise why

    def _wake(self, *_: object) -> None:
        if self._waker is not None and not self._waker.done():
            self._waker.set_result(None)

    async def _wait(self, end: float | None, also: asyncio.Future[Any] | None) -> None:
        self._waker = asyncio.get_running_loop().create_future()
        timer = None if end is None else self.timers.after(end - self.clock.now(), self._wake)
        if also is not None:
            also.add_done_callback(self._wake)
        try:
            await self._waker
        finally:
            if timer is not None:
                self.timers.cancel(timer)
            if also is not None:
                also.remove_done_callback(self._wake)


def _weight(why: Interrupt) -> int:
    """Weigh the reasons: an end more than a move, a move more than a summons. The first end counts."""
    return {Summoned: 0, Moved: 1, Ended: 2, HungUp: 2}[type(why)]
