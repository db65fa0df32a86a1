"""An attempt nobody knows the end of is recognised in Twilio's list, or after two looks counts as missing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tocsin.channels.seeking import AFTER_MS, APART_MS, BEFORE_MS, PATIENCE_MS, Candidate, judge

INTENT = 1_767_225_600_500


def judged(*candidates, sought_ms=None, now_ms=INTENT, bound=()):
    return judge(candidates, bound=bound, intent_ms=INTENT, sought_ms=sought_ms, now_ms=now_ms)


def test_the_call_made_at_that_moment_is_it():
    """Twilio's second began before ours; yesterday's call and one a minute later are others."""
    mine = Candidate("CA1", INTENT - 500)
    others = [Candidate("CA0", INTENT - 86_400_000), Candidate("CA2", INTENT + 60_000)]
    assert judged(*others, mine).sid == "CA1"


def test_what_another_record_has_claimed_is_not_it():
    """A SID belongs to one attempt."""
    assert judged(Candidate("CA1", INTENT), bound={"CA1"}).sid is None


def test_missing_only_after_two_looks_some_seconds_apart():
    """And not before ten seconds after the attempt, because lists lag."""
    first = judged(now_ms=INTENT + 1000)
    assert first.again_ms == INTENT + PATIENCE_MS
    early = judged(sought_ms=INTENT + 8000, now_ms=INTENT + 11_000)
    assert early.again_ms == INTENT + 8000 + APART_MS
    late = judged(sought_ms=INTENT + 1000, now_ms=INTENT + PATIENCE_MS)
    assert (late.sid, late.again_ms) == (None, None)


@given(
    created=st.integers(-60_000, 60_000),
    now=st.integers(-7_200_000, 7_200_000),
    sought=st.none() | st.integers(-7_200_000, 7_200_000),
)
def test_whatever_the_clocks_say_it_is_found_in_its_window_and_nobody_waits_for_long(created, now, sought):
    """Clocks set by hours neither hide a call nor hold up who is to be told."""
    candidate = Candidate("CA1", INTENT + created)
    found = judged(candidate, now_ms=INTENT + now, sought_ms=None if sought is None else INTENT + sought)
    assert (found.sid == "CA1") == (-BEFORE_MS <= created <= AFTER_MS)
    if found.again_ms is not None:
        assert INTENT + now < found.again_ms <= INTENT + now + PATIENCE_MS
