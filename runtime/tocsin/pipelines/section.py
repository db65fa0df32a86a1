"""The configuration section of pipelines: blocks in order, and when a run drops out.

The block types are Ignition's. What a block does when it runs has no place here.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

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


Span = Annotated[str, AfterValidator(_span)]


class NotificationBlock(Section):
    """Tell the people of a roster."""

    type: Literal["notification"] = Field(description="tell people")
    id: str | None = Field(None, description="name of this block, for jump blocks")
    roster: str = Field(description="who is told")
    profiles: tuple[str, ...] = Field(
        (),
        description="voice and message profiles told side by side; absent: each person's own contact order",
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
        ("acknowledged", "cleared", "shelved"), description="states that end the pipeline for an alarm"
    )
    blocks: tuple[Block, ...] = Field((), description="what happens, in order")
