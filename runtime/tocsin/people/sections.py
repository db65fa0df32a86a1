"""What a project configures about people: `[users.*]`, `[rosters.*]`, `[schedules.*]`.

Each section checks what it says alone; what must hold between them is in `crosschecks`.
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from tocsin.config import Secret, Section
from tocsin.people.shifts import days_of, minutes_of

# Language, script and region: the part of BCP 47 (RFC 5646 section 2.1) that speech services use.
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:-([a-zA-Z]{4}))?(?:-([a-zA-Z]{2}|[0-9]{3}))?", re.ASCII)
_PIN = re.compile(r"[0-9]{4,8}|hash:[0-9]+:[0-9a-f]{8}:[A-Za-z0-9_-]{43}", re.ASCII)


def _language(given: str) -> str:
    fitting = _LANGUAGE.fullmatch(given.strip().replace("_", "-"))
    if fitting is None:
        raise ValueError(f'"{given}" is not a language; write it like "en-US" or "sv-SE" (BCP 47)')
    language, script, region = fitting.groups()
    parts = (language.lower(), script and script.title(), region and region.upper())
    canonical = "-".join(part for part in parts if part)
    if given != canonical:
        raise ValueError(f'"{given}" is not a language as BCP 47 writes it; write "{canonical}"')
    return given


def _pin(given: Secret) -> Secret:
    if _PIN.fullmatch(given.reveal()) is None:
        raise ValueError("must be 4 to 8 digits or a hash; `tocsin pin set NAME` writes one")
    return given


def _days(given: tuple[str, ...]) -> tuple[str, ...]:
    days_of(given)
    return given


def _time(given: str) -> str:
    minutes_of(given)
    return given


class ContactSection(Section):
    """One way to reach a person. Contacts are tried in the order in which they stand."""

    type: str = Field(
        min_length=1, description='`"phone"`, `"sms"`, `"email"`, `"push"` or the name of a channel profile.'
    )
    value: str = Field(
        min_length=1,
        max_length=320,
        description='The number in E.164 form such as `"+46701234567"`, or the address.',
    )


class UserSection(Section):
    """A person who is called, texted, or may acknowledge. NAME is the username that the records show."""

    id: int = Field(
        ge=0, le=2**31 - 1, description="A number that no other user has; scripts ask for users by it."
    )
    name: str = Field(default="", max_length=200, description="The name as it is spoken; else the username.")
    pin: Annotated[Secret, AfterValidator(_pin)] | None = Field(
        default=None,
        description="Written by `tocsin pin set NAME`; with the emulator also 4 to 8 digits in the open.",
    )
    language: Annotated[str, AfterValidator(_language)] | None = Field(
        default=None, description='Language of calls to this person such as `"sv-SE"`; else the profile says.'
    )
    roles: tuple[str, ...] = Field(default=(), description="Roles, for scripts and for the console.")
    areas: tuple[str, ...] = Field(
        default=("*",),
        description='Alarms this person may acknowledge: `"*"` all, `"Plant/Pump 2"` that and all below; '
        "`*` stands for any letters, `?` for one.",
    )
    contacts: tuple[ContactSection, ...] = Field(default=(), description="Ways to reach this person.")


class ScheduleSection(Section):
    """Hours of the week, in the gateway's time zone."""

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


class RosterSection(Section):
    """People who are on call together, in the order in which they are called."""

    users: tuple[str, ...] = Field(default=(), description="Usernames, first called first.")
    schedule: str | None = Field(
        default=None, description="Name of the schedule of this crew; else always on call."
    )
    shared_phone: str | None = Field(
        default=None, description="Number of a phone the crew shares; the PIN tells who is speaking."
    )
