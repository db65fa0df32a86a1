"""What must hold between rosters, schedules, holidays and users. Values in, `Fault`s out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.config import Fault, did_you_mean
from tocsin.people.wall_clock import read_local, read_moment

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from tocsin.config.loading import DataPath
    from tocsin.people.roster_sections import (
        HolidaysSection,
        OverrideSection,
        RosterSection,
        RotationSection,
        ScheduleSection,
        SwapSection,
    )
    from tocsin.people.sections import AwaySection, UserSection

CHANNELS = ("phone", "sms", "email", "push")
"""Types of contact that need no channel profile."""


def check_rosters(
    users: Mapping[str, UserSection],
    rosters: Mapping[str, RosterSection],
    schedules: Mapping[str, ScheduleSection],
    holidays: Mapping[str, HolidaysSection],
    channels: Collection[str],
) -> Iterator[Fault]:
    """Find names that nobody has, times that end before they begin, and people whom nothing reaches."""
    for name, schedule in schedules.items():
        yield from _schedule(("schedules", name), schedule, schedules, holidays)
    yield from _circles(schedules)
    for name, roster in rosters.items():
        yield from _roster(("rosters", name), roster, users, schedules)
    for name, user in users.items():
        yield from _person(("users", name), user, users, channels)
    yield from _without_people(rosters)
    yield from _unreachable(users, rosters)


def people_of(roster: RosterSection) -> dict[str, DataPath]:
    """Return everybody whom a roster puts on call at some time, each with the key that says so first."""
    found: dict[str, DataPath] = {}
    for path, name, _ in _named(roster):
        found.setdefault(name, path)
    for number, override in enumerate(roster.overrides):
        for old, new in override.replace.items():
            found.setdefault(new, ("overrides", number, "replace", old))
    return found


def nobody(kind: str, name: str, known: Collection[str]) -> str:
    """Say that there is no such thing, and which one was probably meant."""
    defined = ", ".join(sorted(known)[:20]) or "none"
    return f'there is no {kind} "{name[:60]}"{did_you_mean(name, known) or f"; defined are: {defined}"}'


def _named(roster: RosterSection) -> Iterator[tuple[DataPath, str, Sequence[str]]]:
    """Yield every username in a list: where it stands, and those before it, beside which it must be new."""
    yield from _listed(("users",), roster.users)
    for number, rotation in enumerate(roster.rotations):
        here: DataPath = ("rotations", number, "users")
        for place, turn in enumerate(rotation.users):
            if isinstance(turn, str):
                yield (*here, place), turn, ()
            else:
                yield from _listed((*here, place), turn)
    for number, override in enumerate(roster.overrides):
        yield from _listed(("overrides", number, "users"), override.users or ())
        yield from _listed(("overrides", number, "add"), override.add)
    for number, swap in enumerate(roster.swaps):
        yield from _listed(("swaps", number, "users"), swap.users)


def _listed(at: DataPath, names: Sequence[str]) -> Iterator[tuple[DataPath, str, Sequence[str]]]:
    for index, name in enumerate(names):
        yield (*at, index), name, names[:index]


def _schedule(
    at: DataPath,
    section: ScheduleSection,
    schedules: Mapping[str, ScheduleSection],
    holidays: Mapping[str, HolidaysSection],
) -> Iterator[Fault]:
    for key, names in section.parts.items():
        for index, name in enumerate(names):
            if name not in schedules:
                yield Fault((*at, key, index), nobody("schedule", name, schedules))
    for index, name in enumerate(section.holidays):
        if name not in holidays:
            yield Fault((*at, "holidays", index), nobody("table [holidays] of the name", name, holidays))
    if section.since is not None and section.until is not None and section.until < section.since:
        yield Fault((*at, "until"), f"{section.until} is before since = {section.since}; swap the two")


def _circles(schedules: Mapping[str, ScheduleSection]) -> Iterator[Fault]:
    """Find schedules that are made of themselves, each circle once."""
    done: set[str] = set()

    def walk(name: str, way: tuple[str, ...]) -> Iterator[Fault]:
        if name in way:
            circle = " of ".join([*way[way.index(name) :], name])
            yield Fault(("schedules", way[-1]), f"is made of itself ({circle}); take one of them out")
            return
        if name in done or name not in schedules:
            return
        for names in schedules[name].parts.values():
            for part in names:
                yield from walk(part, (*way, name))
        done.add(name)

    for name in schedules:
        yield from walk(name, ())


def _roster(
    at: DataPath,
    roster: RosterSection,
    users: Mapping[str, UserSection],
    schedules: Mapping[str, ScheduleSection],
) -> Iterator[Fault]:
    for path, name, before in _named(roster):
        if name not in users:
            yield Fault((*at, *path), nobody("user", name, users))
        elif name in before:
            where = "in this roster" if path[0] == "users" else "here"
            yield Fault((*at, *path), f'"{name}" stands {where} twice; remove one')
    if roster.schedule is not None and roster.schedule not in schedules:
        yield Fault((*at, "schedule"), nobody("schedule", roster.schedule, schedules))
    for number, rotation in enumerate(roster.rotations):
        yield from _rotation((*at, "rotations", number), rotation, schedules)
    for number, override in enumerate(roster.overrides):
        yield from _override((*at, "overrides", number), override, users, roster)
    for number, swap in enumerate(roster.swaps):
        yield from _order((*at, "swaps", number), swap)


def _rotation(
    at: DataPath, rotation: RotationSection, schedules: Mapping[str, ScheduleSection]
) -> Iterator[Fault]:
    if rotation.schedule is not None and rotation.schedule not in schedules:
        yield Fault((*at, "schedule"), nobody("schedule", rotation.schedule, schedules))
    if rotation.until is not None and read_local(rotation.until) <= read_local(rotation.start):
        yield Fault((*at, "until"), f"is not after the start, {rotation.start}; nobody would have a turn")
    for index, turn in enumerate(rotation.turns):
        if not turn:
            said = "is a turn of nobody; name somebody, or take it out"
            yield Fault((*at, "users", index), said)


def _override(
    at: DataPath, override: OverrideSection, users: Mapping[str, UserSection], roster: RosterSection
) -> Iterator[Fault]:
    yield from _order(at, override)
    for index, name in enumerate(override.remove):
        if name not in users:
            yield Fault((*at, "remove", index), nobody("user", name, users))
    for old, new in override.replace.items():
        for name in (old, new):
            if name not in users:
                yield Fault((*at, "replace", old), nobody("user", name, users))
    known = people_of(roster)
    for name in (*override.remove, *override.replace):
        if name in users and name not in known and roster.script is None:
            key = "remove" if name in override.remove else "replace"
            said = f'"{name}" is never on call on this roster, so nothing changes; check the name'
            yield Fault((*at, key), said, "warning")


def _order(at: DataPath, section: OverrideSection | SwapSection | AwaySection) -> Iterator[Fault]:
    # Both on one wall clock or with offsets: an hour's difference of zones is never an order of their own.
    if read_moment(section.ends, "UTC") <= read_moment(section.begins, "UTC"):
        yield Fault((*at, "to"), f"is not after from = {section.begins}; give a later moment")


def _person(
    at: DataPath, user: UserSection, users: Mapping[str, UserSection], channels: Collection[str]
) -> Iterator[Fault]:
    known = [*CHANNELS, *channels]
    for index, name in enumerate(user.opt_out):
        if name not in known:
            hint = did_you_mean(name, known) or f"; known are: {', '.join(known)}"
            said = f'there is no way to reach people called "{name[:60]}"{hint}'
            yield Fault((*at, "opt_out", index), said)
    for number, step in enumerate(user.tell):
        here: DataPath = (*at, "tell", number, "profiles")
        for index, name in enumerate(step.profiles):
            if name not in known:
                hint = did_you_mean(name, known) or f"; known are: {', '.join(known)}"
                yield Fault((*here, index), f'there is no profile or type of contact "{name[:60]}"{hint}')
            elif name in user.opt_out:
                said = f'"{name}" is in opt_out, so nothing goes over it; take it out of one of the two'
                yield Fault((*here, index), said, "warning")
    for number, away in enumerate(user.away):
        yield from _order((*at, "away", number), away)
        if away.instead is not None and away.instead not in users:
            yield Fault((*at, "away", number, "instead"), nobody("user", away.instead, users))


def _without_people(rosters: Mapping[str, RosterSection]) -> Iterator[Fault]:
    for name, roster in rosters.items():
        if roster.script is not None and not roster.users:
            said = f"is missing; name who is called while {roster.script} names nobody"
            yield Fault(("rosters", name, "users"), said, "warning")
        elif not people_of(roster):
            said = "has nobody in it, so its alarms reach nobody; add users"
            yield Fault(("rosters", name, "users"), said, "warning")


def _unreachable(users: Mapping[str, UserSection], rosters: Mapping[str, RosterSection]) -> Iterator[Fault]:
    told: set[str] = set()
    for name, roster in rosters.items():
        for username, path in people_of(roster).items():
            user = users.get(username)
            if user is None or username in told:
                continue
            if not user.contacts:
                told.add(username)
                said = f'"{username}" has no contact, so cannot be reached; add [[users.{username}.contacts]]'
                yield Fault(("rosters", name, *path), said, "warning")
            elif _all_refused(user):
                told.add(username)
                said = f"leaves no contact, though roster {name} calls this person; take one type out"
                yield Fault(("users", username, "opt_out"), said, "warning")


def _all_refused(user: UserSection) -> bool:
    types: Iterable[str] = {contact.type for contact in user.contacts}
    return all(one in user.opt_out for one in types)
