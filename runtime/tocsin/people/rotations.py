"""Rotations: people who take turns, each turn from one handover on the wall clock to the next."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast

from dateutil.relativedelta import relativedelta

from tocsin.people.wall_clock import DAY, moment, wall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.people.shifts import Hours

Unit: TypeAlias = Literal["h", "d", "w", "mo"]

_WRITTEN: Final = re.compile(r"([1-9]\d{0,2})(h|d|w|mo)", re.ASCII)
_MINUTES: Final = {"h": 60, "d": DAY, "w": 7 * DAY}
_LAST_YEAR: Final = 9998
_NAIVE: Final = datetime(1970, 1, 1)  # noqa: DTZ001  the wall's own zero


@dataclass(frozen=True, slots=True)
class Every:
    """How long a turn lasts on the wall clock: hours, days, weeks or calendar months."""

    count: int
    unit: Unit

    @classmethod
    def read(cls, written: str) -> Every:
        """Read "12h", "1d", "2w" or "1mo". Raises ValueError with the remedy."""
        found = _WRITTEN.fullmatch(written)
        if found is None:
            remedy = 'write it like "12h", "1d", "1w" or "1mo"'
            raise ValueError(f'"{written[:20]}" is no length of a turn; {remedy}')
        return cls(int(found[1]), cast("Unit", found[2]))

    def after(self, start: int, turns: int) -> int:
        """Return when a turn begins (minutes on the wall), counted from the one that begins at `start`.

        Months keep the day of the month; one that lacks it ends its turn on its last day.
        """
        if self.unit != "mo":
            return start + turns * self.count * _MINUTES[self.unit]
        begin, months = _NAIVE + timedelta(minutes=start), turns * self.count
        if begin.year + months // 12 >= _LAST_YEAR:
            return start + months * 31 * DAY  # beyond every calendar
        at = begin + relativedelta(months=months)
        return (at - _NAIVE) // timedelta(minutes=1)

    def turns_between(self, start: int, at: int) -> int:
        """Return how many turns have begun at a time on the wall, give or take one."""
        minutes = self.count * _MINUTES.get(self.unit, 31 * DAY)
        if self.unit != "mo":
            return (at - start) // minutes
        begin, now = _NAIVE + timedelta(minutes=start), _NAIVE + timedelta(minutes=at)
        return ((now.year - begin.year) * 12 + now.month - begin.month) // self.count


@dataclass(frozen=True, slots=True)
class Rotation:
    """People in the order of their turns; a turn may be several people's.

    `start` and `until` are minutes on the wall: before the one and from the other on nobody has a turn.
    Only within `schedule` does the turn count, at all times without one. Of the rotations of a roster that
    have somebody on, those with the highest `level` count.
    """

    people: tuple[tuple[str, ...], ...]
    every: Every
    start: int
    until: int | None = None
    schedule: Hours | None = None
    level: int = 0

    def turns(self, from_ms: int, to_ms: int, zone: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
        """Yield the turns that touch a stretch of time: from, to (ms UTC), and whose they are."""
        if not self.people:
            return
        number = max(0, self.every.turns_between(self.start, wall(from_ms, zone)) - 2)
        last_ms = to_ms if self.until is None else min(to_ms, moment(self.until, zone))
        begin_ms = moment(self.every.after(self.start, number), zone)
        while begin_ms < last_ms:
            end_ms = moment(self.every.after(self.start, number + 1), zone)
            if end_ms > from_ms and end_ms > begin_ms:
                yield begin_ms, min(end_ms, last_ms), self.people[number % len(self.people)]
            number, begin_ms = number + 1, end_ms
