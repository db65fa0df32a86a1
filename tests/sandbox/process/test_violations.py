"""A worker that has been taken over and lies: it is ended, nobody is fooled, no other turn is lost."""

from __future__ import annotations

import asyncio

import pytest
from tests.sandbox.stage import Host, program

from tocsin.sandbox.script import ScriptFailed

LIES = {
    "noise": b"\xff\xfe\x00garbage",
    "results-of-another-turn": b'[3,[[1,999,{"response":"FORGED"},[],1,0,"scripts",[]]]]',
    "a-host-call-of-another-turn": b'[3,[],[7,"echo",[]]]',
    "two-host-calls-at-once": b'[3,[],[0,"gate",[]]]',
    "a-wrong-count-of-host-calls": b'[3,[[1,0,{"response":"FORGED"},[],1,5,"scripts",[]]]]',
    "ready-again": b"[5,[]]",
    "a-self-test": b'[6,[["fork",true,""]]]',
    "an-unknown-kind": b'[42,"x"]',
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
async def test_a_lie_ends_the_worker_and_the_innocent_run_elsewhere(raw_sandbox, lie):
    """The turn that lied fails with kind "protocol"; turns that shared its worker are run again."""
    liar = program("raw(given['code'])\nwhile True: pass")
    good = program("response = 'good'")
    await raw_sandbox.publish("plant", liar)
    await raw_sandbox.publish("plant", good)
    code = f"say({lie!r}); say({lie!r})"
    turns = [raw_sandbox.run("plant", liar.key, {"code": code}, Host(), wall_s=3)]
    turns += [raw_sandbox.run("plant", good.key, {}, Host(), wall_s=3) for _ in range(12)]
    results = await asyncio.gather(*turns, return_exceptions=True)

    assert isinstance(results[0], ScriptFailed)
    assert results[0].kind == "protocol"
    assert [each.result["response"] for each in results[1:]] == ["good"] * 12


async def test_what_a_liar_leaves_behind_costs_no_later_turn(raw_sandbox):
    """A forged result counts for its own turn; the true one that follows it ends the worker, nobody's turn."""
    liar = program("raw(given['code'])")
    await raw_sandbox.publish("plant", liar)
    forged = b'[3,[[1,0,{"response":"my own","memory":{}},[],1,0,"scripts",[]]]]'
    outcome = await raw_sandbox.run("plant", liar.key, {"code": f"say({forged!r})"}, Host(), wall_s=2)

    assert outcome.result["response"] == "my own"
    again = await raw_sandbox.run("plant", liar.key, {"code": ""}, Host(), wall_s=2)
    assert again.result["response"] == ""


async def test_a_host_call_too_many_is_not_made(raw_sandbox):
    """The server counts host calls itself; a worker that does not is ended."""
    host = Host()
    liar = program("raw(given['code'])\nwhile True: pass")
    await raw_sandbox.publish("plant", liar)
    code = "import_frames = sys.modules['tocsin.sandbox.frames']\nfor n in range(40):\n    say(import_frames.encode_report(import_frames.Report([], import_frames.Ask(0, 'echo', [n]))))\n    os.read(3, 65536)"
    with pytest.raises(ScriptFailed) as failed:
        await raw_sandbox.run("plant", liar.key, {"code": code}, host, wall_s=2)

    assert failed.value.kind == "protocol"
    assert len(host.asked) == 32


async def test_what_a_broken_interpreter_keeps_ends_with_its_domain(raw_sandbox):
    """State left in a worker is seen by its own domain at most, never by another."""
    keeper, finder = program("raw('kept[1] = 1')"), program("response = raw('result = dict(kept)')")
    for domain in ("plant", "other"):
        await raw_sandbox.publish(domain, keeper)
        await raw_sandbox.publish(domain, finder)
    for _ in range(4):
        await raw_sandbox.run("plant", keeper.key, {}, Host(), wall_s=2)
    outcome = await raw_sandbox.run("other", finder.key, {}, Host(), wall_s=2)

    assert outcome.result["response"] == "{}"


async def test_a_worker_that_floods_its_socket_harms_only_itself(raw_sandbox):
    """Messages without end are refused at the first that is impossible, or grow no memory here."""
    flood = program("raw('while True: os.write(3, bytes([1]) + bytes(60_000))')")
    good = program("response = 'good'")
    await raw_sandbox.publish("plant", flood)
    await raw_sandbox.publish("plant", good)
    flooding = raw_sandbox.run("plant", flood.key, {}, Host(), wall_s=2)
    outcome = await raw_sandbox.run("plant", good.key, {}, Host(), wall_s=2)

    assert outcome.result["response"] == "good"
    with pytest.raises(ScriptFailed) as failed:
        await flooding
    assert failed.value.kind == "protocol"
