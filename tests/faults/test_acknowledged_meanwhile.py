"""Somebody acknowledges just as the next call is being placed: at most that one call rings, and says so.

TOCSIN_FAULTS_RACES sets the number of trials of the long run.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.faults.checker import check
from tests.faults.reporting import scale, tell
from tests.faults.stand import rows, standing, unsettled

SPEED = 20
MOST_S = 0.5
"""Real seconds within which the acknowledgement follows; a call is placed after some tenths of one."""

TOO_LATE = """
    select distinct episode_id, call_id from ts_notice join ts_episode on ts_episode.id = episode_id
    where call_id is not null and run_id is not null and placed_ms >= acked_ms
"""
"""Calls that were handed to the provider no sooner than the acknowledgement; before it, any may be."""


@pytest.mark.parametrize("trials", scale("TOCSIN_FAULTS_RACES", short=60, long=10_000))
def test_at_most_the_call_already_handed_over_rings_and_hears_of_it(tmp_path, capsys, trials):
    """Never one that was decided on after the acknowledgement, and nobody is asked to do it again."""
    crews = min(40, trials // 3)
    chance = random.Random(trials)
    with standing(tmp_path, crews=crews, speed=SPEED, ways=('step = "2m"',)) as stand:
        for pair in stand.people:
            for one in pair:
                stand.provider.answers(one, answer="auto", after=[0.5, 12.0])
        stand.gateway.start()
        driver = stand.driver

        def later(path: str) -> None:
            time.sleep(chance.uniform(0, MOST_S))
            driver.acknowledge(path)

        with ThreadPoolExecutor(8) as pool:
            while len(driver.accepted) < trials:
                list(pool.map(later, driver.raise_alarms(list(range(crews)))))
                while unsettled(stand.plant)["notices"]:
                    time.sleep(0.02)
        left = stand.settle(120)
        received = stand.provider.received()
        verdict = check(stand.plant, driver.accepted, received, settled=not left)
        called = Counter(row["episode_id"] for row in rows(stand.plant, TOO_LATE))
        by_phone = {
            row["call_id"]
            for row in rows(
                stand.plant,
                "select call_id from ts_audit where action = 'acknowledge' and result = 'ok' and via = 'voice'",
            )
        }
    answered = [one for one in received["calls"] if one["answered_ms"]]
    unaware = [one["ref"] for one in answered if not one["already"] and one["ref"] not in by_phone]
    ends = Counter(one["status"] for one in received["calls"])
    told = (
        f"{verdict.told()} ends={dict(ends)} answered={len(answered)} acknowledged by phone={len(by_phone)}"
    )
    tell(capsys, f"acknowledged meanwhile, {len(driver.accepted)} trials", told)
    assert verdict.findings == []
    assert left == {}
    assert max(called.values(), default=0) <= 1
    assert received["calls"], "no call was ever placed: the race was not run"
    assert unaware == []
