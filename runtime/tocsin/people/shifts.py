"""Who is on shift when: days of the week and hours on the wall clock, pure, in any time zone.

A shift is a stretch of wall-clock time. On the day the clocks go forward an hour of it does not exist, on
the day they go back an hour of it comes twice; at every instant the wall clock alone decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Shifts that begin on `days` (0 = Monday) at minute `start` and end at minute `end`.

    An `end` at or before `start` lies on the next day; 1440 is midnight at the end of the day.
    """

    name: str
    days: frozenset[int]
    start: int
    end: int


def days_of(written: Iterable[str]) -> frozenset[int]:
    """Read `["mon-fri", "sun"]`; a range may pass Sunday. Raises ValueError with the remedy."""
    found: set[int] = set()
    for part in written:
        first, dash, last = part.strip().lower().partition("-")
        last = last if dash else first
        if first not in DAYS or last not in DAYS:
            raise ValueError(f'"{part}" is no day; write days as "mon" or "mon-fri" ({", ".join(DAYS)})')
        begin = DAYS.index(first)
        count = (DAYS.index(last) - begin) % 7 + 1
        found.update((begin + step) % 7 for step in range(count))
    return frozenset(found)


def minutes_of(written: str) -> int:
    """Read `"06:30"` as minutes since midnight; `"24:00"` is allowed. Raises ValueError with the remedy."""
    if written == "24:00":
        return 24 * 60
    fitting = _TIME.fullmatch(written)
    if fitting is None:
        raise ValueError(f'"{written}" is no time of day; write it as "06:30", from "00:00" to "24:00"')
    return int(fitting[1]) * 60 + int(fitting[2])


def on_shift(schedule: Schedule | None, at_ms: int, timezone: str) -> bool:
    """Return whether the schedule covers an instant; no schedule covers every instant.

    `at_ms` is in milliseconds UTC, `timezone` an IANA name such as "Europe/Stockholm".
    """
    if schedule is None:
        return True
    local = (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(ZoneInfo(timezone))
    minute, day = local.hour * 60 + local.minute, local.weekday()
    today, yesterday = day in schedule.days, (day - 1) % 7 in schedule.days
    if schedule.start < schedule.end:
        return today and schedule.start <= minute < schedule.end
    return (today and minute >= schedule.start) or (yesterday and minute < schedule.end)
