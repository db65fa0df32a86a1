"""Whatever a worker writes, the server and every other call go on: forged frames by the hundred thousand.

TOCSIN_SOAK_FRAMES sets the size of the long run, TOCSIN_SOAK_SEED what is forged.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import gc
import logging
import os
import random
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
import structlog
from tests.sandbox.stage import RAW, Host, program
from tests.soak import impostors, mutation
from tests.soak.reporting import scale, tell

from tocsin.sandbox import compiling, frames
from tocsin.sandbox.job import Job, Version
from tocsin.sandbox.pool import Pool
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, Script, ScriptFailed
from tocsin.sandbox.strikes import Record

pytestmark = pytest.mark.alone

FRAMES = scale("TOCSIN_SOAK_FRAMES", short=20_000, long=1_000_000)
SEED = int(os.environ.get("TOCSIN_SOAK_SEED", "1"))

WAITING = 24
"""Turns under way at any time."""
STUCK_S = 60
ROUND = 2_000
"""Frames between two looks at what became of the turns; then other programs come into force."""
FORGIVEN = frozenset({"protocol", "killed", "deadline", "overloaded", "no-worker"})
"""How a turn may fail that was given to a liar, besides as the liar says."""


@pytest.fixture(autouse=True)
def quiet():
    """Leave out the warning of each violation: a million of them is not what is tested."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**before)


@pytest.fixture
async def faults():
    """Collect whatever was raised where nobody catches it: there must be nothing."""
    found: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: found.append(context))
    yield found
    loop.set_exception_handler(None)


def resident_kib() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.fixture
def forgiving(monkeypatch):
    """Have most deaths forgotten: a program whose workers die would spend the whole run in the slow lane."""
    dice, died = random.Random(SEED), Record.died
    monkeypatch.setattr(
        Record, "died", lambda self, now, wall_s: died(self, now, wall_s) if dice.random() < 0.01 else None
    )


class Siege:
    """One crew whose workers are impostors and taken over sooner or later, with turns under way all the time."""

    def __init__(self, dice: random.Random) -> None:
        loop = asyncio.get_running_loop()
        self.dice = dice
        self.nursery = impostors.Nursery(loop, dice)
        self.pool = Pool(limits=Limits(), vocabulary="", required=True, width=4)
        self.pool._nursery = self.nursery  # type: ignore[assignment] # the same by shape
        self.crew = self.pool.crew("hostile")
        self.ended: collections.Counter[str] = collections.Counter()
        self.frames = 0
        self.hosts: list[Host] = []
        self.wrong: list[str] = []
        self._suspects: dict[int, str] = {}
        self._waiting = 0
        self._tags = 0
        self._version: Version | None = None
        self._loading: asyncio.Task[None] | None = None

    async def change_program(self) -> None:
        """Put a new program into force: the old one may have been exiled for its deaths."""
        made = program("response = 'x'")
        version = Version(made, {"10_.py": (f"digest of {made.key}", b"code" * 50)})
        old, self._version = self._version, version
        loading = asyncio.ensure_future(self.crew.load(version))
        while not loading.done():
            for impostor in list(self.nursery.alive.values()):
                impostor.listen()
                impostor.live()
            await asyncio.sleep(0)
        if old is not None:
            self.crew.retire(old.key)

    def submit(self) -> None:
        """Keep the crew busy."""
        assert self._version is not None
        while self._waiting < WAITING:
            self._tags += 1
            tag, host = self._tags, Host()
            future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            future.add_done_callback(lambda done, tag=tag, host=host: self._settled(tag, host, done))
            given = msgspec.Raw(msgspec.msgpack.encode({"tag": tag}))
            self._waiting += 1
            self.crew.submit(Job(self._version, given, host, future, time.monotonic() + 1.5, 250, False))

    def _settled(self, tag: int, host: Host, done: asyncio.Future[Any]) -> None:
        self._waiting -= 1
        if len(host.asked) > Limits().host_calls:
            self.wrong.append(f"turn {tag} made {len(host.asked)} host calls")
        error = done.exception()
        if error is None:
            outcome = "honest" if done.result().result == {"honest": tag} else "forged"
        elif isinstance(error, ScriptFailed):
            outcome = error.kind
        else:
            self.wrong.append(f"turn {tag} ended with {error!r}")
            return
        self.ended[outcome] += 1
        if outcome != "honest":
            self._suspects[tag] = outcome

    def step(self) -> None:
        """Let every impostor act once."""
        assert self._version is not None
        if self.dice.random() < 0.995:
            self._version.record(
                ""
            ).until = 0.0  # a program whose workers die waits in the slow lane for a minute
        for impostor in list(self.nursery.alive.values()):
            impostor.listen()
            if not impostor.lies and impostor.resident.lane != "solo" and self.dice.random() < 0.15:
                impostor.take_over()
            if not impostor.lies:
                impostor.live()
            elif self.dice.random() < 0.8:
                impostor.mutter(self.dice)
                self.frames += 1

    async def settle(self) -> None:
        """Let the honest finish what is under way, and hold the results against who had been given what."""
        for body, impostor in list(self.nursery.alive.items()):
            if impostor.lies:
                body.kill()
        until = time.monotonic() + 10
        while self._waiting and time.monotonic() < until:
            for impostor in list(self.nursery.alive.values()):
                impostor.listen()
                impostor.live()
            await asyncio.sleep(0)
        if self._waiting:
            self.wrong.append(f"{self._waiting} turns never ended")
        held = self.nursery.held_by_liars
        for tag, outcome in self._suspects.items():
            # A program whose workers die is made to wait in the slow lane, and may wait too long there.
            if tag not in held and outcome not in ("overloaded", "deadline", "no-worker"):
                self.wrong.append(f"turn {tag} was never given to a liar and ended as {outcome}")
        self._suspects.clear()
        held.clear()

    async def close(self) -> None:
        await self.pool.aclose()
        for _ in range(5):
            await asyncio.sleep(0)


class Neighbours:
    """Good calls in real workers beside all that: in a domain of their own, and in a domain with a real liar."""

    def __init__(self, sandbox: Sandbox, dice: random.Random) -> None:
        self.sandbox = sandbox
        self.dice = dice
        self.good = program("response = 'good ' + str(given['n'])")
        self.liar = program("raw(given['code'])\nresponse = 'the liar'")
        self.counts: collections.Counter[str] = collections.Counter()
        self.slowest_s = 0.0

    async def run(self) -> None:
        for domain in ("elsewhere", "plant"):
            assert await self.sandbox.publish(domain, self.good) == []
        assert await self.sandbox.publish("plant", self.liar) == []
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._call("elsewhere"))
            tasks.create_task(self._call("plant"))
            tasks.create_task(self._lie())

    async def _call(self, domain: str) -> None:
        n = 0
        while True:
            n += 1
            began = time.monotonic()
            outcome = await self.sandbox.run(domain, self.good.key, {"n": n}, Host(), wall_s=3)
            assert outcome.result["response"] == f"good {n}", outcome
            self.slowest_s = max(self.slowest_s, time.monotonic() - began)
            self.counts[f"good in {domain}"] += 1
            await asyncio.sleep(0.004)

    async def _lie(self) -> None:
        """Have a real worker write mutated frames, each of which may be its last."""
        while True:
            seed = mutation.forged(self.dice, self.dice.randrange(40), 1, self.liar.key)
            said = [mutation.lie(self.dice, seed)[:1_500] for _ in range(4)]
            code = f"for each in {said!r}:\n    say(each)"
            try:
                await self.sandbox.run("plant", self.liar.key, {"code": code}, Host(), wall_s=1)
                self.counts["lies of real workers unharmful"] += 1
            except ScriptFailed as error:
                self.counts[f"lies of real workers: {error.kind}"] += 1
            await asyncio.sleep(0.1)


async def besiege(total: int, siege: Siege, beside: asyncio.Task[None]) -> list[tuple[int, int, int]]:
    """Forge so many frames; return (frames, resident KiB, objects) at twenty moments of the run."""
    samples = []
    gc.collect()  # what other tests of this process have left is not counted as ours
    await siege.change_program()
    due = ROUND
    at, since = -1, 0.0
    while siege.frames < total:
        assert not beside.done(), beside.exception()
        if siege.frames > at:
            at, since = siege.frames, time.monotonic()
        assert time.monotonic() < since + STUCK_S, f"nobody has said anything since frame {at}"
        siege.submit()
        siege.step()
        await asyncio.sleep(0)
        if siege.frames >= due:
            await siege.settle()
            await siege.change_program()
            due += ROUND
        if siege.frames >= total * (len(samples) + 1) // 20:
            samples.append((siege.frames, resident_kib(), len(gc.get_objects())))
    await siege.settle()
    return samples


@pytest.mark.parametrize("total", FRAMES)
async def test_forged_frames_never_harm_the_server_or_another_call(total, forgiving, faults, capsys):
    """Liars hurt the turns they were given and nothing else; the good calls beside them never fail."""
    dice = random.Random(SEED)
    sandbox = Sandbox(limits=Limits(), vocabulary=RAW, workers=2)
    await sandbox.start()
    neighbours = Neighbours(sandbox, dice)
    beside = asyncio.ensure_future(neighbours.run())
    siege = Siege(dice)
    before = descriptors()
    began = time.monotonic()
    try:
        samples = await besiege(total, siege, beside)
        took = time.monotonic() - began
        members, tasks = len(siege.crew._members), len(siege.crew._tasks)
    finally:
        beside.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await beside
        await siege.close()
        await sandbox.aclose()

    half = samples[len(samples) // 2 :]
    lines = [
        f"{siege.frames} mutated frames of workers in {took:.1f} s ({siege.frames / took:.0f}/s), seed {SEED}",
        f"  impostors {siege.nursery.born}, turns {sum(siege.ended.values())}: {dict(siege.ended)}",
        f"  beside them {dict(neighbours.counts)}, slowest good call {neighbours.slowest_s * 1000:.0f} ms",
        f"  resident KiB {[each[1] for each in samples[::4]]}, objects {[each[2] for each in samples[::4]]}",
    ]
    tell(capsys, "frames", "\n".join(lines))
    assert faults == []
    assert siege.wrong == []
    assert siege.frames >= total
    assert siege.ended["honest"] > 0.1 * sum(siege.ended.values())
    assert siege.ended["forged"] > 0, "no lie was ever believed, so nothing but the decoder was tried"
    assert neighbours.counts["good in elsewhere"] > 0
    assert members <= 4 + 30
    assert tasks == 0
    assert descriptors() <= before
    assert half[-1][1] - half[0][1] < 8 * 1024
    assert half[-1][2] - half[0][2] < 20_000


class _Compilers(impostors.Nursery):
    """Makes compilers that say mutated things."""

    def speak(self, scripts: int) -> int:
        said = 0
        for impostor in list(self.alive.values()):
            for packet in mutation.packets(
                self._dice, mutation.lie(self._dice, mutation.compiled(self._dice, scripts), compiler=True)
            ):
                impostor.send(packet)
            said += 1
        return said


@pytest.mark.parametrize("total", scale("TOCSIN_SOAK_COMPILER_FRAMES", short=5_000, long=100_000))
async def test_forged_frames_of_compilers_make_parts_or_problems(total, faults, capsys):
    """A compiler that lies yields code for its own domain or a problem that says so; nothing else is raised."""
    dice = random.Random(SEED)
    nursery = _Compilers(asyncio.get_running_loop(), dice)
    compiler = compiling.Compiler(lambda: nursery)  # type: ignore[arg-type,return-value] # the same by shape
    said, outcomes = 0, collections.Counter[str]()
    before, began = descriptors(), time.monotonic()
    while said < total:
        scripts = [Script(f"{n}0_.py", f"response = {said}, {n}") for n in range(1, dice.randrange(2, 5))]
        compiling_ = asyncio.ensure_future(compiler.compile(scripts, frozenset()))
        while not compiling_.done():
            said += nursery.speak(len(scripts))
            await asyncio.sleep(0)
        parts = compiling_.result()
        assert [part.digest for part in parts] == [compiling.digest(script) for script in scripts]
        for part in parts:
            assert bool(part.code) != bool(part.problems)
            outcomes["problem" if part.problems else "code"] += 1
    for _ in range(5):
        await asyncio.sleep(0)
    took = time.monotonic() - began
    tell(capsys, "compiler-frames", f"{said} mutated frames of compilers in {took:.1f} s: {dict(outcomes)}")
    assert faults == []
    assert outcomes["code"]
    assert outcomes["problem"]
    assert not nursery.alive
    assert descriptors() <= before


@pytest.mark.parametrize("total", scale("TOCSIN_SOAK_DECODED", short=20_000, long=1_000_000))
def test_decoders_know_messages_and_violations_only(total):
    """The pure half, without sockets: bytes become a message, or a Violation, in bounded time."""
    dice = random.Random(SEED + 1)
    slowest, decoded = 0.0, 0
    for _ in range(total):
        is_compiler = dice.random() < 0.3
        seed = mutation.compiled(dice, 3) if is_compiler else mutation.forged(dice, 5, 3, "key")
        message = mutation.lie(dice, seed, compiler=is_compiler)
        decode = frames.decode_compiler_report if is_compiler else frames.decode_report
        began = time.perf_counter()
        try:
            said = decode(message)
        except frames.Violation:
            continue
        finally:
            slowest = max(slowest, time.perf_counter() - began)
        decoded += 1
        assert isinstance(said, msgspec.Struct)
    assert 0 < decoded < total
    assert slowest < 0.5
