"""How an account's texts fare, by how long the latest of them took to arrive. Pure.

What follows is decided elsewhere: how long a text is waited for, and whether another account is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

SLOW_MS: Final = 180_000
"""An account whose texts take longer than this, by the median, is slow: people are told in another way."""

FEWEST: Final = 5
"""So many texts of the last half hour at least say how slow an account is."""

UNHEARD_MS: Final = 120_000
"""A text of which nothing was heard for so long may have been lost on the way."""

UNHEARD: Final = 2
"""So many telephones in a row without a word of the latest texts to them are no accident."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long a text to a number took until its receipt, or has taken so far (`heard` is false), ms."""

    ms: int
    heard: bool = True
    number: str = ""


def are_slow(paces: Sequence[Pace]) -> bool:
    """Decide whether an account's texts are slow."""
    return len(paces) >= FEWEST and median(one.ms for one in paces) > SLOW_MS


def trouble_of(paces: Sequence[Pace]) -> str:
    """Say what is wrong with an account's texts, newest first, or ""."""
    if are_slow(paces):
        minutes = median(one.ms for one in paces) / 60_000
        return f"of the latest {len(paces)} texts half took longer than {minutes:.0f} minutes"
    since = next((at for at, one in enumerate(paces) if one.heard), len(paces))
    late = {one.number for one in paces[:since] if one.ms > UNHEARD_MS}
    if len(late) < UNHEARD:
        return ""
    return f"nothing is heard of the latest texts to {len(late)} telephones, for more than 2 minutes"
