"""The wall clock is set by an hour, or starts in 1970: nothing bursts, nothing stalls."""

import pytest
from sqlalchemy import select
from tests.engine.stand import until

from tocsin.clock import VirtualClock
from tocsin.engine import EmbeddedEngine
from tocsin.engine.tables import timers

HOUR = 3600


async def followed(stand, seconds):
    """Set the clock and wait until the engine has noticed, which takes it a moment of real time."""
    before = [row["due_ms"] for row in await stand.rows()]
    stand.clock.set_by(seconds)
    moved = False
    while not moved:
        rows = await stand.rows()
        moved = [row["due_ms"] for row in rows] != before
    await stand.settled()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_waiting_job_waits_as_long_as_it_was_to_wait(stand, hours):
    """Five minutes are five minutes, whatever the clock on the wall is set to meanwhile."""
    async with stand.running() as (engine, hands):
        await stand.enqueue(engine, "5 min", after=300)
        await stand.clock.advance(100)
        await followed(stand, hours * HOUR)
        await stand.clock.advance(199)
        assert hands.calls == []

        await stand.clock.advance(1)

        assert hands.keys == ["5 min"]
        assert hands.jobs[0].due_ms == stand.now()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_jobs_spread_over_an_hour_stay_spread(stand, hours):
    """A clock set forward makes no burst of an hour's jobs, one set back no silence of an hour."""
    async with stand.running() as (engine, hands):
        for minute in range(1, 61):
            await stand.enqueue(engine, f"{minute:02d}", after=minute * 60)
        await stand.clock.advance(60)
        await followed(stand, hours * HOUR)

        for minute in range(2, 61):
            await stand.clock.advance(60)
            assert len(hands.jobs) == minute
        assert hands.keys == sorted(hands.keys)


@pytest.mark.parametrize("hours", [-1, 1])
async def test_what_is_asked_for_after_the_clock_was_set_goes_by_the_new_time(stand, hours):
    """Also in the moment before the engine has noticed."""
    async with stand.running() as (engine, hands):
        await stand.enqueue(engine, "before", after=300)
        await stand.clock.advance(0.5)
        stand.clock.set_by(hours * HOUR)
        await stand.enqueue(engine, "after", after=100)
        await until(lambda: engine._timeline.look().delta_ms == 0)
        await stand.settled()
        await stand.clock.advance(101)
        assert hands.keys == ["after"]

        await stand.clock.advance(200)

        assert hands.keys == ["after", "before"]


async def test_due_times_kept_elsewhere_move_along_in_the_same_transaction(stand):
    """A room with times of its own hears by how much; its mistake does not hold up the engine."""
    engine = stand.engine()
    hands = stand.hands(engine)
    heard = []

    def broken(connection, delta_ms):
        raise ZeroDivisionError

    def along(connection, delta_ms):
        heard.append((delta_ms, connection.execute(select(timers.c.due_ms)).scalar()))

    engine.moved_in(broken)
    engine.moved_in(along)
    await engine.start()
    due_ms = stand.now(300)
    await stand.enqueue(engine, "k", after=300)
    await followed(stand, -HOUR)
    assert heard == [(-HOUR * 1000, due_ms - HOUR * 1000)]

    await stand.clock.advance(300)

    assert hands.keys == ["k"]


async def test_a_start_in_1970_runs_what_was_asked_for_in_2026(stand):
    """A machine without a clock of its own: each job waits no longer than it was to wait when asked for."""
    asking = stand.engine()
    await stand.enqueue(asking, "due")
    await stand.enqueue(asking, "in 5 min", after=300)
    stand.clock.set_by(-stand.clock.now() + 10)
    async with stand.running() as (_, hands):
        await stand.settled()
        assert hands.keys == ["due"]

        await stand.clock.advance(299)
        assert hands.keys == ["due"]
        await stand.clock.advance(1)

        assert hands.keys == ["due", "in 5 min"]


async def test_due_times_kept_elsewhere_start_in_1970_too(stand):
    """What a room keeps beside its job is never later than the job: else it would wait for 56 years."""
    asking = stand.engine()
    await stand.enqueue(asking, "in 5 min", after=300)
    await stand.clock.advance(60)
    await stand.enqueue(asking, "in 2 min", after=120)
    last_ms = stand.now()
    stand.clock.set_by(-stand.clock.now() + 10)
    engine = stand.engine()
    stand.hands(engine)
    heard = []
    engine.moved_in(lambda connection, delta_ms: heard.append(delta_ms))
    await engine.start()
    assert heard == [stand.now() - last_ms]
    assert all(row["due_ms"] >= stand.now(120) for row in await stand.rows())
    await engine.aclose()


async def test_the_right_time_arrives_after_a_start_in_1970(stand):
    """Set forward by 56 years: what waits goes on waiting its minutes."""
    years = stand.clock.now() - 10
    stand.clock.set_by(-years)
    async with stand.running() as (engine, hands):
        await stand.enqueue(engine, "in 5 min", after=300)
        await stand.clock.advance(60)
        await followed(stand, years)
        await stand.clock.advance(239)
        assert hands.calls == []
        await stand.clock.advance(1)

        assert hands.keys == ["in 5 min"]


async def test_another_replica_s_jobs_stay_where_its_own_clock_put_them(stand, url):
    """On a shared server a replica whose clock is put right moves only what it reckoned itself."""
    if url.startswith("sqlite"):
        pytest.skip("a file belongs to one gateway")
    other = EmbeddedEngine(stand.db, VirtualClock(stand.clock.now()), owner="right")
    right_ms = stand.now(900)
    stand.clock.set_by(-HOUR)
    async with stand.running("wrong") as (engine, _):
        await stand.db.write(lambda c: other.enqueue_in(c, "work", "a", due_ms=right_ms))
        await stand.enqueue(engine, "b", after=900)
        await followed(stand, HOUR)

        assert [row["due_ms"] for row in await stand.rows()] == [right_ms, right_ms]
