"""What must hold within a pipeline and within the outcome table, beyond what each key says alone. Pure.

That rosters and profiles exist is checked by whoever knows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.config import Fault
from tocsin.pipelines.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.pipelines.section import OutcomeSection, PipelineSection


def crosscheck(
    pipelines: Mapping[str, PipelineSection], outcomes: Mapping[str, Mapping[str, OutcomeSection]]
) -> list[Fault]:
    """List what is wrong with pipelines and outcomes; paths begin with the top-level table's name."""
    return [
        *(fault for name, pipeline in pipelines.items() for fault in _pipeline(name, pipeline)),
        *_unused_redials(outcomes),
    ]


def _pipeline(name: str, pipeline: PipelineSection) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for index, block in enumerate(pipeline.blocks):
        at = ("pipelines", name, "blocks", index)
        if block.id is not None:
            other = first.setdefault(block.id, index)
            if other != index:
                said = f'"{block.id}" is also the id of block {other + 1}; give one of them another'
                yield Fault((*at, "id"), said)
        if block.type == "jump" and block.to == block.id:
            yield Fault((*at, "to"), "jumps to itself; name the block to go on at")
    if not any(block.type == "notification" for block in pipeline.blocks):
        yield Fault(
            ("pipelines", name),
            "tells nobody, so its alarms go to the last resort at once; add a block of type "
            '"notification" with a roster',
            "warning",
        )


def _unused_redials(outcomes: Mapping[str, Mapping[str, OutcomeSection]]) -> Iterator[Fault]:
    table = Outcomes(outcomes)
    for priority, rows in outcomes.items():
        for outcome, section in rows.items():
            if section.redial_after is not None and not table.rule(priority, outcome).redial_times:
                yield Fault(
                    ("outcomes", priority, outcome, "redial_after"),
                    "has no effect, because redial_times is 0; add redial_times = 1",
                    "warning",
                )
