"""Days that a recurrence rule of iCalendar names (RFC 5545 section 3.3.10), such as every other Saturday.

Only whole days are asked of the library, without a time zone, so that no clock change is ever its business.
"""

from __future__ import annotations

import re
from datetime import datetime, time
from typing import Final

from dateutil.rrule import rrule, rrulestr

from tocsin.people.wall_clock import date_of, day_of

_FREQUENCY: Final = re.compile(r"(?:^|;)FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;|$)", re.ASCII)
_UNFIT: Final = re.compile(r"(?:^|;)(BYHOUR|BYMINUTE|BYSECOND|DTSTART|TZID)\b", re.ASCII)
_CLOCKED: Final = re.compile(r"(UNTIL=\d{8})T\d{6}Z?", re.ASCII)


class Recurrence:
    """The days of one rule from its first day on; a year is worked out when it is first asked for."""

    def __init__(self, rule: str, since: int) -> None:
        """Take a rule that `check_rule` let pass and the day (a number on the wall) from which it counts."""
        self._rule = _read(rule, since)
        self._years: dict[int, frozenset[int]] = {}

    def covers(self, day: int) -> bool:
        """Return whether the rule names a day."""
        year = date_of(day).year
        days = self._years.get(year)
        if days is None:
            first = datetime(year, 1, 1)  # noqa: DTZ001  whole days have no zone
            found = self._rule.between(first, first.replace(year=year + 1), inc=True)
            days = self._years[year] = frozenset(day_of(one.date()) for one in found)
        return day in days


def check_rule(rule: str) -> str:
    """Give a rule back that can be used. Raises ValueError with the remedy."""
    example = 'write it like "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"'
    if not _FREQUENCY.search(rule):
        raise ValueError(f'"{rule[:60]}" names no FREQ of days, weeks, months or years; {example}')
    if unfit := _UNFIT.search(rule):
        raise ValueError(f"{unfit[1]} has no place in a rule of days; the keys from, to and since say that")
    try:
        _read(rule, 0)
    except (ValueError, TypeError, KeyError, IndexError, AttributeError):
        raise ValueError(f'"{rule[:60]}" is no recurrence rule of iCalendar; {example}') from None
    return rule


def _read(rule: str, since: int) -> rrule:
    found = rrulestr(_CLOCKED.sub(r"\1", rule), dtstart=datetime.combine(date_of(since), time()), cache=True)
    if not isinstance(found, rrule):
        raise ValueError("a set of rules")  # noqa: TRY004  `check_rule` makes a sentence of it
    return found
