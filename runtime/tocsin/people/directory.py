"""The people of one configuration, ready to be asked: by name, id or number, by roster, by what they may do.

A Directory never changes; a new configuration makes a new one. Nothing here reads files or the database.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from tocsin.people.shifts import Schedule, days_of, minutes_of, on_shift

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tocsin.people.sections import RosterSection, ScheduleSection, UserSection

NUMBERED = frozenset({"phone", "sms"})
"""Types of contact whose value is a telephone number."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach a person: `type` as configured, `value` a number or an address."""

    type: str
    value: str


@dataclass(frozen=True, slots=True)
class User:
    """A person. `pin_literal` is set only where a PIN stands in the open, which the emulator alone allows."""

    username: str
    id: int
    name: str
    pin_hash: str | None = field(default=None, repr=False)
    pin_literal: str | None = field(default=None, repr=False)
    language: str | None = None
    roles: tuple[str, ...] = ()
    areas: tuple[str, ...] = ("*",)
    contacts: tuple[Contact, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """The person's own telephone numbers, each once, in order."""
        return tuple(dict.fromkeys(one.value for one in self.contacts if one.type in NUMBERED))

    @property
    def has_pin(self) -> bool:
        """Whether the person can identify by PIN at all."""
        return self.pin_hash is not None or self.pin_literal is not None


@dataclass(frozen=True, slots=True)
class Roster:
    """People on call together, in calling order; `schedule` None means at all times."""

    name: str
    users: tuple[User, ...]
    schedule: Schedule | None = None
    shared_phone: str | None = None

    def on_shift(self, at_ms: int, timezone: str) -> tuple[User, ...]:
        """Return the people on call at an instant, in calling order."""
        return self.users if on_shift(self.schedule, at_ms, timezone) else ()


class Directory:
    """Everybody, indexed."""

    def __init__(self, users: Iterable[User], rosters: Iterable[Roster] = ()) -> None:
        self.users: Mapping[str, User] = MappingProxyType({user.username: user for user in users})
        self.rosters: Mapping[str, Roster] = MappingProxyType({roster.name: roster for roster in rosters})
        self._by_id = {user.id: user for user in self.users.values()}
        self._owners: dict[str, tuple[User, ...]] = {}
        for user in self.users.values():
            for number in user.numbers:
                self._owners[number] = (*self._owners.get(number, ()), user)
        self._sharers: dict[str, dict[str, User]] = {}
        for roster in self.rosters.values():
            if roster.shared_phone is not None:
                crew = self._sharers.setdefault(roster.shared_phone, {})
                crew.update((user.username, user) for user in roster.users)
        patterns = {area for user in self.users.values() for area in user.areas}
        self._areas = {area: _area(area) for area in patterns}

    @classmethod
    def of(
        cls,
        users: Mapping[str, UserSection],
        rosters: Mapping[str, RosterSection] | None = None,
        schedules: Mapping[str, ScheduleSection] | None = None,
    ) -> Directory:
        """Make the directory of sections that passed `crosscheck`; an unknown name raises KeyError."""
        known = {name: _user(name, section) for name, section in users.items()}
        hours = {name: _schedule(name, section) for name, section in (schedules or {}).items()}
        return cls(
            known.values(),
            (
                Roster(
                    name,
                    tuple(known[username] for username in section.users),
                    None if section.schedule is None else hours[section.schedule],
                    section.shared_phone,
                )
                for name, section in (rosters or {}).items()
            ),
        )

    def by_id(self, number: int) -> User | None:
        """Return the user with this id."""
        return self._by_id.get(number)

    def by_number(self, e164: str) -> tuple[User, ...]:
        """Return who may be at this number: its owners, and the crews that share it."""
        owners = self._owners.get(e164, ())
        crew = self._sharers.get(e164, {})
        return (*owners, *(user for user in crew.values() if user not in owners))

    def owner(self, e164: str) -> User | None:
        """Return the one person whose own contact this number is; None where nobody or several."""
        owners = self._owners.get(e164, ())
        return owners[0] if len(owners) == 1 and e164 not in self._sharers else None

    def roster(self, name: str) -> Roster | None:
        """Return the roster of this name."""
        return self.rosters.get(name)

    def may(self, user: User, path: str) -> bool:
        """Return whether one of the user's areas covers an alarm's path, letter case aside."""
        return any((self._areas.get(area) or _area(area)).fullmatch(path) for area in user.areas)


def _area(pattern: str) -> re.Pattern[str]:
    """Compile an area: `*` and `?` are wild, all else is literal, and what lies below is covered too."""
    first, *others = [
        "".join("." if letter == "?" else re.escape(letter) for letter in part)
        for part in re.split(r"\*+", pattern.rstrip("/"))
    ]
    body = first
    if others:
        # Where a piece fits first it fits best, so no star is ever tried again: many stars stay quick.
        body += "".join(f"(?>.*?{piece})" for piece in others[:-1]) + ".*" + others[-1]
    return re.compile(f"{body}(?:/.*)?", re.IGNORECASE | re.DOTALL)


def _user(username: str, section: UserSection) -> User:
    pin = None if section.pin is None else section.pin.reveal()
    hashed = pin is not None and pin.startswith("hash:")
    return User(
        username=username,
        id=section.id,
        name=section.name or username,
        pin_hash=pin if hashed else None,
        pin_literal=None if hashed else pin,
        language=section.language,
        roles=section.roles,
        areas=section.areas,
        contacts=tuple(Contact(one.type, one.value) for one in section.contacts),
    )


def _schedule(name: str, section: ScheduleSection) -> Schedule:
    return Schedule(name, days_of(section.days), minutes_of(section.start), minutes_of(section.end))
