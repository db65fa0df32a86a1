"""A clock that was set is told from time that passed; pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.engine.stand import SettableClock

from tocsin.engine.timeline import JUMP_MS, Timeline

HOUR_MS = 3_600_000


async def test_time_that_passes_is_no_jump():
    """However much passes between two looks."""
    clock = SettableClock()
    timeline = Timeline(clock)
    for seconds in (0.001, 1, 60, 86_400):
        await clock.advance(seconds)

        reading = timeline.look()
        assert (reading.delta_ms, reading.now_ms) == (0, clock.now_ms())


@pytest.mark.parametrize("delta_ms", [-HOUR_MS, HOUR_MS, JUMP_MS, -JUMP_MS, 56 * 365 * 24 * HOUR_MS])
async def test_a_clock_that_is_set_is_told_until_it_is_followed(delta_ms):
    """By how much, also while time goes on; and what was reckoned by the new time is known by when."""
    clock = SettableClock()
    timeline = Timeline(clock)
    await clock.advance(100)
    timeline.follow(timeline.look())
    await clock.advance(0.5)
    clock.set_by(delta_ms / 1000)
    await clock.advance(0.5)

    reading = timeline.look()
    assert reading.delta_ms == delta_ms
    assert reading.now_ms - reading.since_ms == 1000
    assert timeline.look().delta_ms == delta_ms

    timeline.follow(reading)
    assert timeline.look().delta_ms == 0


def test_the_slow_correction_of_a_clock_is_no_jump():
    """Half a millisecond a second, for an hour: followed all along, never a jump."""
    clock = SettableClock()
    timeline = Timeline(clock)
    for _ in range(3600 * 4):
        clock.set_by(0.0005)
        reading = timeline.look()
        assert reading.delta_ms == 0
        timeline.follow(reading)


@given(steps=st.lists(st.integers(-10 * HOUR_MS, 10 * HOUR_MS), max_size=8))
def test_the_jumps_followed_add_up(steps):
    """Whatever it is set by, in one look or over several, the sum differs by less than one small step each."""
    clock = SettableClock()
    timeline = Timeline(clock)
    told = 0
    for step in steps:
        clock.set_by(step / 1000)
        reading = timeline.look()
        told += reading.delta_ms
        timeline.follow(reading)

    assert abs(sum(steps) - told) <= JUMP_MS * len(steps)
