"""What an owner that is gone had taken is done by another; what it does too late comes to nothing."""

import asyncio

import pytest
from sqlalchemy import update

from tocsin.engine import LeaseLost
from tocsin.engine.claiming import claim
from tocsin.engine.tables import timers


async def taken_by(stand, owner, *keys, lease_s=30):
    """Have jobs claimed by an owner that then does nothing more."""
    lost = stand.engine(owner)
    await stand.enqueue(lost, *keys)
    now_ms = stand.now()
    jobs, _ = await stand.db.write(
        lambda c: claim(c, "work", owner=owner, now_ms=now_ms, lease_ms=now_ms + lease_s * 1000, most=64)
    )
    assert len(jobs) == len(keys)
    return lost, jobs


async def test_a_dead_owner_s_jobs_are_done_within_a_minute(stand):
    """Nobody tells that an owner died: its lease stays as it is for its length, then the job is free."""
    await taken_by(stand, "dead", "a", "b")
    async with stand.running("alive") as (_, hands):
        await stand.clock.advance(29)
        assert hands.calls == []

        await stand.clock.advance(12)

        assert sorted(hands.keys) == ["a", "b"]
        assert await stand.keys_left() == []


async def test_a_job_of_a_crash_is_handed_out_alone(stand):
    """It may be what crashed the process, so it takes no other job with it."""
    await taken_by(stand, "here", "a", "b", "c")
    async with stand.running("here") as (engine, hands):
        await stand.settled()
        await stand.enqueue(engine, "d", "e")
        await stand.settled()

        calls = sorted([job.key for job in call] for call in hands.calls)
        assert calls == [["a"], ["b"], ["c"], ["d", "e"]]


async def test_a_restart_under_the_same_name_takes_up_its_jobs_at_once(stand):
    """A process of that name cannot be running any more."""
    await taken_by(stand, "here", "a")
    async with stand.running("here") as (_, hands):
        await stand.settled()

        assert [(job.key, job.tries) for job in hands.jobs] == [("a", 2)]


async def test_what_was_enqueued_anew_under_a_dead_owner_is_done(stand):
    """The key stays taken until the lease is over, then the new request counts."""
    _, jobs = await taken_by(stand, "dead", "a")
    async with stand.running("alive") as (engine, hands):
        await stand.enqueue(engine, "a")
        await stand.settled()
        assert hands.calls == []

        await stand.clock.advance(41)

        assert [job.serial for job in hands.jobs] == [jobs[0].serial + 1]


async def test_what_was_cancelled_under_a_dead_owner_is_not_done(stand):
    """The key is held until the lease is over, then nothing of it is left."""
    await taken_by(stand, "dead", "a")
    async with stand.running("alive") as (engine, hands):
        await stand.cancel(engine, "a")
        await stand.clock.advance(41)

        assert hands.calls == []
        assert await stand.keys_left() == []


async def test_an_owner_that_was_only_slow_cannot_complete_what_another_does(stand):
    """Its whole transaction is undone, so that the work is not done twice."""
    zombie, jobs = await taken_by(stand, "zombie", "a")
    gate = asyncio.Event()
    async with stand.running("alive", before=lambda _: gate.wait()) as (_, hands):
        await asyncio.sleep(0.02)  # the watchdog's first look, which only notes what it sees
        moving = asyncio.ensure_future(stand.clock.advance(41))
        async with asyncio.timeout(5):
            while not hands.calls:
                await asyncio.sleep(0.005)

        def late(connection):
            zombie.enqueue_in(connection, "work", "effect", due_ms=stand.now(1000))
            zombie.complete_in(connection, jobs)

        with pytest.raises(LeaseLost, match="took too long here"):
            await stand.db.write(late)

        gate.set()
        await moving
        assert hands.keys == ["a"]
        assert await stand.keys_left() == []


async def test_an_owner_that_was_slow_may_complete_while_nobody_else_has_begun(stand):
    """Then its work is as good as any."""
    slow, jobs = await taken_by(stand, "slow", "a")
    await stand.db.write(lambda c: c.execute(update(timers).values(owner=None, lease_ms=None)))
    await stand.db.write(lambda c: slow.complete_in(c, jobs))

    assert await stand.keys_left() == []


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_lease_is_not_held_against_a_clock_that_is_set(stand, hours):
    """Neither is a dead owner's job frozen for an hour, nor a living one's taken away."""
    await taken_by(stand, "dead", "a")
    stand.clock.set_by(hours * 3600)
    async with stand.running("alive") as (_, hands):
        await stand.clock.advance(25)
        assert hands.calls == []

        await stand.clock.advance(16)

        assert hands.keys == ["a"]
