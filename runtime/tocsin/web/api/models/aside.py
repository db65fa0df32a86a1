"""The shapes of requests and answers about alarms suppressed by design or out of service."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

Why = Annotated[str, Meta(min_length=1, max_length=500, pattern=r"\S", examples=["the pump is stopped"])]
Who = Annotated[str, Meta(min_length=1, max_length=100, examples=["maria"])]


class SuppressBody(Struct, kw_only=True, omit_defaults=True):
    """Why logic suppresses the alarm by design; `rule` is the key of that logic."""

    reason: Why
    rule: Annotated[str, Meta(max_length=200, examples=["Plant/Pump 2/Stopped"])] = ""
    by: Who | None = None


class OutOfServiceBody(Struct, kw_only=True, omit_defaults=True):
    """Why the alarm is taken out of service, and until when; without `until_ms`, until it is returned."""

    reason: Why
    until_ms: Annotated[int, Meta(ge=0, le=4_102_444_800_000)] | None = None
    by: Who | None = None


class BackBody(Struct, kw_only=True, omit_defaults=True):
    """Who ends the suppression or returns the alarm to service (a username; absent: the token itself)."""

    by: Who | None = None


class PutAside(Struct, kw_only=True):
    """What came of it; `until_ms` is null where it holds until somebody ends it, or does not hold."""

    episode: str
    outcome: Literal["ok", "not_suppressed", "in_service"]
    until_ms: int | None
