"""What happens around calls: a killed worker, a saved script, many scripts, memory, start-up."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from figures import Figure, quantile
from hosts import ROOT, Host, running
from paced import ask
from plants import MENU, write_plant, write_scripts
from processes import private_mib, resident_mib, workers
from webhooks import webhook

from tocsin.clock import SystemClock
from tocsin.config import shipped
from tocsin.db import Database
from tocsin.gateway.sandboxing import VOCABULARY
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits
from tocsin.scripts import Library

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

SAMPLE = ROOT / "sample_project"
_LONG_S = 10.0


def _spread(times: list[float], unit: str = "ms") -> str:
    return f"{min(times):.1f} to {max(times):.1f} {unit}, {len(times)} times"


# ---------------------------------------------------------------- a killed worker


class _NoCalls:
    async def ask(self, name: str, args: list[object]) -> object:
        raise RuntimeError(f"{name}{args}: a greeting asks for nothing")


def respawn(folder: Path, times: int) -> Iterator[Figure]:
    """Yield SIGKILL to the first good turn of the replacement, for the sample project's scripts.

    All workers of the project are killed at once and a turn is handed in as soon as that is noticed, so
    that only a replacement can run it.
    """
    found = asyncio.run(_respawn(folder, times))
    yield Figure(
        "upkeep", "killed worker: first good turn", quantile(found, 0.5), "ms", most=10, note=_spread(found)
    )


async def _respawn(folder: Path, times: int) -> list[float]:
    took = []
    async with _Loaded(folder, SAMPLE) as loaded:
        sandbox, release = loaded.sandbox, loaded.library.current("plant")
        given = _given()
        for _ in range(times):
            before = sandbox.pids(release.domain)
            began = time.perf_counter()
            for pid in before:
                os.kill(pid, signal.SIGKILL)
            # A turn given to a worker that is dead already would fail with it.
            while set(before).intersection(sandbox.pids(release.domain)):
                await asyncio.sleep(0)
            outcome = await sandbox.run(release.domain, release.key, given, _NoCalls(), wall_s=_LONG_S)
            took.append((time.perf_counter() - began) * 1000)
            assert "<Response>" in outcome.result["response"]
            while len(sandbox.pids(release.domain)) < len(before):
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
    return took


def _given() -> dict[str, object]:
    call = {
        "base": "https://alarms.example.com", "turn": 1, "id": "bench", "sid": "CA" + "0" * 32,
        "direction": "inbound", "project": ".", "attempt": 1, "language": "en-US",
        "voice": "", "answeredBy": "", "pin": "none",
        "digits": "ignition", "site": "Riverside",
    }  # fmt: skip
    return {
        "action": "inbound", "params": {"CallSid": call["sid"], "From": "+12223334444"}, "call": call,
        "alarms": [], "user": None, "session": {}, "pins": [],
    }  # fmt: skip


class _Loaded:
    """A sandbox and a library over one project folder, without the rest of a gateway."""

    def __init__(self, folder: Path, project: Path) -> None:
        self._folder = folder
        self._project = project
        self.took_s = 0.0

    async def __aenter__(self) -> Self:
        self.sandbox = Sandbox(limits=Limits(), vocabulary=VOCABULARY)
        await self.sandbox.start()
        clock = SystemClock()
        self.db = Database.open(f"sqlite:///{self._folder / 'bench.db'}", clock=clock)
        self.db.migrate()
        default = shipped("user_scripts") / "acknowledge.py"
        self.library = Library(sandbox=self.sandbox, db=self.db, clock=clock, default=default)
        began = time.perf_counter()
        await self.library.start({"plant": self._project})
        self.took_s = time.perf_counter() - began
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.library.aclose()
        await self.sandbox.aclose()
        await self.db.aclose()


# ---------------------------------------------------------------- a saved script


def save_to_live(folder: Path, saves: int) -> Iterator[Figure]:
    """Yield the time from writing a script to the first new call that hears it, over HTTP.

    New calls come in one after the other meanwhile, because a call keeps the scripts it began with. What
    they wait for is in it: the first turn of a call is on disk before its answer.
    """
    write_plant(folder, {"20_menu.py": MENU})
    took, lost = [], 0
    with running("tocsin", folder) as host:
        for number in range(saves):
            time.sleep(0.15)
            found, wrong = _save(host, folder, f"level {number:04d}")
            took.append(found * 1000)
            lost += wrong
    yield Figure("upkeep", "save to live, median", quantile(took, 0.5), "ms", most=25, note=_spread(took))
    yield Figure("upkeep", "save to live, p95", quantile(took, 0.95), "ms", most=60)
    yield Figure("upkeep", "calls lost while saving", lost, "", most=0)


def _save(host: Host, folder: Path, words: str) -> tuple[float, int]:
    """Save a script that says these words; return when a call heard them, and how many heard nothing."""
    calls = [webhook("menu", Digits="1").fresh() for _ in range(2000)]
    lost = 0
    began = time.perf_counter()
    write_scripts(folder, {"20_menu.py": MENU.replace("falling", words)})
    for call in calls:
        answer = ask(host.port, call)
        if words in answer.body:
            break
        lost += "Pump 1" not in answer.body
    return time.perf_counter() - began, lost


# ---------------------------------------------------------------- memory and start-up


def memory_and_start(folder: Path, starts: int) -> Iterator[Figure]:
    """Yield the memory of idle workers and of the server, and how soon `tocsin serve` answers /healthz."""
    write_plant(folder, {"20_menu.py": MENU})
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    took = []
    for number in range(starts + 1):
        began = time.perf_counter()
        with running("tocsin", folder) as host:
            healthy = ask(host.port, request).status == 200
            took.append(time.perf_counter() - began if healthy else _LONG_S)
            if number == starts:
                time.sleep(0.5)
                each = [private_mib(pid) for pid in workers(host.pid)]
                resident = resident_mib(host.pid)
    again = took[1:]
    yield Figure(
        "upkeep",
        "tocsin serve: first 200 on /healthz",
        quantile(again, 0.5),
        "s",
        most=1.0,
        note=_spread(again, "s"),
    )
    yield Figure("upkeep", "the same with the database to make", took[0], "s")
    note = f"{min(each):.2f} to {max(each):.2f} MiB, {len(each)} workers"
    yield Figure("upkeep", "private memory of an idle worker", max(each), "MiB", most=3, note=note)
    yield Figure("upkeep", "resident memory of the server", resident, "MiB")


# ---------------------------------------------------------------- many scripts


def many_scripts(folder: Path, reloads: int) -> Iterator[Figure]:
    """Yield how long 200 scripts take to load, and what reloading one costs beside 200 and beside 3.

    Reloads of both alternate, so that whatever else the machine does meets both alike.
    """
    few, many = asyncio.run(_reloads(folder, reloads))
    yield Figure(
        "upkeep", "200 scripts: load", many.loaded_s, "s", most=1.0, note=f"3 scripts: {few.loaded_s:.3f} s"
    )
    short, long = (quantile(each.took, 0.5) for each in (few, many))
    note = f"{long:.1f} ms of {short:.1f} ms, {_spread(many.took)}"
    yield Figure("upkeep", "reload of one: more beside 200 than 3", long - short, "ms", most=3, note=note)


def _numbered(number: int) -> str:
    return MENU.replace("2.31", f"{number}.31")


@dataclass
class _Reloaded:
    loaded_s: float
    took: list[float] = field(default_factory=list)


async def _reloads(folder: Path, times: int) -> tuple[_Reloaded, _Reloaded]:
    projects = {count: folder / f"with{count}" for count in (3, 200)}
    for count, project in projects.items():
        write_scripts(project, {f"{number:03d}_menu.py": _numbered(number) for number in range(count)})
    async with _Loaded(projects[3], projects[3]) as small, _Loaded(projects[200], projects[200]) as large:
        few, many = _Reloaded(small.took_s), _Reloaded(large.took_s)
        for number in range(times):
            await asyncio.sleep(0.15)  # nobody saves more often, and by then a compiler is in reserve again
            few.took.append(await _reload(small.library, projects[3], number))
            await asyncio.sleep(0.15)
            many.took.append(await _reload(large.library, projects[200], number))
    return few, many


async def _reload(library: Library, project: Path, number: int) -> float:
    """Return the milliseconds from a written script to the release in force."""
    write_scripts(project, {"001_menu.py": _numbered(1000 + number)})
    before = library.current("plant").id
    began = time.perf_counter()
    findings = await library.reload("plant")
    took = (time.perf_counter() - began) * 1000
    assert not findings, findings
    assert library.current("plant").id != before
    return took
