"""What is to be done about an answer: which alarms it is about, and whether it takes a PIN. Pure.

An answer reaches only what this telephone was told of by text: the alarms whose codes it names, or with
`all` and a bare `ack` those it was told of and that nobody has acknowledged yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tocsin.alarms import Episode
    from tocsin.calls.replying.grammar import Reply

Action: TypeAlias = Literal["acknowledge", "shelve", "pass"]

ASKED_MS: Final = 5 * 60_000
"""A PIN by itself answers what was asked no longer ago than this."""

SHELVED_MINUTES: Final = 15
"""For so long an alarm is shelved where the text does not say."""


@dataclass(frozen=True, slots=True)
class Told:
    """An alarm that a telephone was told of: by which code, for which telling, through which profile.

    `pin` says that acknowledging it takes one, `secret` that it is named only to who has shown one.
    """

    code: str
    episode: Episode
    ack_version: int
    person: str = ""
    profile: str = ""
    pin: bool = True
    secret: bool = False
    name: str = ""

    @property
    def called(self) -> str:
        """What it is called in the person's language."""
        return self.name or self.episode.label or self.episode.name

    @property
    def state(self) -> Literal["open", "acknowledged", "returned", "told-anew"]:
        """How it stands: only an open one can still be acknowledged, and only for the telling it is about."""
        one = self.episode
        if one.ack_version != self.ack_version:
            return "told-anew"
        if one.acked_ms is None:
            return "open"
        return (
            "returned" if one.state == "cleared" and one.acked_via in ("auto", "unused") else "acknowledged"
        )


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked of a telephone that only needs a PIN: the action and the tellings it is about."""

    action: Action
    tellings: tuple[tuple[str, str, int], ...]
    """Code, episode and its `ack_version`, each."""
    note: str
    minutes: int | None
    asked_ms: int

    def kept(self) -> dict[str, Any]:
        """Give it as JSON data; `asked_ms` is kept beside."""
        return {
            "action": self.action,
            "tellings": [list(one) for one in self.tellings],
            "note": self.note,
            "minutes": self.minutes,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any], asked_ms: int) -> Question:
        """Read what `kept` gave."""
        tellings = tuple(
            (str(code), str(episode), int(version)) for code, episode, version in kept["tellings"]
        )
        return cls(kept["action"], tellings, str(kept["note"]), kept["minutes"], asked_ms)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants done: `targets` can still be had, `rest` cannot and is to be explained.

    `unknown` are codes that name nothing.
    """

    action: Action
    targets: tuple[Told, ...]
    rest: tuple[Told, ...] = ()
    unknown: tuple[str, ...] = ()
    note: str = ""
    minutes: int | None = None

    @property
    def takes_pin(self) -> bool:
        """Whether it takes a PIN; passing an alarm on does not, because somebody else is told then."""
        return self.action != "pass" and any(one.pin for one in self.targets)

    def question(self, now_ms: int) -> Question:
        """Give what to keep while a PIN is waited for."""
        tellings = tuple((one.code, one.episode.id, one.ack_version) for one in self.targets)
        return Question(self.action, tellings, self.note, self.minutes, now_ms)


Information: TypeAlias = Literal["list", "help", "nothing-open", "nothing-asked", "not-understood"]
_INFORMATION: Final[dict[str, Information]] = {"help": "help", "status": "list", "unknown": "not-understood"}


def decide(
    reply: Reply, told: Mapping[str, Sequence[Told]], *, question: Question | None, now_ms: int
) -> Wanted | Information:
    """Decide what an answer is about: something to be done, or what to tell whoever wrote it.

    `told` gives for each code of the telephone what it stands for. Not for STOP and START.
    """
    information = _INFORMATION.get(reply.kind)
    if information is not None:
        return information
    if reply.kind == "pin":
        return _answered(told, question, now_ms)
    if reply.kind in ("acknowledge-all", "acknowledge-only"):
        return _whatever_is_open(reply, told)
    named = _each(one for code in reply.codes for one in told.get(code, ()))
    return Wanted(
        reply.kind if reply.kind in ("shelve", "pass") else "acknowledge",
        tuple(one for one in named if _can_be_had(one, reply.kind)),
        tuple(one for one in named if not _can_be_had(one, reply.kind)),
        tuple(code for code in reply.codes if code not in told),
        reply.note,
        reply.minutes,
    )


def _whatever_is_open(reply: Reply, told: Mapping[str, Sequence[Told]]) -> Wanted | Information:
    """Take all that this telephone was told of; without `all` only where that is one."""
    every = _each(one for some in told.values() for one in some if one.state == "open")
    if not every:
        return "nothing-open"
    if reply.kind == "acknowledge-only" and len(every) > 1:
        return "list"
    return Wanted("acknowledge", every, note=reply.note)


def _answered(
    told: Mapping[str, Sequence[Told]], question: Question | None, now_ms: int
) -> Wanted | Information:
    """Take up what was asked; the alarms are those it was asked about, as they are now."""
    if question is None or not 0 <= now_ms - question.asked_ms <= ASKED_MS:
        return "nothing-asked"
    asked = set(question.tellings)
    found = _each(
        one for some in told.values() for one in some if (one.code, one.episode.id, one.ack_version) in asked
    )
    return Wanted(
        question.action,
        tuple(one for one in found if _can_be_had(one, question.action)),
        tuple(one for one in found if not _can_be_had(one, question.action)),
        note=question.note,
        minutes=question.minutes,
    )


def _can_be_had(one: Told, kind: str) -> bool:
    """Tell whether an alarm can still be acknowledged or passed on; shelving waits for no acknowledgement."""
    return one.state == "open" or (kind == "shelve" and one.state == "acknowledged" and one.episode.is_open)


def _each(some: Iterable[Told]) -> tuple[Told, ...]:
    """Give each episode once, by the first code that names it."""
    found: dict[str, Told] = {}
    for one in some:
        found.setdefault(one.episode.id, one)
    return tuple(found.values())
