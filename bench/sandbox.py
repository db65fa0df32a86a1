"""Measures the sandbox by itself: what one turn costs the server and a worker, and what a worker costs.

`python bench/sandbox.py` prints absolute figures of this machine; the ratios that count are in runtime.py.
Processor time per turn is what a busy machine changes least.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "runtime"), str(ROOT)]

from tests.sandbox.stage import PLAIN, Host, program  # noqa: E402  the path has to be there first

from tocsin.sandbox import crew  # noqa: E402
from tocsin.sandbox.sandbox import Sandbox  # noqa: E402
from tocsin.sandbox.script import Limits, Program, Script  # noqa: E402

TURNS = 8_000
GIVEN = {"params": {f"Parameter{n}": f"value number {n}" for n in range(28)}, "digits": "4711"}
TURN = program("response = '<Response><Say>Pump 2: ' + given['digits'] + '</Say></Response>'")
ASKING = program("response = str(ask('echo', given['digits']))")


def cpu_s(pid: int) -> float:
    """Return the processor time of another process, by its own clock."""
    return time.clock_gettime((~pid << 3) | 2)


def private_kib(pid: int) -> int:
    """Return the memory that no other process shares."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private"))


async def turns(sandbox: Sandbox, made: Program, at_once: int) -> None:
    """Run TURNS turns, so many at any time, and print what each took."""

    async def caller() -> None:
        for _ in range(TURNS // at_once):
            await sandbox.run("plant", made.key, GIVEN, host, wall_s=2)

    host = Host()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    pids = sandbox.pids("plant")
    workers, server, began = sum(map(cpu_s, pids)), time.thread_time(), time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(at_once)))
    each = 1e6 / TURNS
    wall = (time.perf_counter() - began) * each
    server_us = (time.thread_time() - server) * each
    workers_us = (sum(map(cpu_s, pids)) - workers) * each
    print(
        f"  {at_once:3} at once: {wall:6.1f} us wall, {server_us:5.1f} us server, {workers_us:5.1f} us worker"
    )


async def respawns(sandbox: Sandbox) -> list[float]:
    """Kill workers; return the milliseconds until two are ready again."""
    took = []
    for _ in range(15):
        await sandbox.run("plant", TURN.key, GIVEN, Host(), wall_s=2)
        before = set(sandbox.pids("plant"))
        victim = min(before)
        began = time.perf_counter()
        os.kill(victim, signal.SIGKILL)
        while len(set(sandbox.pids("plant")) - {victim}) < 2:
            await asyncio.sleep(0)
        took.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.3)
    return took


async def publishing(sandbox: Sandbox) -> None:
    """Load 200 scripts, then change one."""
    body = "\n".join(f"def step_{n}(text):\n    return text + ' {n}'" for n in range(10))
    scripts = [Script(f"{n:03}_part.py", f"# {n}\n{body}\nresponse = step_1(response)") for n in range(200)]
    for number, words in enumerate(("200 scripts loaded", "one of them changed")):
        scripts[0] = Script(scripts[0].name, f"response = '{number}'")
        began = time.perf_counter()
        problems = await sandbox.publish("plant", Program(f"large-{number}", tuple(scripts), ()))
        assert problems == []
        print(f"  {words}: {(time.perf_counter() - began) * 1000:.0f} ms")


async def main() -> None:
    """Print all of it."""
    crew.RECYCLE_AFTER = 10**9  # a worker that is replaced meanwhile would take its clock with it
    began = time.perf_counter()
    sandbox = Sandbox(limits=Limits(), vocabulary=PLAIN, workers=2)
    report = await sandbox.start()
    print(f"start with self-test: {(time.perf_counter() - began) * 1000:.0f} ms, locked: {report.locked}")
    for what, made in (("a turn", TURN), ("a turn with a host call", ASKING)):
        await sandbox.publish("plant", made)
        print(f"{what}:")
        for at_once in (1, 4, 16, 64):
            await turns(sandbox, made, at_once)
    took = await respawns(sandbox)
    print(f"a killed worker replaced: median {median(took):.1f} ms, slowest {max(took):.1f} ms")
    memory: list[Any] = [private_kib(pid) for pid in sandbox.pids("plant")]
    print(f"private memory of a worker: {max(memory)} KiB")
    print("publishing:")
    await publishing(sandbox)
    await sandbox.aclose()


if __name__ == "__main__":
    uvloop.run(main())
