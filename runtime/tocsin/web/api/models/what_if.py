"""The shapes of the answer to "who would be told, how and when?"."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from tocsin.web.api.models.words import Millis  # noqa: TC001  msgspec reads annotations


class WhatIfStep(Struct, kw_only=True):
    """One thing that would happen. Words without a meaning for its kind are empty; a number is masked."""

    at_ms: Millis
    at: Annotated[str, Meta(description="on the plant's wall clock", examples=["2026-01-05T03:10:25+01:00"])]
    after_ms: Annotated[int, Meta(ge=0, description="after the alarm went active")]
    kind: Annotated[
        str,
        Meta(
            description="begins, call, text, outcome, held, left-out, nobody-on-call, waits, script,"
            " acknowledged, passed-on, admin, last-resort, ends"
        ),
    ]
    text: Annotated[str, Meta(description="what happens, as a sentence")]
    why: Annotated[str, Meta(description="the reason, people by their username")]
    person: str
    channel: str
    profile: str
    number: str
    outcome: str
    block: str


class WhatIf(Struct, kw_only=True):
    """The whole escalation of an alarm, up to the last resort, an acknowledgement, or a day later."""

    alarm: str
    priority: str
    pipeline: str
    at_ms: Millis
    at: str
    timezone: str
    outcomes: Annotated[list[str], Meta(description="what was chosen; all others miss")]
    warnings: list[str]
    steps: list[WhatIfStep]
    ended: Annotated[str, Meta(description="why it ended; empty where it goes on")]
    last_resort_ms: Annotated[int | None, Meta(description="when the last resort is called, or null")]
