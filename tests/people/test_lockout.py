"""The limits on wrong PINs, as a decision over times alone, and against guessers with all the time there is."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tocsin.people.lockout import DAY_MS, LOCK_MS, MINUTE_MS, WINDOW_MS, Verdict, decide, strictest


def at(*minutes: float) -> list[int]:
    return [int(one * MINUTE_MS) for one in minutes]


def test_four_wrong_tries_leave_one() -> None:
    """The script can say how many are left."""
    assert decide([], 0, 0) == Verdict("open", 5)
    assert decide(at(0, 1, 2, 3), 4, MINUTE_MS * 4) == Verdict("open", 1)


def test_the_fifth_within_fifteen_minutes_locks_for_fifteen_from_then() -> None:
    """Not from the first, and not until the window has slid on."""
    wrong = at(0, 3, 6, 9, 12)
    for minute in (12, 15.1, 26.9):
        assert decide(wrong, 5, int(minute * MINUTE_MS)) == Verdict("5-in-15-minutes", 0, 27 * MINUTE_MS)
    assert decide(wrong, 5, 27 * MINUTE_MS) == Verdict("open", 5)


def test_five_that_take_fifteen_minutes_do_not_lock() -> None:
    """The window is open at its far end."""
    assert decide(at(0, 4, 8, 12, 15), 5, 15 * MINUTE_MS) == Verdict("open", 1)


def test_a_right_one_between_does_not_empty_the_window() -> None:
    """Five wrong in fifteen minutes are five, whatever else was typed."""
    assert decide(at(0, 1, 2, 3, 4), 1, 5 * MINUTE_MS).reason == "5-in-15-minutes"


def test_nineteen_since_the_last_right_one_lock_until_reset() -> None:
    """However slowly they came."""
    assert decide([], 18, 0) == Verdict("open", 1)
    assert decide([], 19, 10 * DAY_MS) == Verdict("19-since-right", 0, None)


def test_twenty_in_a_day_lock_until_the_first_is_a_day_old() -> None:
    """Even with right ones between, as somebody would enter who guesses a colleague's on a shared phone."""
    wrong = at(*(hour * 60 for hour in range(20)))
    assert decide(wrong, 0, wrong[-1]) == Verdict("20-in-a-day", 0, DAY_MS)
    assert decide(wrong, 0, DAY_MS) == Verdict("open", 1)


def test_of_several_verdicts_the_strictest_counts() -> None:
    """A lock without end, then the longest lock, then the fewest tries."""
    forever, long, short = (
        Verdict("19-since-right", 0),
        Verdict("20-in-a-day", 0, 9),
        Verdict("5-in-15-minutes", 0, 3),
    )
    two, five = Verdict("open", 2), Verdict("open", 5)
    assert strictest([five, short, forever, long, two]) == forever
    assert strictest([five, short, long, two]) == long
    assert strictest([five, two]) == two


@given(
    failures=st.lists(st.integers(-DAY_MS, 2 * DAY_MS), max_size=30),
    since_right=st.integers(0, 25),
    now_ms=st.integers(-DAY_MS, 2 * DAY_MS),
)
@settings(max_examples=200, deadline=None)
def test_every_history_has_an_answer_that_makes_sense(
    failures: list[int], since_right: int, now_ms: int
) -> None:
    """Also where the clock was set back, so that tries lie ahead."""
    verdict = decide(failures, since_right, now_ms)
    assert verdict == decide(list(reversed(failures)), since_right, now_ms)
    if verdict.locked:
        assert verdict.tries_left == 0
        assert verdict.until_ms is None or verdict.until_ms > now_ms
    else:
        assert 1 <= verdict.tries_left <= 5
        assert verdict.until_ms is None
    if verdict.until_ms is not None:
        after = decide([one for one in failures if one <= now_ms], since_right, verdict.until_ms)
        assert after.reason != verdict.reason or after.until_ms != verdict.until_ms


class PinEntry:
    """What `tries` keeps of one subject, in memory: the limits with their bookkeeping."""

    def __init__(self) -> None:
        self.wrong: list[int] = []
        self.since_right = 0

    def verdict(self, now_ms: int) -> Verdict:
        return decide([one for one in self.wrong if one > now_ms - DAY_MS], self.since_right, now_ms)

    def enter(self, right: bool, now_ms: int) -> bool:
        """Return whether the PIN was looked at."""
        if self.verdict(now_ms).locked:
            return False
        if right:
            self.since_right = 0
        else:
            self.wrong.append(now_ms)
            self.since_right += 1
        return True

    def reset(self) -> None:
        self.wrong.clear()
        self.since_right = 0


class Entries(RuleBasedStateMachine):
    """Any order of waiting, right and wrong PINs, and resets keeps within every limit."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = 0
        self.entry = PinEntry()
        self.looked: list[int] = []  # wrong ones that were looked at since the last reset
        self.since_right = 0

    @rule(
        ms=st.integers(0, 20 * MINUTE_MS) | st.sampled_from([0, 1, WINDOW_MS - 1, WINDOW_MS, LOCK_MS, DAY_MS])
    )
    def wait(self, ms: int) -> None:
        self.now_ms += ms

    @rule()
    def wait_for_the_lock_to_end(self) -> None:
        until = self.entry.verdict(self.now_ms).until_ms
        if until is not None:
            self.now_ms = until
            assert not self.entry.verdict(self.now_ms).locked

    @rule()
    def wrong(self) -> None:
        left = self.entry.verdict(self.now_ms).tries_left
        if self.entry.enter(right=False, now_ms=self.now_ms):
            assert left >= 1
            self.looked.append(self.now_ms)
            self.since_right += 1

    @rule()
    def right(self) -> None:
        if self.entry.enter(right=True, now_ms=self.now_ms):
            self.since_right = 0

    @rule()
    def reset(self) -> None:
        self.entry.reset()
        self.looked.clear()
        self.since_right = 0
        assert not self.entry.verdict(self.now_ms).locked

    @invariant()
    def never_more_than_the_limits(self) -> None:
        assert self.since_right <= 20
        for first, sixth in zip(self.looked, self.looked[5:], strict=False):
            assert sixth - first >= LOCK_MS
        for first, next_day in zip(self.looked, self.looked[20:], strict=False):
            assert next_day - first >= DAY_MS

    @invariant()
    def five_quick_ones_are_followed_by_quiet(self) -> None:
        for first, fifth, sixth in zip(self.looked, self.looked[4:], self.looked[5:], strict=False):
            if fifth - first < WINDOW_MS:
                assert sixth - fifth >= LOCK_MS


Entries.TestCase.settings = settings(max_examples=40, stateful_step_count=60, deadline=None)
test_entries_keep_within_the_limits = Entries.TestCase


@pytest.mark.parametrize("insider", [False, True])
@pytest.mark.parametrize("pace", ["at once", "at the edge", "at random"])
def test_a_guesser_with_thirty_days_gets_no_further(insider: bool, pace: str) -> None:
    """Nineteen tries in all; twenty a day for one who has a right PIN to put between them.

    With all 10,000 PINs of four digits equally likely that is 0.19 % in all, or 6 % in a month of entries
    that stand in the journal every day.
    """
    entry, chance = PinEntry(), random.Random(4)
    now_ms, tries, per_day = 0, 0, [0] * 30
    while now_ms < 30 * DAY_MS:
        if insider and entry.since_right:
            entry.enter(right=True, now_ms=now_ms)
        verdict = entry.verdict(now_ms)
        if verdict.locked:
            if verdict.until_ms is None:
                break
            now_ms = verdict.until_ms
            continue
        if entry.enter(right=False, now_ms=now_ms):
            tries += 1
            per_day[now_ms // DAY_MS] += 1
        if pace == "at the edge" and entry.verdict(now_ms).tries_left == 1:
            now_ms += WINDOW_MS  # stop before each lock, let the window slide by
        elif pace == "at random":
            now_ms += chance.randrange(10 * MINUTE_MS)
    assert tries <= (600 if insider else 19)
    assert max(per_day) <= 20
    assert tries >= (500 if insider else 19)  # the guesser did try
