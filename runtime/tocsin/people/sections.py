"""What a project configures about people: `[users.*]`; rosters and schedules are in `roster_sections`.

Each section checks what it says alone; what must hold between them is in `crosschecks`.
"""

import re
from typing import Annotated, Literal, TypeAlias

from pydantic import AfterValidator, Field

from tocsin.config import Secret, Section
from tocsin.people.roster_sections import HolidaysSection, RosterSection, ScheduleSection, When

__all__ = [
    "AwaySection",
    "ContactSection",
    "HolidaysSection",
    "RosterSection",
    "ScheduleSection",
    "TellSection",
    "UserSection",
    "delay_ms",
]

Priority: TypeAlias = Literal["Diagnostic", "Low", "Medium", "High", "Critical"]

# Language, script and region: the part of BCP 47 (RFC 5646 section 2.1) that speech services use.
_LANGUAGE = re.compile(r"([a-zA-Z]{2,3})(?:-([a-zA-Z]{4}))?(?:-([a-zA-Z]{2}|[0-9]{3}))?", re.ASCII)
_DELAY = re.compile(r"(\d{1,4})(s|m|h)", re.ASCII)
_UNIT_MS = {"s": 1000, "m": 60_000, "h": 3_600_000}
_LONGEST_DELAY_MS = 24 * 60 * 60 * 1000
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


def delay_ms(written: str) -> int:
    """Read "0s", "90s", "2m" or "1h" as milliseconds. Raises ValueError with the remedy."""
    found = _DELAY.fullmatch(written)
    span = int(found[1]) * _UNIT_MS[found[2]] if found else _LONGEST_DELAY_MS + 1
    if span > _LONGEST_DELAY_MS:
        raise ValueError(f'"{written[:20]}" is no delay; write it like "0s", "90s" or "2m", up to "24h"')
    return span


def _delay(given: str) -> str:
    delay_ms(given)
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


class TellSection(Section):
    """A step of a person's own order: over what they are told, and how long after the others began.

    Steps that fit an alarm's priority count, the soonest first; without any, the usual order does.
    """

    priority: tuple[Priority, ...] = Field(
        default=(), description='Alarms for which this step counts, such as `["High", "Critical"]`; else all.'
    )
    profiles: tuple[str, ...] = Field(
        min_length=1,
        description='Voice and message profiles, or types of contact such as `"phone"`, used side by side.',
    )
    after: Annotated[str, AfterValidator(_delay)] = Field(
        default="0s", description='How long after the person\'s turn has come: `"0s"` to `"24h"`.'
    )


class AwaySection(Section):
    """A time in which a person is on no roster: a holiday, an illness."""

    begins: When = Field(alias="from", description='First moment, such as `"2026-07-06T08:00"`.')
    ends: When = Field(alias="to", description="The moment from which the person is back.")
    instead: str | None = Field(
        default=None, description="Username of who takes this person's place on all rosters."
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
    opt_out: tuple[str, ...] = Field(
        default=(), description='Types of contact over which this person wants nothing, such as `["sms"]`.'
    )
    tell: tuple[TellSection, ...] = Field(
        default=(), description="The person's own order of telling; else voice before text."
    )
    away: tuple[AwaySection, ...] = Field(
        default=(), description="When the person is on no roster, whatever the rosters say."
    )
