"""The decisions of the pool, taken without any process: queues, lanes, strikes, ends, eager starts."""

from __future__ import annotations

import asyncio
import signal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.sandbox.stage import Host, program

from tocsin.sandbox import eager, ends
from tocsin.sandbox.job import Job, Version
from tocsin.sandbox.lanes import BATCH, FAST_QUEUE, SLOW_QUEUE, Lanes
from tocsin.sandbox.script import Program, Script, ScriptFailed
from tocsin.sandbox.scriptlog import ScriptLog, clean, largest, size
from tocsin.sandbox.strikes import EXILE_S, STRIKE_US, STRIKES, WINDOW_S, Record

FAST_US, SLOW_US = 50, STRIKE_US


def version() -> Version:
    made = program("response = 'x'")
    return Version(made, {"10_.py": ("digest", b"code")})


async def job(of: Version, deadline: float = 100.0) -> Job:
    future = asyncio.get_running_loop().create_future()
    return Job(of, msgspec.Raw(b"\x80"), Host(), future, deadline, 250, False)


def reason(of: Job) -> str:
    return of.future.exception().kind


def test_one_slow_turn_is_no_exile():
    """A single slow turn, or slow turns far apart, are forgotten."""
    record = Record()
    for n in range(10):
        record.took(n * WINDOW_S, 0.02, SLOW_US)

    assert record.until == 0


def test_slow_turns_in_a_row_are_an_exile_that_ends():
    """The third strike within the window sends a program to the slow lane for a minute."""
    record = Record()
    for n in range(STRIKES):
        record.took(n, 0.02, SLOW_US)

    assert record.until == STRIKES - 1 + EXILE_S


def test_a_death_is_an_exile_at_once():
    """Whoever had to be ended with its worker is not run beside others again soon."""
    record = Record()
    record.died(5.0, 0.25)

    assert record.until == 5.0 + EXILE_S
    assert record.cost_s == 0.25


def test_waiting_for_a_processor_is_no_strike():
    """Only processor time counts, never wall time."""
    record = Record()
    for n in range(100):
        record.took(n, 5.0, FAST_US)

    assert record.until == 0


async def test_short_turns_share_a_frame_and_long_ones_do_not():
    """A batch holds about as much work as is worth a wake-up."""
    lanes, short, long = Lanes(), version(), version()
    for _ in range(100):
        short.record("").took(0, 0.001, 50)
        long.record("").took(0, 0.001, 900)
    for _ in range(BATCH + 2):
        lanes.add(await job(short), 0)

    assert len(lanes.take_batch(0)) == BATCH
    assert len(lanes.take_batch(0)) == 2
    for _ in range(3):
        lanes.add(await job(long), 0)
    assert len(lanes.take_batch(0)) == 1


async def test_a_program_under_suspicion_leaves_the_fast_lane():
    """Turns that wait while another of the same program runs for long are moved, not run beside it."""
    lanes, suspect, other = Lanes(), version(), version()
    jobs = [await job(suspect), await job(other), await job(suspect)]
    for each in jobs:
        lanes.add(each, 0)
    suspect.record("").suspects = 1

    assert lanes.take_batch(0) == [jobs[1]]
    assert list(lanes.slow) == [jobs[0], jobs[2]]


async def test_full_queues_fail_at_once():
    """A turn for which there is no room is told so, and its caller answers by other means."""
    lanes, fast, slow = Lanes(), version(), version()
    slow.record("").died(0, 0.25)
    for _ in range(FAST_QUEUE):
        lanes.add(await job(fast), 0)
    for _ in range(SLOW_QUEUE):
        lanes.add(await job(slow), 0)
    one, two = await job(fast), await job(slow)
    lanes.add(one, 0)
    lanes.add(two, 0)

    assert (reason(one), reason(two)) == ("overloaded", "overloaded")


async def test_what_cannot_be_done_in_time_is_given_up_early():
    """Six turns of 250 ms fit before a deadline 1.6 s away; the others hear of it now."""
    lanes, slow = Lanes(), version()
    slow.record("").died(0, 0.25)
    jobs = [await job(slow, deadline=1.6) for _ in range(10)]
    for each in jobs:
        lanes.add(each, 0)
    lanes.shed(0.0)

    assert [each.closed for each in jobs] == [False] * 6 + [True] * 4
    assert {reason(each) for each in jobs[6:]} == {"overloaded"}


async def test_what_nobody_took_by_its_deadline_fails():
    """In every queue."""
    lanes, fast = Lanes(), version()
    late, early = await job(fast, deadline=1.0), await job(fast, deadline=9.0)
    lanes.add(late, 0)
    lanes.add(early, 0)
    lanes.expire(2.0)

    assert reason(late) == "no-worker"
    assert lanes.take_batch(2.0) == [early]


async def test_a_turn_nobody_waits_for_is_skipped_and_its_program_let_go():
    """Cancelled turns count as settled, so that a retired program is forgotten."""
    lanes, fast = Lanes(), version()
    forgotten = []
    fast.on_unused = forgotten.append
    one = await job(fast)
    lanes.add(one, 0)
    fast.retired = True
    one.future.cancel()

    assert lanes.take_batch(0) == []
    assert forgotten == [fast]


async def test_turns_put_back_keep_their_order():
    """What was handed back comes first again."""
    lanes, fast = Lanes(), version()
    jobs = [await job(fast) for _ in range(4)]
    lanes.add(jobs[3], 0)
    lanes.put_back(jobs[:3], 0)

    assert lanes.take_batch(0) == jobs


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (None, "restarted"),
        (0, "exit status 0"),
        (-signal.SIGSYS, "break out"),
        (-signal.SIGSEGV, "interpreter crashed"),
        (-signal.SIGUSR1, "SIGUSR1"),
        (-63, "signal 63"),
    ],
)
def test_an_end_reads_as_a_sentence(status, words):
    """Every exit status has words."""
    assert words in ends.describe(status)


def test_text_is_cut_and_cleaned():
    """Half characters are replaced and long text ends in an ellipsis."""
    assert clean("a\ud800b", 10) == "a?b"
    assert clean("x" * 20, 10) == "x" * 9 + "…"


def test_a_log_has_a_bound_even_for_empty_lines():
    """A line costs its place as well."""
    written = ScriptLog(1_000, lambda: ("a.py", 1))
    for _ in range(1_000):
        written.log("surprise", "")

    assert len(written.entries) < 20
    assert written.entries[0] == ("a.py", 1, "info", "")


def test_a_log_is_bounded_in_bytes_whatever_it_is_written_in():
    """A sign outside ASCII takes up to four."""
    written = ScriptLog(1_000, lambda: ("a.py", 1))
    for _ in range(20):
        written.log("info", "\N{SLEEPING FACE}" * 90)

    said = [text for _, _, level, text in written.entries if level == "info"]
    assert 2 <= len(said) < 5
    assert sum(len(text.encode()) for text in said) <= 1_000
    assert said[-1].endswith("…")


@given(limit=st.integers(1, 400), lines=st.lists(st.text(max_size=200), max_size=12))
def test_a_log_that_was_kept_to_its_bound_is_believed(limit, lines):
    """What the gateway allows is never less than what an honest worker writes."""
    written = ScriptLog(limit, lambda: ("a.py", 1))
    for line in lines:
        written.log("info", line)

    assert size(written.entries) <= largest(limit)


def test_a_line_is_the_one_that_python_counts():
    """A form feed or another sign that other programs take for the end of a line is none in Python."""
    source = "x = '\x1c\u2028'\n\x0c\nresponse = nothing\r\n"
    version = Version(Program("key", (Script("10_.py", source),), ()), {"10_.py": ("digest", b"")})

    assert version.source_line("10_.py", 3) == "response = nothing"
    assert version.source_line("10_.py", 9) == ""


async def started(work):
    """Start `work` as the pool does: from a callback of the loop."""
    loop = asyncio.get_running_loop()
    begun = loop.create_future()
    loop.call_soon(lambda: begun.set_result(eager.start(work, loop)))
    return await begun


async def test_what_needs_no_waiting_is_done_at_once():
    """A coroutine that never waits is over when `start` returns, with its value or its error."""

    async def value():
        assert asyncio.current_task() is not None
        return 5

    async def error():
        raise ValueError("no")

    assert (await started(value())).result() == 5
    assert isinstance((await started(error())).exception(), ValueError)


async def test_what_waits_goes_on_as_the_same_task():
    """Time-outs and cancellation work across the first step."""
    tasks = []

    async def work():
        tasks.append(asyncio.current_task())
        async with asyncio.timeout(0.01):
            tasks.append(asyncio.current_task())
            try:
                await asyncio.sleep(5)
            finally:
                tasks.append(asyncio.current_task())

    pending = await started(work())
    assert not pending.done()
    with pytest.raises(TimeoutError):
        await pending
    assert tasks == [pending] * 3


async def test_a_cancelled_task_runs_its_cleanup():
    """Closing the sandbox cancels host calls; they may still tidy up."""
    tidied = []

    async def work():
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            await asyncio.sleep(0)
            tidied.append(True)
            raise

    pending = await started(work())
    await asyncio.sleep(0)
    pending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await pending
    assert tidied == [True]


async def test_a_failure_carries_its_source_line():
    """What a worker says of a failure is completed from the source the server has."""
    one = await job(version())
    one.fail("exception", "no", None)
    with pytest.raises(ScriptFailed):
        await one.future


async def test_what_loops_in_one_kind_of_turn_leaves_the_others_of_its_program_fast():
    """A program is not slow as a whole because one of its actions is."""
    lanes, program = Lanes(), version()
    program.record("menu").died(0, 0.25)
    greeting, menu = await job(program), await job(program)
    greeting.record, menu.record = program.record("answer"), program.record("menu")
    lanes.add(greeting, 1)
    lanes.add(menu, 1)

    assert list(lanes.fast) == [greeting]
    assert list(lanes.slow) == [menu]
