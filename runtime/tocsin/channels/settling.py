"""What becomes of each notice when the call or text that carried it is over. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

CANCELLED: Final = ("cancelled-by-ack", "cancelled-by-clear")
"""Marks on a placed notice that nobody needs any more, and its outcomes where it was not heard after all."""

DUPLICATE: Final = "possible-duplicate"
"""Mark on a queued notice whose earlier attempt may have reached the person after all."""

_OWN_WAY: Final = "its own way was not tried yet"


@dataclass(frozen=True, slots=True)
class Carried:
    """A notice as a call or text carries it, with who acknowledged its episode, and when (ms UTC).

    `ackers` are those who have acknowledged where several have to.
    """

    id: int
    run_id: str | None
    episode_id: str
    profile: str
    number: str
    heard_ms: int | None = None
    why: str = ""
    acked_ms: int | None = None
    acked_by: str | None = None
    ackers: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class Over:
    """A call or text that is over, with the reason of its outcome.

    `people` are those it was with: called or identified. `told`: a person knows.
    """

    outcome: str
    told: bool
    number: str
    profile: str
    started_ms: int
    people: Collection[str] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Fate:
    """A notice's outcome, or that it goes back into the queue ("" where it does), and why.

    `rest`: it comes due again only after the person was left alone for a while.
    """

    id: int
    outcome: str
    why: str
    rest: bool = False


def fates(carried: Sequence[Carried], over: Over) -> list[Fate]:
    """Decide for each notice of a call that is over."""
    anything = any(one.heard_ms is not None or _acked_here(one, over) for one in carried)
    return [_fate(one, over, any_heard=anything) for one in carried]


def fates_of_text(
    carried: Sequence[Carried], outcome: str, why: str = "", *, number: str, lost: bool
) -> list[Fate]:
    """Decide for each notice of a text that Twilio took; `lost`: nobody can be said to know of it.

    What was queued for another number than the text went to is told there then.
    """
    fates = []
    for one in carried:
        if not lost or one.number == number:
            fates.append(Fate(one.id, outcome, why))
        elif one.why in CANCELLED:
            fates.append(Fate(one.id, one.why, "not needed any more before it was told"))
        else:
            fates.append(Fate(one.id, "", DUPLICATE if one.why == DUPLICATE else _OWN_WAY))
    return fates


def _acked_here(one: Carried, over: Over) -> bool:
    # Whoever had acknowledged as one of several before the call would not have been told in it.
    last = one.acked_ms is not None and one.acked_ms >= over.started_ms and one.acked_by in over.people
    return last or any(person in one.ackers for person in over.people)


def _fate(one: Carried, over: Over, *, any_heard: bool) -> Fate:
    if over.told:
        known = _told(one, over)
        if known is not None:
            return known
    if one.why in CANCELLED:
        return Fate(one.id, one.why, "not needed any more before it was told")
    if over.told and any_heard:
        return Fate(one.id, "", "not heard in the call", rest=True)
    again = "" if over.told else _untried(one, over)
    return Fate(one.id, "", again) if again else Fate(one.id, over.outcome, over.why)


def _told(one: Carried, over: Over) -> Fate | None:
    if _acked_here(one, over):
        return Fate(one.id, "acked", "acknowledged in this call")
    if one.heard_ms is not None:
        passed = over.outcome == "passed"
        return Fate(one.id, "passed" if passed else "notified-no-ack", "heard in this call")
    return None


def _untried(one: Carried, over: Over) -> str:
    """Say why a call that told nobody was no attempt for this notice, or ""."""
    if over.outcome in CANCELLED:
        return "the call was cancelled for the others' sake"
    if one.number != over.number or (over.outcome == "failed-provider" and one.profile != over.profile):
        return _OWN_WAY
    return ""
