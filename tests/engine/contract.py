"""What any engine promises, whatever keeps its jobs. An adapter's test module subclasses `EngineContract`.

The subclass's fixture `stand` gives the engines; no test here looks behind `tocsin.engine.port`, but for
asking which jobs are left.
"""

import asyncio
from itertools import pairwise

import pytest
from tests.engine.stand import until


class Undone(Exception):  # noqa: N818  named for what happens to the transaction
    """Makes a transaction come to nothing."""


class EngineContract:
    """The promises, one by one."""

    # ------------------------------------------------------------ asking

    async def test_a_job_that_is_due_is_done_at_once_and_gone(self, stand):
        """A job due now is handed out as soon as the transaction that asks for it is committed."""
        async with stand.running() as (engine, hands):
            await stand.enqueue(engine, "one")
            await stand.settled()

            assert hands.keys == ["one"]
            assert await stand.keys_left() == []

    async def test_a_job_waits_for_its_time(self, stand):
        """A job is handed out when it is due, neither before nor a millisecond after."""
        async with stand.running() as (engine, hands):
            at = []
            hands.before = lambda _: note(at, stand.clock.now_ms())
            due_ms = stand.now(300)
            await stand.enqueue(engine, "later", after=300)
            await stand.clock.advance(299.999)
            assert hands.calls == []

            await stand.clock.advance(100)

            assert hands.keys == ["later"]
            assert at == [due_ms]
            assert hands.jobs[0].due_ms == due_ms

    async def test_jobs_come_in_order_of_their_times(self, stand):
        """Whatever order they were asked for in, and however far time moves at once."""
        async with stand.running(batch=1) as (engine, hands):
            for after in (30, 10, 20):
                await stand.enqueue(engine, f"after {after}", after=after)
            await stand.clock.advance(60)

            assert hands.keys == ["after 10", "after 20", "after 30"]

    async def test_urgent_jobs_go_before_older_ones(self, stand):
        """Of what is due, a lower priority number goes first, then what was due first."""
        engine = stand.engine()
        hands = stand.hands(engine, batch=1)
        for key, after, priority in (("late", -1, 5), ("old", -9, 5), ("urgent", -1, 0)):
            await stand.enqueue(engine, key, after=after, priority=priority)
        await engine.start()
        await stand.settled()

        assert hands.keys == ["urgent", "old", "late"]

    async def test_a_key_asked_for_twice_is_done_once_at_the_later_wish(self, stand):
        """The same queue and key is one job; the last wish moves it, to sooner or to later."""
        async with stand.running() as (engine, hands):
            await stand.enqueue(engine, "sooner", after=100)
            await stand.enqueue(engine, "sooner", after=10)
            await stand.enqueue(engine, "later", after=10)
            await stand.enqueue(engine, "later", after=100)
            await stand.clock.advance(50)
            assert hands.keys == ["sooner"]

            await stand.clock.advance(1000)

            assert hands.keys == ["sooner", "later"]

    async def test_the_same_key_in_two_queues_is_two_jobs(self, stand):
        """Queues do not share keys."""
        engine = stand.engine()
        first, second = stand.hands(engine, "first"), stand.hands(engine, "second")
        await engine.start()
        await stand.enqueue(engine, "k", queue="first")
        await stand.enqueue(engine, "k", queue="second")
        await stand.settled()

        assert (first.keys, second.keys) == (["k"], ["k"])

    async def test_what_a_transaction_asked_for_goes_with_it(self, stand):
        """A transaction that comes to nothing leaves no job, and drops or moves none."""
        async with stand.running() as (engine, hands):
            await stand.enqueue(engine, "kept", after=10)

            def work(connection):
                engine.enqueue_in(connection, "work", "new", due_ms=stand.now())
                engine.enqueue_in(connection, "work", "kept", due_ms=stand.now(500))
                engine.cancel_in(connection, "work", ["kept"])
                raise Undone

            with pytest.raises(Undone):
                await stand.db.write(work)
            await stand.settled()
            assert hands.calls == []

            await stand.clock.advance(10)

            assert hands.keys == ["kept"]

    async def test_a_cancelled_job_is_not_done(self, stand):
        """Cancelling drops the job; an unknown key is nobody's mistake."""
        async with stand.running() as (engine, hands):
            await stand.enqueue(engine, "a", "b", "c", after=10)
            await stand.cancel(engine, "a", "c", "nobody")
            await stand.clock.advance(20)

            assert hands.keys == ["b"]
            assert await stand.keys_left() == []

    async def test_many_jobs_come_in_batches(self, stand):
        """A handler gets at most `batch` jobs at a time, and each exactly once."""
        async with stand.running(batch=64) as (engine, hands):
            keys = [f"{number:03d}" for number in range(200)]
            await stand.enqueue(engine, *keys)
            await stand.settled()

            assert sorted(hands.keys) == keys
            assert max(len(call) for call in hands.calls) == 64

    # ------------------------------------------------------------ while a job is being done

    async def test_time_stands_still_until_what_is_due_is_done(self, stand):
        """Time that a test moves waits for a slow handler; so the next job sees the one before done."""
        seen = []

        async def slow(jobs):
            await asyncio.sleep(0.02)
            seen.append((jobs[0].key, stand.clock.now_ms()))

        async with stand.running(before=slow) as (engine, _):
            due = [stand.now(10), stand.now(10.001)]
            await stand.enqueue(engine, "first", after=10)
            await stand.enqueue(engine, "second", after=10.001)
            await stand.clock.advance(3600)

            assert seen == [("first", due[0]), ("second", due[1])]

    async def test_a_job_enqueued_anew_while_it_is_done_is_done_once_more(self, stand):
        """What comes up during a job is not swallowed by its completion, and never runs beside it."""
        under_way = 0

        async def again(jobs):
            nonlocal under_way
            under_way += 1
            assert under_way == 1
            if len(hands.calls) == 1:
                await stand.enqueue(engine, "k")
                await asyncio.sleep(0.02)
            under_way -= 1

        async with stand.running(before=again, at_once=4) as (engine, hands):
            await stand.enqueue(engine, "k")
            await stand.settled()

            assert hands.keys == ["k", "k"]
            assert hands.jobs[0].serial != hands.jobs[1].serial
            assert await stand.keys_left() == []

    async def test_a_handler_may_ask_for_its_own_next_time(self, stand):
        """Completing the old and asking for the next under the same key is one transaction, in any order."""
        engine = stand.engine()
        at = []

        async def tick(jobs):
            at.append(stand.clock.now_ms())

            def work(connection):
                if len(at) % 2:
                    engine.complete_in(connection, jobs)
                if len(at) < 4:
                    engine.enqueue_in(connection, "tick", "t", due_ms=stand.now(60))
                if not len(at) % 2:
                    engine.complete_in(connection, jobs)

            await stand.db.write(work)

        engine.handle("tick", tick)
        await engine.start()
        start = stand.now()
        await stand.enqueue(engine, "t", queue="tick")
        await stand.clock.advance(600)

        assert at == [start, start + 60_000, start + 120_000, start + 180_000]
        assert await stand.keys_left("tick") == []

    async def test_a_job_cancelled_while_it_is_done_does_not_come_back(self, stand):
        """Neither its completion nor its failure makes it a job again."""

        async def cancelled(jobs):
            await stand.cancel(engine, *(job.key for job in jobs))
            if jobs[0].key == "fails":
                raise Undone

        async with stand.running(before=cancelled) as (engine, hands):
            await stand.enqueue(engine, "done")
            await stand.settled()
            await stand.enqueue(engine, "fails")
            await stand.clock.advance(600)

            assert hands.keys == ["done", "fails"]
            assert await stand.keys_left() == []

    async def test_a_job_cancelled_and_asked_for_again_meanwhile_is_done_again(self, stand):
        """The completion of the old request does not complete the new one."""

        async def replaced(jobs):
            if len(hands.calls) == 1:
                await stand.cancel(engine, "k")
                await stand.enqueue(engine, "k", after=10)

        async with stand.running(before=replaced, at_once=2) as (engine, hands):
            await stand.enqueue(engine, "k")
            await stand.settled()
            assert hands.keys == ["k"]

            await stand.clock.advance(10)

            assert hands.keys == ["k", "k"]
            assert await stand.keys_left() == []

    async def test_at_once_bounds_the_tasks_of_a_queue(self, stand):
        """A queue uses all the tasks it may and never one more."""
        under_way = most = 0
        gate = asyncio.Event()

        async def busy(_):
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            await gate.wait()
            under_way -= 1

        async with stand.running(before=busy, batch=1, at_once=3) as (engine, hands):
            await stand.enqueue(engine, *"abcdefgh")
            await until(lambda: most == 3)
            gate.set()
            await stand.settled()

            assert most == 3
            assert sorted(hands.keys) == list("abcdefgh")

    async def test_a_slow_queue_does_not_hold_up_another(self, stand):
        """Queues take turns: one with much and slow work leaves the other its own."""
        gate = asyncio.Event()
        engine = stand.engine()
        stand.hands(engine, "slow", before=lambda _: gate.wait(), batch=1)
        quick = stand.hands(engine, "quick")
        await engine.start()
        await stand.enqueue(engine, *(f"{number}" for number in range(500)), queue="slow")
        await stand.enqueue(engine, "q", queue="quick")

        await until(lambda: quick.keys == ["q"])
        gate.set()

    # ------------------------------------------------------------ when a job fails

    async def test_a_failing_job_comes_back_ever_later(self, stand):
        """After 1 s, 2 s, 4 s ... and from then on each minute; never lost, never given up."""
        at = []

        async def fail(_):
            at.append(stand.clock.now_ms())
            if len(at) < 9:
                raise Undone

        async with stand.running(before=fail) as (engine, hands):
            start = stand.now()
            await stand.enqueue(engine, "bad")
            await stand.clock.advance(600)

            gaps = [(after - before) // 1000 for before, after in pairwise(at)]
            assert at[0] == start
            assert gaps == [1, 2, 4, 8, 16, 32, 60, 60]
            assert [job.tries for job in hands.jobs] == list(range(1, 10))
            assert await stand.keys_left() == []

    async def test_a_job_enqueued_anew_after_failing_is_fresh(self, stand):
        """Its tries count from one again, and it does not wait for the old put-off."""

        async def fail(jobs):
            if len(hands.calls) <= 3:
                raise Undone

        async with stand.running(before=fail) as (engine, hands):
            await stand.enqueue(engine, "k")
            await stand.clock.advance(3)
            await stand.enqueue(engine, "k")
            await stand.settled()

            assert [job.tries for job in hands.jobs] == [1, 2, 3, 1]

    async def test_one_bad_job_does_not_hold_up_the_good_ones_of_its_batch(self, stand):
        """A batch that fails is tried job by job at once; only the bad one waits."""

        async def fail(jobs):
            if any(job.key == "31" for job in jobs):
                raise Undone

        async with stand.running(before=fail, batch=64) as (engine, hands):
            await stand.enqueue(engine, *(f"{number:02d}" for number in range(64)))
            await stand.settled()

            assert await stand.keys_left() == ["31"]
            assert len(hands.calls) == 1 + 64

            await stand.enqueue(engine, "next")
            await stand.clock.advance(1)

            assert await stand.keys_left() == ["31"]
            assert ["next"] in [[job.key for job in call] for call in hands.calls]

    async def test_what_a_batch_completed_before_it_failed_is_not_done_again(self, stand):
        """Jobs completed in a transaction of their own stay completed when the call fails later."""

        async def half(jobs):
            if len(jobs) == 2:
                await stand.db.write(lambda c: engine.complete_in(c, jobs[:1]))
                raise Undone

        async with stand.running(before=half) as (engine, hands):
            await stand.enqueue(engine, "a", "b")
            await stand.settled()

            assert [[job.key for job in call] for call in hands.calls] == [["a", "b"], ["b"]]

    async def test_a_job_left_uncompleted_comes_back(self, stand):
        """A handler that returns without completing has not done it."""
        engine = stand.engine()
        tries = []

        async def forgetful(jobs):
            tries.extend(job.tries for job in jobs)
            if len(tries) == 3:
                await stand.db.write(lambda c: engine.complete_in(c, jobs))

        engine.handle("work", forgetful)
        await engine.start()
        await stand.enqueue(engine, "k")
        await stand.clock.advance(60)

        assert tries == [1, 2, 3]
        assert await stand.keys_left() == []

    async def test_a_handler_that_hangs_is_cancelled_when_its_lease_is_over(self, stand):
        """Its job comes back; others of the queue wait no longer than the lease."""

        async def hang(jobs):
            if len(hands.calls) == 1:
                await asyncio.Event().wait()

        async with stand.running(before=hang, lease_s=0.1) as (engine, hands):
            await stand.enqueue(engine, "hangs")
            await stand.clock.advance(0.5)
            await stand.enqueue(engine, "good")
            await stand.clock.advance(1)

            assert hands.keys == ["hangs", "good", "hangs"]

    async def test_a_failed_completion_brings_the_job_back(self, stand):
        """Completion is part of the handler's transaction: undone with it, the job is still to be done."""
        engine = stand.engine()
        tries = []

        async def undone(jobs):
            tries.extend(job.tries for job in jobs)

            def work(connection):
                engine.complete_in(connection, jobs)
                if len(tries) == 1:
                    raise Undone

            await stand.db.write(work)

        engine.handle("work", undone)
        await engine.start()
        await stand.enqueue(engine, "k")
        await stand.clock.advance(1)

        assert tries == [1, 2]
        assert await stand.keys_left() == []

    # ------------------------------------------------------------ several engines

    async def test_engines_share_the_work_without_doing_any_of_it_twice(self, stand):
        """Two on one database both take part, and each job is done once."""
        engines = [stand.engine("left"), stand.engine("right")]
        hands = [stand.hands(engine, before=lambda _: asyncio.sleep(0.003), batch=4) for engine in engines]
        for engine in engines:
            await engine.start()
        keys = [f"{number:03d}" for number in range(400)]
        await stand.enqueue(engines[0], *keys)
        await until(lambda: sum(len(one.jobs) for one in hands) >= len(keys))
        await stand.settled()

        assert sorted(hands[0].keys + hands[1].keys) == keys
        assert all(one.keys for one in hands)
        assert await stand.keys_left() == []

    async def test_an_engine_finds_what_another_asked_for(self, stand):
        """A job enqueued by an engine that does not handle its queue is done by one that does."""
        asking = stand.engine("asking")
        async with stand.running("doing") as (_, hands):
            await stand.enqueue(asking, "k")
            await until(lambda: hands.keys == ["k"])

    # ------------------------------------------------------------ stopping and starting

    async def test_what_waits_survives_a_restart(self, stand):
        """A job asked for before, or while no engine ran, is done by the next one; overdue ones at once."""
        first = stand.engine()
        await stand.enqueue(first, "a", after=10)
        await stand.clock.advance(3600)
        async with stand.running() as (engine, hands):
            await stand.enqueue(engine, "b", after=10)
            await stand.settled()
            assert hands.keys == ["a"]

            await stand.clock.advance(10)

            assert hands.keys == ["a", "b"]

    async def test_an_engine_that_ends_gives_back_what_it_has_not_done(self, stand):
        """Another takes it up at once, and the try that was cut short does not count."""
        stuck = asyncio.Event()
        engine = stand.engine("left")
        stand.hands(engine, before=lambda _: stuck.wait(), batch=1)
        await engine.start()
        await stand.enqueue(engine, "a", "b")
        await until(lambda: engine.stats()["claimed"])
        closing = asyncio.ensure_future(engine.aclose())
        await asyncio.sleep(0)
        stuck.set()
        await closing
        assert await stand.keys_left() == ["b"]

        async with stand.running("right") as (_, hands):
            await stand.settled()

            assert [(job.key, job.tries) for job in hands.jobs] == [("b", 1)]

    async def test_nothing_is_handed_out_after_the_end(self, stand):
        """Asking still works; the job waits for the next start."""
        async with stand.running() as (engine, hands):
            await engine.aclose()
            await stand.enqueue(engine, "k")
            await stand.clock.advance(100)

            assert hands.calls == []
            assert await stand.keys_left() == ["k"]

    async def test_a_handler_comes_before_the_start_and_once(self, stand):
        """Mistakes of composition are told at once."""
        async with stand.running() as (engine, hands):
            with pytest.raises(RuntimeError, match="has started"):
                engine.handle("other", hands)
        other = stand.engine("other")
        other.handle("work", hands)
        with pytest.raises(RuntimeError, match="has a handler already"):
            other.handle("work", hands)

    # ------------------------------------------------------------ figures

    async def test_stats_tell_what_waits_what_is_due_and_how_late(self, stand):
        """One number each, and the same for every queue by its name."""
        gate = asyncio.Event()
        async with stand.running(before=lambda _: gate.wait(), batch=1) as (engine, _):
            await stand.enqueue(engine, "later", after=1000)
            await stand.enqueue(engine, "a", "b", after=-5)
            await until(lambda: engine.stats()["claimed"])

            told = engine.stats()
            assert told["claimed"] == told["work.claimed"] == 1
            assert told["late_ms"] == told["work.late_ms"] == 5000
            assert {"waiting", "due", "work.waiting", "work.due"} <= set(told)
            gate.set()
            await stand.settled()
            assert engine.stats()["late_ms"] == 0
            assert engine.stats()["claimed"] == 0

    async def test_purge_drops_only_what_nobody_will_ever_do(self, stand):
        """A week overdue in a queue without a handler; handled queues and fresh jobs stay."""
        async with stand.running() as (engine, _):
            await stand.enqueue(engine, "old", queue="gone")
            await stand.clock.advance(8 * 86_400)
            await stand.enqueue(engine, "fresh", queue="gone")
            await stand.enqueue(engine, "waits", after=1e9)

            assert await engine.purge() == 1
            assert await stand.keys_left("gone") == ["fresh"]
            assert await stand.keys_left() == ["waits"]


async def note(where, value):
    where.append(value)
