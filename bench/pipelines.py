"""What runs cost: one decision, a batch of them on the embedded database, and ten thousand that only wait.

    PYTHONPATH=runtime .venv/bin/python bench/pipelines.py [--runs 10000]

Processor time is counted rather than wall time where that is possible: others share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog
from figures import Figure

from tocsin.alarms import AlarmEvent, Board, notices
from tocsin.clock import VirtualClock
from tocsin.db import Database
from tocsin.engine.port import Job
from tocsin.people import Contact, Directory, Roster, User
from tocsin.pipelines import Bindings, Routing, Runs
from tocsin.pipelines.advance import advance
from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import BUILT_IN, fingerprint
from tocsin.pipelines.run import Alarm, Event, RunState, Telling
from tocsin.pipelines.watchdog import strays_in
from tocsin.pipelines.world import Reach

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Connection

PEOPLE = 50
BATCH = 256
START_MS = 1_767_225_600_000


def directory() -> Directory:
    """Fifty people on fifty rosters of three."""
    users = [
        User(
            f"p{n}",
            n,
            f"Person {n}",
            contacts=(Contact("phone", f"+4670{n:07}"), Contact("sms", f"+4670{n:07}")),
        )
        for n in range(PEOPLE)
    ]
    rosters = [
        Roster(f"r{n}", tuple(users[(n + offset) % PEOPLE] for offset in range(3))) for n in range(PEOPLE)
    ]
    return Directory(users, rosters)


# ---------------------------------------------------------------- one decision


def decisions() -> Iterator[Figure]:
    """Yield the cost of `advance` for a run that begins, one that hears of a voicemail, and a stray timer."""
    reach = Reach(directory(), "Europe/Stockholm", ("phone",), ("text",), Outcomes())
    world = reach.at(START_MS)
    alarm = Alarm("e", "Plant/A", "High", "active", "Manual", None, None, None, None, None)
    new = RunState("e.active", "e", "", fingerprint(BUILT_IN), START_MS, due_ms=START_MS)
    begun = advance(new, BUILT_IN, Event(alarm), world, START_MS).run
    waiting = _read_back(begun)
    queued = Telling(1, "p0", "voice", "phone", "+46700000000", "queued", START_MS, None)
    missed = (queued._replace(state="done", outcome="voicemail"),)
    later = START_MS + 30_000
    afterwards = reach.at(later)
    cases: dict[str, Callable[[], object]] = {
        "a run begins": lambda: advance(new, BUILT_IN, Event(alarm), world, START_MS),
        "voicemail: text, again, next person": lambda: advance(
            waiting, BUILT_IN, Event(alarm, missed), afterwards, later
        ),
        "a timer too early": lambda: advance(waiting, BUILT_IN, Event(alarm, (queued,)), world, later),
    }
    for what, work in cases.items():
        yield Figure("advance", what, _microseconds(work, 5000), "us", most=50)


def _read_back(run: RunState) -> RunState:
    from dataclasses import replace

    import msgspec

    return replace(run, position=msgspec.json.decode(msgspec.json.encode(run.position)))


def _microseconds(work: Callable[[], object], times: int) -> float:
    took = []
    for _ in range(5):
        began = time.process_time_ns()
        for _ in range(times):
            work()
        took.append((time.process_time_ns() - began) / times / 1000)
    return statistics.median(took)


# ---------------------------------------------------------------- many runs on the database


class Timers:
    """An engine that is called by hand: only what runs ask of it, and as cheap as can be."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = {}

    def handle(self, queue: str, handler: object, **more: object) -> None:
        """Take note of nothing: the bench calls the handler itself."""

    def moved_in(self, callback: object) -> None:
        """Take note of nothing."""

    def enqueue_all_in(self, _: Connection, __: str, items: Sequence[tuple[str, int, int]]) -> None:
        """Keep the latest due time of each key."""
        self.asked.update((key, due) for key, due, _ in items)

    def cancel_in(self, _: Connection, __: str, keys: Sequence[str]) -> None:
        """Forget keys."""
        for key in keys:
            self.asked.pop(key, None)

    def complete_in(self, connection: Connection, jobs: Sequence[Job]) -> None:
        """Do nothing."""


class Line:
    """Board and runs over a file of their own, with the real engine's statements or without."""

    def __init__(self, folder: Path, *, engine: str) -> None:
        self.clock = VirtualClock()
        self.db = Database.open(f"sqlite:///{folder}/bench.db", clock=self.clock)
        self.db.migrate()
        self.engine: Any = Timers() if engine == "none" else _embedded(self.db, self.clock)
        people = directory()
        routing = Routing.of(
            pipelines={}, outcomes={}, directory=people, timezone="UTC", voice=("phone",), messages=("text",)
        )
        self.board = Board(self.db, self.clock, {})
        self.runs = Runs(self.db, self.clock, self.engine, routing=routing, bindings=Bindings())
        self.board.also_in(self.runs.changed_in)

    async def accept(self, count: int) -> list[str]:
        """Report `count` alarms, a hundred to a request; give their episodes."""
        episodes: list[str] = []
        for start in range(0, count, 100):
            events = [AlarmEvent(path=f"Plant/{n}", state="active") for n in range(start, start + 100)]
            episodes += [one.episode or "" for one in await self.board.report(events)]
        return episodes

    async def advance(self, keys: Sequence[str]) -> None:
        """Hand all runs to the handler, batch by batch, as the engine would."""
        for start in range(0, len(keys), BATCH):
            jobs = [Job("run", key, 0, 0, 1, 1) for key in keys[start : start + BATCH]]
            await self.runs.handle(jobs)


def _embedded(db: Database, clock: VirtualClock) -> Any:
    from tocsin.engine import EmbeddedEngine

    return EmbeddedEngine(db, clock, owner="bench")


async def batches(count: int, *, engine: str) -> list[Figure]:
    """Measure accepting, beginning, hearing of an outcome, and looking after `count` runs."""
    with tempfile.TemporaryDirectory() as folder:
        line = Line(Path(folder), engine=engine)
        found: list[Figure] = []

        async def timed(what: str, work: Any, most: float | None = None) -> None:
            began, wall = time.process_time_ns(), time.monotonic()
            await work
            each = (time.process_time_ns() - began) / count / 1000
            note = f"{count / (time.monotonic() - wall):,.0f} per second of wall time"
            found.append(Figure(f"runs/{engine}", what, each, "us", most=most, note=note))

        episodes = await line.accept(count)
        keys = [f"{episode}.active" for episode in episodes]
        await timed("first step of a run, per run", line.advance(keys), 150)
        await line.db.write(lambda c: _all_missed(c, line.clock.now_ms()))
        await timed("voicemail of a run, per run", line.advance(keys), 250)
        await timed("nothing new, per run", line.advance(keys), 150)
        began = time.process_time_ns()
        for _ in range(20):
            await line.db.read(lambda c: strays_in(c, line.clock.now_ms()))
        each_ms = (time.process_time_ns() - began) / 20 / 1e6
        found.append(
            Figure(f"runs/{engine}", f"one look of the watchdog over {count}", each_ms, "ms", most=100)
        )
        await line.db.aclose()
        return found


async def accepting(count: int) -> Figure:
    """Measure what a run adds to the acceptance of an alarm: with the subscription and without."""
    took = {}
    for bound in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            line = Line(Path(folder), engine="embedded")
            if not bound:
                line.board._also.clear()  # noqa: SLF001 there is no other way to do without
            began = time.process_time_ns()
            await line.accept(count)
            took[bound] = (time.process_time_ns() - began) / count / 1000
            await line.db.aclose()
    return Figure(
        "accept", "run, plan, journal and timer, per alarm", took[True] - took[False], "us", most=150,
        note=f"of {took[True]:.0f} us in all",
    )  # fmt: skip


def _all_missed(connection: Connection, now_ms: int) -> None:
    queued = notices.queued_in(connection, channel="voice", limit=1_000_000)
    notices.settle_in(connection, [one.id for one in queued], outcome="voicemail", now_ms=now_ms)


def main() -> None:
    """Print the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=10_000)
    count = parser.parse_args().runs
    for figure in decisions():
        print(figure.line())
    for engine in ("none", "embedded"):
        for figure in asyncio.run(batches(count, engine=engine)):
            print(figure.line())
    print(asyncio.run(accepting(count)).line())


if __name__ == "__main__":
    main()
