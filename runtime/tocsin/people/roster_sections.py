"""What a project configures about time: `[rosters.*]`, `[schedules.*]`, `[holidays.*]`.

Each section checks what it says alone; what must hold between them is in `roster_checks`.
"""

import datetime as dt
import re
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
    model_validator,
)

from tocsin.config import Section, did_you_mean
from tocsin.config.secret import Surroundings
from tocsin.config.toml_files import regular_bytes
from tocsin.people.holiday_calendars import CalendarFile, countries, read_date
from tocsin.people.recurrence import check_rule
from tocsin.people.rotations import Every
from tocsin.people.shifts import days_of, minutes_of
from tocsin.people.wall_clock import read_local, read_moment

_SCRIPT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,80}\.py", re.ASCII)
_LARGEST_FILE = 4 * 1024 * 1024


def _days(given: tuple[str, ...]) -> tuple[str, ...]:
    days_of(given)
    return given


def _time(given: str) -> str:
    minutes_of(given)
    return given


def _as_text(given: Any) -> Any:
    """Give TOML's own dates and times as they are written, which is what the checks read."""
    return given.isoformat() if isinstance(given, (dt.date, dt.datetime)) else given


def _moment(given: str) -> str:
    read_moment(given, "UTC")
    return given


def _local(given: str) -> str:
    read_local(given)
    return given


def _date(given: str) -> str:
    read_date(given)
    return given


def _full_date(given: str) -> str:
    if len(given) != 10:
        raise ValueError(f'"{given[:20]}" is no date; write it like "2026-12-24"')
    return _date(given)


def _every(given: str) -> str:
    Every.read(given)
    return given


def _zone(given: str) -> str:
    try:
        ZoneInfo(given)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'"{given[:60]}" is not a time zone; write it like Europe/Stockholm') from None
    return given


def _script(given: str) -> str:
    if _SCRIPT.fullmatch(given) is None:
        raise ValueError(f'"{given[:60]}" is no script; name a file such as "who_is_on_call.py"')
    return given


When = Annotated[str, BeforeValidator(_as_text), AfterValidator(_moment)]
"""A time on the plant's wall clock, or with an offset: `"2026-12-24T08:00"`, `2026-12-24T08:00:00Z`."""

WallTime = Annotated[str, BeforeValidator(_as_text), AfterValidator(_local)]
Date = Annotated[str, BeforeValidator(_as_text), AfterValidator(_date)]
FullDate = Annotated[str, BeforeValidator(_as_text), AfterValidator(_full_date)]
Zone = Annotated[str, AfterValidator(_zone)]


class HolidaysSection(Section):
    """Days that schedules may treat in their own way: those of a country, of a list, of a file together."""

    country: str | None = Field(
        default=None, description='Public holidays of a country, by its code: `"SE"`, `"US"` (ISO 3166).'
    )
    subdivision: str | None = Field(
        default=None, description='A part of the country with holidays of its own, such as `"BY"` in `"DE"`.'
    )
    dates: tuple[Date, ...] = Field(
        default=(), description='Further dates: `"2026-12-24"`, or `"12-24"` for every year.'
    )
    file: str | None = Field(
        default=None, description="An iCalendar file (.ics) in the project; each day of its events counts."
    )
    working: tuple[Date, ...] = Field(
        default=(), description="Dates that are ordinary days nevertheless, written like `dates`."
    )
    _calendar: CalendarFile | None = PrivateAttr(default=None)

    @property
    def calendar(self) -> CalendarFile | None:
        """The calendar that `file` holds."""
        return self._calendar

    @field_validator("country")
    @classmethod
    def _known_country(cls, given: str | None) -> str | None:
        if given is not None and given not in countries():
            hint = did_you_mean(given.upper(), countries()) or "; write its two letters, such as SE or US"
            raise ValueError(f'there is no country "{given[:20]}" whose holidays are known{hint}')
        return given

    @field_validator("subdivision")
    @classmethod
    def _known_subdivision(cls, given: str | None, info: ValidationInfo) -> str | None:
        country = info.data.get("country")
        if given is None or "country" not in info.data:
            return given
        if country is None:
            raise ValueError("is a part of no country; add the key country")
        parts = sorted(countries()[country])
        if given not in parts:
            there = f"; there are: {', '.join(parts[:30])}" if parts else "; leave subdivision out"
            raise ValueError(f'"{given[:20]}" is no part of {country} with holidays of its own{there}')
        return given

    @field_validator("file")
    @classmethod
    def _readable(cls, given: str | None, info: ValidationInfo) -> str | None:
        if given is not None:
            _read_calendar(given, info)
        return given

    @model_validator(mode="after")
    def _kept(self, info: ValidationInfo) -> "HolidaysSection":
        if self.file is not None:
            self._calendar = _read_calendar(self.file, info)
        if self.country is None and self.file is None and not self.dates:
            raise ValueError("names no days; add country, dates or file")
        return self


def _read_calendar(name: str, info: ValidationInfo) -> CalendarFile:
    around = info.context if isinstance(info.context, Surroundings) else Surroundings()
    path = around.folder / name
    try:
        around.reads(path)
        text = regular_bytes(path, _LARGEST_FILE)
    except OSError as error:
        why = error.strerror or "not usable"
        raise ValueError(f'"{name[:80]}" cannot be read ({why}); check path and rights') from None
    except ValueError:  # a NUL in the path
        raise ValueError("is no usable name of a file; check the path") from None
    if text is None or len(text) > _LARGEST_FILE:
        raise ValueError(f'"{name[:80]}" is no regular file of up to 4 MiB; give the path of an .ics file')
    try:
        return CalendarFile(text)
    except ValueError as error:
        raise ValueError(f'"{name[:80]}" {error}') from None


class ScheduleSection(Section):
    """Hours of the week on the wall clock, or, with `any_of`, `all_of` or `none_of`, a schedule of others.

    A shift belongs to the day on which it begins. It begins once and ends once also in the night in which
    the clocks change.
    """

    days: Annotated[tuple[str, ...], AfterValidator(_days)] = Field(
        default=("mon-sun",), min_length=1, description='Days such as `"mon-fri"` or `"sat"`.'
    )
    start: Annotated[str, AfterValidator(_time)] = Field(
        default="00:00", alias="from", description='When a shift begins on each of the days: `"HH:MM"`.'
    )
    end: Annotated[str, AfterValidator(_time)] = Field(
        default="24:00",
        alias="to",
        description="When it ends; at or before the beginning means on the next day.",
    )
    rule: Annotated[str, AfterValidator(check_rule)] | None = Field(
        default=None,
        max_length=300,
        description="Only on the days that this recurrence rule of iCalendar names, such as "
        '`"FREQ=WEEKLY;INTERVAL=2;BYDAY=SA"`; it counts from `since`.',
    )
    since: FullDate | None = Field(default=None, description="First date on which a shift begins.")
    until: FullDate | None = Field(default=None, description="Last date on which a shift begins.")
    holidays: tuple[str, ...] = Field(default=(), description="Names of `[holidays.*]` that this heeds.")
    on_holidays: Literal["off", "also", "only"] = Field(
        default="off",
        description="Whether a shift begins on those holidays: never, whatever the day of the week, or on "
        "them alone.",
    )
    timezone: Zone | None = Field(
        default=None, description="Time zone of these hours; else the roster's, else the gateway's."
    )
    any_of: tuple[str, ...] = Field(default=(), description="Schedules of which one must be on.")
    all_of: tuple[str, ...] = Field(default=(), description="Schedules that must all be on.")
    none_of: tuple[str, ...] = Field(default=(), description="Schedules of which none may be on.")

    @property
    def parts(self) -> dict[str, tuple[str, ...]]:
        """The schedules of which this one is made, by key; empty where it has hours of its own."""
        found = {"any_of": self.any_of, "all_of": self.all_of, "none_of": self.none_of}
        return {key: names for key, names in found.items() if names}

    @model_validator(mode="after")
    def _one_kind(self) -> "ScheduleSection":
        own = sorted(self.model_fields_set - {"any_of", "all_of", "none_of"})
        if self.parts and own:
            keys = ", ".join({"start": "from", "end": "to"}.get(key, key) for key in own)
            raise ValueError(f"is made of other schedules, so has no hours of its own; remove {keys}")
        if self.rule is not None and self.since is None and re.search(r"INTERVAL|COUNT", self.rule):
            raise ValueError('has a rule that counts; say from when, such as since = "2026-01-03"')
        if self.holidays == () and self.on_holidays != "off":
            raise ValueError("says on_holidays without holidays; name some of [holidays.*]")
        return self


class RotationSection(Section):
    """People of a roster who take turns, handed over at the same time of the wall clock each time."""

    users: tuple[str | tuple[str, ...], ...] = Field(
        min_length=1,
        max_length=500,
        description='Whose turn it is, one after the other; `["jon", "eva"]` in the list is a turn of both.',
    )
    every: Annotated[str, AfterValidator(_every)] = Field(
        default="1w", description='How long a turn lasts: `"12h"`, `"1d"`, `"1w"`, `"1mo"`.'
    )
    start: WallTime = Field(
        description='When the first turn begins, such as `"2026-01-05T08:00"`: the hour of all handovers.'
    )
    until: WallTime | None = Field(default=None, description="When the last turn ends; else never.")
    schedule: str | None = Field(default=None, description="Schedule in which the turn counts; else always.")
    level: int = Field(
        default=0,
        ge=0,
        le=99,
        description="Of the rotations that have somebody on, only those of the highest level count; "
        "`users` of the roster have level 0.",
    )

    @property
    def turns(self) -> tuple[tuple[str, ...], ...]:
        """The people of each turn."""
        return tuple((one,) if isinstance(one, str) else one for one in self.users)


class OverrideSection(Section):
    """A time in which a roster differs from its plan: others instead, or some added, removed or replaced."""

    begins: When = Field(alias="from", description='First moment, such as `"2026-12-24T08:00"`.')
    ends: When = Field(alias="to", description="The moment from which the plan counts again.")
    users: tuple[str, ...] | None = Field(default=None, description="Who is on call instead of everybody.")
    add: tuple[str, ...] = Field(default=(), description="Who is on call too, as the last.")
    remove: tuple[str, ...] = Field(default=(), description="Who is not on call.")
    replace: dict[str, str] = Field(
        default_factory=dict, description='Who takes whose place: `{ maria = "jon" }`.'
    )
    why: str = Field(default="", max_length=200, description="Said where somebody asks why.")

    @model_validator(mode="after")
    def _does_something(self) -> "OverrideSection":
        if self.users is not None and (self.add or self.remove or self.replace):
            raise ValueError("names all people in users already; remove add, remove and replace")
        if self.users is None and not (self.add or self.remove or self.replace):
            raise ValueError("changes nothing; say who is on call with users, add, remove or replace")
        return self


class SwapSection(Section):
    """A time in which two people of a roster take each other's turns."""

    begins: When = Field(alias="from", description='First moment, such as `"2026-03-02T08:00"`.')
    ends: When = Field(alias="to", description="The moment from which each has their own turns again.")
    users: tuple[str, str] = Field(description="The two.")


class RosterSection(Section):
    """People who are on call together, in the order in which they are called.

    First come those whose turn of a rotation it is, in the order of the rotations, then `users`.
    """

    users: tuple[str, ...] = Field(
        default=(),
        description="Usernames, first called first; beside rotations they are the second line, and with a "
        "script they stand in while it names nobody.",
    )
    schedule: str | None = Field(
        default=None, description="Name of the schedule of this crew; else always on call."
    )
    rotations: tuple[RotationSection, ...] = Field(default=(), description="People who take turns.")
    overrides: tuple[OverrideSection, ...] = Field(
        default=(), description="Times that differ from the plan; the last that fits has the last word."
    )
    swaps: tuple[SwapSection, ...] = Field(default=(), description="Turns that two people have swapped.")
    script: Annotated[str, AfterValidator(_script)] | None = Field(
        default=None, description="A script that names the people (a calculated roster)."
    )
    timezone: Zone | None = Field(
        default=None, description="Time zone of rotations, overrides and swaps; else the gateway's."
    )
    may_be_empty: bool = Field(
        default=False, description="That nobody is on call at times is meant so, and is not reported."
    )
    shared_phone: str | None = Field(
        default=None,
        description="Number of a phone the crew shares; the PIN tells who is speaking. It rings only for "
        "those who have it among their contacts.",
    )
