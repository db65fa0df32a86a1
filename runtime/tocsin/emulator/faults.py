"""Things that go wrong on purpose: parsed from plain words, matched, counted down.

A fault is `{"match": ..., "fault": "callback lost", "times": 2}`. `match` is absent or "*" (anything), a
telephone number, a part of a path or URL, an event name, or an object of such parts by name (`number`, `to`,
`from`, `path`, `url`, `method`, `event`, `sid`). `times` absent means once, null for ever. A number among the
words is the fault's figure: seconds ("callback late 30 s"), an error code ("undelivered 30005"), the
carrier's SIP answer ("failed 503").
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
        ("429", "429"),
        ("500", "500"),
        ("503", "503"),
        ("hang after", "hang-after"),
        ("hang", "hang"),
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
    value = facts.get(name, "")
    return wanted in value if name in ("path", "url") else wanted.lower() == value.lower()


def parse(given: Any) -> Fault:
    """Read one fault as `PUT /faults` takes it; raises BadFault."""
    if not isinstance(given, dict) or not isinstance(given.get("fault"), str):
        raise BadFault('a fault is an object like {"match": "+46701234567", "fault": "busy", "times": 1}')
    if unknown := set(given) - {"match", "fault", "times"}:
        raise BadFault(f"a fault has only match, fault and times, not {', '.join(sorted(unknown))}")
    text = given["fault"].lower()
    words = set(_WORD.findall(text))
    kind = next((kind for needed, kind in _VOCABULARY if needed <= words), None)
    if kind is None:
        raise BadFault(f'"{given["fault"]}" is no fault; known are {", ".join(sorted(KINDS))}')
    times = given.get("times", 1)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int) or times < 1):
        raise BadFault(f"times is a whole number from 1, or null for ever, not {times!r}")
    match = given.get("match") or "*"
    if isinstance(match, dict):
        match = {str(name): str(value) for name, value in match.items()}
    elif not isinstance(match, str):
        raise BadFault(f"match is a text or an object of texts, not {match!r}")
    figures = _NUMBER.findall(text.replace("500 after", "after"))
    value = float(figures[-1]) if figures else _DEFAULTS.get(kind, 0.0)
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
        """Give the faults still in force as they were put, with the times left."""
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
