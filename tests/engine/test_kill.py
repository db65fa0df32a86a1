"""kill -9 at any moment, for good or with a restart: every job is done, and leaves its effect once."""

import asyncio
import contextlib
import random
import signal
import sys
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import select
from tests.engine.work_until_killed import effects, tables

WORKER = Path(__file__).parent / "work_until_killed.py"


@pytest.fixture
def jobs(db, stand):
    """Have 600 jobs waiting, all due."""
    db.write_now(tables.drop_all)
    db.write_now(tables.create_all)
    keys = [f"{number:04d}" for number in range(600)]
    due_ms = 0  # the workers' time is the machine's
    engine = stand.engine("asking")
    db.write_now(lambda c: engine.enqueue_all_in(c, "work", [(key, due_ms, 0) for key in keys]))
    return keys


class Worker:
    """A process at work; what it says is read along, so that it never waits for us."""

    def __init__(self, process):
        self.process = process
        self.said = []
        self._more = asyncio.Event()
        self.reading = asyncio.ensure_future(self._read())

    async def _read(self):
        async for line in self.process.stdout:
            self.said.append(line.decode().split())
            self._more.set()

    async def has_said(self, lines):
        while len(self.said) < lines:
            self._more.clear()
            await self._more.wait()

    def signal(self, number):
        self.process.send_signal(number)


@contextlib.asynccontextmanager
async def worker(url, owner):
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(WORKER),
        url,
        owner,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    found = Worker(process)
    try:
        yield found
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await found.reading
        await process.wait()


def done(db):
    return db.read_now(lambda c: c.execute(select(effects.c.key, effects.c.owner)).all())


async def all_done(db, keys, *, but=0, seconds=60):
    async with asyncio.timeout(seconds):
        while len({key for key, _ in done(db)}) < len(keys) - but:
            await asyncio.sleep(0.05)


async def test_a_process_killed_again_and_again_loses_nothing(url, db, stand, jobs):
    """What was under way at a kill is done again by the next process as soon as it starts."""
    chance = random.Random(3)
    begun = 0
    for _ in range(4):
        async with worker(url, "here") as process:
            await process.has_said(chance.randrange(10, 120))
            process.signal(signal.SIGKILL)
        words = Counter(word for word, *_ in process.said)
        begun += words["begun"] - words["done"]
    async with worker(url, "here"):
        await all_done(db, jobs)

    assert begun > 0, "no kill hit a job under way"
    assert Counter(key for key, _ in done(db)) == Counter(jobs)
    assert await stand.keys_left() == []


async def test_two_replicas_share_the_work_and_one_takes_over_when_the_other_dies(url, db, stand, jobs):
    """Both take part, no job is done twice, and what the dead one had taken is done when its lease is over."""
    async with worker(url, "left") as left, worker(url, "right") as right:
        await left.has_said(20)
        await right.has_said(20)
        left.signal(signal.SIGKILL)
        await all_done(db, jobs)

    found = done(db)
    assert Counter(key for key, _ in found) == Counter(jobs)
    assert {owner for _, owner in found} == {"left", "right"}
    assert await stand.keys_left() == []


async def test_a_process_that_stood_still_for_longer_than_its_lease_does_nothing_twice(url, db, stand, jobs):
    """Stopped in the middle, taken over, and woken: its late completions come to nothing."""
    if url.startswith("sqlite"):
        pytest.skip("a file belongs to one gateway, and one that stands still may keep it locked")
    async with worker(url, "sleeper") as sleeper, worker(url, "awake"):
        await sleeper.has_said(20)
        sleeper.signal(signal.SIGSTOP)
        said = len(sleeper.said)
        # What the sleeper has in a transaction that is not finished stays locked until it goes on.
        await all_done(db, jobs, but=2 * 8)
        await asyncio.sleep(1.5)
        sleeper.signal(signal.SIGCONT)
        await all_done(db, jobs)
        await sleeper.has_said(said)
        await asyncio.sleep(0.3)  # for the sleeper to end what it was at

    assert Counter(key for key, _ in done(db)) == Counter(jobs)
    assert await stand.keys_left() == []
