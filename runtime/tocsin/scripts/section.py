"""The `[scripts]` table of the configuration: how far a project's Twilio Scripts may go.

What each limit does is enforced elsewhere: processor time, memory and output by the sandbox, turns and
minutes by calls, telephone numbers and addresses by telephony.
"""

from __future__ import annotations

import re
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from tocsin.config import Section
from tocsin.telephony.egress import CONTROLLED_VERBS, PLAIN_VERBS

FURTHER_VERBS: Final = tuple(sorted(CONTROLLED_VERBS - PLAIN_VERBS))
"""What a project may allow its scripts beyond the ordinary verbs; each can send audio or money somewhere."""

_LONGEST_TURN_MS = 14_000
"""Twilio gives up on a webhook after 15 s (https://www.twilio.com/docs/api/errors/11200)."""

_DEFAULTS_SHARE_MS = 300
_PATTERN = re.compile(r"\+(?:[1-9][0-9]{0,14}\*?|\*)\Z")
_LABEL = r"(?!-)[a-z0-9-]{1,63}(?<!-)"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*(?::[0-9]{{1,5}})?\Z")


def _dial(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
    if isinstance(value, str):
        if value != "contacts":
            raise ValueError(
                f'"{value}" is not known; write "contacts" or a list of numbers such as ["+46*"]'
            )
        return value
    for pattern in value:
        if not _PATTERN.match(pattern):
            raise ValueError(
                f'"{pattern}" is not a number in E.164 form, with or without * at its end; '
                'write it as "+46701234567" or "+46*"'
            )
    return value


def _hosts(value: tuple[str, ...]) -> tuple[str, ...]:
    for host in value:
        if not _HOST.match(host):
            raise ValueError(
                f'"{host}" is not a host name; write only the host, in lower case, '
                'such as "media.example.com"'
            )
    return value


def _verbs(value: tuple[str, ...]) -> tuple[str, ...]:
    for verb in value:
        if verb not in PLAIN_VERBS and verb not in FURTHER_VERBS:
            raise ValueError(
                f'"{verb}" is not a TwiML verb that can be allowed; choose from {", ".join(FURTHER_VERBS)}'
            )
    return value


def _turn_ms(value: int) -> int:
    if value <= _DEFAULTS_SHARE_MS:
        raise ValueError(
            f"{value} leaves scripts no time, because the last {_DEFAULTS_SHARE_MS} ms belong "
            "to the default; write 2000 or another number above 300"
        )
    return value


class ScriptsSection(Section):
    """Limits of the project's Twilio Scripts; every key may be left out."""

    lockdown: Literal["required", "best-effort"] = Field(
        default="required",
        description='"best-effort" lets a platform without seccomp and Landlock run project scripts '
        "(taken over at restart)",
    )
    cpu_ms: int = Field(
        default=250,
        ge=1,
        le=10_000,
        description="processor time for the whole chain of one turn, in milliseconds",
    )
    turn_ms: Annotated[int, AfterValidator(_turn_ms)] = Field(
        default=2000,
        ge=1,
        le=_LONGEST_TURN_MS,
        description="the one deadline of a turn, in milliseconds: scripts, their requests, and the default",
    )
    memory_mb: int = Field(
        default=64, ge=8, le=4096, description="memory a turn may take, in MiB (taken over at restart)"
    )
    host_calls: int = Field(
        default=32,
        ge=1,
        le=1000,
        description="how often the scripts of one turn may ask the gateway for something "
        "(taken over at restart)",
    )
    log_kb: int = Field(
        default=16, ge=1, le=1024, description="log kept of one turn, in KiB (taken over at restart)"
    )
    turns_per_call: int = Field(
        default=100, ge=1, le=10_000, description="turns after which a call is ended as answered-silent"
    )
    call_minutes: int = Field(
        default=15, ge=1, le=240, description="minutes after which a call is ended; Twilio's TimeLimit too"
    )
    dial: Annotated[str | tuple[str, ...], AfterValidator(_dial)] = Field(
        default="contacts",
        description='whom a script may Dial: "contacts" (of users), or a list of patterns such as "+46*"',
    )
    hosts: Annotated[tuple[str, ...], AfterValidator(_hosts)] = Field(
        default=(), description="hosts beside external_hostname that any URL in TwiML may name"
    )
    verbs: Annotated[tuple[str, ...], AfterValidator(_verbs)] = Field(
        default=(), description="TwiML verbs that scripts may use beyond the ordinary ones"
    )
