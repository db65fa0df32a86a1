"""Whose turn it is: which person is called or texted next over one account, or when to look again and why.

Pure: what is waiting, what is under way and what was used of the budgets come in, one decision goes out.
Nothing is read or written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import takewhile
from math import ceil
from typing import TYPE_CHECKING, Final

from tocsin.channels import throttle
from tocsin.channels.throttle import Later, Limit, Past

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

AGEING_MS: Final = 5 * 60_000
"""Waiting so long counts as one step of priority, so that everybody's turn comes."""

LOOK_AGAIN_MS: Final = 30_000
"""So long at most a decision stands where only an event can change it, should that event be missed."""

FIRST_BACK_OFF_MS: Final = 500
LONGEST_BACK_OFF_MS: Final = 30_000
IN_A_ROW_MS: Final = 120_000
"""Failures further apart say nothing of the time between them."""

GIVE_UP_MS: Final = 30_000
"""An account that takes nothing for so long is not waited for: people are told another way."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """The queued notices of one person by one way. Times are ms UTC.

    `priority` (higher is more urgent) and `since_ms` are of those that are due; both None where none is.
    `due_ms` is when the first of all of them is due. `unsaid`: it is not on record of all that are due that
    they are held back.
    """

    person: str
    profile: str
    number: str
    due_ms: int
    priority: int | None = None
    since_ms: int | None = None
    unsaid: bool = True


@dataclass(frozen=True, slots=True)
class Live:
    """A call that rings, is being talked in, or may do either without our knowing."""

    person: str | None
    number: str
    account: str


@dataclass(frozen=True, slots=True)
class Budget:
    """What one account may do: attempts per second, and calls at the same time (None: no such limit)."""

    per_second: float
    at_once: int | None = None

    @property
    def spacing_ms(self) -> int:
        """Milliseconds from one attempt to the next."""
        return ceil(1000 / self.per_second)


@dataclass(frozen=True, slots=True)
class Trouble:
    """An account that has taken nothing of late: since when, and when it is tried again."""

    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Held:
    """Who is held back, until when at the latest (ms UTC), and why."""

    waiting: Waiting
    until_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is next (None: nobody now), when to look again (None: when something changes), and why.

    `give_up` are those who are not to wait for this account any longer; `held` are those whom a throttle
    holds back.
    """

    next: Waiting | None
    look_ms: int | None
    why: str
    give_up: tuple[Waiting, ...] = ()
    held: tuple[Held, ...] = ()


def decide(
    waiting: Sequence[Waiting],
    *,
    account: str,
    budget: Budget,
    now_ms: int,
    live: Collection[Live] = (),
    history: Collection[Past] = (),
    limit: Limit = Limit(),  # noqa: B008 it is a value that never changes
    last_ms: int | None = None,
    trouble: Trouble | None = None,
) -> Decision:
    """Decide for one account; `last_ms` is when it was last used, `history` what people were told lately.

    The most urgent first, then who has waited longest; nobody who is in a call, and no number that is.
    """
    due = [one for one in waiting if one.priority is not None]
    later = min((one.due_ms for one in waiting if one.priority is None), default=None)
    if not due:
        return Decision(None, later, "nothing is due" if waiting else "nothing is waiting")
    if trouble is not None and now_ms < trouble.until_ms:
        lost = now_ms - trouble.since_ms >= GIVE_UP_MS
        return Decision(None, trouble.until_ms, "Twilio takes nothing", tuple(due) if lost else ())
    why_not = held(account, budget, live, last_ms, now_ms)
    if why_not is not None:
        return why_not
    in_call = {one.person for one in live} | {one.number for one in live}
    free = [one for one in due if one.person not in in_call and one.number not in in_call]
    return _chosen(free, later, _throttled(free, history, limit, now_ms), budget, now_ms)


def held(
    account: str, budget: Budget, live: Collection[Live], last_ms: int | None, now_ms: int
) -> Decision | None:
    """Say why the account's budget lets nobody through now, or None."""
    if budget.at_once is not None and sum(one.account == account for one in live) >= budget.at_once:
        return Decision(None, now_ms + LOOK_AGAIN_MS, f"all {budget.at_once} lines are in use")
    if last_ms is not None and last_ms <= now_ms < last_ms + budget.spacing_ms:
        why = f"{budget.per_second:g} per second is the account's rate"
        return Decision(None, last_ms + budget.spacing_ms, why)
    return None


def beside(
    decision: Decision,
    *,
    account: str,
    number: str,
    budget: Budget,
    now_ms: int,
    live: Collection[Live] = (),
    last_ms: int | None = None,
    trouble: Trouble | None = None,
) -> Decision | None:
    """Say why a call or text that no alarm asks for has to wait beside what `decide` says, or None.

    Whoever is told of an alarm goes first, and of several lines one is left free for alarms. An account that
    takes nothing is left alone for as long as alarms leave it alone.
    """
    if decision.next is not None:
        return Decision(None, now_ms + budget.spacing_ms, "alarms go first")
    if trouble is not None and now_ms < trouble.until_ms:
        return Decision(None, trouble.until_ms, "Twilio takes nothing")
    why_not = held(account, budget, live, last_ms, now_ms)
    if why_not is not None:
        return why_not
    in_use = sum(one.account == account for one in live)
    if budget.at_once is not None and budget.at_once > 1 and in_use >= budget.at_once - 1:
        return Decision(None, now_ms + LOOK_AGAIN_MS, "the last free line is kept for alarms")
    if any(one.number == number for one in live):
        return Decision(None, now_ms + LOOK_AGAIN_MS, "the number is in a call")
    return None


def _throttled(
    free: Sequence[Waiting], history: Collection[Past], limit: Limit, now_ms: int
) -> tuple[Held, ...]:
    """Give those whom their throttle holds back."""
    lately: dict[str, list[Past]] = {}
    for past in history:
        lately.setdefault(past.person if past.told else past.number, []).append(past)
    found = []
    for one in free:
        verdict = throttle.decide(
            (*lately.get(one.person, ()), *lately.get(one.number, ())),
            person=one.person,
            number=one.number,
            priority=one.priority or 0,
            limit=limit,
            now_ms=now_ms,
        )
        if isinstance(verdict, Later):
            found.append(Held(one, verdict.due_ms, verdict.why))
    return tuple(found)


def _chosen(
    free: Sequence[Waiting], later: int | None, held: tuple[Held, ...], budget: Budget, now_ms: int
) -> Decision:
    waits = {id(one.waiting) for one in held}
    able = [one for one in free if id(one) not in waits]
    if able:
        chosen = min(able, key=lambda one: _rank(one, now_ms))
        return Decision(chosen, now_ms + budget.spacing_ms, "it is their turn", held=held)
    look_ms = min((one.until_ms for one in held), default=now_ms + LOOK_AGAIN_MS)
    why = "they were told a moment ago" if free else "they are in a call"
    return Decision(None, look_ms if later is None else min(look_ms, later), why, held=held)


def _rank(one: Waiting, now_ms: int) -> tuple[int, int, str, str, str]:
    since_ms = one.since_ms or 0
    urgency = (one.priority or 0) + max(0, now_ms - since_ms) // AGEING_MS
    return -urgency, since_ms, one.person, one.profile, one.number


REFUSED: Final = 2
"""So many attempts in a row that an account did not take as it is are no accident of one of them."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One earlier attempt over an account: when, and whether Twilio gave an answer one can work with.

    `placed`: it was placed (True), nothing goes out through the account as it is (False), or neither is
    known by this attempt (None).
    """

    at_ms: int
    taken: bool
    placed: bool | None = None


def trouble_of(tried: Sequence[Tried], now_ms: int) -> Trouble | None:
    """Tell whether an account is to be left alone for a while, by its newest attempts, newest first.

    Each failure in a row doubles the pause. Attempts of a time to come count for nothing: the clock was set.
    """
    failed: list[Tried] = []
    for one in tried:
        if one.at_ms > now_ms:
            continue
        if one.taken or (failed and failed[-1].at_ms - one.at_ms > IN_A_ROW_MS):
            break
        failed.append(one)
    if not failed:
        return None
    pause_ms = min(LONGEST_BACK_OFF_MS, FIRST_BACK_OFF_MS << min(len(failed) - 1, 10))
    return Trouble(failed[-1].at_ms, failed[0].at_ms + pause_ms)


def refusing_since(tried: Sequence[Tried]) -> int | None:
    """Give since when an account takes nothing as it is (ms UTC), by its newest attempts, newest first.

    That ends with one that is placed, however long nobody has had a reason to try.
    """
    telling = [one for one in tried if one.placed is not None]
    refused = list(takewhile(lambda one: not one.placed, telling))
    return refused[-1].at_ms if len(refused) >= REFUSED else None
