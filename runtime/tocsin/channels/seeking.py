"""Whether something in Twilio's list is the attempt nobody knows the end of. Pure.

Twilio's lists tell neither our URL nor any reference of ours, and may lag: what is to be recognised is
the number called, the moment, and that no record of ours has claimed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

BEFORE_MS: Final = 2_000
"""Twilio's times have whole seconds, and its clock is not ours."""

AFTER_MS: Final = 30_000
"""A request that takes longer than this to arrive has long ended by its timeout."""

APART_MS: Final = 5_000
"""A list is read twice, so far apart, before an attempt counts as missing."""

PATIENCE_MS: Final = 10_000
"""And not before so long after the attempt, because lists lag."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A call or text of Twilio's list to the same number; `created_ms` has whole seconds."""

    sid: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sid` where it was found, else when to look again; both None where it is missing for good."""

    sid: str | None
    again_ms: int | None
    why: str


def judge(
    candidates: Sequence[Candidate],
    *,
    bound: Collection[str],
    intent_ms: int,
    sought_ms: int | None,
    now_ms: int,
) -> Verdict:
    """Decide about one attempt; `sought_ms` is when it was first looked for in vain, `bound` is claimed."""
    fitting = [
        one
        for one in candidates
        if one.sid not in bound and intent_ms - BEFORE_MS <= one.created_ms <= intent_ms + AFTER_MS
    ]
    if fitting:
        nearest = min(fitting, key=lambda one: (abs(one.created_ms - intent_ms), one.sid))
        return Verdict(nearest.sid, None, "in Twilio's list")
    first_ms = now_ms if sought_ms is None or sought_ms > now_ms else sought_ms
    enough_ms = max(first_ms + APART_MS, intent_ms + PATIENCE_MS)
    if now_ms >= enough_ms and sought_ms is not None:
        return Verdict(None, None, "twice not in Twilio's list")
    # Should the clock have been set, nobody waits longer than this for it.
    return Verdict(None, min(max(enough_ms, now_ms + 1), now_ms + PATIENCE_MS), "not in Twilio's list yet")
