"""kill -9 every few seconds while people are called and texted: nothing is lost, nobody is told twice.

A real gateway on SQLite, a provider that is never killed, phones that answer, miss, are busy and press wrong
PINs. TOCSIN_FAULTS_SENDS sets the number of calls and texts of the long run.
"""

from __future__ import annotations

import random
import time

import pytest
from tests.faults.checker import check
from tests.faults.reporting import scale, tell
from tests.faults.stand import Stand, standing

SENDS = scale("TOCSIN_FAULTS_SENDS", short=40, long=10_000)
SPEED = 20
LAGS_S = [0, 8, 40]
"""Seconds by which the provider's lists lag: not, less than we are patient, and more than that."""


def sent(stand: Stand) -> int:
    received = stand.provider.received()
    return len(received["calls"]) + len(received["texts"])


@pytest.mark.parametrize("sends", SENDS)
@pytest.mark.parametrize("lag", LAGS_S, ids=lambda lag: f"lists lag {lag} s")
def test_a_gateway_killed_every_few_seconds_loses_nothing_and_repeats_nothing(tmp_path, capsys, sends, lag):
    """Whatever was accepted is seen to its end; whatever rang is on record, once, or flagged.

    Where the provider's list shows a call too late to be found, it is made again, and flagged.
    """
    if sends < 100 and lag:
        pytest.skip("one of them every day")
    if lag:
        sends //= 10
    crews = 20 if sends < 100 else 150
    chance = random.Random(sends)
    began = time.monotonic()
    with standing(tmp_path, crews=crews, speed=SPEED) as stand:
        gateway = stand.gateway
        gateway.start()
        if lag:
            stand.provider.put("/faults", [{"fault": f"list lags {lag} s", "times": None}])
        stand.driver.keep_raising(at_once=crews * 2 // 3)
        while sent(stand) < sends or gateway.kills < 3:
            time.sleep(chance.uniform(2, 5))
            gateway.kill()
            gateway.begin()
        assert gateway.is_up()
        left = stand.finish()
        verdict = check(stand.plant, stand.driver.accepted, stand.provider.received(), settled=not left)
    seconds = time.monotonic() - began
    told = f"{verdict.told()} kills={gateway.kills} repeats={stand.driver.repeats} in {seconds:.0f} s"
    tell(capsys, f"killed every 2-5 s, lists lag {lag} s", told)
    assert verdict.findings == []
    assert left == {}
    assert lag > 10 or not verdict.flagged
