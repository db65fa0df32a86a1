"""Births and deaths: workers are replaced, recycled and reaped; nothing outlives the server."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import structlog
from tests.sandbox.stage import CHILDLESS, PLAIN, Host, program, until

from tocsin.sandbox import crew, nursery, pool
from tocsin.sandbox.nursery import SandboxUnavailable
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, ScriptFailed

GOOD = program("response = 'good'")
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")


async def turn(sandbox, domain: str = "plant") -> str:
    outcome = await sandbox.run(domain, GOOD.key, {}, Host(), wall_s=3)
    return outcome.result["response"]


def alive(pid: int) -> bool:
    """Whether the process exists and is no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def descriptors_open() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_a_killed_worker_is_replaced_at_once(sandbox):
    """Idle or busy, its place is taken and turns go on."""
    await sandbox.publish("plant", GOOD)
    for _ in range(3):
        assert await turn(sandbox) == "good"
        before = sandbox.pids("plant")
        for pid in before:
            os.kill(pid, signal.SIGKILL)
        assert await turn(sandbox) == "good"
        await until(lambda before=before: len(set(sandbox.pids("plant")) - set(before)) == 2)


async def test_a_worker_without_a_process_id_yet_is_not_named_by_0(sandbox):
    """It may say that it is ready before the zygote has said which process it is; 0 would be one's own group."""
    await sandbox.publish("plant", GOOD)
    await until(lambda: len(sandbox.pids("plant")) == 2)
    first, *others = sandbox.pids("plant")
    (child,) = [one.child for one in sandbox._pool.crew("plant")._members if one.child.pid == first]
    child.pid = 0

    assert sandbox.pids("plant") == others
    child.pid = first


async def test_a_dead_zygote_is_replaced_and_waiting_turns_are_run(sandbox):
    """All workers die with it; a new one forks new ones; a turn that had no effect is run again."""
    await sandbox.publish("plant", GOOD)
    assert await turn(sandbox) == "good"
    workers = sandbox.pids("plant")
    os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
    assert await turn(sandbox) == "good"
    await until(lambda: sandbox.stats().get("zygote_deaths") == 1)
    assert await turn(sandbox) == "good"

    await until(lambda: not any(alive(pid) for pid in workers))


@pytest.fixture
def no_memory(monkeypatch):
    """Let no process be started while the list has items: what is raised for each attempt."""
    errors: list[BaseException] = []
    original = nursery._execute

    def execute(*arguments):
        if errors:
            raise errors.pop()
        return original(*arguments)

    monkeypatch.setattr(nursery, "_execute", execute)
    monkeypatch.setattr(pool, "_RESTARTS_S", (0.0, 0.02))
    return errors


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOMEM, "Cannot allocate memory"), MemoryError()], ids=["system", "python"]
)
async def test_a_zygote_that_cannot_be_started_is_tried_again(sandbox, no_memory, error):
    """What killed it, such as a machine out of memory, often keeps the next from starting too."""
    await sandbox.publish("plant", GOOD)
    no_memory += [error, error]
    os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
    await until(lambda: not no_memory)

    assert await turn(sandbox) == "good"
    assert sandbox.outage == ""


@pytest.fixture
def dies_when_up(monkeypatch):
    """Return what has the next zygote die in the turn of the loop in which it says that it has started."""
    killed: list[int] = []
    original = nursery.Nursery._readable

    def readable(self):
        had_started = self._started.done()
        original(self)
        if not killed and self._started.done() and not had_started:
            killed.append(self.pid)
            os.kill(self.pid, signal.SIGKILL)
            self._process.wait()

    def begin() -> list[int]:
        monkeypatch.setattr(nursery.Nursery, "_readable", readable)
        return killed

    return begin


async def test_a_zygote_that_dies_as_soon_as_it_is_up_is_started_again(sandbox, dies_when_up):
    """Its death is heard before whoever waited for its start has gone on; it counts all the same."""
    await sandbox.publish("plant", GOOD)
    killed = dies_when_up()
    os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
    await until(lambda: killed)

    assert await turn(sandbox) == "good"
    assert sandbox.stats()["zygote"] not in killed


async def test_a_first_zygote_that_dies_as_soon_as_it_is_up_is_told(dies_when_up):
    """A start that says all is well would be believed."""
    killed = dies_when_up()
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    report = await sandbox.start()
    await sandbox.aclose()

    assert killed
    assert "died as soon as it was up" in report.fault


async def test_while_there_is_no_zygote_turns_fail_at_once_and_the_sandbox_says_so(
    sandbox, no_memory, monkeypatch
):
    """Whoever waits on the telephone is answered by other means, without having waited for nothing."""
    monkeypatch.setattr(pool, "OUTAGE_S", 0.05)
    await sandbox.publish("plant", GOOD)
    no_memory += [OSError(errno.EAGAIN, "Resource temporarily unavailable")] * 1_000
    os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
    await until(lambda: sandbox.outage)
    with pytest.raises(ScriptFailed, match="the sandbox is down") as failed:
        await asyncio.wait_for(sandbox.run("plant", GOOD.key, {}, Host(), wall_s=60), 1)
    with pytest.raises(SandboxUnavailable):
        await sandbox.publish("plant", program("response = 'another'"))
    no_memory.clear()
    await until(lambda: not sandbox.outage)

    assert failed.value.kind == "no-worker"
    assert await turn(sandbox) == "good"


@pytest.fixture
def no_child():
    """The file that keeps a zygote with the childless vocabulary from forking, once a test makes it."""
    file = Path(f"/tmp/tocsin-no-fork-{os.getpid()}")
    yield file
    file.unlink(missing_ok=True)


async def test_where_no_process_can_be_made_it_is_tried_at_leisure_and_told(no_child):
    """A limit on processes is reached: the gateway neither burns its processor nor says nothing."""
    sandbox = Sandbox(limits=Limits(), vocabulary=CHILDLESS, workers=2)
    await sandbox.start()
    await sandbox.publish("plant", GOOD)
    assert await turn(sandbox) == "good"
    await until(lambda: len(sandbox.pids("plant")) == 2)
    no_child.touch()
    with structlog.testing.capture_logs() as logged:
        while pids := sandbox.pids("plant"):  # the one in reserve takes the place of the first
            for pid in pids:
                os.kill(pid, signal.SIGKILL)
            await asyncio.sleep(0.1)
        before = sandbox.stats()["workers_started"]
        with pytest.raises(SandboxUnavailable, match="Resource temporarily unavailable"):
            await sandbox.publish("plant", program("response = 'another'"))
        await asyncio.sleep(1)
    tried = sandbox.stats()["workers_started"] - before
    no_child.unlink()
    outcome = await sandbox.run("plant", GOOD.key, {}, Host(), wall_s=20)

    assert tried < 20
    whys = [one["why"] for one in logged if one["event"] == "worker-not-born"]
    assert 1 <= len(whys) < 5
    assert "Resource temporarily unavailable" in whys[0]
    assert outcome.result["response"] == "good"
    await sandbox.aclose()


async def test_a_turn_with_an_effect_is_not_run_again_when_the_zygote_dies(sandbox):
    """It fails cleanly, with the reason."""
    made = program("ask('gate')\nresponse = 'x'")
    host = Host()
    await sandbox.publish("plant", made)
    waiting = sandbox.run("plant", made.key, {}, host, wall_s=3)
    await until(lambda: host.asked)
    os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
    with pytest.raises(ScriptFailed) as failed:
        await waiting

    assert failed.value.kind == "killed"
    assert len(host.asked) == 1


async def test_workers_are_recycled_without_a_gap(sandbox, monkeypatch):
    """After so many turns a worker is replaced by a fresh one; no turn notices."""
    monkeypatch.setattr(crew, "RECYCLE_AFTER", 50)
    await sandbox.publish("plant", GOOD)
    first = set(sandbox.pids("plant"))
    for _ in range(500):
        assert await asyncio.gather(*(turn(sandbox) for _ in range(16))) == ["good"] * 16
        if sandbox.stats().get("workers_recycled", 0) >= 4:
            break
    await until(lambda: not first & set(sandbox.pids("plant")))
    await until(lambda: sandbox.stats()["domains"]["plant"]["workers"] == 2)


@pytest.fixture
def no_replacement(monkeypatch):
    """Count the workers that were to replace another and came to nothing; the first two do."""
    lost: list[str] = []
    original = nursery.Nursery.fork

    def fork(self, role, resident, **options):
        replaces = role == "worker" and resident.replaces is not None
        if replaces and not lost:
            lost.append("unborn")
            raise OSError(errno.EMFILE, "Too many open files")
        child = original(self, role, resident, **options)
        if replaces and len(lost) == 1:
            lost.append("stillborn")
            child.ready = None  # even one from the reserve, which would be at work at once
            child.kill()
        return child

    monkeypatch.setattr(nursery.Nursery, "fork", fork)
    return lost


async def test_a_worker_whose_replacement_comes_to_nothing_is_replaced_later(
    sandbox, monkeypatch, no_replacement
):
    """One moment without a descriptor, and it would live for as long as the gateway."""
    monkeypatch.setattr(crew, "RECYCLE_AFTER", 10)
    await sandbox.publish("plant", GOOD)
    await until(lambda: len(sandbox.pids("plant")) == 2)
    first = set(sandbox.pids("plant"))
    async with asyncio.timeout(20):
        while first & set(sandbox.pids("plant")):
            assert await asyncio.gather(*(turn(sandbox) for _ in range(16))) == ["good"] * 16

    assert no_replacement == ["unborn", "stillborn"]


@linux
async def test_nothing_is_left_behind_by_many_births_and_deaths(sandbox, monkeypatch):
    """No zombie, no descriptor and no process remains of workers that came and went."""
    monkeypatch.setattr(crew, "RECYCLE_AFTER", 5)
    await sandbox.publish("plant", GOOD)
    zygote = sandbox.stats()["zygote"]

    def at_rest() -> bool:
        # Two workers, and a worker and a compiler in reserve: all locked, and nobody beside them.
        reserve = [spare.child for spare in sandbox._pool.nursery()._spares.values() if spare.child]
        return (
            len(sandbox.pids("plant")) == 2
            and [child.pid > 0 and child.ready is not None for child in reserve] == [True, True]
            and len(Path(f"/proc/{zygote}/task/{zygote}/children").read_text().split()) == 4
        )

    async def settled() -> int:
        await until(at_rest)
        return descriptors_open()

    await asyncio.gather(*(turn(sandbox) for _ in range(100)))
    before = await settled()
    while sandbox.stats()["workers_started"] < 50:
        await asyncio.gather(*(turn(sandbox) for _ in range(20)))

    await settled()
    # A leak would be one for each of them; the end of the last is read a moment after it.
    await until(lambda: descriptors_open() <= before + 2)


async def test_closing_ends_every_process_and_every_turn():
    """After aclose nothing runs, and what was under way has failed."""
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN)
    await sandbox.start()
    made, host = program("ask('gate')"), Host()
    await sandbox.publish("plant", made)
    waiting = sandbox.run("plant", made.key, {}, host, wall_s=5)
    await until(lambda: host.asked)
    pids = [*sandbox.pids("plant"), sandbox.stats()["zygote"]]
    await sandbox.aclose()

    with pytest.raises(ScriptFailed):
        await waiting
    await until(lambda: not any(alive(pid) for pid in pids))


async def test_a_turn_given_up_before_it_began_is_not_run(sandbox):
    """Cancelling what `run` returned takes the turn out of the queue."""
    await sandbox.publish("plant", GOOD)
    asking = program("ask('echo')")
    await sandbox.publish("plant", asking)
    host = Host()
    given_up = sandbox.run("plant", asking.key, {}, host, wall_s=2)
    given_up.cancel()

    assert await turn(sandbox) == "good"
    assert host.asked == []


@linux
async def test_a_deadline_holds_while_the_zygote_is_held_up(sandbox):
    """Only the zygote can tell how a worker ended; whoever is on the telephone does not wait for that."""
    loop = program("while True:\n    pass")
    for made in (loop, GOOD):
        assert await sandbox.publish("plant", made) == []
    await until(lambda: len(sandbox.pids("plant")) == 2)
    zygote = sandbox.stats()["zygote"]
    os.kill(zygote, signal.SIGSTOP)
    try:
        waiting = sandbox.run("plant", loop.key, {}, Host(), wall_s=0.3, cpu_ms=5_000)
        await asyncio.sleep(0.05)
        for pid in sandbox.pids("plant"):
            os.kill(pid, signal.SIGSEGV)
        with pytest.raises(ScriptFailed) as failed:
            await asyncio.wait_for(waiting, 5)
    finally:
        os.kill(zygote, signal.SIGCONT)

    assert failed.value.kind == "deadline"
    assert await turn(sandbox) == "good"
    await until(lambda: not sandbox._pool.crew("plant")._dying)


async def test_a_start_that_is_called_off_says_nothing_of_the_locks():
    """Whoever reads the log of a start that failed would look for a trouble that is not there."""
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    with structlog.testing.capture_logs() as told:
        starting = asyncio.ensure_future(sandbox.start())
        await asyncio.sleep(0.02)
        await sandbox.aclose()
        await asyncio.gather(starting, return_exceptions=True)

    assert "sandbox-not-locked" not in [line["event"] for line in told]


async def test_a_start_that_is_called_off_at_its_very_end_raises_nothing(monkeypatch):
    """Ctrl-C just before the gateway is ready is no fault of the program."""
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    start = pool.Pool.start

    async def closed_behind(self):
        await start(self)
        await sandbox.aclose()

    monkeypatch.setattr(pool.Pool, "start", closed_behind)
    assert not (await sandbox.start()).locked


async def test_a_sandbox_that_has_begun_is_started_once():
    """Who begins early and who waits for the start may be two; both get the same processes and report."""
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    sandbox.begin()
    sandbox.begin()
    first = await sandbox.start()
    zygote = sandbox.stats()["zygote"]

    assert await sandbox.start() is first
    assert sandbox.stats()["zygote"] == zygote
    await sandbox.aclose()
    assert not alive(zygote)
    again = await sandbox.start()
    assert again.locked == first.locked
    assert sandbox.stats()["zygote"] != zygote
    await sandbox.aclose()


SERVER = """
import asyncio, sys
from tests.sandbox.stage import PLAIN, Host, program
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits

async def main():
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    report = await sandbox.start()
    made = program("import math\\nresponse = str(math.floor(2.5))")
    assert await sandbox.publish("plant", made) == []
    outcome = await sandbox.run("plant", made.key, {}, Host(), wall_s=3)
    loop = program("while True: pass")
    await sandbox.publish("plant", loop)
    turn = asyncio.ensure_future(sandbox.run("plant", loop.key, {}, Host(), wall_s=60, cpu_ms=60_000))
    await asyncio.sleep(0.05)
    print(outcome.result["response"], report.locked, sandbox.stats()["zygote"], *sandbox.pids("plant"), flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@linux
async def test_nothing_outlives_a_server_that_is_killed():
    """kill -9 of the server ends the zygote and every worker, looping ones too."""
    root = Path(__file__).parents[3]
    server = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        SERVER,
        cwd=root,
        env={"PYTHONPATH": f"{root / 'runtime'}:{root}", "PATH": os.environ["PATH"]},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        answer, locked, *pids = (await server.stdout.readline()).decode().split()
        assert (answer, locked) == ("2", "True")
        assert len(pids) >= 2
        assert all(alive(int(pid)) for pid in pids)
    finally:
        server.kill()
        await server.wait()
    await until(lambda: not any(alive(int(pid)) for pid in pids))


def test_a_sandbox_may_be_started_from_any_thread():
    """Parent-death signals are tied to threads; one that ends early must not take the zygote with it."""

    async def story() -> str:
        sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
        loop = asyncio.get_running_loop()
        await sandbox.start()
        await sandbox.publish("plant", GOOD)
        await loop.run_in_executor(None, lambda: None)
        answer = await turn(sandbox)
        await sandbox.aclose()
        return answer

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asyncio.run, story()).result() == "good"
