"""What is answered to a text: sentences in the person's language, in one segment where that can be. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tocsin.telephony import gsm7

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from tocsin.calls.phrasebook import Phrasebook
    from tocsin.calls.replying.deciding import Action, Told

Fate: TypeAlias = Literal[
    "done", "already", "returned", "told-anew", "not-allowed", "not-shelved", "not-passed", "unknown"
]

MOST_LISTED: Final = 5
_ROOMS: Final = (160, 60, 40, 30, 24, 20, 16, 12, 8)
"""Letters that the names of alarms may have, tried one after the other until the answer fits."""


@dataclass(frozen=True, slots=True)
class Said:
    """What became of one code: by whom and at which local time where somebody was first, or it is over.

    `partly`: acknowledged, and more people must do so.
    """

    code: str
    fate: Fate
    name: str = ""
    by: str = ""
    at: str = ""
    partly: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """What became of an answer that asked for something; `until` is the local time a shelving ends."""

    action: Action
    said: tuple[Said, ...]
    others_stopped: int = 0
    still_open: int = 0
    until: str = ""

    @property
    def acted(self) -> bool:
        """Whether anything was done."""
        return any(one.fate == "done" for one in self.said)


@dataclass(frozen=True, slots=True)
class Voice:
    """Says phrases in one language."""

    phrases: Phrasebook = field(repr=False)
    language: str

    def say(self, key: str, **values: object) -> str:
        """Give a phrase of texts."""
        return self.phrases.phrase(self.language, f"text-{key}", **values)

    def done(self, done: Done) -> str:
        """Say what became of everything that was asked for, the good news first."""
        return _fitted(lambda room: " ".join(self._done(done, room)))

    def listed(self, told: Sequence[Told], more: int, *, first: str = "", identified: bool = False) -> str:
        """List open alarms, most urgent first, behind a first sentence; `more` are not listed."""
        if not told:
            return " ".join(part for part in (first, self.say("nothing-open")) if part)
        hidden = self.say("hidden")
        count = len(told) + more

        def write(room: int) -> str:
            names = [_cut(name_of(one, hidden, identified=identified), room) for one in told]
            alarms = [
                f"{one.episode.priority.upper()} {one.code} {name}"
                for one, name in zip(told, names, strict=True)
            ]
            named = ", ".join([*alarms, *([self.say("more", count=more)] if more else [])])
            parts = (first, f"{self.say('list', count=count, alarms=named)}.", self.say("how-to-answer"))
            return " ".join(part for part in parts if part)

        return _fitted(write)

    def _done(self, done: Done, room: int) -> list[str]:
        by_fate: dict[Fate, list[Said]] = {}
        for one in done.said:
            by_fate.setdefault(one.fate, []).append(one)
        told = []
        if good := by_fate.get("done"):
            key = {"acknowledge": "acknowledged", "shelve": "shelved", "pass": "passed"}[done.action]
            alarms = ", ".join(f"{one.code} {_cut(one.name, room)}".strip() for one in good)
            told.append(self.say(key, alarms=alarms, at=done.until))
        if waiting := [one for one in done.said if one.partly]:
            told.append(self.say("partly", codes=codes_of(waiting)))
        refused: tuple[Fate, ...] = ("not-allowed", "not-shelved", "not-passed")
        told += [self.say(fate, codes=codes_of(by_fate[fate])) for fate in refused if fate in by_fate]
        told += [
            self.say("already", code=one.code, by=one.by, at=one.at) for one in by_fate.get("already", ())
        ]
        told += [self.say("returned", code=one.code, at=one.at) for one in by_fate.get("returned", ())]
        told += [self.say("told-anew", code=one.code) for one in by_fate.get("told-anew", ())]
        told += [self.say("unknown-code", code=one.code) for one in by_fate.get("unknown", ())]
        if done.others_stopped:
            told.append(self.say("others-stopped", count=done.others_stopped))
        if done.acted and done.still_open:
            told.append(self.say("still-open", count=done.still_open))
        return told


def name_of(one: Told, hidden: str, *, identified: bool) -> str:
    """Give the name by which an alarm is listed: none before a PIN where it may only be heard after one."""
    return one.called if identified or not one.secret else hidden


def codes_of(some: Iterable[Said | Told]) -> str:
    """Give codes in a row."""
    return ", ".join(one.code for one in some)


def _fitted(write: Callable[[int], str]) -> str:
    """Write with names as long as one segment lets them be; longer where even the shortest do not fit."""
    text = ""
    for room in _ROOMS:
        text = gsm7.plain(write(room))
        if gsm7.segments(text) == 1:
            break
    return text


def _cut(text: str, room: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= room else text[: room - 2].rstrip() + ".."
