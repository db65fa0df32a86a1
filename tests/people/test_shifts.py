"""Shifts on the wall clock: nights, week ends, and the two days a year on which clocks jump."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.people import Schedule, on_shift
from tocsin.people.shifts import days_of, minutes_of

STOCKHOLM = "Europe/Stockholm"


def ms(text: str, zone: str = STOCKHOLM, fold: int = 0) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp() * 1000)


def schedule(days: str, start: str, end: str) -> Schedule:
    return Schedule("x", days_of(days.split()), minutes_of(start), minutes_of(end))


def test_days_are_read_with_ranges_round_the_week() -> None:
    """A range may pass Sunday."""
    assert days_of(["mon-fri"]) == {0, 1, 2, 3, 4}
    assert days_of(["sat-mon", "Wed"]) == {5, 6, 0, 2}
    assert days_of(["mon-sun"]) == set(range(7))
    for wrong in ("monday", "", "mon-", "-", "mon-fri-sat", "weekend"):
        with pytest.raises(ValueError, match='write days as "mon"'):
            days_of([wrong])


def test_times_are_read_strictly() -> None:
    """So that 6:00 in the evening is not written as 6:00."""
    assert [minutes_of(one) for one in ("00:00", "06:30", "23:59", "24:00")] == [0, 390, 1439, 1440]
    for wrong in ("6:30", "24:01", "12:60", "noon", "06:30:00", "٠٦:٣٠"):
        with pytest.raises(ValueError, match='write it as "06:30"'):
            minutes_of(wrong)


def test_a_day_shift_begins_with_its_minute_and_ends_before_its_last() -> None:
    """2026-03-02 is a Monday."""
    days = schedule("mon-fri", "06:00", "18:00")
    assert not on_shift(days, ms("2026-03-02T05:59:59"), STOCKHOLM)
    assert on_shift(days, ms("2026-03-02T06:00"), STOCKHOLM)
    assert on_shift(days, ms("2026-03-02T17:59:59"), STOCKHOLM)
    assert not on_shift(days, ms("2026-03-02T18:00"), STOCKHOLM)
    assert not on_shift(days, ms("2026-03-07T12:00"), STOCKHOLM)
    assert on_shift(None, 0, STOCKHOLM)


def test_a_night_shift_belongs_to_the_day_it_begins_on() -> None:
    """Friday's night lasts into Saturday, Sunday's is nobody's."""
    nights = schedule("mon-fri", "18:00", "06:00")
    assert on_shift(nights, ms("2026-03-06T23:00"), STOCKHOLM)
    assert on_shift(nights, ms("2026-03-07T05:59"), STOCKHOLM)
    assert not on_shift(nights, ms("2026-03-07T23:00"), STOCKHOLM)
    assert not on_shift(nights, ms("2026-03-02T05:00"), STOCKHOLM)


def test_an_hour_that_comes_twice_is_covered_twice_and_one_that_is_missing_hides_nobody() -> None:
    """Clocks go back on 2026-10-25 and forward on 2026-03-29, each at 02:00 or 03:00 local time."""
    early = schedule("sun", "02:00", "03:00")
    assert on_shift(early, ms("2026-10-25T02:30"), STOCKHOLM)
    assert on_shift(early, ms("2026-10-25T02:30", fold=1), STOCKHOLM)
    late = schedule("sun", "02:30", "10:00")
    before = ms("2026-03-29T01:59")
    assert not on_shift(late, before, STOCKHOLM)
    assert on_shift(late, before + 60_000, STOCKHOLM)


@given(
    at_ms=st.integers(ms("1990-01-01T00:00"), ms("2040-01-01T00:00")),
    zone=st.sampled_from(
        [STOCKHOLM, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"]
    ),
    start=st.integers(0, 1439),
    end=st.integers(0, 1440),
)
@settings(max_examples=200, deadline=None)
def test_two_shifts_that_share_the_day_leave_no_instant_without_one_and_none_with_both(
    at_ms: int, zone: str, start: int, end: int
) -> None:
    """Wherever clocks jump: whoever is not on the first shift is on the second."""
    if start == end % 1440:
        return
    every = frozenset(range(7))
    first = Schedule("first", every, start, end)
    second = Schedule("second", every, end % 1440, start or 1440)
    assert on_shift(first, at_ms, zone) != on_shift(second, at_ms, zone)
