"""One time for several processes: faster than the machine's, and set forward or back when a test says so.

TOCSIN_FAULTS_CLOCK holds "wall started speed": at `started` of the machine's monotonic clock (which all
processes share) it was `wall`, and since then `speed` seconds pass in one. TOCSIN_FAULTS_SET, where it is
given, names a file of eight bytes with the seconds by which the clock has been set: whoever reads that file
has a wall clock that jumps, as one that an operator or a time server sets.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import struct
import time
from pathlib import Path

from tocsin.clock import USUAL, ScaledClock

CLOCK, SET = "TOCSIN_FAULTS_CLOCK", "TOCSIN_FAULTS_SET"


def environ(speed: float, *, setting: Path | None = None) -> dict[str, str]:
    """Make what processes are told, so that their clocks agree from now on."""
    told = {CLOCK: f"{time.time()} {time.monotonic()} {speed}"}
    if setting is not None:
        set_by(setting, 0.0)
        told[SET] = str(setting)
    return told


def set_by(setting: Path, seconds: float) -> None:
    """Set the clock by so many seconds from what it would show by itself."""
    if not setting.exists():
        setting.write_bytes(struct.pack("d", 0.0))
    with setting.open("r+b", buffering=0) as file:
        file.write(struct.pack("d", seconds))


class ToldClock(ScaledClock):
    """The clock that the environment, or `told`, describes."""

    def __init__(self, told: dict[str, str] | None = None) -> None:
        told = dict(os.environ) if told is None else told
        wall, started, speed = (float(part) for part in told[CLOCK].split())
        super().__init__(1 / speed)
        self._wall, self._started = wall, started
        self._set: mmap.mmap | None = None
        if told.get(SET):
            with Path(told[SET]).open("rb") as file:
                self._set = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)

    def now(self) -> float:
        by = struct.unpack("d", self._set[:8])[0] if self._set is not None else 0.0
        return self._wall + self.monotonic() + by

    async def sleep_until(self, when: float, *, rank: int = USUAL) -> None:
        """Look at the clock every minute of it, as the product's own clock does."""
        del rank
        while (left := when - self.now()) > 0:
            await asyncio.sleep(min(left, 60.0) * self.factor)
