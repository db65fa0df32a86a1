"""When an area is in a flood of alarms. Pure.

An area is the first part of its alarms' paths. A flood begins with more than ten alarms going active
within ten minutes and ends below five (ISA-18.2 and EEMUA 191 use these figures); both can be configured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class FloodLimits:
    """More than `begins` activations within `within_ms` begin a flood, fewer than `ends` end it.

    `begins` 0: there are no floods.
    """

    begins: int = 10
    ends: int = 5
    within_ms: int = 600_000


@dataclass(frozen=True, slots=True)
class Flood:
    """A flood that is going on: its area, since when (ms UTC), and how many alarms went active lately."""

    area: str
    began_ms: int
    alarms: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What has changed, by how many activations, why, and when to look again (ms UTC; None: no need)."""

    change: Literal["began", "ended"] | None
    alarms: int
    why: str
    look_ms: int | None = None


def area_of(path: str) -> str:
    """Give the area of an alarm: the first part of its path."""
    return next((part.strip() for part in path.split("/") if part.strip()), path)


def decide(flooded: bool, activations_ms: Sequence[int], limits: FloodLimits, now_ms: int) -> Verdict:
    """Decide whether an area's flood begins, goes on or ends; activations in any order, ms UTC."""
    since_ms = now_ms - limits.within_ms
    lately = sorted(one for one in activations_ms if since_ms < one <= now_ms)
    count, minutes = len(lately), limits.within_ms / 60_000
    why = f"{count} alarm{'' if count == 1 else 's'} in {minutes:g} min"
    if not limits.begins:
        return Verdict("ended" if flooded else None, count, "floods are not looked for any more")
    if flooded and count < limits.ends:
        return Verdict("ended", count, f"{why}, fewer than {limits.ends}")
    if not flooded and count <= limits.begins:
        return Verdict(None, count, why)
    # It cannot end before the oldest of those that keep it going is too old to count.
    look_ms = lately[-limits.ends] + limits.within_ms
    return Verdict(None if flooded else "began", count, f"{why}, more than {limits.begins}", look_ms)
