"""A provider that answers late, wrongly or not at all, and callbacks that are lost, late, doubled or swapped.

With and without a gateway that is killed meanwhile. TOCSIN_FAULTS_OUTAGE_S sets how long the long outage
lasts (seconds of the plant's time), TOCSIN_FAULTS_MESS_SENDS how many calls and texts go through the mess.
"""

from __future__ import annotations

import random
import time

import pytest
from tests.faults.checker import check
from tests.faults.reporting import scale, tell
from tests.faults.stand import Stand, rows, standing

SPEED = 20
CREATES = ({"path": "/Calls.json", "method": "POST"}, {"path": "/Messages.json", "method": "POST"})
REST = "/2010-04-01/"
OUTAGES = {
    "503": [{"match": {"path": REST}, "fault": "503", "times": None}],
    "429": [{"match": {"path": REST}, "fault": "429", "times": None}],
    "cut": [{"match": {"path": REST}, "fault": "reset before", "times": None}],
}


def mess(chance: random.Random) -> list[dict[str, object]]:
    """Make a mess for the next second: every fault the provider's end of the line can have."""
    faults: list[dict[str, object]] = [
        {"fault": "callback lost", "times": chance.randrange(1, 6)},
        {"fault": f"callback late {chance.randrange(5, 40)} s", "times": chance.randrange(1, 6)},
        {"fault": "callback duplicate", "times": chance.randrange(1, 8)},
        {"fault": "callback out of order", "times": chance.randrange(1, 8)},
        {"fault": "dlr invalid", "times": 1},
    ]
    for match in CREATES:
        faults += [
            {
                "match": match,
                "fault": chance.choice(["500 after", "reset before", "reset after", "503", "429"]),
            },
            {"match": match, "fault": "truncated response"},
        ]
    chance.shuffle(faults)
    return faults


def sent(stand: Stand) -> int:
    received = stand.provider.received()
    return len(received["calls"]) + len(received["texts"])


@pytest.mark.parametrize("sends", scale("TOCSIN_FAULTS_MESS_SENDS", short=40, long=2_000))
@pytest.mark.parametrize("killed", [True, False], ids=["killed", "alive"])
def test_whatever_the_provider_does_each_person_is_told_and_what_rang_is_known(
    tmp_path, capsys, sends, killed
):
    """Answers lost after the call was placed, callbacks before the answer, none at all: it converges."""
    if sends < 1000 and not killed:
        pytest.skip("one of the two every day")
    chance = random.Random(7)
    crews = 20 if sends < 1000 else 60
    with standing(tmp_path, crews=crews, speed=SPEED) as stand:
        gateway, provider = stand.gateway, stand.provider
        gateway.start()
        provider.put("/slowness", {"seconds": 0.4, "every": 3})
        stand.driver.keep_raising(at_once=crews * 2 // 3)
        until = time.monotonic() + chance.uniform(2, 5)
        while sent(stand) < sends:
            provider.put("/faults", [{"fault": "list lags 4 s", "times": None}, *mess(chance)])
            time.sleep(0.5)
            if killed and time.monotonic() > until:
                gateway.kill()
                gateway.begin()
                until = time.monotonic() + chance.uniform(2, 5)
        assert gateway.is_up()
        provider.put("/faults", [])
        left = stand.finish()
        verdict = check(stand.plant, stand.driver.accepted, provider.received(), settled=not left)
    tell(
        capsys,
        f"a bad provider, gateway {'killed' if killed else 'alive'}",
        f"{verdict.told()} kills={gateway.kills}",
    )
    assert verdict.findings == []
    assert left == {}


@pytest.mark.parametrize("seconds", scale("TOCSIN_FAULTS_OUTAGE_S", short=240, long=3600))
@pytest.mark.parametrize("how", OUTAGES)
def test_an_outage_of_the_provider_loses_no_run_and_escalation_goes_on(tmp_path, capsys, seconds, how):
    """Nobody can be told, so the next person is tried, and the next; then, at once, somebody is."""
    if seconds < 1000 and how != "503":
        pytest.skip("one of them every day")
    with standing(tmp_path, crews=9, speed=60 if seconds > 1000 else SPEED) as stand:
        provider, driver = stand.provider, stand.driver
        stand.gateway.start()
        provider.put("/faults", OUTAGES[how])
        began = stand.clock.now()
        paths = driver.raise_alarms([crew for crew in range(9) if crew % 3 != 2])
        while stand.clock.now() < began + seconds:
            time.sleep(0.1)
        steps = rows(
            stand.plant,
            "select subject, count(distinct person) n from ts_journal where kind = 'run.step' group by 1",
        )
        running = rows(stand.plant, "select count(*) n from ts_run where state = 'running'")[0]["n"]
        before = sent(stand)
        provider.put("/faults", [])
        ended_ms = round(stand.clock.now() * 1000)
        left = stand.settle(200)
        received = provider.received()
        first = min(one["created_ms"] for one in received["calls"] if one["created_ms"] >= ended_ms)
        verdict = check(stand.plant, driver.accepted, received, settled=not left)
    told = f"{verdict.told()} placed meanwhile={before}, first call {(first - ended_ms) / 1000:.0f} s after its end"
    tell(capsys, f"provider {how} for {seconds} s", told)
    assert verdict.findings == []
    assert left == {}
    assert running == len(paths)
    assert {row["n"] for row in steps} == {2}
    assert len(steps) == len(paths)
    assert first - ended_ms < 120_000


@pytest.mark.parametrize("crews", scale("TOCSIN_FAULTS_LATE_CREWS", short=3, long=12))
def test_a_provider_that_places_calls_and_answers_too_late_delays_nobody(tmp_path, capsys, crews):
    """What rings says so by its callbacks; whoever answers acknowledges, and nobody is called twice for it."""
    # A request that hangs costs real seconds, which weigh the more the faster the plant's clock runs.
    with standing(tmp_path, crews=crews, speed=SPEED if crews < 9 else 5) as stand:
        stand.gateway.start()
        stand.provider.put("/slowness", {"seconds": 60})
        began = stand.clock.now()
        stand.driver.raise_alarms([crew for crew in range(crews) if crew % 3 != 2])
        left = stand.settle(200)
        took = stand.clock.now() - began
        stand.provider.put("/slowness", {"seconds": 0})
        verdict = check(stand.plant, stand.driver.accepted, stand.provider.received(), settled=not left)
    tell(capsys, "provider answers too late", f"{verdict.told()} all settled after {took:.0f} s")
    assert verdict.findings == []
    assert left == {}
    assert took < 900
