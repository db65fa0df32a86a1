"""The text of an SMS about alarms, in one segment where that can be. Pure.

Each alarm that is named may bear the code by which it is acknowledged (`calls.replying`). To make a text
fit, names are shortened first, then measured values go, then the site's name is cut, then the last alarms
are counted instead of named. A code is never cut, and no alarm that is not named has one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from tocsin.alarms import plain
from tocsin.telephony import gsm7

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Write = Callable[[Sequence["Alarm"]], str]

_PRIORITIES: Final = ("Critical", "High", "Medium", "Low", "Diagnostic")
_SHORTEST_NAME: Final = 12
_SHORTEST_IN_DIGEST: Final = 8
_MOST_NAMED: Final = 8  # more do not fit into a segment, however short
MOST_CODES: Final = 5
"""So many alarms of one text have a code of their own."""
DIGEST_FROM: Final = 4
"""So many alarms are a digest: sorted by priority, one code for all that are named."""
_LONGEST: Final = 1000
"""Characters of one part that are looked at; no name needs more."""
_WIDEST: Final = 160
"""Characters of a name that could stand in one segment."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm as a text tells it: `at` is the local time it went active, such as "03:08".

    `code` acknowledges it; "" where the text cannot be answered.
    """

    priority: str
    name: str
    at: str
    value: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A text, and how many of its alarms (the first ones) it names, with their codes."""

    text: str
    named: int


@dataclass(frozen=True, slots=True)
class Hints:
    """How to answer: a text about one alarm, about a few, and a digest; each without a full stop."""

    one: str
    few: str
    digest: str


def english(code: str, all_code: str = "", *, pin: bool = False) -> Hints:
    """Say how to answer in English; `code` is that of the first alarm."""
    also = " and PIN" if pin else ""
    digest = f"ALL {all_code}{' PIN' if pin else ''} acks these, ? help" if all_code else ""
    one = f"Reply {code}{also} to ack, {code}E pass, ? help"
    return Hints(one, f"Reply codes{also} to ack, ? help", digest)


def compose(site: str, alarms: Sequence[Alarm]) -> str:
    """Write one text about alarms; see `composed`."""
    return composed(site, alarms).text


def composed(
    site: str,
    alarms: Sequence[Alarm],
    *,
    all_code: str = "",
    pin: bool = False,
    instead: str = "",
    hints: Hints | None = None,
) -> Composed:
    """Write one text about alarms that are given most urgent first; ValueError where there are none.

    In the alphabet of SMS where the names can be written in it. `pin` says that acknowledging takes one;
    `all_code` stands for all alarms that a digest names. `instead` is what to do where no answer can come
    back, such as "Call +15005550006 to ack". `hints` say in another language how to answer.
    """
    if not alarms:
        raise ValueError("a text is about at least one alarm")
    site, known = _plain(site), [_written(one) for one in alarms]
    if not known[0].code:
        return _unanswerable(site, known, f". {instead}" if instead else "")
    if len(known) >= DIGEST_FROM:
        return digest(site, known, all_code=all_code, pin=pin, hints=hints)
    hints = hints or english(known[0].code, pin=pin)
    hint = f". {_plain(hints.one if len(known) == 1 else hints.few)}"
    for shown in range(len(known), 0, -1):
        named, rest = known[:shown], known[shown:]
        bare = [replace(one, value="") for one in named]
        forms = [(named, _SHORTEST_NAME), (bare, _SHORTEST_NAME)]
        for called in (site, _cut(site, _SHORTEST_NAME)):
            text = _fitted(forms, _telling(called, rest, hint))
            if text is not None:
                return Composed(text, shown)
    short = replace(known[0], name=_cut(known[0].name, _SHORTEST_IN_DIGEST), value="")
    return Composed(_telling(_cut(site, _SHORTEST_NAME), known[1:], hint)([short]), 1)


def digest(
    site: str,
    alarms: Sequence[Alarm],
    *,
    all_code: str = "",
    pin: bool = False,
    hints: Hints | None = None,
) -> Composed:
    """Write one text about many alarms, most urgent first: at most five named, the others counted.

    Times are left out where they take the room of a name. Alarms without codes are named all the same.
    """
    if not alarms:
        raise ValueError("a text is about at least one alarm")
    site, known = _plain(site), [_written(one) for one in alarms]
    how = (hints or english("", all_code, pin=pin)).digest
    hint = f". {_plain(how)}" if how else ""
    site = _cut(site, 2 * _SHORTEST_NAME)
    for shown in range(min(len(known), MOST_CODES), 0, -1):
        named, rest = known[:shown], known[shown:]
        bare = [replace(one, value="") for one in named]
        barest = [replace(one, at="") for one in bare]
        forms = [(named, _SHORTEST_NAME), (bare, _SHORTEST_NAME), (barest, _SHORTEST_IN_DIGEST)]
        text = _fitted(forms, _listing(site, rest, hint))
        if text is not None:
            return Composed(text, shown)
    worst = [replace(known[0], name=_cut(known[0].name, _SHORTEST_IN_DIGEST), value="", at="")]
    site = _cut(site, _SHORTEST_NAME)
    text = _listing(site, known[1:], hint)(worst)
    if gsm7.segments(text) > 1:  # letters beyond the alphabet of SMS cost more than twice the room
        text = _listing(site, known[1:], hint, counted=False)(worst)
    return Composed(text, 1)


def _telling(site: str, rest: Sequence[Alarm], hint: str) -> Write:
    def write(named: Sequence[Alarm]) -> str:
        return _text(site, [*named, *rest], len(named)) + hint

    return write


def _listing(site: str, rest: Sequence[Alarm], hint: str, *, counted: bool = True) -> Write:
    def write(named: Sequence[Alarm]) -> str:
        more = _more(rest) if counted or not rest else f", +{len(rest)} more"
        return f"{site}: {len(named) + len(rest)} alarms. {_by_priority(named)}{more}{hint}"

    return write


def _fitted(forms: Sequence[tuple[Sequence[Alarm], int]], write: Write) -> str | None:
    """Give the first form that fits one segment with names as long as can be, but no shorter than it says.

    None where no form does.
    """
    for alarms, least in forms:
        low, high = least, max(least, *(min(len(one.name), _WIDEST) for one in alarms))
        if gsm7.segments(whole := write(alarms)) == 1:
            return whole
        best = None
        while low <= high:
            room = (low + high + 1) // 2
            text = write([replace(one, name=_cut(one.name, room)) for one in alarms])
            if gsm7.segments(text) == 1:
                best, low = text, room + 1
            else:
                high = room - 1
        if best is not None:
            return best
    return None


def _by_priority(alarms: Sequence[Alarm]) -> str:
    """Name alarms behind their priority, which is said where it changes."""
    parts, last = [], ""
    for one in alarms:
        priority = "" if one.priority == last else one.priority.upper()
        parts.append(" ".join(part for part in (priority, one.code, one.name, one.value, one.at) if part))
        last = one.priority
    return ", ".join(parts)


def _more(rest: Sequence[Alarm]) -> str:
    return f", +{len(rest)} more ({_counted(rest)})" if rest else ""


def _written(one: Alarm) -> Alarm:
    return replace(one, priority=_plain(one.priority), name=_plain(one.name), value=_plain(one.value))


def _plain(text: str) -> str:
    """Write a text on one line without control characters, in the alphabet of SMS where that can be."""
    return gsm7.plain(" ".join(plain(text[:_LONGEST]).split()))


def _text(site: str, alarms: Sequence[Alarm], shown: int) -> str:
    told = ", ".join(_one(one, alone=len(alarms) == 1) for one in alarms[:shown])
    if len(alarms) == 1:
        return f"{site} {told}"
    return f"{site}: {len(alarms)} alarms. {told}{_more(alarms[shown:])}"


def _one(one: Alarm, *, alone: bool) -> str:
    code = "" if alone else one.code  # one alone has its code behind it, in the hint
    return " ".join(part for part in (code, one.priority.upper(), one.name, one.value, one.at) if part)


def _counted(alarms: Sequence[Alarm]) -> str:
    counts = {name: sum(one.priority == name for one in alarms) for name in _PRIORITIES}
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count) or "other"


def _unanswerable(site: str, alarms: Sequence[Alarm], hint: str) -> Composed:
    """Name as many as fit; nobody has to pick one, so the further alarms go before the names are cut."""
    for shown in range(min(len(alarms), _MOST_NAMED), 0, -1):
        text = _text(site, alarms, shown) + hint
        if gsm7.segments(text) == 1:
            return Composed(text, shown)
    return Composed(_shortened(site, alarms, hint), 1)


def _shortened(site: str, alarms: Sequence[Alarm], hint: str) -> str:
    """Make a text about the first alarm fit by shortening names, the site's first; else leave it longer."""
    worst = alarms[0]
    longest = max(len(site), len(worst.name), _SHORTEST_NAME)
    for room in range(longest, _SHORTEST_NAME - 1, -1):
        text = _text(_cut(site, room), [worst, *alarms[1:]], 1) + hint
        if gsm7.segments(text) == 1:
            return text
    site = _cut(site, _SHORTEST_NAME)
    for room in range(len(worst.name), _SHORTEST_NAME - 1, -1):
        text = _text(site, [replace(worst, name=_cut(worst.name, room)), *alarms[1:]], 1) + hint
        if gsm7.segments(text) == 1:
            return text
    short = replace(worst, name=_cut(worst.name, _SHORTEST_NAME), value="")
    return _text(site, [short, *alarms[1:]], 1) + hint


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 2].rstrip() + ".."
