"""The plant's wall clock and the instants behind it: pure, in any time zone.

A time on the wall is a count of minutes since 1970-01-01 00:00 on that wall, so that days and weeks are
plain arithmetic. An instant is in milliseconds UTC. What is read from a wall clock is never added to an
instant: an hour on the wall may last none, one or two.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

DAY: Final = 24 * 60
"""Minutes of a day on the wall."""

_NAIVE: Final = datetime(1970, 1, 1)  # noqa: DTZ001  the wall's own zero
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST: Final = date(1970, 1, 1).toordinal()
_LATEST_MS: Final = 253_370_764_800_000  # 9999-01-01, a year before the calendar ends
_LATEST: Final = _LATEST_MS // 60_000
_WRITTEN: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::00(?:\.0+)?)?(Z|[+-]\d{2}:\d{2})?)?", re.ASCII
)


@lru_cache(maxsize=1 << 16)
def moment(local: int, zone: str) -> int:
    """Return the first instant (ms UTC) at which the wall clock of `zone` reads `local` or later.

    A time that comes twice means its first coming; one that is missing means the jump over it (RFC 5545
    section 3.3.5 says the same of the first; for the second it would name an instant after the jump).
    """
    at = _NAIVE + timedelta(minutes=min(max(local, 0), _LATEST))
    where = ZoneInfo(zone)
    before = at.replace(tzinfo=where).utcoffset() or timedelta()
    after = at.replace(tzinfo=where, fold=1).utcoffset() or timedelta()
    early, late = at - max(before, after), at - min(before, after)
    if before >= after:
        return _ms(early)
    while late - early > timedelta(seconds=1):  # the time is missing: find the jump between the two readings
        middle = (early + (late - early) / 2).replace(microsecond=0)
        reading = middle.replace(tzinfo=UTC).astimezone(where).replace(tzinfo=None)
        early, late = (early, middle) if reading >= at else (middle, late)
    return _ms(late)


def wall(at_ms: int, zone: str) -> int:
    """Return what the wall clock of `zone` reads at an instant, in whole minutes."""
    at = _EPOCH + timedelta(milliseconds=min(max(at_ms, 0), _LATEST_MS))
    reading = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - _NAIVE
    return reading.days * DAY + reading.seconds // 60


def day_of(given: date) -> int:
    """Return a date's number on the wall: whole days since 1970-01-01."""
    return given.toordinal() - _FIRST


def date_of(day: int) -> date:
    """Return the date with this number on the wall."""
    return date.fromordinal(day + _FIRST)


def weekday_of(day: int) -> int:
    """Return the day of the week, 0 = Monday."""
    return (day + 3) % 7


def read_local(written: str) -> int:
    """Read "2026-03-02T08:00" or "2026-03-02" as a time on the wall. Raises ValueError with the remedy."""
    found = _WRITTEN.fullmatch(written)
    if found is None or found[3] is not None:
        raise ValueError(
            f'"{written[:40]}" is no time; write it like "2026-03-02T08:00", on the plant\'s clock'
        )
    return _local(written, found)


def read_moment(written: str, zone: str) -> int:
    """Read the same, or a time with an offset such as "2026-03-02T07:00Z", as an instant (ms UTC).

    Raises ValueError with the remedy.
    """
    found = _WRITTEN.fullmatch(written)
    if found is None:
        raise ValueError(
            f'"{written[:40]}" is no time; write it like "2026-03-02T08:00", on the plant\'s clock '
            'and to the minute, or with an offset like "2026-03-02T07:00Z"'
        )
    if found[3] is None:
        return moment(_local(written, found), zone)
    _local(written, found)
    offset = "+00:00" if found[3] == "Z" else found[3]
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}{offset}")
    except ValueError:
        raise ValueError(f'"{written}" has no such offset; write it like "+01:00"') from None
    return (at - _EPOCH) // timedelta(milliseconds=1)


def written_moment(at_ms: int, zone: str) -> str:
    """Write an instant as `read_moment` reads it: on the wall clock, with an offset where that is not enough.

    In an hour that comes twice the wall clock alone would mean its first coming. Seconds are left out.
    """
    at = (_EPOCH + timedelta(milliseconds=at_ms // 60_000 * 60_000)).astimezone(ZoneInfo(zone))
    text = f"{at:%Y-%m-%dT%H:%M}"
    return text if read_moment(text, zone) == at_ms // 60_000 * 60_000 else at.isoformat(timespec="minutes")


def _local(written: str, found: re.Match[str]) -> int:
    try:
        at = datetime.fromisoformat(f"{found[1]}T{found[2] or '00:00'}")
    except ValueError:
        raise ValueError(f'"{written}" is in no calendar; check the day and the hour') from None
    if not 1970 <= at.year < 9999:
        raise ValueError(f'"{written}" is too far away; write a year from 1970 to 9998')
    reading = at - _NAIVE
    return reading.days * DAY + reading.seconds // 60


def _ms(utc: datetime) -> int:
    return (utc - _NAIVE) // timedelta(milliseconds=1)
