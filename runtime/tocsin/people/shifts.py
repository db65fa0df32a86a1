"""Schedules: the stretches of time in which a crew is on shift, pure, in any time zone.

A shift is from a time on the wall clock to another. It begins once and ends once, also in the night in which
an hour comes twice; where an hour is missing, what would begin in it begins at the jump.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from tocsin.people.spans import difference, intersection, union
from tocsin.people.wall_clock import DAY, moment, wall, weekday_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.people.holiday_calendars import Holidays
    from tocsin.people.recurrence import Recurrence
    from tocsin.people.spans import Span

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Shifts that begin on `days` (0 = Monday) at minute `start` and end at minute `end`.

    An `end` at or before `start` lies on the next day; 1440 is midnight at the end of the day. A
    `recurrence` narrows the days further; `since` and `until` are the first and last day (numbers on the
    wall) on which a shift begins. `on_holidays` says whether one begins on a holiday: "off" never, "also"
    whatever the day of the week, "only" then and at no other time. Without a `timezone`, that of the roster
    counts.
    """

    name: str
    days: frozenset[int]
    start: int
    end: int
    timezone: str | None = None
    recurrence: Recurrence | None = None
    since: int | None = None
    until: int | None = None
    holidays: tuple[Holidays, ...] = ()
    on_holidays: Literal["off", "also", "only"] = "off"

    def begins_on(self, day: int) -> bool:
        """Return whether a shift begins on a day (a number on the wall)."""
        if (self.since is not None and day < self.since) or (self.until is not None and day > self.until):
            return False
        if self.holidays:
            if any(one.name_on(day) is not None for one in self.holidays):
                return self.on_holidays != "off"
            if self.on_holidays == "only":
                return False
        if weekday_of(day) not in self.days:
            return False
        return self.recurrence is None or self.recurrence.covers(day)

    def spans(self, from_ms: int, to_ms: int, zone: str) -> list[Span]:
        """Return the shifts that touch a stretch of time, as a set of spans."""
        zone = self.timezone or zone
        length = self.end - self.start if self.end > self.start else self.end - self.start + DAY
        # A day earlier for shifts that began the day before, and another for clocks that went back over it.
        days = range(wall(from_ms, zone) // DAY - 2, wall(to_ms, zone) // DAY + 2)
        shifts = (
            (moment(begin, zone), moment(begin + length, zone))
            for begin in (day * DAY + self.start for day in days if self.begins_on(day))
        )
        return union(one for one in shifts if one[0] < to_ms and one[1] > from_ms)


@dataclass(frozen=True, slots=True)
class Composite:
    """A schedule made of others: on in any of `any_of` (without one: always), all `all_of`, no `none_of`."""

    name: str
    any_of: tuple[Hours, ...] = ()
    all_of: tuple[Hours, ...] = ()
    none_of: tuple[Hours, ...] = ()

    def spans(self, from_ms: int, to_ms: int, zone: str) -> list[Span]:
        """Return when it is on within a stretch of time, as a set of spans."""
        found = [(from_ms, to_ms)]
        if self.any_of:
            found = intersection(
                found, union(span for one in self.any_of for span in one.spans(from_ms, to_ms, zone))
            )
        for one in self.all_of:
            found = intersection(found, one.spans(from_ms, to_ms, zone))
        for one in self.none_of:
            found = difference(found, one.spans(from_ms, to_ms, zone))
        return found


Hours: TypeAlias = Schedule | Composite


def on_shift(schedule: Hours | None, at_ms: int, timezone: str) -> bool:
    """Return whether the schedule covers an instant; no schedule covers every instant.

    `at_ms` is in milliseconds UTC, `timezone` an IANA name such as "Europe/Stockholm".
    """
    return schedule is None or bool(
        intersection(schedule.spans(at_ms, at_ms + 1, timezone), [(at_ms, at_ms + 1)])
    )


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
        return DAY
    fitting = _TIME.fullmatch(written)
    if fitting is None:
        raise ValueError(f'"{written}" is no time of day; write it as "06:30", from "00:00" to "24:00"')
    return int(fitting[1]) * 60 + int(fitting[2])
