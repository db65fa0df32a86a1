"""Turns checked sections into the values that a directory is made of. Nothing is decided here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.people.holiday_calendars import Country, Dates, Holidays, read_date
from tocsin.people.overrides import Away, Override, Swap
from tocsin.people.recurrence import Recurrence
from tocsin.people.rotations import Every, Rotation
from tocsin.people.sections import delay_ms
from tocsin.people.shifts import Composite, Schedule, days_of, minutes_of
from tocsin.people.user import Contact, Roster, Telling, User, Wish
from tocsin.people.wall_clock import day_of, read_local, read_moment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.people.holiday_calendars import Source
    from tocsin.people.roster_sections import (
        HolidaysSection,
        OverrideSection,
        RosterSection,
        RotationSection,
        ScheduleSection,
        SwapSection,
    )
    from tocsin.people.sections import UserSection
    from tocsin.people.shifts import Hours


def user(username: str, section: UserSection, timezone: str) -> User:
    """Return the person of a section; absences are on the wall clock of `timezone`."""
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
        opt_out=frozenset(section.opt_out),
        wishes=tuple(
            Wish(frozenset(one.priority) or None, Telling(one.profiles, delay_ms(one.after)))
            for one in section.tell
        ),
        away=tuple(
            Away(read_moment(one.begins, timezone), read_moment(one.ends, timezone), one.instead)
            for one in section.away
        ),
    )


def holiday_calendars(sections: Mapping[str, HolidaysSection]) -> dict[str, Holidays]:
    """Return the holidays of each section."""
    found = {}
    for name, section in sections.items():
        sources: list[Source] = []
        if section.country is not None:
            sources.append(Country(section.country, section.subdivision))
        if section.calendar is not None:
            sources.append(section.calendar)
        found[name] = Holidays(name, [*sources, Dates(section.dates)], working=Dates(section.working))
    return found


def schedules(sections: Mapping[str, ScheduleSection], holidays: Mapping[str, Holidays]) -> dict[str, Hours]:
    """Return the schedules by name, each made once; raises KeyError for an unknown part."""
    made: dict[str, Hours] = {}

    def make(name: str) -> Hours:
        if name not in made:
            section = sections[name]
            parts = {key: tuple(make(one) for one in names) for key, names in section.parts.items()}
            made[name] = Composite(name, **parts) if parts else _schedule(name, section, holidays)
        return made[name]

    return {name: make(name) for name in sections}


def _schedule(name: str, section: ScheduleSection, holidays: Mapping[str, Holidays]) -> Schedule:
    since = None if section.since is None else day_of(read_date(section.since))
    return Schedule(
        name,
        days_of(section.days),
        minutes_of(section.start),
        minutes_of(section.end),
        timezone=section.timezone,
        recurrence=None if section.rule is None else Recurrence(section.rule, since or 0),
        since=since,
        until=None if section.until is None else day_of(read_date(section.until)),
        holidays=tuple(holidays[one] for one in section.holidays),
        on_holidays=section.on_holidays,
    )


def roster(
    name: str,
    section: RosterSection,
    users: Mapping[str, User],
    hours: Mapping[str, Hours],
    timezone: str,
) -> Roster:
    """Return the roster of a section; raises KeyError for an unknown user or schedule."""
    zone = section.timezone or timezone
    return Roster(
        name,
        tuple(users[one] for one in section.users),
        None if section.schedule is None else hours[section.schedule],
        section.shared_phone,
        rotations=tuple(_rotation(one, hours) for one in section.rotations),
        swaps=tuple(swap(one, zone) for one in section.swaps),
        overrides=tuple(override(one, zone) for one in section.overrides),
        script=section.script,
        timezone=section.timezone,
        may_be_empty=section.may_be_empty,
    )


def _rotation(section: RotationSection, hours: Mapping[str, Hours]) -> Rotation:
    return Rotation(
        section.turns,
        Every.read(section.every),
        read_local(section.start),
        until=None if section.until is None else read_local(section.until),
        schedule=None if section.schedule is None else hours[section.schedule],
        level=section.level,
    )


def swap(section: SwapSection, zone: str) -> Swap:
    """Return the swap of a section, its times on the wall clock of `zone`."""
    return Swap(read_moment(section.begins, zone), read_moment(section.ends, zone), *section.users)


def override(section: OverrideSection, zone: str) -> Override:
    """Return the override of a section, its times on the wall clock of `zone`."""
    return Override(
        read_moment(section.begins, zone),
        read_moment(section.ends, zone),
        users=section.users,
        add=section.add,
        remove=frozenset(section.remove),
        replace=tuple(section.replace.items()),
        why=section.why,
    )
