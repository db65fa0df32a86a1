"""Whether a person may be told again over one channel, or from when on, and why. Pure.

Only what was at least as urgent holds anything back: what is more urgent than all a person knows goes at
once, and nothing urgent ever waits behind something less urgent. What is held back is not dropped: it
goes with the next call or text, at the latest after the longest pause.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REMEMBERED_MS: Final = 30 * 60_000
"""So long a telling counts. Whoever was left in peace for so long is called like on a quiet night."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How much quiet a person gets over one channel, ms: `pause_ms` after the first telling.

    It doubles with each further one within half an hour, up to `longest_ms`. No pause (0) is no limit.
    """

    pause_ms: int = 60_000
    longest_ms: int = 240_000

    def after(self, tellings: int) -> int:
        """Give the quiet after so many tellings within half an hour, ms."""
        if tellings < 1:
            return 0
        return min(max(self.longest_ms, self.pause_ms), self.pause_ms << min(tellings - 1, 20))


@dataclass(frozen=True, slots=True)
class Throttles:
    """How much quiet a person gets, by channel."""

    calls: Limit = Limit()
    texts: Limit = Limit()


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier call or text to a person: how urgent its most urgent alarm was, and when it was, ms UTC.

    `told`: the person knows since `at_ms`, when the talk ended or the text went out. Else the phone with
    this number rang from `at_ms` on and nobody was told.
    """

    person: str
    number: str
    at_ms: int
    priority: int
    told: bool = True


@dataclass(frozen=True, slots=True)
class Go:
    """It may go now."""

    why: str


@dataclass(frozen=True, slots=True)
class Later:
    """It is held back until `due_ms` at the latest; what goes to the person earlier takes it along."""

    due_ms: int
    why: str


Verdict: TypeAlias = Go | Later


def decide(
    history: Iterable[Past], *, person: str, number: str, priority: int, limit: Limit, now_ms: int
) -> Verdict:
    """Decide whether a person may be told at a number now of something of this priority.

    `history` is what happened over the channel within half an hour, of anybody.
    """
    if limit.pause_ms <= 0:
        return Go("there is no limit")
    known = [
        one
        for one in history
        if now_ms - REMEMBERED_MS < one.at_ms <= now_ms
        and (one.person == person if one.told else one.number == number)
    ]
    if not known:
        return Go("nothing was told lately")
    as_urgent = [one for one in known if one.priority >= priority]
    if not as_urgent:
        return Go("it is more urgent than what is known already")
    later = _later(as_urgent, limit)
    return later if later.due_ms > now_ms else Go("the pause is over")


def _later(as_urgent: Sequence[Past], limit: Limit) -> Later:
    """Say until when these earlier calls or texts hold something back."""
    told = [one.at_ms for one in as_urgent if one.told]
    rang = [one.at_ms for one in as_urgent if not one.told]
    quiet_ms = limit.after(len(told))
    after_talk = max(told, default=0) + quiet_ms
    after_ring = max(rang, default=0) + (limit.pause_ms if rang else 0)
    if after_ring > after_talk:
        return Later(after_ring, f"the phone rang less than {spelled(limit.pause_ms)} ago")
    times = "a moment ago" if len(told) == 1 else f"{len(told)} times within half an hour"
    return Later(after_talk, f"told {times} of something as urgent; {spelled(quiet_ms)} of quiet follow")


def spelled(span_ms: int) -> str:
    """Give a span in words: "90 s", "5 min"."""
    seconds = -(-span_ms // 1000)
    return f"{seconds // 60} min" if seconds >= 60 and seconds % 60 == 0 else f"{seconds} s"
