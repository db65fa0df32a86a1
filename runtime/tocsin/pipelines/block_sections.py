"""The blocks of a pipeline as a project configures them. What a block does when it runs has no place here.

Notification, delay, splitter, switch, expression, set-property, jump and script are Ignition's; parallel,
retry, wait-for-outcome and rate-gate are not.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from tocsin.config import Section
from tocsin.pipelines.spans import CollectSpan, DeadlineSpan, Span, StepSpan, WindowSpan

OutcomeName = Literal[
    "acked", "partly-acked", "notified-no-ack", "passed", "answered-silent", "hung-up", "pin-failed",
    "locked", "voicemail", "fax", "busy", "no-answer", "failed-number", "failed-provider", "delivered",
    "undelivered", "no-receipt",
]  # fmt: skip
PriorityName = Literal["Diagnostic", "Low", "Medium", "High", "Critical"]
Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,39}$")]
Where = Annotated[str, Field(min_length=1)]
"""Where to go on: a branch, the id of a block in the same list, or "end"."""

_WHERE = 'a branch, the id of a block in the same list, or "end"; absent: the next block'


class _Block(Section):
    id: str | None = Field(None, description="name of this block, for jumps and in what is shown of a run")


class NotificationBlock(_Block):
    """Tell the people of a roster."""

    type: Literal["notification"] = Field(description="tell people")
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
    at_once: bool = Field(
        default=False,
        description="true: the whole roster is told at the same time and has the step timer together, rather "
        "than one person after the other",
    )
    must_acknowledge: PositiveInt = Field(
        1,
        description="how many people have to acknowledge before the pipeline drops out; more than one is "
        "best told at_once",
    )
    collect: CollectSpan | None = Field(
        None,
        description="consolidation: wait so long for further alarms, which are then told together; a more "
        "urgent alarm does not wait",
    )
    frequency: StepSpan | None = Field(
        None, description="consolidation: the least time between two times that this block tells people"
    )


class DelayBlock(_Block):
    """Wait."""

    type: Literal["delay"] = Field(description="wait before the next block")
    for_: Span = Field(alias="for", description='how long, such as "30s", "5m" or "1h"')


class JumpBlock(_Block):
    """Go on at another block, or in another pipeline."""

    type: Literal["jump"] = Field(description="go on at another block or in another pipeline")
    to: str | None = Field(None, description="id of the block of the same list to go on at")
    pipeline: str | None = Field(None, description="the pipeline to go on in, instead of `to`")
    times: PositiveInt = Field(1, description="how often; then the run goes on behind this block")


class SplitterBlock(_Block):
    """Carry the alarm through branches side by side, each for itself."""

    type: Literal["splitter"] = Field(description="do branches side by side, each to its own end")
    branches: tuple[str, ...] = Field(min_length=1, description="the branches; nothing comes behind them")


class ParallelBlock(_Block):
    """Do branches side by side, and go on behind them."""

    type: Literal["parallel"] = Field(description="do branches side by side, then go on")
    branches: tuple[str, ...] = Field(min_length=1, description="the branches")
    until: Literal["all", "any"] = Field(
        "all", description='"all": go on when every branch has ended; "any": when one has, the others stop'
    )


class SwitchBlock(_Block):
    """Choose by the value of an expression."""

    type: Literal["switch"] = Field(description="choose by a value")
    on: str = Field(description='an expression, such as "priority" or "day"')
    cases: dict[str, Where] = Field(description=f"by value, where to go on: {_WHERE}")
    default: Where | None = Field(None, description=f"for every other value: {_WHERE}")


class ExpressionBlock(_Block):
    """Choose by whether an expression holds."""

    type: Literal["expression"] = Field(description="choose by whether something holds")
    expression: str = Field(description='such as "priority >= High and hour < 6"')
    then: Where | None = Field(None, description=f"where it holds: {_WHERE}")
    else_: Where | None = Field(None, alias="else", description=f"where it does not: {_WHERE}")


class SetPropertyBlock(_Block):
    """Remember a value."""

    type: Literal["set-property"] = Field(description="remember a value for later blocks")
    property: Name = Field(description="its name in expressions")
    value: str = Field(description="an expression; a text stands in quotes of its own: \"'night'\"")


class ScriptBlock(_Block):
    """Have a script of the project decide."""

    type: Literal["script"] = Field(description="run a script; what it answers becomes properties")
    script: str = Field(pattern=r"^[A-Za-z0-9_-]+\.py$", description="its file name")
    sets: tuple[Name, ...] = Field((), description="the properties that it answers")
    failed: Where | None = Field(
        None, description=f"where it fails, is late, or nothing can run it: {_WHERE}"
    )
    deadline: DeadlineSpan = Field("10s", description="how long its answer is waited for")


class RetryBlock(_Block):
    """Do a branch again and again."""

    type: Literal["retry"] = Field(description="repeat a branch")
    branch: str = Field(description="the branch")
    times: PositiveInt = Field(3, description="how often at most")
    every: Span | None = Field(None, description="how long to wait between two times")
    until: str | None = Field(
        None, description='an expression that ends it sooner, such as "people_told > 0"'
    )


class WaitForOutcomeBlock(_Block):
    """Wait until somebody has been told, or whatever else is waited for."""

    type: Literal["wait-for-outcome"] = Field(description="wait until telling people has ended in some way")
    outcomes: tuple[OutcomeName, ...] = Field(
        (), description="which outcomes; absent: those that mean that a person knows"
    )
    people: PositiveInt = Field(1, description="for how many people")
    for_: Span = Field(alias="for", description="how long at most")
    then: Where | None = Field(None, description=f"once it is so: {_WHERE}")
    else_: Where | None = Field(None, alias="else", description=f"after that time: {_WHERE}")


class RateGateBlock(_Block):
    """Let only so many alarms through in a time."""

    type: Literal["rate-gate"] = Field(description="let so many alarms through in a time")
    at_most: PositiveInt = Field(description="how many alarms")
    within: WindowSpan = Field(description="in which time")
    else_: Where | None = Field(
        None,
        alias="else",
        description='for the others: a branch, the id of a block in the same list, or "end"; absent: they '
        "wait until it is their turn",
    )
    bypass: tuple[PriorityName, ...] = Field(
        ("Critical",), description="priorities that are always let through"
    )


Block = Annotated[
    NotificationBlock
    | DelayBlock
    | JumpBlock
    | SplitterBlock
    | ParallelBlock
    | SwitchBlock
    | ExpressionBlock
    | SetPropertyBlock
    | ScriptBlock
    | RetryBlock
    | WaitForOutcomeBlock
    | RateGateBlock,
    Field(discriminator="type"),
]
