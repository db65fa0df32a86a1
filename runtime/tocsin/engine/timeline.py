"""Telling a clock that was set from time that has passed. Pure: readings in, a jump out.

A due time is a moment of the wall clock. Where that is set by an hour, everything that waits would come an
hour early, all at once, or an hour late; so due times are moved by as much as the clock was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tocsin.clock import Clock

JUMP_MS: Final = 5_000  # a smaller step is left to pass as time; slewing never comes near it
_TOGETHER_S: Final = 0.5  # readings further apart were taken by a process that stood still between them


class Reading(NamedTuple):
    """One look at both clocks: `delta_ms` is by how much the wall clock was set, mostly 0.

    `since_ms` (ms UTC, by the clock as it is now) is a moment before it can have been set: what was asked
    for between then and `now_ms` goes by the new time.
    """

    now_ms: int
    delta_ms: int
    since_ms: int
    offset_ms: float
    monotonic: float


class Timeline:
    """Compares the wall clock with the monotonic one, which nobody sets."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_ms, self._seen = 0.0, 0.0
        self.follow(self.look())

    def look(self) -> Reading:
        """Read both clocks and compare with what was last followed; for any thread."""
        while True:
            before = self._clock.monotonic()
            now_ms = self._clock.now_ms()
            if self._clock.monotonic() - before < _TOGETHER_S:
                break
        offset_ms = now_ms - before * 1000
        delta_ms = round(offset_ms - self._offset_ms)
        since_ms = now_ms - round((before - self._seen) * 1000)
        return Reading(now_ms, delta_ms if abs(delta_ms) >= JUMP_MS else 0, since_ms, offset_ms, before)

    def follow(self, reading: Reading) -> None:
        """Take the clock as it was read for right from now on."""
        self._offset_ms, self._seen = reading.offset_ms, reading.monotonic
