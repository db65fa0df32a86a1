"""Turns of other calls that share a batch, or a worker, with a hostile one: none of it is theirs to suffer."""

from __future__ import annotations

import asyncio

import pytest
from tests.sandbox.stage import PLAIN, Host, program

from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, ScriptFailed

GOOD = "response = 'good'"
SPINNING_IN_C = """
def dag():
    x = ['x']
    for n in range(50):
        x = [x, x]
    return x
response = str(dag() == dag())
"""
# Descends to the recursion limit, climbs back `margin` frames, and stays there.
AT_THE_EDGE = """
margin = {margin}
left = [0]
def f():
    try:
        f()
    except RecursionError:
        left[0] = left[0] + 1
        if left[0] == margin:
            {there}
        raise
try:
    f()
except RecursionError:
    pass
for n in range(30000):  # long enough for an answer to arrive that nobody waits for
    pass
response = 'reached its end'
"""
ASKING_AT_THE_EDGE = AT_THE_EDGE.replace("{there}", "ask('echo', 'stolen')")
SPINNING_AT_THE_EDGE = AT_THE_EDGE.replace("{there}", "while True: pass")


@pytest.fixture
async def lone_worker():
    """One worker, so that everything meets in it."""
    made = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=1)
    await made.start()
    yield made
    await made.aclose()


async def together(sandbox, hostile, *, good=3):
    """Run good turns, the hostile one, and good turns again, all in one batch; return what the good ones gave."""
    made, evil = program(GOOD), program(hostile)
    await sandbox.publish("plant", made)
    await sandbox.publish("plant", evil)

    def run(one):
        return sandbox.run("plant", one.key, {}, Host(), wall_s=3)

    turns = [*(run(made) for _ in range(good)), run(evil), *(run(made) for _ in range(good))]
    outcomes = await asyncio.gather(*turns, return_exceptions=True)
    evil_end = outcomes[good]
    return evil_end.kind if isinstance(evil_end, ScriptFailed) else "finished", [
        each.result["response"] if not isinstance(each, BaseException) else repr(each)
        for n, each in enumerate(outcomes)
        if n != good
    ]


async def test_a_turn_that_hears_no_timer_is_not_taken_for_its_neighbour(lone_worker):
    """Inside one instruction no signal is heard, and what is finished is not told: still the right one fails."""
    assert await together(lone_worker, SPINNING_IN_C) == ("cpu", ["good"] * 6)


@pytest.mark.parametrize("margin", range(1, 12))
async def test_a_turn_at_the_recursion_limit_loses_nothing_of_others(lone_worker, margin):
    """Where the timer's handler has just enough room to begin, it must not lose results half way."""
    hostile = SPINNING_AT_THE_EDGE.replace("{margin}", str(margin))
    kind, others = await together(lone_worker, hostile, good=2)

    assert kind in {"cpu", "finished"}  # the handler's own RecursionError may end the script's loop
    assert others == ["good"] * 4


@pytest.mark.parametrize("margin", range(1, 16))
async def test_a_host_call_at_the_recursion_limit_is_made_whole_or_not_at_all(lone_worker, margin):
    """An answer that nobody waited for would be the answer to the next call's question."""
    evil = program(ASKING_AT_THE_EDGE.replace("{margin}", str(margin)))
    asks = program("response = ask('echo', 'mine')[0]")
    await lone_worker.publish("plant", evil)
    await lone_worker.publish("plant", asks)

    theirs = await lone_worker.run("plant", evil.key, {}, Host(), wall_s=3)
    mine = await lone_worker.run("plant", asks.key, {}, Host(), wall_s=3)

    assert theirs.result["response"] == "reached its end"
    assert mine.result["response"] == "mine"
