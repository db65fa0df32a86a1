"""When a program has shown itself slow or deadly, and for how long that is held against it. Pure."""

from __future__ import annotations

from typing import Final

STRIKE_US: Final = 8_000
"""Processor time of one turn that counts as a strike. Wall time never does: a turn that only waited for
a processor is as good as any other."""

STRIKES: Final = 3
WINDOW_S: Final = 60.0
"""So many strikes within so long send a program to the slow lane; one death does at once."""

EXILE_S: Final = 60.0
"""How long it stays there after the last strike or death."""


class Record:
    """What the turns of one kind of one program have done lately."""

    __slots__ = ("_strikes", "cost_s", "cpu_us", "suspects", "until")

    def __init__(self) -> None:
        self._strikes: list[float] = []
        self.until = 0.0
        """Until when its turns belong in the slow lane."""
        self.suspects = 0
        """Turns that run for suspiciously long right now; while there are any, such turns are slow ones."""
        self.cpu_us = 0
        """Processor time that a turn of it takes lately."""
        self.cost_s = 0.0
        """Wall seconds that a turn of it takes lately where it is slow; 0 = not known."""

    def took(self, now: float, wall_s: float, cpu_us: int) -> None:
        """Note a turn that came to its end; cheap, as nearly every turn is a fast one."""
        self.cpu_us += (cpu_us - self.cpu_us) >> 3
        if now < self.until:
            self.cost_s = 0.7 * self.cost_s + 0.3 * wall_s if self.cost_s else wall_s
        if cpu_us >= STRIKE_US:
            self._strikes = [at for at in self._strikes if at > now - WINDOW_S]
            self._strikes.append(now)
            if len(self._strikes) >= STRIKES:
                self.until = now + EXILE_S

    def died(self, now: float, wall_s: float) -> None:
        """Note a turn that had to be ended with its process."""
        self.cost_s = max(self.cost_s, wall_s)
        self.until = now + EXILE_S
