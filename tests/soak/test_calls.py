"""Calls by the hundred thousand through `tocsin serve`: nothing that is held may grow with their number.

The server is a process of its own with a witness inside (`observed`). Beside the calls a script is saved
every second, the configuration now and then, and workers are killed. What is held is sampled over the whole
run; a straight line through the second half must not climb by more than the bound stated for it.
TOCSIN_SOAK_TURNS sets the size of the long run, TOCSIN_SOAK_SECONDS ends it earlier.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import signal
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import uvloop
from tests.serving import served
from tests.soak import load, processes
from tests.soak.reporting import scale, tell

pytestmark = pytest.mark.alone

TURNS = scale("TOCSIN_SOAK_TURNS", short=5_000, long=830_000)  # 500,000 calls
SECONDS = float(os.environ.get("TOCSIN_SOAK_SECONDS", "0")) or None
WORKERS = 3 * (max(2, os.cpu_count() or 1) + 1)
"""Of a gateway at rest: two projects and the default, each with a worker per core and one for what is slow."""
OBSERVED = ("-m", "tests.soak.observed")


class Bound(NamedTuple):
    """By how much a line through the second half may climb: a share of the mean, and so much besides."""

    share: float
    besides: float


BOUNDS: dict[str, Bound] = {
    "rss MiB": Bound(0.03, 3),
    "uss MiB": Bound(0.03, 3),
    "zygote rss MiB": Bound(0.01, 0.5),
    "zygote files": Bound(0, 1),
    "workers": Bound(0, 3),
    "median worker MiB": Bound(0.1, 0.5),
    "zombies": Bound(0, 1),
    "files": Bound(0, 6),
    "database files": Bound(0, 0.5),
    "calls": Bound(0.2, 50),
    "legs": Bound(0.2, 50),
    "answers": Bound(0.2, 100),
    "turns running": Bound(0, 12),
    "turns waiting": Bound(0, 5),
    "releases": Bound(0.2, 10),
    "pins": Bound(0.2, 50),
    "versions": Bound(0.2, 10),
    "versions of crews": Bound(0.2, 10),
    "versions of a member": Bound(0.2, 10),
    "digests of a member": Bound(0.2, 15),
    "parts remembered": Bound(0.1, 30),
    "members": Bound(0, 3),
    "children": Bound(0, 3),
    "host calls": Bound(0, 3),
    "episodes": Bound(0, 5),
    "trace rows": Bound(0, 400),
    "readers": Bound(0, 0.5),
    "tasks": Bound(0, 20),
    "threads": Bound(0, 6),
    "blocks": Bound(0.05, 10_000),
    "wal MiB": Bound(0.1, 8),
}


class Size(NamedTuple):
    """What a long and a short run differ in, besides the number of turns."""

    speed: float
    every_s: float
    lost: float
    samples: int
    """Fewer than these in the second half are no ground for a line."""


SHORT = Size(speed=60, every_s=0.5, lost=0.0, samples=0)
LONG = Size(speed=20, every_s=2.0, lost=0.002, samples=25)


async def disturb(folder: Path, server: int, counts: dict[str, int]) -> None:
    """Save scripts, change the configuration and kill workers, for as long as it is let."""
    dice = random.Random(3)
    toml = (folder / "tocsin.toml").read_text()
    for second in range(10**9):
        await asyncio.sleep(1)
        fresh = folder / "twilio_scripts" / ".90_live.py.new"
        fresh.write_text(
            f"SAVED = {second}\nif callAction == 'live':\n    print(SAVED)\n" + "# padding\n" * 200
        )
        fresh.replace(folder / "twilio_scripts" / "90_live.py")
        counts["scripts saved"] += 1
        if second % 20 == 19:
            (folder / "tocsin.toml").write_text(toml.replace('"Riverside"', f'"Riverside {second}"'))
            counts["configurations saved"] += 1
        if second % 10 == 4:
            victims = [pid for pid in processes.tree(server) - {server} if is_worker(pid, server)]
            if victims:
                with contextlib.suppress(ProcessLookupError):  # it may have ended since
                    os.kill(dice.choice(victims), signal.SIGKILL)
                    counts["workers killed"] += 1


def is_worker(pid: int, server: int) -> bool:
    """Whether this is a child of a child of the server."""
    every = processes.stats()
    parent = every.get(pid, (0, ""))[0]
    return parent != server and every.get(parent, (0, ""))[0] == server


async def put_under_load(callers: load.Load, folder: Path, server: int, counts: dict[str, int]) -> None:
    disturbing = asyncio.ensure_future(disturb(folder, server, counts))
    try:
        async with asyncio.timeout(SECONDS):
            await callers.run()
    except TimeoutError:
        counts["ended early"] = 1
    finally:
        # One that ended by itself would leave the calls undisturbed, and nobody would know.
        ended = disturbing.done()
        disturbing.cancel()
        await asyncio.gather(disturbing, return_exceptions=not ended)


def still_alive(pids: set[int]) -> list[int]:
    """Return those that are neither gone nor waiting to be buried by whoever adopted them."""
    every = processes.stats()
    return [pid for pid in pids if every.get(pid, (0, "Z"))[1] != "Z"]


def rows(file: Path) -> list[dict[str, float]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def quiet(
    file: Path, after: int, fits: Callable[[dict[str, float]], bool], within_s: float
) -> dict[str, float]:
    """Return the first sample after number `after` that fits, else the last there is."""
    until = time.monotonic() + within_s
    while time.monotonic() < until:
        for row in rows(file)[after:]:
            if fits(row):
                return row
        time.sleep(0.2)  # the witness is another process
    return rows(file)[-1]


def climb(samples: list[dict[str, float]], name: str) -> tuple[float, float]:
    """Return the mean of a value, and by how much a straight line through it climbs from first to last."""
    at, values = [row["s"] for row in samples], [row[name] for row in samples]
    mean = statistics.fmean(values)
    if len(values) < 3 or len(set(values)) == 1:
        return mean, 0.0
    return mean, statistics.linear_regression(at, values).slope * (at[-1] - at[0])


def table(samples: list[dict[str, float]], half: list[dict[str, float]], end: dict[str, float]) -> str:
    """Return what was held, one line for each thing."""
    lines = [
        f"{'':22}{'first':>10}{'middle':>10}{'last':>10}{'greatest':>10}{'after':>10}{'climb':>9}{'bound':>9}"
    ]
    for name in (one for one in samples[0] if one != "s"):
        mean, climbed = climb(half, name)
        bound = BOUNDS.get(name)
        allowed = f"{bound.share * mean + bound.besides:9.1f}" if bound else "        -"
        values = (
            samples[0][name],
            half[0][name],
            samples[-1][name],
            max(row[name] for row in samples),
            end[name],
        )
        lines.append(
            f"{name:22}" + "".join(f"{value:10.1f}" for value in values) + f"{climbed:9.1f}{allowed}"
        )
    return "\n".join(lines)


@pytest.mark.parametrize("total", TURNS)
def test_nothing_grows_with_the_number_of_calls(total, tmp_path, capsys):
    """Memory, files, processes and every table in memory stay flat, and empty themselves when all is quiet.

    A short run is too short for a line: it holds that everything empties itself.
    """
    size = SHORT if total <= 20_000 else LONG
    folder, samples_file = load.write_plant(tmp_path / "plant"), tmp_path / "samples.jsonl"
    environ = {
        "TOCSIN_SOAK_SAMPLES": str(samples_file),
        "TOCSIN_SOAK_EVERY_S": str(size.every_s),
        "TOCSIN_SOAK_SPEED": str(size.speed),
    }
    counts: dict[str, int] = {"scripts saved": 0, "configurations saved": 0, "workers killed": 0}
    with served(folder, dev=False, program=OBSERVED, environ=environ) as (url, server):
        token = (folder / ".tocsin" / "cli-token").read_text()
        callers = load.Load(int(url.rsplit(":", 1)[1]), token, total=total, seed=1, lost=size.lost)
        began = time.monotonic()
        uvloop.run(put_under_load(callers, folder, server.pid, counts))
        took = time.monotonic() - began
        samples = rows(samples_file)
        # A call nobody ended is let go after twice its longest time, a release a minute after its last call.
        forgotten_s = 10 + (100 + (1900 if size.lost else 0)) / size.speed
        end = quiet(
            samples_file,
            len(samples) + 1,
            lambda row: row["calls"] == 0 and row["workers"] <= WORKERS,
            forgotten_s,
        )
        below = processes.tree(server.pid)
    until = time.monotonic() + 5
    while (left := still_alive(below)) and time.monotonic() < until:
        time.sleep(0.05)  # they were killed, and take a moment to be gone

    half = samples[len(samples) // 2 :]
    log_kib, database_kib = (folder / "serve.log").stat().st_size / 1024, end["database MiB"] * 1024
    lines = [
        f"{callers.turns} turns in {callers.calls} calls in {took:.0f} s, {callers.turns / took:.0f} turns/s",
        f"one second of the gateway lasting 1/{size.speed:g} s",
        f"{dict(callers.kinds)}",
        f"{counts}, per turn {log_kib / callers.turns:.2f} KiB of log, {database_kib / callers.turns:.2f} of database",
        table(samples, half, end),
    ]
    text = "\n".join(lines)
    tell(capsys, "calls", text)
    assert callers.faults == []
    assert left == [], "processes outlive the server"
    assert end["calls"] == end["legs"] == 0
    assert end["zombies"] == 0
    assert end["turns of members"] == end["host calls"] == 0
    assert end["workers"] <= WORKERS
    assert end["versions"] == end["releases"]
    assert_flat(half, size)


def assert_flat(half: list[dict[str, Any]], size: Size) -> None:
    """Hold every bound against the line through the second half, where there are enough samples for one."""
    if len(half) < size.samples or not size.samples:
        return
    climbing = []
    for name, bound in BOUNDS.items():
        mean, climbed = climb(half, name)
        if climbed > bound.share * mean + bound.besides:
            climbing.append(f"{name} climbs by {climbed:.1f} from about {mean:.1f}")
    assert climbing == []
