"""How many wrong PINs are too many: a pure decision over the wrong tries of one person or one number.

Three limits, each against another attack. Where they differ, the later end counts.

- 5 wrong within 15 minutes lock for 15 minutes: nobody types through a list.
- 19 wrong since the last right one lock until an admin resets: patience does not help.
- 20 wrong within 24 hours lock until the first of them is a day old, whatever came right between: somebody
  with a PIN of their own cannot use it to go on guessing a colleague's on a shared phone.

From phones of nobody's, where a person says by user id who they are, it is 5 wrong within 30 days, whatever
came right between, and what such tries use up is taken from the 19 of the person's own phone. So a stolen
phone is good for 19 PINs by whatever way: below 0.2 % of four digits, for whoever leaves out those that are
refused too. A stranger can spoil 5 of somebody's 19 tries at most.

A lock stops PIN entry only. Alarms still ring, and escalation does not wait for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

MINUTE_MS: Final = 60_000
WINDOW_MS: Final = 15 * MINUTE_MS
LOCK_MS: Final = 15 * MINUTE_MS
DAY_MS: Final = 24 * 60 * MINUTE_MS
WINDOW_TRIES: Final = 5
TOTAL_TRIES: Final = 19
"""The most that stay within 0.2 % of the PINs of four digits that anybody can have."""
DAY_TRIES: Final = 20
BY_ID_TRIES: Final = 5
BY_ID_WINDOW_MS: Final = 30 * DAY_MS
CALLERS_TRIES: Final = 10
CALLERS_WINDOW_MS: Final = 10 * MINUTE_MS

Reason = Literal[
    "open", "5-in-15-minutes", "20-in-a-day", "19-since-right", "5-in-30-days", "10-in-10-minutes"
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether PIN entry is open, and why not; `until_ms` None with a lock means until it is reset."""

    reason: Reason
    tries_left: int
    until_ms: int | None = None

    @property
    def locked(self) -> bool:
        """Whether no PIN is looked at now."""
        return self.reason != "open"


def decide(failures_ms: Sequence[int], since_right: int, now_ms: int) -> Verdict:
    """Decide over the wrong tries of one person or number.

    `failures_ms` are the times of those in the last 24 hours (older ones do no harm), `since_right` how
    many there were since the last right PIN however long ago. Neither counts tries from before a reset.
    """
    if since_right >= TOTAL_TRIES:
        return Verdict("19-since-right", 0)
    # Where the clock was set back, tries may lie ahead; they count as made now.
    failures = sorted(min(at, now_ms) for at in failures_ms)
    today = [at for at in failures if at > now_ms - DAY_MS]
    ends: list[tuple[int, Reason]] = []
    if len(today) >= DAY_TRIES:
        ends.append((today[-DAY_TRIES] + DAY_MS, "20-in-a-day"))
    quick = [
        last
        for first, last in zip(failures, failures[WINDOW_TRIES - 1 :], strict=False)
        if last - first < WINDOW_MS
    ]
    if quick and quick[-1] + LOCK_MS > now_ms:
        ends.append((quick[-1] + LOCK_MS, "5-in-15-minutes"))
    if ends:
        until_ms, reason = max(ends)
        return Verdict(reason, 0, until_ms)
    lately = sum(at > now_ms - WINDOW_MS for at in failures)
    left = min(WINDOW_TRIES - lately, TOTAL_TRIES - since_right, DAY_TRIES - len(today))
    return Verdict("open", left)


def decide_by_id(failures_ms: Sequence[int], now_ms: int) -> Verdict:
    """Decide over the wrong tries of one user id at phones of nobody's.

    A right one takes none of them back: whoever guesses meanwhile would gain by the person's own calls.
    """
    counted = sorted(at for at in (min(at, now_ms) for at in failures_ms) if at > now_ms - BY_ID_WINDOW_MS)
    if len(counted) >= BY_ID_TRIES:
        return Verdict("5-in-30-days", 0, counted[-BY_ID_TRIES] + BY_ID_WINDOW_MS)
    return Verdict("open", BY_ID_TRIES - len(counted))


def decide_together(since_right: int, by_id: int) -> Verdict:
    """Decide over one person's wrong tries wherever they were made.

    `since_right` are those at their own phones since the last right PIN there, `by_id` those of the last 30
    days at phones of nobody's.
    """
    left = TOTAL_TRIES - since_right - by_id
    return Verdict("open", left) if left > 0 else Verdict("19-since-right", 0)


def decide_for_strangers(failures_ms: Sequence[int], now_ms: int) -> Verdict:
    """Decide over the wrong tries of all phones together that belong to nobody.

    Whoever has many numbers has no more tries for it: 10 in 10 minutes, everybody's counted.
    """
    since = sorted(at for at in (min(at, now_ms) for at in failures_ms) if at > now_ms - CALLERS_WINDOW_MS)
    if len(since) >= CALLERS_TRIES:
        return Verdict("10-in-10-minutes", 0, since[-CALLERS_TRIES] + CALLERS_WINDOW_MS)
    return Verdict("open", CALLERS_TRIES - len(since))


def strictest(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict that allows least: a lock without end, the latest lock, the fewest tries left."""
    return min(
        verdicts,
        key=lambda one: (
            not one.locked,
            one.until_ms is not None,
            -(one.until_ms or 0),
            one.tries_left,
        ),
    )
