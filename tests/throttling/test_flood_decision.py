"""When an area is in a flood: above ten in ten minutes it begins, below five it ends, never back and forth."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.alarms.flood import Flood, FloodLimits, area_of, decide
from tocsin.channels.digest import areas, headline

NOW = 1_767_225_600_000
MINUTE = 60_000
ORDINARY = FloodLimits()


def ago(*minutes):
    return [NOW - round(one * MINUTE) for one in minutes]


def test_the_eleventh_alarm_within_ten_minutes_begins_a_flood():
    """Ten are many, eleven are a flood; one that is ten minutes old does not count."""
    ten = ago(*range(10))
    assert decide(False, ten, ORDINARY, NOW).change is None
    assert decide(False, [*ten, *ago(10)], ORDINARY, NOW).change is None
    began = decide(False, [*ten, NOW], ORDINARY, NOW)
    assert (began.change, began.alarms, began.why) == ("began", 11, "11 alarms in 10 min, more than 10")


def test_a_flood_goes_on_until_fewer_than_five_are_left():
    """Between five and ten it stays what it is."""
    assert decide(True, ago(1, 2, 3, 4, 5), ORDINARY, NOW).change is None
    ended = decide(True, ago(1, 2, 3, 4), ORDINARY, NOW)
    assert (ended.change, ended.why) == ("ended", "4 alarms in 10 min, fewer than 5")


def test_it_says_when_it_can_end_at_the_earliest():
    """That is when the fifth newest alarm is ten minutes old."""
    assert decide(True, ago(1, 2, 3, 4, 5, 6), ORDINARY, NOW).look_ms == NOW + 5 * MINUTE


def test_no_floods_where_none_are_wanted():
    """begins = 0 turns it off, and ends one that is going on."""
    off = FloodLimits(begins=0)
    assert decide(False, ago(*[0] * 99), off, NOW).change is None
    assert decide(True, ago(*[0] * 99), off, NOW).change == "ended"


def test_the_area_is_the_first_part_of_the_path():
    """However the path is written."""
    assert area_of("Plant/Pump 2/High level") == "Plant"
    assert area_of("/ Plant /Pump 2") == "Plant"
    assert area_of("Door") == "Door"


def test_texts_and_announcements_name_the_areas_the_worst_first():
    """What matters most is at the beginning, because the end of a text may be cut."""
    floods = [Flood("Harbour", NOW, 12), Flood("Plant", NOW, 23)]
    assert headline("Riverside", floods) == "FLOOD Plant 23, Harbour 12, Riverside"
    assert areas(floods) == "Plant 23, Harbour 12"
    assert headline("Riverside", []) == "Riverside"


limits = st.integers(1, 20).flatmap(
    lambda begins: st.builds(FloodLimits, st.just(begins), st.integers(1, begins), st.just(10 * MINUTE))
)


@given(st.booleans(), st.lists(st.integers(NOW - 20 * MINUTE, NOW), max_size=60), limits)
def test_no_verdict_is_taken_back_at_once_and_none_comes_too_late(flooded, times, limit):
    """What began does not end in the same moment, and until the moment it names a flood cannot end."""
    first = decide(flooded, times, limit, NOW)
    now_flooded = flooded if first.change is None else first.change == "began"
    assert decide(now_flooded, times, limit, NOW).change is None
    if first.look_ms is not None:
        assert first.look_ms > NOW
        assert decide(True, times, limit, first.look_ms - 1).change is None
        assert decide(True, times, limit, first.look_ms).change == "ended"
