"""The shapes of who is on call, of counters per person, of tags, and of runs of pipelines."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tocsin.web.api.models.words import Masked, Millis  # noqa: TC001  msgspec reads annotations


class ContactShown(Struct, kw_only=True):
    """One way to reach a person; a number is masked."""

    type: str
    value: Masked


class OnCallPerson(Struct, kw_only=True):
    """One person on call; `told` is false where the alarm asked about lies outside the person's areas."""

    id: int
    username: str
    name: str
    contacts: list[ContactShown]
    told: bool


class OnCallRoster(Struct, kw_only=True):
    """One roster; `people` in calling order, empty while it is off, for which `why` gives the reason.

    `until_ms` is when that changes; null where it does not within a year.
    """

    roster: str
    schedule: str | None
    on: bool
    why: str
    until_ms: int | None
    people: list[OnCallPerson]


class OnCall(Struct, kw_only=True):
    """Who is on call at an instant. `alarm` is the path asked about, or null."""

    at_ms: Millis
    timezone: str
    alarm: str | None
    rosters: list[OnCallRoster]


class UserStatistics(Struct, kw_only=True):
    """One user's counters, over all of the user's numbers; each call and message counts once."""

    id: int
    username: str
    phone_number: Annotated[str, Meta(description="the first of them, or empty")]
    messages_received: int
    messages_sent: int
    calls_received: int
    calls_sent: int
    call_minutes_received: int
    call_minutes_sent: int


class TagShown(Struct, kw_only=True):
    """The value of a tag; a dataset's is `{"columns": [{"name", "type"}], "rows": [[...]]}`."""

    path: Annotated[str, Meta(examples=["System/Gateway/Twilio/CallsSent"])]
    value: Any
    quality: Annotated[str, Meta(examples=["Good"])]
    at_ms: Millis


class HeldShown(Struct, kw_only=True):
    """What a throttle holds back now: whom it is for, since when, until when at the latest, and why."""

    person: str
    channel: Annotated[str, Meta(description="voice or sms")]
    since_ms: Millis
    until_ms: Millis
    why: str


class RunShown(Struct, kw_only=True):
    """One run of a pipeline for one episode: where it stands, what it waits for, and until when."""

    id: str
    episode: str
    path: str
    pipeline: Annotated[str, Meta(description="empty: the built-in one")]
    hook: str
    state: Literal["running", "ended"]
    block: str
    why: Annotated[str, Meta(description="what it waits for, or why it ended, in plain words")]
    since_ms: Millis
    due_ms: int | None
    started_ms: Millis
    ended_ms: int | None
    held: Annotated[list[HeldShown], Meta(description="calls and texts that throttles hold back now")]


class Runs(Struct, kw_only=True):
    """Runs, the newest first."""

    runs: list[RunShown]


class Cancelled(Struct, kw_only=True):
    """A run that has ended now: nobody more is told by it."""

    run: str
    state: Literal["ended"]


class CancelBody(Struct, kw_only=True, omit_defaults=True):
    """Who cancels (a username; absent: the token itself)."""

    by: Annotated[str, Meta(max_length=100)] | None = None
