"""A worker that has been taken over and lies: it is ended, nobody is fooled, no other turn is lost."""

from __future__ import annotations

import asyncio
import sys

import pytest
import structlog
from tests.sandbox.stage import Host, program, until

from tocsin.sandbox import frames, pool
from tocsin.sandbox.compiling import _Compilation
from tocsin.sandbox.script import Script, ScriptFailed

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


@pytest.mark.parametrize(
    ("lines", "kept"), [([17_000], None), ([9_000, 8_000], None), ([8_000, 8_000], 2)], ids=str
)
async def test_no_worker_leaves_a_longer_log_than_a_turn_may(raw_sandbox, lines, kept):
    """The worker counts; the gateway, which stores the log for months, does not rely on that."""
    liar = program("raw(given['code'])")
    await raw_sandbox.publish("plant", liar)
    logs = ",".join(f'["a.py",1,"info","{"L" * length}"]' for length in lines)
    forged = f'[3,[[1,0,{{"response":"my own","memory":{{}}}},[{logs}],1,0,"scripts",[]]]]'
    turn = raw_sandbox.run(
        "plant", liar.key, {"code": f"say({forged.encode()!r}); os._exit(0)"}, Host(), wall_s=2
    )

    if kept:
        assert len((await turn).logs) == kept
    else:
        with pytest.raises(ScriptFailed) as failed:
            await turn
        assert failed.value.kind == "protocol"


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


AFTER_ITS_TURN = {
    "a-program-it-was-not-given-again": b'[4,"KEY",""]',
    "last-words-again-and-again": b'[9,"' + b"A" * 19_000 + b'"]',
}


@pytest.mark.parametrize("words", AFTER_ITS_TURN.values(), ids=AFTER_ITS_TURN.keys())
async def test_a_worker_that_talks_on_after_its_turn_is_ended_at_once(raw_sandbox, words):
    """No deadline watches it any more: what a worker says once in its life is refused the second time."""
    liar = program("raw(given['code'])")
    await raw_sandbox.publish("plant", liar)
    code = goes_on(f"say({words.replace(b'KEY', liar.key.encode())!r})")
    with structlog.testing.capture_logs() as logged:
        outcome = await raw_sandbox.run("plant", liar.key, {"code": code}, Host(), wall_s=20)
        await until(lambda: any(one["event"] == "worker-violated-protocol" for one in logged))
        again = await raw_sandbox.run("plant", liar.key, {"code": ""}, Host(), wall_s=2)

    assert outcome.result["response"] == "my own"
    assert again.result["response"] == ""
    assert sum(one["event"] == "worker-crashed" for one in logged) <= 1


@pytest.mark.skipif(sys.platform != "linux", reason="reads another process's clock")
async def test_a_worker_that_works_on_after_its_turn_is_ended(raw_sandbox, monkeypatch):
    """It has no turn that could come to a deadline, and would take a processor from the gateway for ever."""
    monkeypatch.setattr(pool, "PATROL_S", 0.3)
    raw_sandbox._pool._patrol()
    busy, good = program("raw(given['code'])"), program("response = 'good'")
    await raw_sandbox.publish("plant", busy)
    await raw_sandbox.publish("plant", good)
    outcome = await raw_sandbox.run("plant", busy.key, {"code": goes_on("pass")}, Host(), wall_s=20)
    await until(lambda: raw_sandbox.stats().get("workers_unasked") == 1, within_s=20)
    await asyncio.sleep(1)

    assert outcome.result["response"] == "my own"
    assert raw_sandbox.stats()["workers_unasked"] == 1, "one that waits was taken for one that works"
    assert (await raw_sandbox.run("plant", good.key, {}, Host(), wall_s=2)).result["response"] == "good"


@pytest.mark.parametrize(
    "said",
    [
        [frames.Crashed("first"), frames.Crashed("second")],
        [frames.Compiling(0), frames.Compiling(0)],
        [frames.Ready([]), frames.Ready([])],
    ],
    ids=lambda said: type(said[0]).__name__,
)
async def test_a_compiler_says_nothing_twice(said):
    """One that was taken over would keep a project's reload waiting, or fill the log, for as long as it likes."""
    compilation = _Compilation(Nobody(), {"digest": Script("10_.py", "")}, frozenset(), frozenset())
    first, second = (frames.encode_compiler_report(each) for each in said)
    compilation.heard(first)
    with pytest.raises(frames.Violation):
        compilation.heard(second)


class Nobody:
    """Stands for a nursery, its child and the child's channel: says nothing, so that the test can."""

    ready = None

    def __init__(self):
        self.loop = asyncio.get_running_loop()
        self.channel = self

    def fork(self, role, resident):
        return self

    def send(self, message):
        """Take an order."""


def goes_on(what: str) -> str:
    """Return code that answers its turn in its own words and then does `what` without end."""
    forged = b'[3,[[1,0,{"response":"my own","memory":{}},[],1,0,"scripts",[]]]]'
    return f"for timer in (0, 1, 2): signal.setitimer(timer, 0)\nsay({forged!r})\nwhile True: {what}"


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
