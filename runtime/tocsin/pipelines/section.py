"""The configuration sections of pipelines: lists of blocks, when a run drops out, what outcomes lead to.

The blocks themselves stand in `block_sections`. What a block does when it runs has no place here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, Field

from tocsin.config import Section
from tocsin.pipelines.block_sections import Block, NotificationBlock, OutcomeName
from tocsin.pipelines.spans import PauseSpan, RedialSpan, Span, milliseconds

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "Block", "EditableOutcome", "OutcomeSection", "OutcomeSections", "PipelineSection", "PriorityOrDefault",
    "Span", "ackers_needed", "milliseconds",
]  # fmt: skip


def _again(text: str) -> str:
    if text in {"half-step", "never"}:
        return text
    try:
        milliseconds(text)
        return text
    except ValueError:
        raise ValueError(
            f'"{text}" is not understood; write a time span such as "3m", "half-step" or "never"'
        ) from None


class PipelineSection(Section):
    """What happens to an alarm from its activation until somebody has taken it over."""

    drop_out: tuple[Literal["acknowledged", "cleared", "shelved"], ...] = Field(
        ("acknowledged", "cleared", "shelved"),
        description="what ends the pipeline for an alarm; a shelved one always pauses until the shelving is "
        "over, whether the word stands here or not",
    )
    start_over: PauseSpan = Field(
        "1h",
        description="after the last block, if nobody has acknowledged: the last resort is called, and after "
        "this time the pipeline begins anew",
    )
    blocks: tuple[Block, ...] = Field((), description="what happens, in order")
    branches: dict[str, tuple[Block, ...]] = Field(
        default_factory=dict,
        description="further lists of blocks by name, for blocks that choose, split or repeat; at the end of "
        "a branch the run goes on behind the block that sent it there",
    )


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
EditableOutcome = OutcomeName
OutcomeSections = dict[PriorityOrDefault, dict[EditableOutcome, OutcomeSection]]
"""The type of the configuration's `outcomes`: by priority, by outcome."""


def ackers_needed(pipelines: Mapping[str, PipelineSection]) -> dict[str, int]:
    """Give how many people have to acknowledge an alarm, by pipeline, where that is more than one.

    A pipeline that is jumped to counts as well; one that is not there is somebody else's to complain of.
    """
    needed = {
        name: max((_most(pipelines[one]) for one in reached(name, pipelines) if one in pipelines), default=1)
        for name in pipelines
    }
    return {name: count for name, count in needed.items() if count > 1}


def reached(name: str, pipelines: Mapping[str, PipelineSection]) -> list[str]:
    """List the pipelines that jumps lead to, this one first, each once."""
    found = [name]
    for one in found:
        section = pipelines.get(one)
        for block in _blocks(section) if section is not None else ():
            if block.type == "jump" and block.pipeline is not None and block.pipeline not in found:
                found.append(block.pipeline)
    return found


def _most(section: PipelineSection) -> int:
    told = [block for block in _blocks(section) if isinstance(block, NotificationBlock)]
    return max((block.must_acknowledge for block in told), default=1)


def _blocks(section: PipelineSection) -> list[Block]:
    return [block for blocks in (section.blocks, *section.branches.values()) for block in blocks]
