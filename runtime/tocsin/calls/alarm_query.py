"""What `queryStatus` and `queryJournal` may be asked, and which episode fits. Pure.

Words, numbers and the meaning of each condition as in Ignition: a list names several that fit, `*` in a
path stands for any text, letter case makes no difference there.
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms.episode import PRIORITIES
from tocsin.sandbox.host import HostRefused

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.alarms import Episode

STATES: Final = ("ClearUnacked", "ClearAcked", "ActiveUnacked", "ActiveAcked")
"""Ignition's states by number, 0 to 3."""

MOST_CONDITIONS: Final = 100
LONGEST: Final = 500
MOST_COMPARED: Final = 2_000_000
"""Characters of patterns times alarms looked at: about a tenth of a second in the worst case."""

_SIGNS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

Property = tuple[str, str, Any]


@dataclass(frozen=True, slots=True)
class Conditions:
    """What an alarm must be to be found; an empty condition leaves nothing out."""

    priority: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    source: tuple[str, ...] = ()
    displaypath: tuple[str, ...] = ()
    all_properties: tuple[Property, ...] = ()
    any_properties: tuple[Property, ...] = ()
    defined: tuple[str, ...] = ()
    includeShelved: bool = field(default=False)  # noqa: N815  the argument's documented name


_NAMES: Final = frozenset(one.name for one in fields(Conditions))


def conditions_of(raw: Any) -> Conditions:
    """Read what a script asked for; HostRefused says which argument cannot be."""
    if type(raw) is not dict or not raw.keys() <= _NAMES:
        raise HostRefused("a query of alarms takes the arguments that the scripting guide names")
    given: dict[str, Any] = {"includeShelved": raw.get("includeShelved") is True}
    for name in _NAMES - {"includeShelved"}:
        values = raw.get(name, [])
        if type(values) is not list or len(values) > MOST_CONDITIONS:
            raise HostRefused(f"{name} takes a list of up to {MOST_CONDITIONS}")
        read: Callable[[str, Any], Any] = _READERS.get(name, _text)
        given[name] = tuple(read(name, value) for value in values)
    return Conditions(**given)


def _text(name: str, value: Any) -> str:
    if type(value) is not str or len(value) > LONGEST:
        raise HostRefused(f"{name} takes texts of up to {LONGEST} characters, not {_shown(value)}")
    return value


def _word(words: Sequence[str]) -> Callable[[str, Any], str]:
    """Make a reader of one of Ignition's words, or of its number."""
    known = {word.lower(): word for word in words}

    def read(name: str, value: Any) -> str:
        if type(value) is int and 0 <= value < len(words):
            return words[value]
        found = known.get(value.lower()) if type(value) is str else None
        if found is None:
            choice = f"{', '.join(words)} or 0 to {len(words) - 1}"
            raise HostRefused(f"{name} is one of {choice}, not {_shown(value)}")
        return found

    return read


def _property(name: str, value: Any) -> Property:
    if type(value) is not list or len(value) != 3 or type(value[1]) is not str or value[1] not in _SIGNS:
        signs = " ".join(_SIGNS)
        raise HostRefused(
            f'{name} takes (name, sign, value) such as ("label", "=", "Pump 2"), with a sign of {signs}'
        )
    wanted, sign, right = value
    if type(right) not in (str, int, float, bool):
        raise HostRefused(f"{name} compares with a text or a number, not {_shown(right)}")
    return _text(name, wanted), sign, right


_READERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "priority": _word(PRIORITIES),
    "state": _word(STATES),
    "all_properties": _property,
    "any_properties": _property,
}


def _shown(value: Any) -> str:
    return repr(value)[:60]


def affordable(conditions: Conditions, alarms: int) -> bool:
    """Tell whether so many alarms may be held against these conditions while every call waits."""
    patterns = (conditions.path, conditions.source, conditions.displaypath)
    return sum(len(one) for some in patterns for one in some) * alarms <= MOST_COMPARED


def state_of(episode: Episode) -> str:
    """Return Ignition's word for an episode's state."""
    active = "Active" if episode.state == "active" else "Clear"
    return active + ("Acked" if episode.acked else "Unacked")


def fits(conditions: Conditions, episode: Episode) -> bool:
    """Tell whether an episode meets every condition; whether it is shelved is for the caller to look at."""
    return (
        (not conditions.priority or episode.priority in conditions.priority)
        and (not conditions.state or state_of(episode) in conditions.state)
        and _any_like(conditions.path, episode.path)
        and _any_like(conditions.source, episode.path)
        and _any_like(conditions.displaypath, episode.display_path)
        and all(_holds(one, episode) for one in conditions.all_properties)
        and (not conditions.any_properties or any(_holds(one, episode) for one in conditions.any_properties))
        and all(property_of(episode, name) not in (None, "") for name in conditions.defined)
    )


def property_of(episode: Episode, name: str) -> Any:
    """Return a property of an alarm by Ignition's name, or an associated datum; None if it has none."""
    own = {
        "name": episode.name,
        "label": episode.label,
        "notes": episode.notes,
        "displayPath": episode.display_path,
        "priority": episode.priority,
        "value": episode.value,
        "ackUser": episode.acked_by,
        "ackNotes": episode.note,
    }
    return own[name] if name in own else episode.data.get(name)


def _holds(condition: Property, episode: Episode) -> bool:
    name, sign, right = condition
    left = property_of(episode, name)
    try:
        return _SIGNS[sign](left, right)
    except TypeError:  # a text is neither above nor below a number
        return False


def _any_like(patterns: Sequence[str], text: str) -> bool:
    return not patterns or any(like(pattern, text) for pattern in patterns)


def like(pattern: str, text: str) -> bool:
    """Tell whether a text fits a pattern whose `*` stand for any text; letter case makes no difference."""
    first, *others = pattern.lower().split("*")
    text = text.lower()
    if not others:
        return text == first
    if not text.startswith(first):
        return False
    at = len(first)
    *middle, last = others
    for part in middle:
        at = text.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return len(text) - len(last) >= at and text.endswith(last)
