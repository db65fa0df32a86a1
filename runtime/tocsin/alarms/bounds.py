"""How much of what a source says of an alarm is kept. Pure.

Nothing is refused for its size: what is kept goes to every turn of every call, and has to fit there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tocsin.alarms.episode import AlarmEvent

LONGEST_VALUE: Final = 4_000
"""Characters of a text that is a value."""
MOST_DATA: Final = 64 * 1024
"""Bytes of an alarm's data, written as JSON."""
_SAID: Final = 5  # names that a warning lists

_encode: Final = msgspec.json.Encoder().encode


def in_bounds(event: AlarmEvent) -> tuple[AlarmEvent, tuple[str, ...]]:
    """Give the event with a value that is not too long, and a warning where it was."""
    value = event.value
    if not isinstance(value, str) or len(value) <= LONGEST_VALUE:
        return event, ()
    cut = value[: LONGEST_VALUE - 1] + "…"
    return replace(event, value=cut), (f"the value was cut to {LONGEST_VALUE:,} characters",)


def joined(before: Mapping[str, Any], news: Mapping[str, Any]) -> dict[str, Any]:
    """Give data with news: where both are too large, news go first, then what has been there the longest."""
    whole = {**before, **news}
    if len(_encode(whole)) <= MOST_DATA:
        return whole
    kept: set[str] = set()
    left = MOST_DATA - 2
    for name in dict.fromkeys([*news, *before]):
        left_then = left - len(_encode(name)) - len(_encode(whole[name])) - 2
        if left_then >= 0:
            kept.add(name)
            left = left_then
    return {name: value for name, value in whole.items() if name in kept}


def left_out(named: Iterable[str], kept: Mapping[str, Any]) -> tuple[str, ...]:
    """Give a warning where some of these names are not among the data that are kept."""
    lost = [name for name in dict.fromkeys(named) if name not in kept]
    if not lost:
        return ()
    more = f" and {len(lost) - _SAID} more" if len(lost) > _SAID else ""
    shown = ", ".join(repr(name[:40]) for name in lost[:_SAID])
    return (f"data is kept up to {MOST_DATA // 1024} KiB; left out were {shown}{more}",)
