"""The configuration sections of pipelines: blocks in order, when a run drops out, what outcomes lead to.

The block types are Ignition's. What a block does when it runs has no place here.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PositiveInt

from tocsin.config import Section

_SPAN = re.compile(r"(?P<count>[1-9]\d{0,5})(?P<unit>ms|s|m|h)")
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def milliseconds(text: str) -> int:
    """Read a span such as "30s" or "5m" (ms, s, m, h); ValueError with the remedy otherwise."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(
            f'"{text}" is not a time span; write a number and a unit, such as "30s", "5m" or "1h"'
        )
    return int(found["count"]) * _UNIT_MS[found["unit"]]


def _span(text: str) -> str:
    milliseconds(text)
    return text


def _bounded(least: str, most: str) -> AfterValidator:
    """Make a check that keeps a span between two others."""
    low, high = milliseconds(least), milliseconds(most)

    def check(text: str) -> str:
        if not low <= milliseconds(text) <= high:
            raise ValueError(f'"{text}" is out of bounds; write a time span from "{least}" to "{most}"')
        return text

    return AfterValidator(check)


def _again(text: str) -> str:
    if text in {"half-step", "never"}:
        return text
    try:
        return _span(text)
    except ValueError:
        raise ValueError(
            f'"{text}" is not understood; write a time span such as "3m", "half-step" or "never"'
        ) from None


Span = Annotated[str, AfterValidator(_span)]
StepSpan = Annotated[str, _bounded("10s", "24h")]
RedialSpan = Annotated[str, _bounded("1s", "1h")]
PauseSpan = Annotated[str, _bounded("1m", "24h")]


class NotificationBlock(Section):
    """Tell the people of a roster, one after the other."""

    type: Literal["notification"] = Field(description="tell people")
    id: str | None = Field(None, description="name of this block, for jump blocks")
    roster: str = Field(description="who is told")
    profiles: tuple[str, ...] = Field(
        (),
        description="voice and message profiles told side by side; absent: each person's own contact order, "
        "voice before text",
    )
    step: StepSpan = Field(
        "5m",
        description="step timer: how long one person has before the next one is told; what happened to the "
        "call may make it sooner",
    )


class DelayBlock(Section):
    """Wait."""

    type: Literal["delay"] = Field(description="wait before the next block")
    id: str | None = Field(None, description="name of this block, for jump blocks")
    for_: Span = Field(alias="for", description='how long, such as "30s", "5m" or "1h"')


class JumpBlock(Section):
    """Go on at another block."""

    type: Literal["jump"] = Field(description="go on at another block")
    id: str | None = Field(None, description="name of this block, for jump blocks")
    to: str = Field(description="id of the block to go on at")
    times: PositiveInt = Field(1, description="how often; then the run goes on behind this block")


Block = Annotated[NotificationBlock | DelayBlock | JumpBlock, Field(discriminator="type")]


class PipelineSection(Section):
    """What happens to an alarm from its activation until somebody has taken it over."""

    drop_out: tuple[Literal["acknowledged", "cleared", "shelved"], ...] = Field(
        ("acknowledged", "cleared", "shelved"),
        description="what ends the pipeline for an alarm; shelving lets it pause until the shelving is over",
    )
    start_over: PauseSpan = Field(
        "1h",
        description="after the last block, if nobody has acknowledged: the last resort is called, and after "
        "this time the pipeline begins anew",
    )
    blocks: tuple[Block, ...] = Field((), description="what happens, in order")


class OutcomeSection(Section):
    """What follows when telling a person has ended in a certain way; keys left out stay as they are.

    The table is `[outcomes.PRIORITY.OUTCOME]`, where PRIORITY is `default` or the name of a priority, which
    goes before it.
    """

    told: bool | None = Field(None, description="whether the person counts as told of the alarm")
    redial_times: int | None = Field(
        None, ge=0, le=10, description="how often the same number is called again in one round"
    )
    redial_after: RedialSpan | None = Field(None, description='how long after, such as "45s"')
    text: bool | None = Field(None, description="whether the person gets a text at the first miss")
    other_numbers: bool | None = Field(
        None, description="whether the person's further numbers are tried before anybody else is told"
    )
    again_after: Annotated[str, AfterValidator(_again)] | None = Field(
        None,
        description='the person is called once more after this time while others are told: "3m", "half-step" '
        '(half the step timer) or "never"',
    )
    next: Literal["now", "after-step"] | None = Field(
        None, description="when the next person is told: at once, or after the step timer"
    )
    admin: bool | None = Field(None, description="whether whoever looks after the system is told of it")

    def changes(self) -> dict[str, Any]:
        """Give what this section changes, by the names and in the units of `outcomes.Rule`."""
        given = self.model_dump(exclude_none=True, exclude={"redial_after", "again_after"})
        if self.redial_after is not None:
            given["redial_ms"] = milliseconds(self.redial_after)
        if self.again_after is not None:
            again = self.again_after
            given["again_ms"] = (
                None if again == "never" else again if again == "half-step" else milliseconds(again)
            )
        return given


PriorityOrDefault = Literal["default", "Diagnostic", "Low", "Medium", "High", "Critical"]
EditableOutcome = Literal[
    "acked", "partly-acked", "notified-no-ack", "passed", "answered-silent", "hung-up", "pin-failed",
    "locked", "voicemail", "fax", "busy", "no-answer", "failed-number", "failed-provider", "delivered",
    "undelivered", "no-receipt",
]  # fmt: skip
OutcomeSections = dict[PriorityOrDefault, dict[EditableOutcome, OutcomeSection]]
"""The type of the configuration's `outcomes`: by priority, by outcome."""
