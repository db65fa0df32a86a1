"""What must hold within pipelines and within the outcome table, beyond what each key says alone. Pure.

Each check is a function that yields faults; which place and which remedy they name is half of their worth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.config import Fault
from tocsin.pipelines.checking import contents, ways
from tocsin.pipelines.flow import Flow
from tocsin.pipelines.outcomes import Outcomes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.pipelines.checking.contents import Known
    from tocsin.pipelines.section import OutcomeSection, PipelineSection


def crosscheck(
    pipelines: Mapping[str, PipelineSection],
    outcomes: Mapping[str, Mapping[str, OutcomeSection]],
    known: Known | None = None,
) -> list[Fault]:
    """List what is wrong with pipelines and outcomes; paths begin with the top-level table's name.

    `known`: what else the configuration names; without it, rosters and profiles are taken as they come.
    """
    return [
        *(fault for name in pipelines for fault in _pipeline(name, pipelines, known)),
        *_unused_redials(outcomes),
    ]


def _pipeline(name: str, pipelines: Mapping[str, PipelineSection], known: Known | None) -> Iterator[Fault]:
    flow = Flow(name, pipelines[name])
    yield from ways.names(flow)
    yield from ways.jumps(flow, pipelines)
    yield from ways.targets(flow)
    yield from ways.circles(flow)
    yield from ways.unreachable(flow)
    yield from ways.telling_nobody(flow)
    yield from contents.expressions(flow, contents.properties(name, pipelines))
    yield from contents.cases(flow)
    if known is not None:
        yield from contents.people(flow, known)


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
