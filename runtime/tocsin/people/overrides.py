"""What differs from the plan for a while: overrides, swaps of turns, and people who are away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

People: TypeAlias = tuple[str, ...]
"""Usernames in calling order, each once."""


@dataclass(frozen=True, slots=True)
class Override:
    """From an instant up to another (ms UTC) a roster differs from its plan.

    Where `users` is given they are on call instead of everybody. Else those in `remove` are not, whoever
    stands in `replace` has another in their place, and those in `add` are on call too, as the last.
    """

    from_ms: int
    to_ms: int
    users: People | None = None
    add: People = ()
    remove: frozenset[str] = frozenset()
    replace: tuple[tuple[str, str], ...] = ()
    why: str = ""

    def applied(self, people: People) -> People:
        """Return who is on call where `people` were."""
        if self.users is not None:
            return self.users
        instead = dict(self.replace)
        left = [instead.get(one, one) for one in people if one not in self.remove]
        return tuple(dict.fromkeys([*left, *self.add]))


@dataclass(frozen=True, slots=True)
class Swap:
    """From an instant up to another (ms UTC) each of two people takes the other's place."""

    from_ms: int
    to_ms: int
    first: str
    second: str

    def applied(self, people: People) -> People:
        """Return who is on call where `people` were."""
        other = {self.first: self.second, self.second: self.first}
        return tuple(other.get(one, one) for one in people)


@dataclass(frozen=True, slots=True)
class Away:
    """From an instant up to another (ms UTC) a person is on no roster; `instead` takes the place."""

    from_ms: int
    to_ms: int
    instead: str | None = None


def without_absent(people: People, away: Mapping[str, Sequence[Away]], at_ms: int) -> People:
    """Return who is on call at an instant where `people` were, but for who is away then.

    Nobody stands in who is away too, or on call already.
    """
    gone = {
        person: one
        for person, absences in away.items()
        for one in absences
        if one.from_ms <= at_ms < one.to_ms
    }
    left = []
    for person in people:
        if person not in gone:
            left.append(person)
        elif (instead := gone[person].instead) is not None and instead not in gone:
            left.append(instead)
    return tuple(dict.fromkeys(left))
