"""A live call as the gateway holds it between turns. No I/O: the ledger loads and stores it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

    from tocsin.people import User


SHORTEST_PIN = 4
"""Digits of the shortest PIN there can be."""

MOST_ANSWERS = 128
"""So many answered turns of one call are at hand; older ones are on disk and belong to no retry any more."""


@dataclass(slots=True, eq=False)
class Call:
    """One conversation with one phone.

    `number` is the far end, `own_number` ours (both E.164 or as Twilio gave them). `person` is whom we
    called or whose number called us; `identified` whom a PIN has proved. `heard` are episode ids read out
    and confirmed by a later turn, `heard_next` those of the turn just answered (None: never used).
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
    session: str = "{}"
    heard: list[str] = field(default_factory=list)
    heard_next: list[str] | None = None
    outcome: str | None = None
    ended_ms: int | None = None
    stored: bool = False
    turns: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    running: dict[str, asyncio.Future[str]] = field(default_factory=dict)
    effects: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    unsettled: dict[tuple[str, int], asyncio.Task[dict[str, Any]]] = field(default_factory=dict)
    waiting: dict[int, str] = field(default_factory=dict)
    pins: PinMarks = field(default_factory=lambda: PinMarks(0))

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
        new = [one for one in self.heard_next or () if one not in self.heard]
        self.heard.extend(new)
        if self.heard_next:
            self.heard_next = []
        return new


class PinMarks:
    """The PINs typed in one call, each replaced by `PIN#n` wherever the call is recorded."""

    __slots__ = ("_marks", "_patterns", "count")

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self._marks: dict[str, str] = {}
        self._patterns: list[tuple[re.Pattern[str], str]] = []

    def add(self, value: str) -> None:
        """Remember a value as a PIN; one too short to be a PIN would hide half the record, and is left."""
        if value not in self._marks and len(value) >= SHORTEST_PIN:
            self.count += 1
            mark = self._marks[value] = f"PIN#{self.count}"
            # A PIN read back digit by digit ("4 7 1 1") gives it away as well as "4711" does.
            digits = r"[\s,.\-]*".join(re.escape(digit) for digit in value)
            self._patterns.append((re.compile(rf"(?<!\d){digits}(?!\d)"), mark))

    def values(self) -> list[str]:
        """Return the PINs typed so far."""
        return list(self._marks)

    def hide(self, text: str) -> str:
        """Return `text` with every PIN replaced by its mark."""
        for pattern, mark in self._patterns:
            text = pattern.sub(mark, text)
        return text

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


def looks_like_pin(action: str, value: str) -> bool:
    """Tell whether a Digits or speech value must be treated as a PIN: 4-8 digits on the `pin` action."""
    digits = value.strip().rstrip("#").replace(" ", "")
    return action == "pin" and digits.isascii() and digits.isdigit() and SHORTEST_PIN <= len(digits) <= 8
