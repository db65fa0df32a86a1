"""A roster's shifts as a calendar: what another program reads in it is who is on call."""

from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from icalendar import Calendar
from tests.people.naive import MINUTE, minutes
from tests.people.plans import directory, plans

from tocsin.people import calendars
from tocsin.people.wall_clock import read_moment

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


def test_somebody_always_on_call_is_one_event_all_week():
    """A shift without a beginning is cut where the calendar begins, which moves once a week only."""
    plan = {"timezone": "UTC", "users": {"maria": {"id": 1}}, "rosters": {"crew": {"users": ["maria"]}}}
    made = []
    for hour in range(0, 24 * 14, 5):
        now_ms = NOW_MS + hour * 3_600_000
        begin_ms = calendars.usual_begin(now_ms)
        assert 28 <= (now_ms - begin_ms) / calendars.DAY_MS < 35
        text = calendars.calendar(
            directory(plan), "crew", begin_ms, begin_ms + 210 * calendars.DAY_MS, now_ms=now_ms
        )
        (event,) = Calendar.from_ical(text).events
        made.append(str(event["UID"]))
    assert len(set(made)) == 2
    assert made == sorted(made, key=made.index)


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


# --- nights on which clocks change ------------------------------------------------------------------------

NIGHTS = [
    ("Europe/Stockholm", "2026-03-28", 11.0, "2026-03-28T17:00Z"),
    ("Europe/Stockholm", "2026-10-24", 13.0, "2026-10-24T16:00Z"),
    ("America/New_York", "2026-03-07", 11.0, "2026-03-07T23:00Z"),
    ("America/New_York", "2026-10-31", 13.0, "2026-10-31T22:00Z"),
    ("Australia/Lord_Howe", "2026-04-04", 12.5, "2026-04-04T07:00Z"),  # back by half an hour
    ("Australia/Lord_Howe", "2026-10-03", 11.5, "2026-10-03T07:30Z"),
    ("Europe/Volgograd", "2020-12-26", 13.0, "2020-12-26T14:00Z"),  # another zone from then on
    ("Pacific/Apia", "2011-12-29", 12.0, "2011-12-30T04:00Z"),  # before a day that never was
]


@pytest.mark.parametrize(("zone", "evening", "hours", "begins"), NIGHTS)
def test_a_night_is_as_long_as_it_is(zone, evening, hours, begins):
    """From six to six on the wall, whatever happens to the clocks in between; the nights around have twelve."""
    people = directory(
        {
            "timezone": zone,
            "users": {"maria": {"id": 1}},
            "schedules": {"nights": {"from": "18:00", "to": "06:00"}},
            "rosters": {"crew": {"users": ["maria"], "schedule": "nights"}},
        }
    )
    around = read_moment(f"{evening}T12:00", zone)
    text = calendars.calendar(
        people, "crew", around - calendars.DAY_MS, around + 2 * calendars.DAY_MS, now_ms=around
    )
    assert_strict(text)
    spans = sorted((begin, (end - begin) / 3_600_000) for _, begin, end in read(text))
    assert (read_moment(begins, "UTC"), hours) in spans
    assert {length for begin, length in spans[:2] if begin != read_moment(begins, "UTC")} == {12.0}


def test_a_crew_around_the_world_is_on_by_its_own_clocks():
    """Handed over at eight in Sydney, Stockholm and New York; in the weeks between two changes of clocks too.

    Everybody is on from eight to four on their own wall; what that leaves empty is told as such.
    """
    cities = {"syd": "Australia/Sydney", "sto": "Europe/Stockholm", "nyc": "America/New_York"}
    plan = {
        "timezone": "UTC",
        "users": {name: {"id": number} for number, name in enumerate(cities)},
        "schedules": {name: {"from": "08:00", "to": "16:00", "timezone": zone} for name, zone in cities.items()},
        "rosters": {
            "sun": {
                "rotations": [
                    {"users": [name], "start": "2026-01-01", "schedule": name, "level": 1} for name in cities
                ]
            }
        },
    }  # fmt: skip
    people = directory(plan)
    for day in ("2026-02-11", "2026-03-20", "2026-03-31", "2026-07-01", "2026-10-14", "2026-10-28"):
        for name, zone in cities.items():
            first = read_moment(f"{day}T08:00", zone)
            assert name in people.on_call("sun", first).people, (day, name)
            assert name not in people.on_call("sun", first - 1).people, (day, name)
            assert name not in people.on_call("sun", first + 8 * 3_600_000).people, (day, name)
    # New York has gone forward, Stockholm not yet: an hour more of both, an hour less before Sydney.
    march = people.on_call("sun", read_moment("2026-03-20T13:00Z", "UTC"))
    assert set(march.people) == {"sto", "nyc"}
    assert (
        people.on_call("sun", read_moment("2026-03-20T20:30Z", "UTC")).why
        == "it is nobody's turn in roster sun"
    )
    assert_strict(calendars.calendar(people, "sun", NOW_MS, NOW_MS + 366 * calendars.DAY_MS, now_ms=NOW_MS))


def assert_strict(text):
    """Hold a calendar against RFC 5545 line by line, as the readers that refuse everything else do."""
    assert text.endswith(b"\r\n")
    lines = text.split(b"\r\n")
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(map(len, lines)) <= 75  # section 3.1, in octets
    text.decode("utf-8")
    made = Calendar.from_ical(text)
    assert made.errors == []
    assert (made["VERSION"], bool(made["PRODID"])) == ("2.0", True)
    assert len({event["UID"] for event in made.events}) == len(made.events)
    for event in made.events:
        assert event.errors == []
        for name in ("DTSTAMP", "DTSTART", "DTEND"):
            assert event[name].dt.utcoffset() == timedelta(), name
            assert event[name].to_ical().endswith(b"Z")
        assert event["DTEND"].dt > event["DTSTART"].dt


def test_any_name_makes_a_calendar_that_strict_readers_take():
    """Long ones, line breaks, commas, letters of more than one byte: folded and escaped, and read back."""
    name = 'Åsa, "the" Öberg;\nof the pump-house ' + "ö" * 70
    plan = {
        "timezone": "UTC", "users": {"asa": {"id": 1, "name": name}}, "rosters": {"Södra; verket": {"users": ["asa"]}},
    }  # fmt: skip
    text = calendars.calendar(
        directory(plan), "Södra; verket", NOW_MS, NOW_MS + calendars.DAY_MS, now_ms=NOW_MS
    )
    assert_strict(text)
    (event,) = Calendar.from_ical(text).events
    assert str(event["SUMMARY"]) == f"{name}: Södra; verket"
