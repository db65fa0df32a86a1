"""The wall clock jumps by an hour, or begins in 1970: nobody is told in a burst, nobody waits for long.

Only the gateway's clock is set; the provider's goes on as it was. What is measured is what the provider
received, by its own clock. TOCSIN_FAULTS_JUMPS sets how many jumps the long run has.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise

import pytest
from tests.faults.checker import check
from tests.faults.reporting import scale, tell
from tests.faults.stand import Stand, standing

SPEED = 20
HOUR_S = 3600.0
WATCHED_S = 150.0
"""So long (of the plant's time) the provider is watched after each jump."""
WINDOW_MS = 30_000


def received_ms(stand: Stand, since: float) -> list[int]:
    """Give when calls and texts came in since a moment of the plant's time."""
    received = stand.provider.received()
    times = [one["created_ms"] for what in ("calls", "texts") for one in received[what]]
    return sorted(one for one in times if one >= since * 1000)


def watched(stand: Stand) -> tuple[int, float]:
    """Watch for a while: the most that came within half a minute, and the longest silence in seconds."""
    began = stand.clock.now()
    while stand.clock.now() < began + WATCHED_S:
        time.sleep(0.05)
    times = received_ms(stand, began)
    return most_at_once(times), longest_gap([round(began * 1000), *times, round(stand.clock.now() * 1000)])


def most_at_once(times: Sequence[int]) -> int:
    return max((sum(first <= one < first + WINDOW_MS for one in times) for first in times), default=0)


def longest_gap(times: Sequence[int]) -> float:
    return max((later - earlier) / 1000 for earlier, later in pairwise(times))


@pytest.mark.parametrize("jumps", scale("TOCSIN_FAULTS_JUMPS", short=2, long=12))
def test_a_clock_that_jumps_causes_neither_a_burst_nor_a_stall(tmp_path, capsys, jumps):
    """Phones ring in vain, so that escalation has something to do all the time, as it had before the jump."""
    told = []
    # What happened in 1970 would be old enough to be removed as soon as the clock is right.
    keep = "[retention]\ncalls_days = 36500\n"
    with standing(tmp_path, crews=12, speed=SPEED, sets="gateway", more=keep) as stand:
        for first, second in stand.people:
            stand.provider.answers(first, answer="no-answer")
            stand.provider.answers(second, answer="busy")
        stand.gateway.start()
        stand.driver.raise_alarms(list(range(12)))
        watched(stand)  # the first calls of all come together
        usual, gap = watched(stand)
        told.append(f"usually {usual} in 30 s, {gap:.0f} s silent")
        assert usual, "nobody is called"
        bad = []

        def after(what: str) -> None:
            most, silent = watched(stand)
            told.append(f"{what}: {most}, {silent:.0f} s")
            if most > 2 * usual + 4 or silent > gap + 60:
                bad.append(told[-1])

        for number in range(jumps):
            stand.set_clock(HOUR_S if number % 2 == 0 else 0.0)
            after("+1 h" if number % 2 == 0 else "-1 h")
        stand.gateway.kill()
        stand.set_clock(1000.0 - stand.clock.now())
        stand.gateway.start()
        after("started in 1970")
        stand.driver.raise_alarms([0, 3])
        stand.set_clock(0.0)
        after("set right")
        for pair in stand.people:
            for one in pair:
                stand.provider.answers(one, answer="auto")
        stand.driver.keep_raising(at_once=0)
        left = stand.finish()
        verdict = check(stand.plant, stand.driver.accepted, stand.provider.received(), settled=not left)
    tell(capsys, "clock set", f"{verdict.told()} {'; '.join(told)}")
    assert verdict.findings == []
    assert left == {}
    assert bad == []
