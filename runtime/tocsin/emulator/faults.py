"""Things that go wrong on purpose: parsed from plain words, matched, counted down.

A fault is `{"match": ..., "fault": "callback lost", "times": 2}`. `match` is absent or "*" (anything), a
telephone number, a part of a path or URL, an event name, or an object of such parts by name (`number`, `to`,
`from`, `path`, `url`, `method`, `event`, `sid`). `times` absent means once, null for ever. A number among the
words is the fault's figure: seconds ("callback late 30 s"), an error code ("undelivered 30005"), the
carrier's SIP answer ("failed 503"); it may also be given as `value`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_NUMBER = re.compile(r"(?<![\w+])\d+(?:\.\d+)?")
_WORD = re.compile(r"[a-z0-9]+")

# Words that must all occur -> the fault meant; the first line that fits wins.
_VOCABULARY: tuple[tuple[frozenset[str], str], ...] = tuple(
    (frozenset(words.split()), kind)
    for words, kind in (
        ("list lags", "list-lags"),
        ("hang after", "hang-after"),
        ("500 after", "500-after"),
        ("reset before", "reset-before"),
        ("reset after", "reset-after"),
        ("wrong signature", "wrong-signature"),
        ("truncated response", "truncated-response"),
        ("truncated", "truncated-body"),
        ("invalid dlr", "dlr-invalid"),
        ("out of order", "callback-out-of-order"),
        ("duplicate", "callback-duplicate"),
        ("doubled", "callback-duplicate"),
        ("late", "callback-late"),
        ("lost", "callback-lost"),
        ("undelivered", "undelivered"),
        ("sms failed", "message-failed"),
        ("message failed", "message-failed"),
        ("no answer", "no-answer"),
        ("busy", "busy"),
        ("failed", "failed"),
        ("machine", "machine"),
        ("fax", "fax"),
        # Before the numbers: those of a hang are its seconds.
        ("hang", "hang"),
        ("429", "429"),
        ("500", "500"),
        ("503", "503"),
    )
)
KINDS = frozenset(kind for _, kind in _VOCABULARY)
CALL_KINDS = frozenset({"busy", "no-answer", "failed", "machine", "fax"})
REST_KINDS = frozenset(
    {
        "429",
        "500",
        "503",
        "500-after",
        "hang",
        "hang-after",
        "reset-before",
        "reset-after",
        "truncated-response",
    }
)
CALLBACK_KINDS = frozenset({"callback-lost", "callback-late", "callback-duplicate", "callback-out-of-order"})
MESSAGE_KINDS = frozenset({"undelivered", "message-failed", "dlr-invalid"})
_WIRE_KINDS = frozenset({"wrong-signature", "truncated-body"})
# What is known of an occasion, and may therefore be matched by its name.
_KNOWN: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (kinds, frozenset(names.split()))
    for kinds, names in (
        (REST_KINDS | {"list-lags"}, "path method to from number"),
        (CALL_KINDS, "path sid to from number"),
        (CALLBACK_KINDS, "url path event sid to from number"),
        (MESSAGE_KINDS, "path event sid to from number"),
        (_WIRE_KINDS, "url path method event sid to from number"),
    )
)
# What the numeral in a fault's words means, where none is written.
_DEFAULTS = {
    "callback-late": 30.0,
    "hang": 3600.0,
    "hang-after": 3600.0,
    "list-lags": 5.0,
    "undelivered": 30003,
    "message-failed": 30007,
}


class BadFault(ValueError):  # noqa: N818  # reads as a sentence at the place of use
    """A fault nobody can understand; `str()` is one sentence."""


@dataclass(slots=True)
class Fault:
    """One fault in force: where it applies, what it does, a figure (seconds or an error code), times left."""

    match: str | dict[str, str]
    kind: str
    value: float
    left: int | None

    def fits(self, facts: Mapping[str, str]) -> bool:
        """Tell whether the facts of one occasion are what this fault waits for."""
        if isinstance(self.match, dict):
            return all(_part(facts, name, wanted) for name, wanted in self.match.items())
        wanted = self.match.lower()
        return wanted in ("", "*") or any(wanted in value.lower() for value in facts.values() if value)


def _part(facts: Mapping[str, str], name: str, wanted: str) -> bool:
    if name == "number":
        return wanted in (facts.get("to"), facts.get("from"))
    value, wanted = facts.get(name, "").lower(), wanted.lower()
    return wanted in value if name in ("path", "url") else wanted == value


def _match(given: Any, kind: str) -> str | dict[str, str]:
    """Read what a fault of this kind waits for; raises BadFault for what could never fit."""
    if not isinstance(given, dict):
        if not isinstance(given, str):
            raise BadFault(f"match is a text or an object of texts, not {given!r}")
        return given
    match = {str(name): str(value) for name, value in given.items()}
    known = next(names for kinds, names in _KNOWN if kind in kinds)
    if unknown := set(match) - known:
        raise BadFault(
            f"{kind} is matched by {', '.join(sorted(known))}, not by {', '.join(sorted(unknown))}"
        )
    return match


def _figure(given: Any, text: str, kind: str) -> float:
    """Give the number that a fault carries: as a value of its own, among its words, or what is usual."""
    if given is not None:
        if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given < 1e9:
            raise BadFault(f"value is a number from 0, not {given!r}")
        return float(given)
    figures = _NUMBER.findall(text.replace("500 after", "after"))
    return float(figures[-1]) if figures else _DEFAULTS.get(kind, 0.0)


def parse(given: Any) -> Fault:
    """Read one fault as `PUT /faults` takes it; raises BadFault."""
    if not isinstance(given, dict) or not isinstance(given.get("fault"), str):
        raise BadFault('a fault is an object like {"match": "+46701234567", "fault": "busy", "times": 1}')
    if unknown := set(given) - {"match", "fault", "value", "times"}:
        raise BadFault(
            f"a fault has only match, fault, value and times, not {', '.join(sorted(map(str, unknown)))}"
        )
    text = given["fault"].lower()
    words = set(_WORD.findall(text))
    kind = next((kind for needed, kind in _VOCABULARY if needed <= words), None)
    if kind is None:
        raise BadFault(f'"{given["fault"]}" is no fault; known are {", ".join(sorted(KINDS))}')
    times = given.get("times", 1)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise BadFault(f"times is a whole number from 1, or null for ever, not {times!r}")
    match = _match(given.get("match") or "*", kind)
    value = _figure(given.get("value"), text, kind)
    # Lagging lists is a state of the service, not an occasion that is used up by being looked at.
    left = None if kind == "list-lags" and "times" not in given else times
    return Fault(match, kind, value, left)


class Faults:
    """The faults in force."""

    def __init__(self) -> None:
        self._all: list[Fault] = []

    def put(self, given: Any) -> None:
        """Replace all faults by the list `given`; raises BadFault and changes nothing where one is wrong."""
        if not isinstance(given, list):
            raise BadFault("faults are given as a list")
        self._all = [parse(one) for one in given]

    def add(self, fault: str, *, match: str | dict[str, str] = "*", times: int | None = 1) -> None:
        """Put one more fault in force."""
        self._all.append(parse({"match": match, "fault": fault, "times": times}))

    def listing(self) -> list[dict[str, Any]]:
        """Give the faults still in force, with the times left, as they can be put again."""
        return [{"match": f.match, "fault": f.kind, "value": f.value, "times": f.left} for f in self._all]

    def take(self, kinds: Iterable[str], **facts: str) -> Fault | None:
        """Use up and give the first fault of one of `kinds` that fits the occasion, or None."""
        if not self._all:
            return None
        for fault in self._all:
            if fault.kind in kinds and fault.fits(facts):
                if fault.left is not None:
                    fault.left -= 1
                    if fault.left == 0:
                        self._all.remove(fault)
                return fault
        return None
