"""Every limit ends exactly the turn that met it, says so with file and line, and nothing else notices."""

from __future__ import annotations

import asyncio
import time

import pytest
from tests.sandbox.stage import Host, program, run

from tocsin.sandbox.script import ScriptFailed

pytestmark = pytest.mark.alone

GOOD = "response = 'good'"


async def failure(sandbox, made, **options) -> ScriptFailed:
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", made, **options)
    outcome = await run(sandbox, "plant", program(GOOD))
    assert outcome.result["response"] == "good"
    return failed.value


async def test_an_endless_loop_ends_by_its_processor_time_with_its_line(sandbox):
    """250 ms of processor time, and the message points at the loop."""
    error = await failure(sandbox, program("x = 0\nwhile True:\n    x = 1 - x"), wall_s=10)

    assert (error.kind, error.name) == ("cpu", "10_.py")
    assert error.line in {2, 3}


async def test_the_processor_time_is_for_the_whole_chain(sandbox):
    """A budget used up by the first script ends the turn in the second."""
    burn = "n = 0\nwhile n < {}:\n    n += 1"
    error = await failure(sandbox, program(burn.format(200_000), burn.format(10_000_000)), cpu_ms=150)

    assert (error.kind, error.name) == ("cpu", "20_.py")


@pytest.mark.parametrize(
    "source",
    [
        "while True:\n    try:\n        while True:\n            pass\n    except:\n        pass",
        "while True:\n    try:\n        x = 1\n    finally:\n        continue",
        "def f():\n    while True:\n        try:\n            f()\n        except Exception:\n            pass\nf()",
        "def f():\n    try:\n        f()\n    finally:\n        f()\nf()",
        "import re\nre.match('(a+)+$', 'a' * 60 + 'b')",
        "sorted(range(100_000), key=lambda n: sum([n for n in range(1000)]))",
    ],
    ids=["bare-except", "finally-continue", "deep-recursion", "recursion-in-finally", "regex", "sort-key"],
)
async def test_no_construct_escapes_the_time_limit(sandbox, source):
    """Catching everything, recursing to the limit, or looping inside C ends all the same."""
    error = await failure(sandbox, program(source), wall_s=30)

    assert error.kind in {"cpu", "exception"}


async def test_memory_is_limited_and_the_worker_replaced(sandbox):
    """A script that asks for too much fails by itself; others find a fresh worker."""
    error = await failure(sandbox, program("x = []\nwhile True:\n    x.append('x' * 500_000)"))

    assert (error.kind, error.name) == ("memory", "10_.py")
    assert "64 MiB" in error.message


async def test_many_small_objects_meet_the_same_limit(sandbox):
    """Memory used up in small pieces is reported as well, although little is left to report it with."""
    error = await failure(
        sandbox, program("x = []\nwhile True:\n    x.append({'a': [1, 2, 3]})"), cpu_ms=4_000, wall_s=6
    )

    assert error.kind == "memory"


async def test_a_worker_whose_timers_are_ignored_is_killed_by_the_server(raw_sandbox):
    """The soft limit is a courtesy; the server watches processor time and deadline by itself."""
    made = program(
        "raw('signal.setitimer(signal.ITIMER_PROF, 0); signal.setitimer(signal.ITIMER_REAL, 0)')\nwhile True:\n    pass"
    )
    error = await failure(raw_sandbox, made, cpu_ms=50, wall_s=10)

    assert error.kind == "cpu"
    assert "did not stop" in error.message


async def test_the_deadline_holds_where_no_processor_is_used(raw_sandbox):
    """A worker that only sleeps is killed at the turn's deadline."""
    made = program("raw('import select; select.poll().poll(60_000)')")
    began = time.monotonic()
    error = await failure(raw_sandbox, made, wall_s=0.3)

    assert error.kind == "deadline"
    assert 0.25 < time.monotonic() - began < 3


async def test_innocent_batch_mates_of_a_killer_are_run_again_alone(raw_sandbox):
    """When a worker dies without a word, only the turn that kills it fails."""
    deadly, good = program("raw('ctypes.string_at(0)')"), program(GOOD)
    await raw_sandbox.publish("plant", deadly)
    await raw_sandbox.publish("plant", good)
    turns = [
        raw_sandbox.run("plant", (deadly if n == 5 else good).key, {}, Host(), wall_s=3) for n in range(16)
    ]
    results = await asyncio.gather(*turns, return_exceptions=True)

    failed = [n for n, each in enumerate(results) if isinstance(each, ScriptFailed)]
    assert failed == [5]
    assert results[5].kind == "killed"
    assert "SIGSEGV" in results[5].message


async def test_what_a_turn_leaves_suspended_ends_on_its_own_budget(raw_sandbox):
    """Globals are cleared while the turn's timer still runs, so no cleanup is paid by a later turn."""
    error = await failure(raw_sandbox, program("x = leftover()\nresponse = 'done'"))

    assert error.kind == "cpu"


async def test_strikes_are_counted_by_processor_time(raw_sandbox):
    """Turns that only waited are as good as any other: their program stays in the fast lane."""
    made = program("raw('import select; select.poll().poll(30)')\nresponse = 'late'")
    for _ in range(5):
        await run(raw_sandbox, "plant", made)

    assert raw_sandbox.stats()["domains"]["plant"]["slow"] == 0
    assert raw_sandbox.stats()["workers_started"] == 2


async def test_what_a_failed_script_left_counts_as_its_own_line(sandbox):
    """It is let go on the script's own budget; where that ends just then, the line that failed is named."""
    made = "kept = [[[n], [n], [n]] for n in range(90_000)]\nraise ValueError('no')"
    found = set()
    for cpu_ms in range(30, 160, 2):
        error = await failure(sandbox, program(made), cpu_ms=cpu_ms, wall_s=5)
        found.add((error.kind, error.line))
    assert {line for kind, line in found} <= {1, 2}, found
    assert ("exception", 2) in found
