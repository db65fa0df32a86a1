"""Measures the way from an alarm to a person: how soon the provider is asked, floods, and what waiting costs.

`make bench` runs it after the call path (bench/runtime.py); by itself it is

    .venv/bin/python bench/notify.py [--short] [--only reach flood milford trickle idle]

Floods are lived through on a movable clock, with the whole product in between (bench/floods.py). Nothing
here fails because of a figure.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "runtime"))

from figures import Figure, header, quantile  # noqa: E402  the path has to be there first
from floods import PEOPLE, flood, phone, staged, write_plant  # noqa: E402
from processes import Others  # noqa: E402

from tocsin.alarms import AlarmEvent  # noqa: E402
from tocsin.clock import SystemClock  # noqa: E402
from tocsin.emulator import Emulator  # noqa: E402
from tocsin.emulator.serve import served  # noqa: E402
from tocsin.gateway.gateway import Gateway  # noqa: E402
from tocsin.gateway.serving import bound, running  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from floods import Flooded

_FAST = "calls_per_second = 100\nconcurrent_calls = 1000"
_MINUTE = 60.0


def alarm(area: int, number: int) -> dict[str, Any]:
    """Return one alarm of an area, as a source reports it."""
    return {
        "path": f"Area {area}/Sensor {number}",
        "state": "active",
        "priority": ("Low", "Medium", "High", "Critical")[number % 4],
        "pipeline": f"a{area}",
        "label": f"sensor {number} of area {area}",
        "value": number,
    }


# ------------------------------------------------------------------------------------- how soon


def reach(folder: Path, short: bool) -> Iterator[Figure]:
    """Yield how long it is from an accepted alarm to the request to the provider, on the real clock."""
    people = 20 if short else 200
    took = asyncio.run(_reach(write_plant(folder / "plant", people=people, settings=_FAST), people))
    note = f"least {min(took):.0f}, most {max(took):.0f} ms, {len(took)} alarms, 10 a second"
    yield Figure(
        "reach", "accepted to the request at the provider, median", quantile(took, 0.5), "ms", note=note
    )
    yield Figure("reach", "the same, p95", quantile(took, 0.95), "ms", most=1000)


async def _reach(folder: Path, people: int) -> list[float]:
    import httpx2

    emulator = Emulator(clock=SystemClock(), auth_token="0123456789abcdef0123456789abcdef")
    sock = bound("127.0.0.1:0")
    accepted: dict[str, float] = {}
    async with served(emulator, port=0) as emulator_url:
        gateway = Gateway(folder, dev=True, emulator_url=emulator_url, listen="127.0.0.1:0")
        async with running(gateway, sock) as url:
            token = (gateway.state / "cli-token").read_text().strip()
            headers = {"Authorization": f"Bearer {token}"}
            await asyncio.sleep(4)  # until Twilio's client has been imported
            async with httpx2.AsyncClient(base_url=url, headers=headers) as http:
                for one in range(people):
                    answer = await http.post("/api/v1/alarms", json=alarm(one, 3))
                    assert answer.status_code == 202, answer.text
                    accepted[phone(one)] = time.time()
                    await asyncio.sleep(0.1)
            await asyncio.sleep(3)
            calls = emulator.world.accounts.get("AC" + "5e" * 16).calls.values()
            first: dict[str, float] = {}
            for call in calls:
                first[call.to] = min(call.created, first.get(call.to, call.created))
    return [max(0.0, first[number] - at) * 1000 for number, at in accepted.items() if number in first]


# ------------------------------------------------------------------------------------- floods


def _told(
    case: str, result: Flooded, count: int, *, calls: int | None, minutes: float | None
) -> Iterator[Figure]:
    done = result.all_acknowledged_s
    yield Figure(case, f"alarms accepted, of {count}", len(result.accepted_s) - result.refused, least=count)
    yield Figure(case, "accepted after, p99 (real)", quantile(result.accepted_s, 0.99), "s", most=1)
    yield Figure(case, "first call after", result.first_call_s, "s", most=5)
    note = f"most for one person {result.most_for_one}; {result.real_s:.0f} real seconds"
    yield Figure(case, "calls", result.calls, most=calls, note=note)
    yield Figure(
        case, "all acknowledged after", (done or 99_999.0) / _MINUTE, "min", most=minutes,
        note="" if done else "never, in the hour that was watched",
    )  # fmt: skip


def _left_in_peace(case: str, result: Flooded) -> Iterator[Figure]:
    yield Figure(case, "worst wait of an alarm, until acknowledged", result.longest_wait_s / _MINUTE, "min")
    least = result.least_between_s
    note = "a sooner call is for something more urgent than all that was told"
    yield Figure(case, "least time between two calls of one phone", least or 0.0, "s", note=note)


def flooded(folder: Path, short: bool) -> Iterator[Figure]:
    """Yield 10,000 alarms in ten seconds onto fifty people, six in ten of whom answer."""
    count = 1_000 if short else 10_000
    chance = random.Random(3)
    alarms = [alarm(chance.randrange(PEOPLE), number) for number in range(count)]
    seconds = [alarms[start : start + count // 10] for start in range(0, count, count // 10)]
    result = asyncio.run(_flood(write_plant(folder / "plant"), seconds, 0.6))
    yield from _told("flood", result, count, calls=100, minutes=12)


def milford(folder: Path, short: bool) -> Iterator[Figure]:
    """Yield 275 alarms in 10.7 minutes for one crew: the load at Milford Haven in 1994."""
    count, lasting = (60, 140) if short else (275, 642)
    seconds: list[list[dict[str, Any]]] = [[] for _ in range(lasting)]
    for number in range(count):
        seconds[number * lasting // count].append(alarm(0, number))
    result = asyncio.run(_flood(write_plant(folder / "plant", step="5m"), seconds, 1.0))
    yield from _told("milford", result, count, calls=None, minutes=None)
    yield from _left_in_peace("milford", result)


def trickle(folder: Path, short: bool) -> Iterator[Figure]:
    """Yield one alarm a minute for three hours, for one crew."""
    count = 10 if short else 180
    seconds = [[alarm(0, second // 60)] if second % 60 == 0 else [] for second in range(count * 60)]
    result = asyncio.run(_flood(write_plant(folder / "plant", step="5m"), seconds, 1.0))
    yield from _told("trickle", result, count, calls=None, minutes=None)
    yield from _left_in_peace("trickle", result)


async def _flood(folder: Path, seconds: list[list[dict[str, Any]]], share: float) -> Flooded:
    async with staged(folder) as stage:
        stage.people_answer(share)
        return await flood(stage, seconds)


# ------------------------------------------------------------------------------------- waiting


def idle(folder: Path, short: bool) -> Iterator[Figure]:
    """Yield what ten thousand runs cost that wait for an hour to pass, and what none cost."""
    count, watched_s = (1_000, 5) if short else (10_000, 30)
    plant = write_plant(folder / "plant")
    file = plant / "tocsin.toml"
    delay = '[[pipelines.a0.blocks]]\ntype = "delay"\nfor = "1h"\n[[pipelines.a0.blocks]]'
    file.write_text(file.read_text().replace("[[pipelines.a0.blocks]]", delay, 1))
    none, many = asyncio.run(_idle(plant, count, watched_s))
    yield Figure("idle", "processor of a gateway in which nothing waits", none, "%", note=f"{watched_s} s")
    yield Figure("idle", f"the same with {count} waiting runs", many, "%", note=f"{watched_s} s")
    yield Figure("idle", "what the waiting runs cost", max(0.0, many - none), "%", most=2)


async def _idle(folder: Path, count: int, watched_s: float) -> tuple[float, float]:
    gateway = Gateway(folder, dev=True, emulator_url="http://127.0.0.1:9")
    await gateway.start()
    try:
        none = await _busy(watched_s)
        board = gateway.services.board
        for start in range(0, count, 500):
            events = [
                AlarmEvent(path=f"Area 0/Sensor {number}", state="active", pipeline="a0")
                for number in range(start, min(start + 500, count))
            ]
            await board.report(events)
        while (
            gateway.notifying.engine.stats()["late_ms"] > 0
            or gateway.notifying.runs.stats()["decided"] < count
        ):
            await asyncio.sleep(0.5)
        await asyncio.sleep(15)  # the looks and sweeps that follow
        return none, await _busy(watched_s)
    finally:
        await gateway.stop()


async def _busy(seconds: float) -> float:
    """Return the share of one core that this process uses over so many seconds, in percent."""
    await asyncio.sleep(5)
    before, began = sum(os.times()[:2]), time.monotonic()
    await asyncio.sleep(seconds)
    return (sum(os.times()[:2]) - before) / (time.monotonic() - began) * 100


CASES: dict[str, Callable[[Path, bool], Iterator[Figure]]] = {
    "reach": reach,
    "flood": flooded,
    "milford": milford,
    "trickle": trickle,
    "idle": idle,
}


def main() -> None:
    """Run the cases and print their figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--short", action="store_true", help="run everything briefly, to see that it runs")
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}")
    print(header(), flush=True)
    for name in asked.only:
        others = Others(os.getpid())
        with tempfile.TemporaryDirectory(prefix="tocsin-bench-") as folder:
            for figure in CASES[name](Path(folder), asked.short):
                print(figure.line(), flush=True)
        print(f"{name}: other programs kept {others.cores():.2f} cores busy meanwhile", flush=True)


if __name__ == "__main__":
    main()
