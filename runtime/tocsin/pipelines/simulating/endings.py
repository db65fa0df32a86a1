"""How calls and texts end in a simulation: an attempt in, its ending and how long that takes out. Pure.

How long somebody takes to answer or to listen cannot be known; the figures here are the usual ones. How long
a phone rings is what the profile says, and how long a text is waited for is what the channels say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from tocsin.channels.receipts import RECEIPT_MS
from tocsin.pipelines.outcomes import DEFAULTS

RING_MS: Final = 25_000
ANSWERED_MS: Final = 10_000
"""After so long somebody answers who does."""

DELIVERED_MS: Final = 2_000
_BUSY_MS: Final = 2_000

TEXT_OUTCOMES: Final = ("delivered", "undelivered", "no-receipt")
CALL_OUTCOMES: Final = tuple(name for name in DEFAULTS if name not in TEXT_OUTCOMES)
MISSED: Final = "no-answer"
"""The outcome of every call for which no other was chosen: the whole escalation is seen."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call or a text that is being placed: the `ordinal`th (from 1) of its person over its channel."""

    person: str
    channel: str
    profile: str
    number: str
    at_ms: int
    ordinal: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How an attempt ends, and how many ms after it was placed.

    `answered_ms`: after so long a person or a machine answers, None where nobody does; a call that rings can
    be cancelled, one that was answered goes on. `deed_ms`: after so long the alarm is acknowledged, or passed
    on, in the call.
    """

    outcome: str
    after_ms: int
    answered_ms: int | None = None
    deed_ms: int | None = None


OutcomeModel: TypeAlias = Callable[[Attempt], Ending]


_TALK_MS: Final[Mapping[str, tuple[int, int | None]]] = {
    # outcome: how long the call lasts once it is answered, and when in it something is done
    "acked": (45_000, 40_000),
    "partly-acked": (45_000, None),
    "notified-no-ack": (40_000, None),
    "passed": (35_000, 30_000),
    "answered-silent": (60_000, None),
    "hung-up": (5_000, None),
    "pin-failed": (60_000, None),
    "locked": (30_000, None),
    "voicemail": (30_000, None),
    "fax": (15_000, None),
}


def ending_of(outcome: str, *, ring_ms: int = RING_MS) -> Ending:
    """Give the usual course of a call or text that ends so."""
    if outcome in _TALK_MS:
        lasting_ms, deed_ms = _TALK_MS[outcome]
        answered_ms = min(ANSWERED_MS, ring_ms) if outcome != "voicemail" else max(0, ring_ms - 5_000)
        done_ms = None if deed_ms is None else answered_ms + deed_ms
        return Ending(outcome, answered_ms + lasting_ms, answered_ms, done_ms)
    if outcome == "no-answer":
        return Ending(outcome, ring_ms)
    if outcome == "delivered":
        return Ending(outcome, DELIVERED_MS)
    if outcome == "no-receipt":
        return Ending(outcome, RECEIPT_MS)
    return Ending(outcome, _BUSY_MS)


class OutcomeUnknown(ValueError):  # noqa: N818  it says what is the case
    """A chosen outcome that cannot be; `str()` is one sentence with the remedy."""


class PersonUnknown(OutcomeUnknown):
    """An outcome was chosen for somebody who is no user."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Chosen outcomes per person, one for each attempt and the last for all that follow.

    Without a choice, calls are not answered and texts are delivered. `ring_ms` is by voice profile.
    """

    calls: Mapping[str, Sequence[str]] = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    ring_ms: Mapping[str, int] = field(default_factory=dict)

    def __call__(self, attempt: Attempt) -> Ending:
        """Give how an attempt ends."""
        by_text = attempt.channel == "sms"
        row = (self.texts if by_text else self.calls).get(attempt.person, ())
        usual = "delivered" if by_text else MISSED
        outcome = row[min(attempt.ordinal, len(row)) - 1] if row else usual
        return ending_of(outcome, ring_ms=self.ring_ms.get(attempt.profile, RING_MS))


def read_choices(
    words: Sequence[str], *, people: Sequence[str], ring_ms: Mapping[str, int] | None = None
) -> Chosen:
    """Read `maria=no-answer`, or `maria=busy,acked` for the first call and those after it.

    Outcomes of texts go to the person's texts, all others to their calls. Raises OutcomeUnknown, for a
    person whom nobody knows PersonUnknown.
    """
    calls: dict[str, list[str]] = {}
    texts: dict[str, list[str]] = {}
    for word in words:
        person, sign, rest = word.partition("=")
        person = person.strip()
        if not sign or not rest.strip():
            raise OutcomeUnknown(f'"{word[:80]}" is no outcome; write it as maria=no-answer')
        if person not in people:
            raise PersonUnknown(f'"{word[:80]}": there is no user "{person}"; name one of the users')
        for outcome in (one.strip() for one in rest.split(",")):
            if outcome in TEXT_OUTCOMES:
                texts.setdefault(person, []).append(outcome)
            elif outcome in CALL_OUTCOMES:
                calls.setdefault(person, []).append(outcome)
            else:
                known = ", ".join((*CALL_OUTCOMES, *TEXT_OUTCOMES))
                raise OutcomeUnknown(f'"{outcome[:40]}" is no outcome; known are: {known}')
    return Chosen(calls, texts, ring_ms or {})
