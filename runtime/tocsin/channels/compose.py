"""The text of an SMS about alarms, in one segment where that can be. Pure.

What is left out to make it fit goes in this order: the further alarms, which are then counted; the end of
the site's name; the end of the alarm's name. Time, priority and count always stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.telephony import gsm7

if TYPE_CHECKING:
    from collections.abc import Sequence

_PRIORITIES: Final = ("Critical", "High", "Medium", "Low", "Diagnostic")
_SHORTEST_NAME: Final = 12
_MOST_NAMED: Final = 8  # more do not fit into a segment, however short
_LONGEST: Final = 1000
"""Characters of one part that are looked at; no name needs more."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as a text tells it: `at` is the local time it went active, such as "03:08"."""

    priority: str
    name: str
    at: str
    value: str = ""


def compose(site: str, alarms: Sequence[Alarm]) -> str:
    """Write one text about alarms that are given most urgent first; ValueError where there are none.

    In the alphabet of SMS where the names can be written in it.
    """
    if not alarms:
        raise ValueError("a text is about at least one alarm")
    site, known = _plain(site), [_written(one) for one in alarms]
    for shown in range(min(len(known), _MOST_NAMED), 0, -1):
        text = _text(site, known, shown)
        if gsm7.segments(text) == 1:
            return text
    return _shortened(site, known)


def _written(one: Alarm) -> Alarm:
    return Alarm(_plain(one.priority), _plain(one.name), one.at, _plain(one.value))


def _plain(text: str) -> str:
    """Write a text on one line, in the alphabet of SMS where that can be."""
    return gsm7.plain(" ".join(text[:_LONGEST].split()))


def _text(site: str, alarms: Sequence[Alarm], shown: int) -> str:
    told = ", ".join(_one(one) for one in alarms[:shown])
    if len(alarms) == 1:
        return f"{site} {told}"
    rest = alarms[shown:]
    more = f", +{len(rest)} more ({_counted(rest)})" if rest else ""
    return f"{site}: {len(alarms)} alarms. {told}{more}"


def _one(one: Alarm) -> str:
    return " ".join(part for part in (one.priority.upper(), one.name, one.value, one.at) if part)


def _counted(alarms: Sequence[Alarm]) -> str:
    counts = {name: sum(one.priority == name for one in alarms) for name in _PRIORITIES}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "other"


def _shortened(site: str, alarms: Sequence[Alarm]) -> str:
    """Make a text about the first alarm fit by shortening names, the site's first; else leave it longer."""
    worst = alarms[0]
    longest = max(len(site), len(worst.name), _SHORTEST_NAME)
    for room in range(longest, _SHORTEST_NAME - 1, -1):
        text = _text(_cut(site, room), [worst, *alarms[1:]], 1)
        if gsm7.segments(text) == 1:
            return text
    site = _cut(site, _SHORTEST_NAME)
    for room in range(len(worst.name), _SHORTEST_NAME - 1, -1):
        short = Alarm(worst.priority, _cut(worst.name, room), worst.at, worst.value)
        text = _text(site, [short, *alarms[1:]], 1)
        if gsm7.segments(text) == 1:
            return text
    short = Alarm(worst.priority, _cut(worst.name, _SHORTEST_NAME), worst.at, "")
    return _text(site, [short, *alarms[1:]], 1)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 2].rstrip() + ".."
