"""What engine tests stand on: engines over one database, handlers that keep a record, a clock that is set."""

import asyncio
from contextlib import asynccontextmanager

from sqlalchemy import select

from tocsin.clock import USUAL, VirtualClock
from tocsin.engine.tables import timers


class SettableClock(VirtualClock):
    """Time the test moves, and a wall clock that can be set without time passing."""

    def __init__(self, start=1_767_225_600.0):
        super().__init__(start)
        self.ahead = 0.0

    def now(self):
        return super().now() + self.ahead

    def now_ms(self):
        return round(self.now() * 1000)

    async def sleep(self, seconds):
        await super().sleep_until(super().now() + seconds)

    async def sleep_until(self, when, *, rank=USUAL):
        # As the machine's own sleep: it lasts as long as it looked when it began.
        await super().sleep_until(when - self.ahead, rank=rank)

    def set_by(self, seconds):
        self.ahead += seconds


class Hands:
    """A handler that records what it is given, does what `before` says, and completes in one transaction."""

    def __init__(self, stand, engine, before=None):
        self.stand = stand
        self.engine = engine
        self.before = before
        self.calls = []

    async def __call__(self, jobs):
        self.calls.append(list(jobs))
        if self.before is not None:
            await self.before(jobs)
        await self.stand.db.write(lambda c: self.engine.complete_in(c, jobs))

    @property
    def jobs(self):
        return [job for call in self.calls for job in call]

    @property
    def keys(self):
        return [job.key for job in self.jobs]


class Stand:
    """A database, a clock, and engines of the kind under test, closed when the test ends."""

    def __init__(self, db, clock, make):
        self.db = db
        self.clock = clock
        self._make = make
        self._engines = []

    def engine(self, owner="here"):
        engine = self._make(self.db, self.clock, owner)
        self._engines.append(engine)
        return engine

    def hands(self, engine, queue="work", before=None, **options):
        hands = Hands(self, engine, before)
        engine.handle(queue, hands, **options)
        return hands

    @asynccontextmanager
    async def running(self, owner="here", before=None, **options):
        """Give a started engine and the hands that handle its queue "work"."""
        engine = self.engine(owner)
        hands = self.hands(engine, before=before, **options)
        await engine.start()
        yield engine, hands

    async def close(self):
        await asyncio.gather(*(engine.aclose() for engine in self._engines))

    def now(self, seconds=0):
        return self.clock.now_ms() + round(seconds * 1000)

    async def enqueue(self, engine, *keys, queue="work", after=0, priority=0):
        due_ms = self.now(after)
        items = [(key, due_ms, priority) for key in keys]
        await self.db.write(lambda c: engine.enqueue_all_in(c, queue, items))

    async def cancel(self, engine, *keys, queue="work"):
        await self.db.write(lambda c: engine.cancel_in(c, queue, keys))

    async def settled(self):
        """Return once nothing that is due is left undone; no time passes."""
        await self.clock.advance(0)
        await self.clock.advance(0)

    async def rows(self, queue="work"):
        query = select(timers).where(timers.c.queue == queue).order_by(timers.c.key)
        return await self.db.read(lambda c: c.execute(query).mappings().all())

    async def keys_left(self, queue="work"):
        return [row["key"] for row in await self.rows(queue)]


async def until(condition, seconds=10):
    """Wait in real time for what another task or process does."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.005)
