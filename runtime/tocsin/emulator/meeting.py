"""Legs that hear each other: two people after a Dial, a caller and whoever serves the queue, a conference."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from tocsin.emulator.leg import Key, Said

if TYPE_CHECKING:
    from tocsin.emulator.leg import Leg

_TONE_SECONDS = 0.25


def _sound(event: Key | Said) -> tuple[str, float]:
    """Return what the others hear, and for how long."""
    return (f"(tone {event.key})", _TONE_SECONDS) if isinstance(event, Key) else (event.text, event.seconds)


class Meeting:
    """Legs joined until it is closed. A leg is in one meeting at most."""

    def __init__(self) -> None:
        self.legs: list[Leg] = []
        self.muted: set[Leg] = set()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def join(self, leg: Leg) -> None:
        """Let a leg hear the others, and the others hear it."""
        self.legs.append(leg)
        leg.meeting = self

    def leave(self, leg: Leg) -> None:
        """Part a leg from the others; harmless where it is not among them."""
        if leg in self.legs:
            self.legs.remove(leg)
            leg.meeting = None

    def close(self) -> None:
        """Let everybody who stays go on."""
        if not self.closed.done():
            self.closed.set_result(None)

    def pass_on(self, speaker: Leg, event: Key | Said) -> None:
        """Let the others hear what one of them pressed or said."""
        if speaker in self.muted:
            return
        for leg in self.legs:
            line = leg.line
            if leg is speaker or line is None:
                continue
            text, seconds = _sound(event)
            line.hears(text)
            leg.timers.after(seconds, partial(line.heard, text))

    async def stay(self, leg: Leg, *, seconds: float, star: bool) -> None:
        """Return once the meeting is closed, time is up or, where `star` says so, `*` was pressed.

        Raises what ends or moves the leg; however it ends, the leg has left.
        """
        leg.collect(wanted=True)
        try:
            end = leg.clock.now() + seconds
            while not self.closed.done() and leg.clock.now() < end - 1e-6:
                event = await leg.listen(end - leg.clock.now(), also=self.closed)
                if star and isinstance(event, Key) and event.key == "*":
                    return
        finally:
            leg.collect(wanted=False)
            self.leave(leg)
