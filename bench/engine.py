"""Measures the engine: what 10,000 waiting jobs cost, how soon a job is begun, how many are done a second.

`python bench/engine.py` prints each figure beside its target, on SQLite and, where
TOCSIN_TEST_DATABASE_URL names a server, on PostgreSQL; `--short` runs everything briefly, to see that it
runs. Nothing here fails because of a figure. CPU is that of all threads of this process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import secrets
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "runtime"))

from figures import Figure, header, quantile  # noqa: E402  the path has to be there first

from tocsin.clock import SystemClock  # noqa: E402
from tocsin.db import Database  # noqa: E402
from tocsin.engine import EmbeddedEngine  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence

    from tocsin.engine import Job

WAITING = 10_000
_FAR_MS = 3_600_000
_QUEUES = ("runs", "voice:plant", "sms:plant", "reconcile", "call-watch")  # about what a gateway has


class Bench:
    """An engine on its own database, with the queues of a gateway; what is done is timed."""

    def __init__(self, url: str) -> None:
        self.clock = SystemClock()
        self.db = Database.open(url, clock=self.clock)
        self.db.migrate()
        self.engine = EmbeddedEngine(self.db, self.clock, owner="bench")
        self.begun: dict[str, float] = {}
        self.left = 0
        self.done = asyncio.Event()
        for queue in _QUEUES:
            self.engine.handle(queue, self._handle)

    async def _handle(self, jobs: Sequence[Job]) -> None:
        now = time.time()
        self.begun.update((job.key, now) for job in jobs)
        await self.db.write(lambda connection: self.engine.complete_in(connection, jobs))
        self.left -= len(jobs)
        if self.left <= 0:
            self.done.set()

    async def all_of(self, jobs: int, ask: Callable[[], Awaitable[None]]) -> None:
        """Ask for jobs and wait until they are done."""
        self.left = jobs
        self.done.clear()
        await ask()
        await self.done.wait()

    async def enqueue(self, items: Sequence[tuple[str, int, int]], queue: str = "runs") -> None:
        """Ask for jobs in one transaction."""
        await self.db.write(lambda connection: self.engine.enqueue_all_in(connection, queue, items))


def measure(folder: Path, short: bool) -> Iterator[Figure]:
    """Yield the figures for each database there is."""
    yield from asyncio.run(_measure("sqlite", f"sqlite:///{folder / 'engine.db'}", short))
    server = os.environ.get("TOCSIN_TEST_DATABASE_URL", "")
    if server:
        with _database_on(server) as url:
            yield from asyncio.run(_measure("postgresql", url, short))


@contextlib.contextmanager
def _database_on(server: str) -> Iterator[str]:
    address = make_url(server).set(drivername="postgresql+psycopg")
    name = f"tocsin_bench_{secrets.token_hex(6)}"
    admin = create_engine(address, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
        admin.dispose()


async def _measure(case: str, url: str, short: bool) -> list[Figure]:
    bench = Bench(url)
    await bench.engine.start()
    try:
        figures = [await _idle(case, 2 if short else 30, waiting=0)]
        began = time.process_time()
        far_ms = bench.clock.now_ms() + _FAR_MS
        await bench.enqueue([(f"waits {number}", far_ms + number, 0) for number in range(WAITING)])
        per_job = (time.process_time() - began) * 1e6 / WAITING
        figures.append(Figure(case, "CPU to enqueue one of 10,000 in a transaction", per_job, "us"))
        figures.append(await _idle(case, 2 if short else 30, waiting=WAITING))
        figures += await _wake(case, bench, 20 if short else 300)
        figures += await _lateness(case, bench, 20 if short else 300)
        figures += await _throughput(case, bench, 1000 if short else WAITING)
        return figures
    finally:
        await bench.engine.aclose()
        await bench.db.aclose()


async def _idle(case: str, seconds: int, *, waiting: int) -> Figure:
    await asyncio.sleep(0.5)
    began, cpu = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    share = (time.process_time() - cpu) / (time.monotonic() - began) * 100
    what = f"{waiting} jobs waiting: share of a core"
    return Figure(case, what, share, "%", most=2 if waiting else None, note=f"over {seconds} s")


async def _wake(case: str, bench: Bench, times: int) -> list[Figure]:
    """Time from a committed request to the handler, one at a time, beside all that waits."""
    took = []
    for number in range(times):
        key = f"now {number}"
        committed = 0.0

        async def ask(key: str = key) -> None:
            nonlocal committed
            await bench.enqueue([(key, bench.clock.now_ms(), 0)])
            committed = time.time()

        await bench.all_of(1, ask)
        took.append(max(0.0, bench.begun[key] - committed) * 1000)
    return [
        Figure(case, "committed to handler called, median", quantile(took, 0.5), "ms", note=f"{times} times"),
        Figure(case, "committed to handler called, p95", quantile(took, 0.95), "ms", most=100),
    ]


async def _lateness(case: str, bench: Bench, jobs: int) -> list[Figure]:
    """How late timers ring that are due one after the other."""
    first_ms = bench.clock.now_ms() + 500
    due = {f"timer {number}": first_ms + number * 10 for number in range(jobs)}
    await bench.all_of(jobs, lambda: bench.enqueue([(key, due_ms, 0) for key, due_ms in due.items()]))
    late = [bench.begun[key] * 1000 - due_ms for key, due_ms in due.items()]
    return [
        Figure(case, "timer lateness, median", quantile(late, 0.5), "ms", note=f"{jobs} timers 10 ms apart"),
        Figure(case, "timer lateness, p95", quantile(late, 0.95), "ms", most=100),
    ]


async def _throughput(case: str, bench: Bench, jobs: int) -> list[Figure]:
    """How fast many jobs are done that are all due at once, each completed in a transaction of its batch."""
    now_ms = bench.clock.now_ms()
    began, cpu = time.monotonic(), time.process_time()
    await bench.all_of(jobs, lambda: bench.enqueue([(f"due {number}", now_ms, 0) for number in range(jobs)]))
    wall, cpu = time.monotonic() - began, time.process_time() - cpu
    return [
        Figure(case, "jobs a second, all due at once, batches of 64", jobs / wall, "/s", note=f"{jobs} jobs"),
        Figure(case, "CPU per job: enqueued, claimed, completed", cpu * 1000 / jobs, "ms", most=1),
    ]


def main() -> None:
    """Print the figures as they come."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="run everything briefly")
    asked = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.2f}, Python {sys.version.split()[0]}")
    print(header(), flush=True)
    with tempfile.TemporaryDirectory(prefix="tocsin-bench-engine-") as folder:
        for figure in measure(Path(folder), asked.short):
            print(figure.line(), flush=True)


if __name__ == "__main__":
    main()
