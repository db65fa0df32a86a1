"""Host calls: answered, refused, slow, broken; at most once, and never at a neighbour's cost."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest
from tests.sandbox.stage import Host, program, run, until

from tocsin.sandbox.script import ScriptFailed


async def test_a_host_call_is_answered(sandbox):
    """Arguments go out and the answer comes back as plain data."""
    host = Host()
    outcome = await run(
        sandbox, "plant", program("response = str(ask('echo', 1, 'å', {'a': [None, 2.5]}))"), host=host
    )

    assert host.asked == [("echo", [1, "å", {"a": [None, 2.5]}])]
    assert outcome.result["response"] == "[1, 'å', {'a': [None, 2.5]}]"
    assert outcome.host_calls == 1


async def test_a_refusal_is_an_error_the_script_can_catch(sandbox):
    """The host's sentence reaches the script as the text of an exception."""
    caught = program("try:\n    ask('refuse')\nexcept Exception as error:\n    response = str(error)")
    outcome = await run(sandbox, "plant", caught)

    assert outcome.result["response"] == "that is not allowed here"
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", program("x = 1\nask('refuse')"))
    assert (failed.value.kind, failed.value.line) == ("exception", 2)
    assert "that is not allowed here" in failed.value.message


@pytest.mark.parametrize("name", ["break", "odd"])
async def test_a_fault_in_the_host_stays_in_the_host(sandbox, name):
    """An exception or an unfit answer becomes an error in the script without details; the worker lives."""
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", program(f"ask('{name}')"))

    assert failed.value.kind == "exception"
    assert "secret" not in failed.value.message
    assert sandbox.stats()["workers_started"] == 2


async def test_unfit_arguments_are_the_scripts_error(sandbox):
    """What cannot be passed on never reaches the host."""
    host = Host()
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", program("ask('echo', chr(0xD800))"), host=host)

    assert failed.value.kind == "exception"
    assert host.asked == []


async def test_host_calls_are_counted_out_and_no_script_can_catch_that(sandbox):
    """The 33rd host call ends the turn, whatever the script catches."""
    host = Host()
    made = program("while True:\n    try:\n        ask('echo')\n    except Exception:\n        pass")
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", made, host=host)

    assert failed.value.kind == "host-calls"
    assert len(host.asked) == 32


async def test_a_slow_host_call_holds_up_only_its_own_turn(sandbox):
    """Turns batched behind one that waits for the host are handed to other workers."""
    slow, quick = program("ask('gate')\nresponse = 'slow'"), program("response = 'quick'")
    await sandbox.publish("plant", slow)
    await sandbox.publish("plant", quick)
    host = Host()
    waiting = [sandbox.run("plant", slow.key, {}, host, wall_s=5) for _ in range(2)]
    others = [sandbox.run("plant", quick.key, {}, Host(), wall_s=5) for _ in range(14)]
    outcomes = await asyncio.gather(*others)

    assert [each.result["response"] for each in outcomes] == ["quick"] * 14
    assert not any(each.done() for each in waiting)
    host.opened.set()
    assert [(await each).result["response"] for each in waiting] == ["slow", "slow"]
    assert len(host.asked) == 2


@pytest.mark.alone
async def test_twenty_slow_host_calls_leave_room_for_others(sandbox):
    """Others take the place of workers that wait, up to a bound."""
    slow, quick = program("ask('gate')\nresponse = 'slow'"), program("response = 'quick'")
    await sandbox.publish("plant", quick)
    await sandbox.publish("plant", slow)
    host = Host()
    waiting = [sandbox.run("plant", slow.key, {}, host, wall_s=10) for _ in range(20)]
    await until(lambda: len(host.asked) >= 20)
    began = time.monotonic()
    outcome = await sandbox.run("plant", quick.key, {}, Host(), wall_s=5)

    assert outcome.result["response"] == "quick"
    assert time.monotonic() - began < 1
    assert sandbox.stats()["domains"]["plant"]["blocked"] == 20
    host.opened.set()
    await asyncio.gather(*waiting)


async def test_waiting_for_the_host_uses_no_processor_time(sandbox):
    """A turn may wait far longer than its processor time."""
    outcome = await run(sandbox, "plant", program("ask('wait', 0.2)\nresponse = 'done'"), cpu_ms=50)

    assert outcome.result["response"] == "done"
    assert outcome.cpu_us < 50_000


async def test_a_turn_fails_at_its_deadline_while_its_host_call_settles(sandbox):
    """The caller hears of the deadline; what the host had begun comes to its end."""
    host = Host()
    made = program("ask('wait', 0.3)\nresponse = 'too late'")
    with pytest.raises(ScriptFailed) as failed:
        await run(sandbox, "plant", made, host=host, wall_s=0.1)

    assert failed.value.kind == "deadline"
    await until(lambda: host.finished)
    again = await run(sandbox, "plant", program("response = 'ok'"))
    assert again.result["response"] == "ok"


async def test_a_turn_that_made_a_host_call_is_never_run_again(sandbox):
    """When its worker dies, it fails; turns batched behind it that had no effect are run."""
    deadly, good = program("ask('echo')\nask('gate')"), program("response = 'good'")
    await sandbox.publish("plant", deadly)
    await sandbox.publish("plant", good)
    host = Host()
    victim = sandbox.run("plant", deadly.key, {}, host, wall_s=5)
    await until(lambda: len(host.asked) >= 2)
    for pid in sandbox.pids("plant"):
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(ScriptFailed) as failed:
        await victim

    assert failed.value.kind == "killed"
    assert "SIGKILL" in failed.value.message
    assert [name for name, _ in host.asked] == ["echo", "gate"]
    outcome = await sandbox.run("plant", good.key, {}, Host(), wall_s=5)
    assert outcome.result["response"] == "good"
