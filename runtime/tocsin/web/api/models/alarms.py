"""The shapes of requests and answers about alarms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from tocsin.web.api.models.words import Masked, Millis, Minutes, Text  # noqa: TC001  msgspec reads annotations


class AlarmEventBody(Struct, kw_only=True, omit_defaults=True):
    """What a source says of an alarm. What is left out comes from the rule of that path, if there is one.

    A text as `value` is kept up to 4,000 characters, `data` up to 64 KiB of JSON.
    """

    path: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=512,
            pattern=r"[^ /\x00-\x1f\x7f-\x9f]",
            examples=["Plant/Pump 2/High level"],
        ),
    ]
    state: Literal["active", "clear"]
    name: Annotated[str, Meta(max_length=200)] | None = None
    priority: (
        Annotated[str, Meta(max_length=100, description="Diagnostic, Low, Medium, High or Critical")]
        | Annotated[int, Meta(description="0 (Diagnostic) to 4 (Critical)")]
        | None
    ) = None
    pipeline: Annotated[str, Meta(max_length=200)] | None = None
    value: str | int | float | bool | None = None
    label: Annotated[str, Meta(max_length=500)] | None = None
    data: dict[str, Any] | None = None


class Accepted(Struct, kw_only=True):
    """An event that is now on disk; `episode` is null where a clear event found nothing active."""

    id: str
    episode: str | None
    state: Literal["active", "cleared"]
    warnings: list[str]


class Alarm(Struct, kw_only=True):
    """One episode of an alarm.

    `ackers` are those who have acknowledged so far, where `ackers_needed` of them have to.
    """

    id: str
    path: str
    name: str
    display_path: str
    priority: Literal["Diagnostic", "Low", "Medium", "High", "Critical"]
    state: Literal["active", "cleared"]
    acked: bool
    label: str
    notes: str
    value: str | int | float | bool | None
    data: dict[str, Any]
    pipeline: str | None
    source: str
    active_ms: int
    cleared_ms: int | None
    acked_ms: int | None
    acked_by: str | None
    acked_via: str | None
    ackers: tuple[str, ...]
    ackers_needed: int
    note: str
    shelved_until_ms: int | None
    shelved_by: str | None
    suppressed_ms: int | None
    suppressed_by: str | None
    suppressed_rule: str
    suppressed_reason: str
    out_of_service_ms: int | None
    out_of_service_by: str | None
    out_of_service_reason: str
    out_of_service_until_ms: int | None
    ack_version: int
    version: int


class AlarmPage(Struct, kw_only=True):
    """Some episodes, newest first; give `next` as `before` to read on, null at the end."""

    alarms: list[Alarm]
    next: str | None


class TimelineEntry(Struct, kw_only=True):
    """One thing that happened to an episode; `text` says it in plain words, with numbers masked.

    `kind` is dotted: `alarm.*` for what became of the alarm, `notice.*` and `message.*` for how people were
    told, `call.*` for what happened in a call, `run.*` for the pipeline.
    """

    at_ms: Millis
    kind: Annotated[str, Meta(examples=["call.answered"])]
    text: Annotated[str, Meta(examples=["Maria Lind's phone was answered by a machine"])]
    person: str | None = None
    call: str | None = None
    data: dict[str, Any]


class Notice(Struct, kw_only=True):
    """One attempt to tell one person of an episode."""

    person: str
    attempt: int
    channel: str
    profile: str
    number: Masked
    state: Literal["queued", "placed", "done"]
    call_id: str | None
    message_id: str | None
    run_id: str | None
    created_ms: Millis
    due_ms: int | None
    placed_ms: int | None
    heard_ms: int | None
    ended_ms: int | None
    outcome: str | None
    why: str


class AlarmDetail(Alarm, kw_only=True):
    """One episode with everything that happened to it, oldest first.

    `not_acked`: where several people have to acknowledge and too few have, those who were asked to and have
    not.
    """

    not_acked: list[str]
    timeline: list[TimelineEntry]
    notices: list[Notice]


class AcknowledgeBody(Struct, kw_only=True, omit_defaults=True):
    """Who acknowledges (a username; absent: the token itself) and a note."""

    by: Annotated[str, Meta(max_length=100)] | None = None
    note: Text = ""


class Acknowledged(Struct, kw_only=True):
    """What came of it; `by` and `at_ms` tell who was first, and when."""

    episode: str
    outcome: Literal["ok", "already_acknowledged"]
    by: str | None
    at_ms: int | None


class ShelveBody(Struct, kw_only=True, omit_defaults=True):
    """For how many minutes the alarm is put aside, and by whom."""

    minutes: Minutes = 15
    by: Annotated[str, Meta(max_length=100)] | None = None


class UnshelveBody(Struct, kw_only=True, omit_defaults=True):
    """Who ends the shelving."""

    by: Annotated[str, Meta(max_length=100)] | None = None


class Shelved(Struct, kw_only=True):
    """What came of it; `until_ms` is null where the alarm is not shelved."""

    episode: str
    outcome: Literal["ok", "not_shelved"]
    until_ms: int | None
