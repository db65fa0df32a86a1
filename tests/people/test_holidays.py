"""Holidays: from a country's law, from dates, from a calendar file; and what schedules make of them."""

import os
from datetime import date

import pytest
from pydantic import Field, ValidationError
from tests.people.plans import directory

from tocsin.config import Section, load
from tocsin.people.making import holiday_calendars
from tocsin.people.sections import HolidaysSection
from tocsin.people.wall_clock import day_of, read_moment

FILE = """\
BEGIN:VCALENDAR\r
VERSION:2.0\r
PRODID:-//somebody//works council//EN\r
BEGIN:VEVENT\r
UID:1\r
DTSTART;VALUE=DATE:20200501\r
RRULE:FREQ=YEARLY\r
EXDATE;VALUE=DATE:20270501\r
SUMMARY:Works outing\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:2\r
DTSTART;VALUE=DATE:20260706\r
DTEND;VALUE=DATE:20260711\r
SUMMARY:Shutdown\r
END:VEVENT\r
BEGIN:VEVENT\r
UID:3\r
DTSTART;TZID=Europe/Stockholm:20261231T120000\r
DTEND;TZID=Europe/Stockholm:20270101T000000\r
SUMMARY:Half day\r
END:VEVENT\r
END:VCALENDAR\r
"""


def of(**keys):
    return holiday_calendars({"plant": HolidaysSection.model_validate(keys)})["plant"]


def test_a_country_has_its_holidays_by_law():
    """Also those that move with Easter, and those of one part of the country alone."""
    sweden = of(country="SE")
    assert sweden.name_on(day_of(date(2026, 4, 3))) is not None  # Good Friday
    assert sweden.name_on(day_of(date(2026, 4, 2))) is None
    assert of(country="DE", subdivision="BY").name_on(day_of(date(2026, 1, 6))) is not None
    assert of(country="DE").name_on(day_of(date(2026, 1, 6))) is None


def test_dates_are_once_or_every_year_and_some_are_ordinary_days_nevertheless():
    """February 29th of every year is there in leap years alone."""
    plant = of(dates=["2026-12-23", "12-24", "02-29"], country="SE", working=["2026-06-06"])
    assert plant.name_on(day_of(date(2026, 12, 23))) == "holiday"
    assert plant.name_on(day_of(date(2027, 12, 23))) is None
    assert plant.name_on(day_of(date(2031, 12, 24))) is not None
    assert plant.name_on(day_of(date(2028, 2, 29))) == "holiday"
    assert plant.name_on(day_of(date(2027, 2, 28))) is None
    assert plant.name_on(day_of(date(2026, 6, 6))) is None
    assert plant.name_on(day_of(date(2027, 6, 6))) is not None


class Plant(Section):
    """What these tests need of a configuration."""

    holidays: dict[str, HolidaysSection] = Field(default_factory=dict)


def test_a_calendar_file_tells_holidays_as_its_programme_would_show_them(tmp_path):
    """Repeated each year and left out in one; several days; a part of a day. A saved file is noticed."""
    (tmp_path / "council.ics").write_text(FILE, newline="")
    (tmp_path / "tocsin.toml").write_text('[holidays.plant]\nfile = "council.ics"\n')
    loaded = load(tmp_path, Plant)
    plant = holiday_calendars(loaded.value.holidays)["plant"]
    assert dict(plant.of_year(2026)) == {
        date(2026, 5, 1): "Works outing",
        **{date(2026, 7, day): "Shutdown" for day in range(6, 11)},
        date(2026, 12, 31): "Half day",
    }
    assert dict(plant.of_year(2027)) == {}
    assert dict(plant.of_year(2028)) == {date(2028, 5, 1): "Works outing"}
    assert loaded.beside.keys() == {tmp_path / "council.ics"}  # what is watched beside the TOML files


def test_a_file_that_is_no_calendar_is_refused(tmp_path):
    """As is one without events, and one that is no file at all."""
    os.mkfifo(tmp_path / "pipe.ics")
    (tmp_path / "empty.ics").write_text("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", newline="")
    for name, said in (("pipe.ics", "no regular file"), ("empty.ics", "has no events")):
        with pytest.raises(ValidationError, match=said):
            HolidaysSection.model_validate({"file": str(tmp_path / name)})


def crew(**schedule):
    return directory(
        {
            "timezone": "Europe/Stockholm",
            "users": {"maria": {"id": 1}},
            "holidays": {"plant": {"dates": ["2026-12-24"]}},  # a Thursday
            "schedules": {"hours": {"holidays": ["plant"], **schedule}},
            "rosters": {"crew": {"users": ["maria"], "schedule": "hours"}},
        }
    )


def is_on(people, written):
    return bool(people.on_call("crew", read_moment(written, "Europe/Stockholm")).people)


def test_a_schedule_is_off_on_for_or_only_on_holidays():
    """A night that begins on the day before lasts into the holiday."""
    weekdays = crew(days=["mon-fri"], **{"from": "22:00", "to": "06:00"})
    assert is_on(weekdays, "2026-12-24T05:59")
    assert not is_on(weekdays, "2026-12-24T23:00")
    assert is_on(weekdays, "2026-12-25T23:00")
    weekends = crew(days=["sat-sun"], on_holidays="also")
    assert [is_on(weekends, f"2026-12-{day}T12:00") for day in (24, 25, 26)] == [True, False, True]
    only = crew(on_holidays="only")
    assert [is_on(only, f"2026-12-{day}T12:00") for day in (24, 25, 26)] == [True, False, False]
