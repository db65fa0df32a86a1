"""Any order of asking, cancelling, failing, crashing, restarting and setting the clock against a model.

The model knows only what was asked for: when each key is to be done at the earliest, by a time that
nobody sets. Whatever happens, no job is done before its time, twice, or after it was cancelled, and once
nothing stands in its way it is done within the time it takes to notice a dead owner and the longest put-off.
"""

import asyncio
from dataclasses import dataclass

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete
from tests.engine.conftest import migrated
from tests.engine.stand import SettableClock, Stand

from tocsin.db import Database
from tocsin.engine import EmbeddedEngine
from tocsin.engine.tables import timers

KEYS = st.sampled_from("abcdefgh")
DELAYS = st.sampled_from([0, 0, 0.001, 1, 5, 30, 59, 300, 7200])
WITHIN_S = 60 + 1  # the longest a job that is due waits after a failure or a crash


@dataclass
class Wish:
    """A key that was asked for: when it may be done, and since when nothing hinders it (seconds)."""

    due: float
    free: float


class Plan(RuleBasedStateMachine):
    """The engine and the model beside it."""

    address = ""  # set by the test

    @initialize()
    def start(self):
        self.loop = asyncio.new_event_loop()
        self.clock = SettableClock()
        self.db = Database.open(self.address, clock=self.clock)
        self.db.write_now(lambda c: c.execute(delete(timers)))
        self.stand = Stand(self.db, self.clock, None)
        self.wishes: dict[str, Wish] = {}
        self.bad: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.anew: set[str] = set()  # keys the handler enqueues once more while it is at them
        self.wrong: list[str] = []
        self.begun = 0
        self.owner = 0
        self.run(self.begin())

    def run(self, work):
        async def bounded():
            async with asyncio.timeout(20):
                return await work

        return self.loop.run_until_complete(bounded())

    @property
    def time(self):
        return self.clock.monotonic()

    @property
    def name(self):
        return f"owner {self.owner}"

    # ---------------------------------------------------------------- the engine

    async def begin(self):
        self.engine = EmbeddedEngine(self.db, self.clock, owner=self.name, look_s=0.005, watch_s=10)
        self.engine.handle("work", self.handle, batch=3, lease_s=30, at_once=2)
        await self.engine.start()

    async def handle(self, jobs):
        self.begun += 1
        await self.gate.wait()
        again = self.anew.intersection(job.key for job in jobs)
        if again:
            self.anew -= again
            await self.stand.enqueue(self.engine, *again)
        if any(job.key in self.bad for job in jobs):
            raise ValueError("bad")
        await self.db.write(lambda c: self.engine.complete_in(c, jobs))
        for job in jobs:
            self.done(job.key, once_more=job.key in again)

    def done(self, key, *, once_more):
        wish = self.wishes.get(key)
        if wish is None:
            self.wrong.append(f"{key} was done though nobody asks for it")
        elif wish.due > self.time + 0.0015:
            self.wrong.append(f"{key} was done {wish.due - self.time} s early")
        elif not once_more:
            del self.wishes[key]

    async def crash(self):
        """End everything of the engine in the middle, without a word to the database."""
        engine = self.engine
        tasks = list(engine._tasks)
        for lane in engine._lanes.values():
            lane._open = False
            if lane._claiming is not None:
                await lane._claiming  # what it claims is lost with it, as after a kill behind the commit
            tasks += [*lane._tasks, *filter(None, (lane._alarm,))]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)

    # ---------------------------------------------------------------- what may happen

    @rule(keys=st.sets(KEYS, min_size=1), after=DELAYS, priority=st.integers(-1, 1))
    def enqueue(self, keys, after, priority):
        async def work():
            for key in keys:
                self.wishes[key] = Wish(self.time + after, self.time)
            await self.stand.enqueue(self.engine, *keys, after=after, priority=priority)
            await self.stand.settled()

        self.run(work())

    @rule(keys=st.sets(KEYS, min_size=1))
    def cancel(self, keys):
        async def work():
            await self.stand.cancel(self.engine, *keys)
            for key in keys:
                self.wishes.pop(key, None)
            await self.stand.settled()

        self.run(work())

    @rule(keys=st.sets(KEYS, min_size=1), after=DELAYS)
    def change_of_mind(self, keys, after):
        def undone(connection):
            for key in keys:
                self.engine.enqueue_in(connection, "work", key, due_ms=self.stand.now(after))
            self.engine.cancel_in(connection, "work", sorted("abcdefgh"))
            raise LookupError

        async def work():
            with pytest.raises(LookupError):
                await self.db.write(undone)
            await self.stand.settled()

        self.run(work())

    @rule(key=KEYS)
    def turn_bad(self, key):
        self.bad.add(key)

    @precondition(lambda self: self.bad)
    @rule()
    def turn_good(self):
        self.bad.clear()
        self.unhinder()

    @rule(key=KEYS)
    def will_be_asked_for_anew(self, key):
        self.anew.add(key)

    @rule(seconds=st.sampled_from([0.001, 1, 10, 31, 60, 3600]))
    def pass_time(self, seconds):
        self.run(self.clock.advance(seconds))

    @rule(seconds=st.sampled_from([-3600, 3600, -60, 86_400]))
    def set_clock(self, seconds):
        async def work():
            self.clock.set_by(seconds)
            while self.engine._timeline.look().delta_ms or self.engine._moving:
                await asyncio.sleep(0.001)
            await self.stand.settled()

        self.run(work())

    @rule()
    def restart(self):
        async def work():
            await self.engine.aclose()
            await self.begin()
            await self.stand.settled()

        self.run(work())

    @rule(keys=st.sets(KEYS, min_size=1), same=st.booleans(), clock_s=st.sampled_from([0, 0, 3600, -3600]))
    def crash_at_work(self, keys, same, clock_s):
        """The process dies with jobs under way; another begins, perhaps by another clock."""

        async def work():
            self.gate.clear()
            begun = self.begun
            for key in keys:
                self.wishes[key] = Wish(self.time, self.time)
            await self.stand.enqueue(self.engine, *keys)
            dead = {row["key"] for row in await self.stand.rows() if row["owner"] not in {None, self.name}}
            while self.begun == begun and not keys <= dead:
                await asyncio.sleep(0.001)
            await self.crash()
            self.gate.set()
            self.clock.set_by(clock_s)
            if clock_s:
                self.set_unseen(clock_s)
            self.owner += not same
            await self.begin()
            await self.stand.settled()

        self.run(work())
        self.unhinder()

    def set_unseen(self, seconds):
        """Nobody saw by how much the clock was set: what waits may come early by that, or wait anew."""
        for wish in self.wishes.values():
            wait = max(0.0, wish.due - self.time)
            wish.due -= max(0, seconds)
            wish.free = self.time + 2 * wait + max(0, -seconds)

    def unhinder(self):
        for wish in self.wishes.values():
            wish.free = max(wish.free, self.time)

    # ---------------------------------------------------------------- what must hold

    @invariant()
    def nothing_was_done_wrongly(self):
        assert self.wrong == []

    @invariant()
    def nothing_is_late(self):
        late = [
            key
            for key, wish in self.wishes.items()
            if key not in self.bad and max(wish.due, wish.free) + WITHIN_S < self.time
        ]
        assert late == []

    @invariant()
    def the_table_holds_what_is_asked_for(self):
        held = [
            row["key"] for row in self.run(self.stand.rows()) if row["owner"] is None or row["due_ms"] < 2**62
        ]
        assert held == sorted(self.wishes)

    def teardown(self):
        if hasattr(self, "engine"):
            self.bad.clear()
            self.unhinder()
            self.run(self.clock.advance(3 * 7200 + 3 * WITHIN_S))
            left = dict(self.wishes)
            self.run(self.engine.aclose())
            self.db.close()
            self.loop.close()
            assert left == {}
            assert self.wrong == []


def test_whatever_happens_every_job_is_done_once_and_in_time(tmp_path):
    """Found by trying, on a real database."""
    Plan.address = f"sqlite:///{tmp_path}/tocsin.db"
    migrated(Plan.address)
    run_state_machine_as_test(
        Plan,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
