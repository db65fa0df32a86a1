"""Holidays: days with a name, from a country's law, from dates written down, from a calendar file.

The libraries that know countries and calendar files are imported when a project first uses one.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol

from tocsin.people.wall_clock import date_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from icalendar import Calendar

_LONGEST_DAYS: Final = 400


class Source(Protocol):
    """Something that names the holidays of a year."""

    def of_year(self, year: int) -> Mapping[date, str]:
        """Return the holidays of a year, by date."""


class Holidays:
    """The days of one `[holidays.NAME]`; a year is worked out when it is first asked for."""

    def __init__(self, name: str, sources: Iterable[Source], *, working: Source | None = None) -> None:
        """Take several sources together, without the days of `working`."""
        self.name = name
        self._sources = tuple(sources)
        self._working = working
        self._years: dict[int, Mapping[date, str]] = {}

    def name_on(self, day: int) -> str | None:
        """Return the name of the holiday on a day (a number on the wall), or None on an ordinary one."""
        at = date_of(day)
        return self.of_year(at.year).get(at)

    def of_year(self, year: int) -> Mapping[date, str]:
        """Return the holidays of a year with their names, the earliest first."""
        found = self._years.get(year)
        if found is None:
            working = self._working.of_year(year) if self._working else ()
            named = {at: name for one in self._sources for at, name in one.of_year(year).items()}
            found = self._years[year] = {at: named[at] for at in sorted(named) if at not in working}
        return found


class Dates:
    """Dates written down: "2026-12-24" is that day, "12-24" that day of every year."""

    def __init__(self, written: Iterable[str]) -> None:
        self._written = tuple(written)

    def of_year(self, year: int) -> Mapping[date, str]:
        """Return those of a year; February 29th is none where there is none."""
        found = {}
        for one in self._written:
            try:
                at = read_date(one, year)
            except ValueError:
                continue
            if at.year == year:
                found[at] = "holiday"
        return found


def read_date(written: str, year: int = 2000) -> date:
    """Read "2026-12-24", or "12-24" in a year (a leap year unless said).

    Raises ValueError with the remedy.
    """
    try:
        return date.fromisoformat(written if len(written) == 10 else f"{year:04}-{written}")
    except ValueError:
        raise ValueError(
            f'"{written[:20]}" is no date; write it like "2026-12-24", or "12-24" for every year'
        ) from None


class Country:
    """Public holidays of a country or of a part of one, as its law has them."""

    def __init__(self, code: str, subdivision: str | None) -> None:
        self._code = code
        self._subdivision = subdivision

    def of_year(self, year: int) -> Mapping[date, str]:
        """Return those of a year, with the names they have there."""
        import holidays

        return dict(holidays.country_holidays(self._code, subdiv=self._subdivision, years=year))


@lru_cache(maxsize=1)
def countries() -> Mapping[str, Collection[str]]:
    """Return the codes of all countries known, each with those of its parts (ISO 3166)."""
    import holidays

    return holidays.list_supported_countries(include_aliases=False)


class CalendarFile:
    """The events of an iCalendar file: each day that one touches is a holiday, its summary the name."""

    def __init__(self, text: bytes) -> None:
        """Read the file's text. Raises ValueError with the remedy."""
        self._calendar = _calendar(text)

    def of_year(self, year: int) -> Mapping[date, str]:
        """Return those of a year, repeated, moved and left out as the file says."""
        import recurring_ical_events

        found: dict[date, str] = {}
        for event in recurring_ical_events.of(self._calendar).between(date(year, 1, 1), date(year + 1, 1, 1)):
            name = str(event.get("SUMMARY", "") or "holiday")
            for at in _days(event.start, event.end):
                if at.year == year:
                    found[at] = name
        return found


def _days(begin: date, end: date) -> Iterable[date]:
    """Yield the days between, without that of an end at midnight (RFC 5545 section 3.6.1: it is no part)."""
    first = begin.date() if isinstance(begin, datetime) else begin
    if isinstance(end, datetime):
        end = (end - timedelta(microseconds=1)).date()
    elif end > first:
        end -= timedelta(days=1)
    for offset in range(min((end - first).days, _LONGEST_DAYS) + 1):
        yield first + timedelta(days=offset)


def _calendar(text: bytes) -> Calendar:
    import recurring_ical_events
    from icalendar import Calendar

    remedy = "save it as an iCalendar file (.ics) with the holidays as events"
    try:
        found = Calendar.from_ical(text)
        events = found.walk("VEVENT")
        recurring_ical_events.of(found).between(date(2026, 1, 1), date(2027, 1, 1))
    except Exception as error:  # noqa: BLE001  the libraries raise whatever their own parts do
        raise ValueError(f"is no calendar that can be read ({type(error).__name__}); {remedy}") from None
    if not events:
        raise ValueError(f"has no events; {remedy}")
    return found
