"""Hostile programs beside good ones: the good are served, the hostile told in time, the machine at rest."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path

import pytest
from tests.sandbox.stage import Host, program, until

from tocsin.sandbox.script import ScriptFailed

pytestmark = pytest.mark.alone

LOOP = program("while True:\n    pass", fallback="response = 'default'")
GOOD = program("response = 'good ' + given['n']")
DEFAULT = program(fallback="response = 'default'")

TURN_S, DEFAULT_SHARE_S = 2.0, 0.3


async def hostile_turn(sandbox) -> tuple[str, float]:
    """A turn as the product runs it: the project's chain, then the default in its own workers."""
    began = time.monotonic()
    try:
        await sandbox.run("plant", LOOP.key, {}, Host(), wall_s=TURN_S - DEFAULT_SHARE_S)
    except ScriptFailed as error:
        left = TURN_S - (time.monotonic() - began)
        outcome = await sandbox.run("default", DEFAULT.key, {}, Host(), wall_s=left, fallback_only=True)
        assert outcome.result["response"] == "default"
        return error.kind, time.monotonic() - began
    raise AssertionError("an endless loop has ended")


def processor_s(sandbox) -> float:
    """Processor time of all workers that live now."""
    ticks = os.sysconf("SC_CLK_TCK")
    used = 0.0
    for domain in ("plant", "default", "other"):
        for pid in sandbox.pids(domain):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            used += (int(fields[11]) + int(fields[12])) / ticks
    return used


@pytest.mark.parametrize("loops", [1, 5, 50])
async def test_endless_loops_at_once_harm_no_other_turn(sandbox, loops):
    """Every looping turn gets the default within its 2 s; every other turn is served meanwhile."""
    await sandbox.publish("plant", LOOP)
    await sandbox.publish("plant", GOOD)
    await sandbox.publish("other", GOOD)
    await sandbox.publish("default", DEFAULT)
    hostile = [asyncio.create_task(hostile_turn(sandbox)) for _ in range(loops)]
    slowest = 0.0
    for n in range(60):
        began = time.monotonic()
        for domain in ("plant", "other"):
            outcome = await sandbox.run(domain, GOOD.key, {"n": str(n)}, Host(), wall_s=1.7)
            assert outcome.result["response"] == f"good {n}"
        slowest = max(slowest, time.monotonic() - began)
        await asyncio.sleep(0.01)
    ends = await asyncio.gather(*hostile)

    assert {kind for kind, _ in ends} <= {"cpu", "overloaded", "deadline", "no-worker"}
    assert max(seconds for _, seconds in ends) < TURN_S
    assert slowest < 1.0
    before = processor_s(sandbox)
    await asyncio.sleep(0.3)
    assert processor_s(sandbox) - before < 0.05


async def test_a_bad_release_harms_no_older_one_of_its_project(sandbox):
    """Calls on an earlier release of the same project go on while the new one loops."""
    await sandbox.publish("plant", LOOP)
    await sandbox.publish("plant", GOOD)
    mixed = [
        sandbox.run("plant", (LOOP if n % 4 == 0 else GOOD).key, {"n": str(n)}, Host(), wall_s=1.7)
        for n in range(24)
    ]
    results = await asyncio.gather(*mixed, return_exceptions=True)

    for n, each in enumerate(results):
        if n % 4:
            assert each.result["response"] == f"good {n}"
        else:
            assert isinstance(each, ScriptFailed)


async def test_a_program_known_to_loop_goes_to_the_slow_lane_and_comes_back(sandbox):
    """Once it has been ended for its processor time, its turns no longer touch the fast workers."""
    await sandbox.publish("plant", LOOP)
    with pytest.raises(ScriptFailed):
        await sandbox.run("plant", LOOP.key, {}, Host(), wall_s=1.7)
    turns = [sandbox.run("plant", LOOP.key, {}, Host(), wall_s=1.7) for _ in range(2)]
    await until(lambda: sandbox.stats()["domains"]["plant"]["slow"])
    state = sandbox.stats()["domains"]["plant"]

    assert (state["workers"], state["slow"]) == (3, 1)
    results = await asyncio.gather(*turns, return_exceptions=True)
    assert results[0].kind == "cpu"
    assert results[1].kind in {"cpu", "overloaded"}  # where the machine is too busy to try it in time


async def test_a_merely_slow_program_is_served(sandbox):
    """A program that honestly needs 20 ms a turn is answered every time."""
    made = program("n = 0\nwhile n < given['rounds']:\n    n += 1\nresponse = str(n)")
    await sandbox.publish("plant", made)
    results = await asyncio.gather(
        *(sandbox.run("plant", made.key, {"rounds": 150_000}, Host(), wall_s=30) for _ in range(20))
    )

    assert [each.result["response"] for each in results] == ["150000"] * 20
