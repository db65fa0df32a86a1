"""A live call as the gateway holds it between turns. No I/O: the ledger loads and stores it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tocsin.alarms.episode import Telling

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from tocsin.alarms import Episode
    from tocsin.people import User


SHORTEST_PIN = 4
"""Digits of the shortest PIN there can be."""

BESIDE = "beside"
"""Who answered what Twilio tells beside a call, in its record: nobody, for nobody hears it."""

LONGEST_PIN = 8
"""Digits of the longest."""

MOST_ANSWERS = 128
"""So many answered turns of one call are at hand; older ones are on disk and belong to no retry any more."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A turn that has answered "one moment": what it was asked, and its answer where that is being stored."""

    key: str
    params: dict[str, str]
    twiml: str = ""
    commit: asyncio.Task[None] | None = None


@dataclass(slots=True, eq=False)
class Call:
    """One conversation with one phone.

    `number` is the far end, `own_number` ours (both E.164 or as Twilio gave them). `person` is whom we
    called or whose number called us; `identified` whom a PIN has proved. `heard` are the episodes read out
    and confirmed by a later turn, as they were then, by id; `heard_next` those of the turn just answered
    (None: never used). `offered` are the episodes that the scripts of the turn under way were given.
    `state`, `why` and `code` say how the request to place it ended (see `telephony.attempt`; "intent" until
    then, "" where we did not place it). `passed`: its alarms were passed on. `said_goodbye`: the last turn
    answered ends the call. `pins_hidden`: how many of its PINs are hidden in what
    is kept of it so far. `told_beside`: how often its scripts ran for what Twilio tells beside it. `outcome`
    is set by `ending` alone.
    """

    id: str
    sid: str
    account: str
    direction: str
    number: str
    own_number: str
    profile: str
    project: str
    release_id: str
    language: str
    started_ms: int
    person: User | None = None
    identified: User | None = None
    attempt: int = 1
    answered_by: str = ""
    pressed: bool = False
    sent_to_voicemail: bool = False
    session: str = "{}"
    heard: dict[str, Telling] = field(default_factory=dict)
    heard_next: dict[str, Telling] | None = None
    offered: Sequence[Episode] = ()
    state: str = ""
    why: str = ""
    code: int | None = None
    possible_duplicate: bool = False
    passed: bool = False
    said_goodbye: bool = False
    over_budget: bool = False
    outcome: str | None = None
    ended_ms: int | None = None
    stored: bool = False
    turns: int = 0
    told_beside: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    running: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    effects: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    unsettled: dict[tuple[str, int], asyncio.Task[dict[str, Any]]] = field(default_factory=dict)
    waiting: dict[int, Waiting] = field(default_factory=dict)
    pins: PinMarks = field(default_factory=lambda: PinMarks(0))
    pins_hidden: int = 0
    in_turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def user(self) -> User | None:
        """The person identified, else the one called."""
        return self.identified or self.person

    @property
    def finished(self) -> bool:
        """Whether Twilio has told us the call ended."""
        return self.ended_ms is not None

    def keep_answer(self, key: str, twiml: str) -> None:
        """Remember what a webhook was answered, for its repeats; they come within a minute or not at all."""
        self.answers[key] = twiml
        if len(self.answers) > MOST_ANSWERS:
            del self.answers[next(iter(self.answers))]

    def confirm_heard(self) -> list[str]:
        """Count what the last turn read out as heard, because the phone has come back; return what is new."""
        said = self.heard_next or {}
        new = [one for one in said if self.heard.get(one) != said[one]]
        self.heard.update(said)
        if self.heard_next:
            self.heard_next = {}
        return new

    def reads_out(self, ids: Collection[str]) -> None:
        """Note what the turn just answered reads out, as its scripts were given it."""
        self.heard_next = {one.id: Telling.of(one) for one in self.offered if one.id in ids}


_ENTRIES = ("Digits", "SpeechResult", "StableSpeechResult", "UnstableSpeechResult")
_BETWEEN = re.compile(r"[\s,.\-]+")
_NOTHING = re.compile("(?!)")


class PinMarks:
    """The PINs typed in one call, each replaced by `PIN#n` wherever the call is recorded.

    Scripts choose these values as well as callers, and records are searched for them on the event loop: so
    it is one pattern for all of them, read once from left to right, that cannot backtrack.
    """

    __slots__ = ("_found", "_marks", "count")

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self._marks: dict[str, str] = {}
        self._found = _NOTHING

    def add(self, value: str) -> None:
        """Remember a value as a PIN; one too short to be a PIN would hide half the record, and is left."""
        value = pin_in(value)
        if value not in self._marks and len(value) >= SHORTEST_PIN:
            self.count += 1
            self._marks[value] = f"PIN#{self.count}"
            # A longer one first: "4711 8264" is hidden whole where both were given.
            shapes = "|".join(_shape(each) for each in sorted(self._marks, key=len, reverse=True))
            self._found = re.compile(rf"(?<!\d)(?:{shapes})(?!\d)")

    def __len__(self) -> int:
        """Return how many different PINs were typed so far."""
        return len(self._marks)

    def since(self, count: int) -> list[str]:
        """Return those that came after the first `count`."""
        return list(self._marks)[count:]

    def including(self, values: Iterable[str]) -> PinMarks:
        """Return these and further values, which are remembered nowhere else."""
        more = PinMarks(self.count)
        more._marks, more._found = dict(self._marks), self._found
        for value in values:
            more.add(value)
        return more

    def values(self) -> list[str]:
        """Return those typed so far that can be PINs; a word is hidden in records and may stand in a URL."""
        return [value for value in self._marks if could_be_pin(value)]

    def hide(self, text: str) -> str:
        """Return `text` with every PIN replaced by its mark."""
        return self._found.sub(self._mark, text)

    def _mark(self, match: re.Match[str]) -> str:
        return self._marks.get(match[0]) or self._marks[_BETWEEN.sub("", match[0])]

    def hide_in(self, value: Any) -> Any:
        """Return JSON-like data with every PIN replaced, whether it stood there as text or as a number."""
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {self.hide(name): self.hide_in(one) for name, one in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.hide_in(one) for one in value]
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            hidden = self.hide(str(value))
            return value if hidden == str(value) else hidden
        return value

    def __bool__(self) -> bool:
        """Tell whether any PIN was typed yet."""
        return bool(self._marks)


def _shape(value: str) -> str:
    """Return the pattern of a PIN: read back digit by digit ("4 7 1 1") it is given away as well.

    Only between digits, where a blank can match in one way alone; anything else is looked for as it stands.
    """
    if value.isascii() and value.isdigit():
        return r"[\s,.\-]*".join(value)
    return re.escape(value)


def has_keys(digits: str) -> bool:
    """Tell whether a `Digits` parameter holds pressed keys; Record sends the word "hangup" in it.

    A key proves a person, whatever machine detection says. Speech does not: a mailbox greeting is speech.
    """
    return digits.startswith("PIN#") or (bool(digits) and not digits.strip("0123456789*#ABCDabcd"))


_GOES_ON = re.compile("<(?:Gather|Redirect|Record|Dial|Enqueue|Connect)[ />]")


def ends_call(twiml: str) -> bool:
    """Tell whether a document ends the call by itself, as far as nobody presses a key."""
    return "<Hangup" in twiml or "<Reject" in twiml or not _GOES_ON.search(twiml)


def could_be_pin(value: str) -> bool:
    """Tell whether a value given as a PIN holds as many digits as the shortest PIN has."""
    return sum(map(str.isdigit, value)) >= SHORTEST_PIN


def pin_in(value: str) -> str:
    """Return the digits of a PIN however it was typed or said ("4 7 1 1.", "4711#"); other text as it is."""
    text = value.strip().rstrip("#")
    digits = _BETWEEN.sub("", text)
    return digits if digits.isascii() and digits.isdigit() else text


def entered(params: Mapping[str, str]) -> list[str]:
    """Return what was typed or said, one entry each: a star begins anew, or stands before a PIN."""
    return [value.strip() for name in _ENTRIES for value in params.get(name, "").split("*") if value.strip()]


def looks_like_pin(value: str) -> bool:
    """Tell whether an entry must be treated as a PIN where one was asked for: it has 4 to 8 digits."""
    digits = pin_in(value)
    return digits.isascii() and digits.isdigit() and SHORTEST_PIN <= len(digits) <= LONGEST_PIN
