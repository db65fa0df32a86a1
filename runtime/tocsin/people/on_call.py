"""Who is on call at an instant, and why nobody is: a pure function of the configuration and the time.

A roster's time line over some stretch is worked out at once, from one change to the next; an instant is then
looked up in it.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from tocsin.people.overrides import without_absent
from tocsin.people.spans import within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tocsin.people.overrides import Away, Override, People, Swap
    from tocsin.people.rotations import Rotation
    from tocsin.people.shifts import Hours
    from tocsin.people.spans import Span

    HoursBetween: TypeAlias = Callable[[Hours, int, int, str], Sequence[Span]]


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on call, as usernames in calling order; `why` says why nobody is.

    `until_ms` is the next instant at which the answer may change; None where it never does.
    """

    people: tuple[str, ...]
    why: str = ""
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """A stretch of time (ms UTC) in which nobody of a roster is on call, and why."""

    roster: str
    from_ms: int
    to_ms: int
    why: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time (ms UTC) through which the same people are on call; `why` says why nobody is."""

    from_ms: int
    to_ms: int
    people: People
    why: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What says who of a roster is on call when.

    `standing` people are on call at all times, behind those whose turn of a rotation it is. Within
    `schedule` this counts, at all times without one; swaps, absences and overrides follow in this order.
    """

    roster: str
    zone: str
    standing: People = ()
    rotations: tuple[Rotation, ...] = ()
    schedule: Hours | None = None
    swaps: tuple[Swap, ...] = ()
    overrides: tuple[Override, ...] = ()
    away: Mapping[str, tuple[Away, ...]] = field(default_factory=dict)
    script: str | None = None

    @property
    def constant(self) -> bool:
        """Whether the answer never changes."""
        return not (self.rotations or self.schedule or self.swaps or self.overrides or self.away)


def time_line(
    plan: Plan, from_ms: int, to_ms: int, hours: HoursBetween, given: People | None = None
) -> list[Stretch]:
    """Return a roster's stretches, one after the other without a gap between them.

    `hours` gives the spans of a schedule between two instants in a time zone; `given` are the people that a
    script has named, who then stand instead of the standing ones.
    """
    on = [(from_ms, to_ms)] if plan.schedule is None else hours(plan.schedule, from_ms, to_ms, plan.zone)
    layers = [_Layer.of(rotation, plan.zone, from_ms, to_ms, hours) for rotation in plan.rotations]
    edges = _changes(plan, layers, on, from_ms, to_ms)
    found: list[Stretch] = []
    begins = [begin for begin, _ in on]
    for begin, end in pairwise(edges):
        place = bisect_right(begins, begin) - 1
        is_on = place >= 0 and begin < on[place][1]
        people, why = _at(plan, layers, begin, is_on=is_on, given=given)
        if found and (found[-1].people, found[-1].why) == (people, why):
            found[-1] = Stretch(found[-1].from_ms, end, people, why)
        else:
            found.append(Stretch(begin, end, people, why))
    return found


def _changes(plan: Plan, layers: Sequence[_Layer], on: Sequence[Span], from_ms: int, to_ms: int) -> list[int]:
    """Return the instants at which the answer may change, the two ends among them."""
    changes = {from_ms, to_ms}
    for layer in layers:
        changes.update(edge for begin, end, _ in layer.turns for edge in (begin, end))
    changes.update(edge for span in on for edge in span)
    absences = [one for some in plan.away.values() for one in some]
    for exceptions in (plan.swaps, plan.overrides, absences):
        changes.update(edge for one in exceptions for edge in (one.from_ms, one.to_ms))
    return sorted(edge for edge in changes if from_ms <= edge <= to_ms)


@dataclass(frozen=True, slots=True)
class _Layer:
    """The turns of one rotation, cut to its own schedule."""

    level: int
    turns: list[tuple[int, int, People]]
    begins: list[int]

    @classmethod
    def of(cls, rotation: Rotation, zone: str, from_ms: int, to_ms: int, hours: HoursBetween) -> _Layer:
        turns = list(rotation.turns(from_ms, to_ms, zone))
        if rotation.schedule is not None:
            on = hours(rotation.schedule, from_ms, to_ms, zone)
            turns = [
                (begin, end, people)
                for first, last, people in turns
                for begin, end in within((first, last), on)
            ]
        return cls(rotation.level, turns, [begin for begin, _, _ in turns])

    def at(self, at_ms: int) -> People:
        """Return whose turn it is."""
        place = bisect_right(self.begins, at_ms) - 1
        return self.turns[place][2] if place >= 0 and at_ms < self.turns[place][1] else ()


def _at(
    plan: Plan, layers: Sequence[_Layer], at_ms: int, *, is_on: bool, given: People | None
) -> tuple[People, str]:
    """Return who is on call at an instant, or why nobody is; `is_on`: its schedule is."""
    people: People = ()
    planned = False
    if is_on:
        turns = [(layer.level, layer.at(at_ms)) for layer in layers]
        standing = plan.standing if given is None else given
        turns.append((0, standing))
        top = max((level for level, some in turns if some), default=0)
        people = tuple(dict.fromkeys(one for level, some in turns if level == top for one in some))
        planned = bool(people)
    for swap in plan.swaps:
        if swap.from_ms <= at_ms < swap.to_ms:
            people = swap.applied(people)
    if plan.away:
        people = without_absent(people, plan.away, at_ms)
    last = None
    for override in plan.overrides:
        if override.from_ms <= at_ms < override.to_ms:
            people, last = override.applied(people), override
    return people, "" if people else _why(plan, last, is_on=is_on, planned=planned)


def _why(plan: Plan, override: Override | None, *, is_on: bool, planned: bool) -> str:
    name = plan.roster
    if override is not None and (planned or override.users is not None):
        return f"an override of roster {name} leaves nobody" + (f" ({override.why})" if override.why else "")
    if planned:
        return f"everybody of roster {name} on shift is away"
    if not is_on and plan.schedule is not None:
        return f"roster {name} is off by its schedule {plan.schedule.name}"
    if plan.script is not None:
        return f"{plan.script} names nobody for roster {name}"
    if plan.rotations:
        return f"it is nobody's turn in roster {name}"
    return f"roster {name} has no people"


def nobody(roster: str, stretches: Sequence[Stretch]) -> Iterator[Gap]:
    """Yield the gaps of a time line, those that touch as one."""
    gap: Gap | None = None
    for one in stretches:
        if one.people:
            continue
        if gap is not None and gap.to_ms == one.from_ms:
            gap = Gap(roster, gap.from_ms, one.to_ms, gap.why)
            continue
        if gap is not None:
            yield gap
        gap = Gap(roster, one.from_ms, one.to_ms, one.why)
    if gap is not None:
        yield gap
