"""From a configured pipeline to its plan: one flat list of blocks, in which names have become places. Pure.

The pipeline's own list comes first, then its branches, then the pipelines that it jumps to with theirs.
That names lead somewhere is checked in `crosscheck`; here a name that leads nowhere is a KeyError.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tocsin.pipelines import plan as plans
from tocsin.pipelines.plan import End, Plan, Target
from tocsin.pipelines.section import reached
from tocsin.pipelines.spans import milliseconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tocsin.pipelines.block_sections import Block
    from tocsin.pipelines.section import PipelineSection

MAIN: Final = ""
END: Final = "end"
"""The word for the end of a list."""


@dataclass(frozen=True, slots=True)
class _Place:
    """One list of blocks: of which pipeline and branch it is, where it begins, and what stands in it."""

    pipeline: str
    branch: str
    start: int
    blocks: Sequence[Block]

    def at(self, block_id: str) -> int:
        for offset, block in enumerate(self.blocks):
            if block.id == block_id:
                return self.start + offset
        raise KeyError(block_id)


class _Layout:
    """Where everything stands."""

    def __init__(self, name: str, section: PipelineSection, others: Mapping[str, PipelineSection]) -> None:
        self.first = name
        self.places: dict[tuple[str, str], _Place] = {}
        known = {**others, name: section}
        sections = {one: known[one] for one in reached(name, known)}
        start = 0
        for pipeline, one in sections.items():
            for branch, blocks in {MAIN: one.blocks, **one.branches}.items():
                self.places[pipeline, branch] = _Place(pipeline, branch, start, blocks)
                start += len(blocks) + 1

    def target(self, here: _Place, where: str | None) -> Target | None:
        """Find where a block's word for it leads."""
        if where is None:
            return None
        if where == END:
            return Target(here.start + len(here.blocks))
        branch = self.places.get((here.pipeline, where))
        if branch is not None:
            return Target(branch.start, call=True)
        return Target(here.at(where))

    def branch(self, here: _Place, name: str) -> int:
        return self.places[here.pipeline, name].start


def plan_of(
    section: PipelineSection, name: str = "", others: Mapping[str, PipelineSection] | None = None
) -> Plan:
    """Freeze a configured pipeline that passed `crosscheck`; `others` are those it may jump to, by name."""
    layout = _Layout(name, section, others or {})
    alone = len(layout.places) == 1
    blocks: list[plans.Block] = []
    for place in layout.places.values():
        for offset, block in enumerate(place.blocks):
            blocks.append(
                _COMPILED[block.type](block, _named(layout, place, block.id, offset), layout, place)
            )
        if not alone:
            blocks.append(End(_end_of(layout, place)))
    return Plan(tuple(blocks), section.drop_out, milliseconds(section.start_over))


def _named(layout: _Layout, place: _Place, block_id: str | None, offset: int) -> str:
    """Give the name under which people find a block; in the main list its place says enough."""
    if place.pipeline != layout.first:
        where = f"pipeline {place.pipeline}" + (f", branch {place.branch}" if place.branch else "")
        return f"{block_id or f'block {offset + 1}'} of {where}"
    if place.branch:
        return f"{block_id or f'block {offset + 1}'} of branch {place.branch}"
    return block_id or ""


def _end_of(layout: _Layout, place: _Place) -> str:
    if place.branch:
        return f"the end of branch {place.branch}"
    return "the end" if place.pipeline == layout.first else f"the end of pipeline {place.pipeline}"


def _span(text: str | None) -> int:
    return milliseconds(text) if text else 0


def _notification(block: Any, name: str, _: _Layout, __: _Place) -> plans.Block:
    return plans.Notification(
        block.roster,
        block.profiles,
        milliseconds(block.step),
        name,
        at_once=block.at_once,
        must_acknowledge=block.must_acknowledge,
        collect_ms=_span(block.collect),
        frequency_ms=_span(block.frequency),
    )


def _delay(block: Any, name: str, _: _Layout, __: _Place) -> plans.Block:
    return plans.Delay(milliseconds(block.for_), name)


def _jump(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    if block.pipeline is not None:
        return plans.Jump(layout.places[block.pipeline, MAIN].start, block.times, name, away=True)
    return plans.Jump(here.at(block.to or ""), block.times, name)


def _splitter(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    return plans.Splitter(tuple(layout.branch(here, one) for one in block.branches), name)


def _parallel(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    return plans.Parallel(tuple(layout.branch(here, one) for one in block.branches), block.until, name)


def _switch(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    cases = {value: found for value, to in block.cases.items() if (found := layout.target(here, to))}
    return plans.Switch(block.on, cases, layout.target(here, block.default), name)


def _expression(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    then, otherwise = layout.target(here, block.then), layout.target(here, block.else_)
    return plans.Expression(block.expression, then, otherwise, name)


def _set_property(block: Any, name: str, _: _Layout, __: _Place) -> plans.Block:
    return plans.SetProperty(block.property, block.value, name)


def _script(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    failed = layout.target(here, block.failed)
    return plans.Script(block.script, failed, milliseconds(block.deadline), name)


def _retry(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    branch = layout.branch(here, block.branch)
    return plans.Retry(branch, block.times, _span(block.every), block.until or "", name)


def _wait_for_outcome(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    then, otherwise = layout.target(here, block.then), layout.target(here, block.else_)
    return plans.WaitForOutcome(milliseconds(block.for_), block.outcomes, block.people, then, otherwise, name)


def _rate_gate(block: Any, name: str, layout: _Layout, here: _Place) -> plans.Block:
    otherwise = layout.target(here, block.else_)
    return plans.RateGate(block.at_most, milliseconds(block.within), otherwise, block.bypass, name)


_COMPILED: Final[dict[str, Callable[[Any, str, _Layout, _Place], plans.Block]]] = {
    "notification": _notification,
    "delay": _delay,
    "jump": _jump,
    "splitter": _splitter,
    "parallel": _parallel,
    "switch": _switch,
    "expression": _expression,
    "set-property": _set_property,
    "script": _script,
    "retry": _retry,
    "wait-for-outcome": _wait_for_outcome,
    "rate-gate": _rate_gate,
}
