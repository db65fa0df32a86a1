"""A roster's shifts as a calendar: what another program reads in it is who is on call."""

from datetime import UTC, datetime

import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from icalendar import Calendar
from tests.people.naive import MINUTE, minutes
from tests.people.plans import directory, plans

from tocsin.people import calendars

NOW_MS = 1_767_225_600_000


def ms(at):
    return int(at.timestamp() * 1000)


def read(text):
    """Read a calendar with another library than it was written with."""
    made = Calendar.from_ical(text)
    events = recurring_ical_events.of(made).between((1990, 1, 1), (2040, 1, 1))
    return [(str(event["CONTACT"]), ms(event.start), ms(event.end)) for event in events]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(plans())
def test_what_is_read_back_is_who_is_on_call(made):
    """At every tenth minute around nights with odd clocks, nobody more and nobody less."""
    plan, zone, around = made
    people = directory(plan)
    instants = list(minutes(zone, around))
    from_ms, to_ms = ms(instants[0]), ms(instants[-1] + MINUTE)
    shifts = read(calendars.calendar(people, "crew", from_ms, to_ms, now_ms=NOW_MS))
    for at in instants[::10]:
        on = {person for person, begin, end in shifts if begin <= ms(at) < end}
        assert on == set(people.on_call("crew", ms(at)).people), at


def crew():
    return directory(
        {
            "timezone": "Europe/Stockholm",
            "users": {"maria": {"id": 1, "name": "Maria Lind"}, "jon": {"id": 2, "name": "Jon, Berg"}},
            "rosters": {"crew": {"rotations": [{"users": ["maria", "jon"], "start": "2026-03-23T08:00"}]}},
        }
    )


def test_an_event_keeps_its_identity():
    """Who fetches the calendar again a week later gets the same events, not copies of them."""
    first, later = (
        Calendar.from_ical(
            calendars.calendar(
                crew(), "crew", NOW_MS + from_ms, NOW_MS + 120 * calendars.DAY_MS, now_ms=NOW_MS + from_ms
            )
        )
        for from_ms in (0, 7 * calendars.DAY_MS)
    )
    identities = [{str(event["UID"]): event["DTSTART"].dt for event in one.events} for one in (first, later)]
    assert identities[0] == identities[1]
    assert len(identities[0]) == len(first.events)


def test_a_calendar_is_read_by_people_too():
    """Name, roster, and a week that has 167 hours where the clocks go forward."""
    made = Calendar.from_ical(
        calendars.calendar(crew(), "crew", NOW_MS, NOW_MS + 120 * calendars.DAY_MS, now_ms=NOW_MS)
    )
    assert str(made["NAME"]) == "crew"
    first, second = made.events[:2]
    assert (str(first["SUMMARY"]), str(second["SUMMARY"])) == ("Maria Lind: crew", "Jon, Berg: crew")
    assert first["DTSTART"].dt == datetime(2026, 3, 23, 7, 0, tzinfo=UTC)
    assert (first["DTEND"].dt - first["DTSTART"].dt).total_seconds() == 167 * 3600
