"""A roster's shifts as an iCalendar calendar (RFC 5545), for whoever wants to see them beside their own days.

One event for each person and each stretch without a break; times in UTC, so that no reader has to know the
plant's clock. No zone is named for showing them (X-WR-TIMEZONE), because readers that convert to it lose the
hour that comes twice. The identity of an event lasts, so that fetching it again changes nothing else.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.people.directory import Directory
    from tocsin.people.on_call import Stretch

DAY_MS: Final = 24 * 60 * 60 * 1000
BEFORE_MS: Final = 28 * DAY_MS
DAYS: Final = 210
"""A calendar begins four to five weeks back and is thirty weeks long where nobody asks for more or less."""

MOST_DAYS: Final = 2 * 366


def usual_begin(now_ms: int) -> int:
    """Return where a calendar begins if nobody says: the same instant (ms UTC) for a whole week.

    Shifts that had begun earlier are cut there, and so keep their identity until the next week.
    """
    return (now_ms - BEFORE_MS) // (7 * DAY_MS) * (7 * DAY_MS)


def calendar(directory: Directory, roster: str, from_ms: int, to_ms: int, *, now_ms: int) -> bytes:
    """Return who is on call on a roster between two instants, as the text of an .ics file.

    `now_ms` is when the calendar is made. Raises KeyError where there is no such roster.
    """
    from icalendar import Calendar, Event

    made = Calendar()
    made.add("prodid", "-//tocsin//on call//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("name", roster)
    made.add("x-wr-calname", roster)
    made.add("x-published-ttl", "PT1H")
    for person, begin_ms, end_ms, place in shifts(directory.stretches(roster, from_ms, to_ms)):
        event = Event()
        event.add("uid", _uid(roster, person, begin_ms))
        event.add("dtstamp", _utc(now_ms))
        event.add("dtstart", _utc(begin_ms))
        event.add("dtend", _utc(end_ms))
        event.add("summary", f"{directory.users[person].name}: {roster}")
        event.add("description", f"{person}, number {place} in calling order when the shift begins")
        event.add("categories", [roster])
        event.add("contact", person)
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return bytes(made.to_ical())


def shifts(stretches: Sequence[Stretch]) -> Iterator[tuple[str, int, int, int]]:
    """Yield each person's shifts by their beginning: who, from, to (ms UTC), place in calling order."""
    begun: dict[str, tuple[int, int]] = {}
    found: list[tuple[int, int, str, int]] = []
    end_ms = 0
    for one in stretches:
        for person in [each for each in begun if each not in one.people]:
            begin_ms, place = begun.pop(person)
            found.append((begin_ms, place, person, one.from_ms))
        for place, person in enumerate(one.people, 1):
            begun.setdefault(person, (one.from_ms, place))
        end_ms = one.to_ms
    found += [(begin_ms, place, person, end_ms) for person, (begin_ms, place) in begun.items()]
    for begin_ms, place, person, to_ms in sorted(found):
        yield person, begin_ms, to_ms, place


def _uid(roster: str, person: str, begin_ms: int) -> str:
    return hashlib.sha256(f"{roster}\n{person}\n{begin_ms}".encode()).hexdigest()[:32] + "@tocsin"


def _utc(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, UTC)
