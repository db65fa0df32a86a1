"""A person, their contacts and the order in which they want to be told; a roster of them. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tocsin.people.overrides import Away, Override, Swap
    from tocsin.people.rotations import Rotation
    from tocsin.people.shifts import Hours

NUMBERED = frozenset({"phone", "sms"})
"""Types of contact whose value is a telephone number."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a person: `type` as configured, `value` a number or an address."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class Telling:
    """A step of a person's own order: `profiles` (or types of contact) side by side, so long after."""

    profiles: tuple[str, ...]
    after_ms: int = 0


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to be told of alarms of some priorities; None means of all."""

    priorities: frozenset[str] | None
    telling: Telling


@dataclass(frozen=True, slots=True)
class User:
    """A person. `pin_literal` is set only where a PIN stands in the open, which the emulator alone allows.

    `opt_out` are types of contact over which the person wants nothing.
    """

    username: str
    id: int
    name: str
    pin_hash: str | None = field(default=None, repr=False)
    pin_literal: str | None = field(default=None, repr=False)
    language: str | None = None
    roles: tuple[str, ...] = ()
    areas: tuple[str, ...] = ("*",)
    contacts: tuple[Contact, ...] = ()
    opt_out: frozenset[str] = frozenset()
    wishes: tuple[Wish, ...] = ()
    away: tuple[Away, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The person's own telephone numbers, each once, in order."""
        return tuple(dict.fromkeys(one.value for one in self.contacts if one.type in NUMBERED))

    @property
    def has_pin(self) -> bool:
        """Whether the person can identify by PIN at all."""
        return self.pin_hash is not None or self.pin_literal is not None

    def order(self, priority: str) -> tuple[Telling, ...]:
        """Return the person's own order for alarms of a priority, the soonest first; empty: the usual one."""
        fitting = (one.telling for one in self.wishes if one.priorities is None or priority in one.priorities)
        return tuple(sorted(fitting, key=lambda telling: telling.after_ms))


@dataclass(frozen=True, slots=True)
class Roster:
    """People on call together, in calling order: `users` at all times, behind those whose turn it is.

    `schedule` None means at all times. Where `script` names a script, the people it gives stand instead of
    `users`. `timezone` None means the gateway's. `may_be_empty`: that nobody is on call is meant so.
    """

    name: str
    users: tuple[User, ...]
    schedule: Hours | None = None
    shared_phone: str | None = None
    rotations: tuple[Rotation, ...] = ()
    swaps: tuple[Swap, ...] = ()
    overrides: tuple[Override, ...] = ()
    script: str | None = None
    timezone: str | None = None
    may_be_empty: bool = False

    @property
    def usernames(self) -> tuple[str, ...]:
        """Everybody who stands anywhere in the roster, each once."""
        names = [user.username for user in self.users]
        names += [one for rotation in self.rotations for turn in rotation.people for one in turn]
        names += [one for swap in self.swaps for one in (swap.first, swap.second)]
        for override in self.overrides:
            names += [*(override.users or ()), *override.add, *(new for _, new in override.replace)]
        return tuple(dict.fromkeys(names))
