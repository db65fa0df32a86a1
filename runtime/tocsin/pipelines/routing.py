"""What one configuration says about runs: its plans, whom they reach, and what outcomes lead to.

Replaced as a whole when the configuration changes; runs under way keep the plan they began with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import BUILT_IN, Plan, fingerprint, plan_of
from tocsin.pipelines.world import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.people import Directory
    from tocsin.pipelines.section import OutcomeSection, PipelineSection


@dataclass(frozen=True, slots=True)
class Named:
    """A plan under the name of its pipeline ("" is the built-in one) and its hash."""

    pipeline: str
    hash: str
    plan: Plan


_BUILT_IN = Named("", fingerprint(BUILT_IN), BUILT_IN)


@dataclass(frozen=True, slots=True)
class Routing:
    """The pipelines in force, by name, and whom they can reach."""

    reach: Reach
    pipelines: Mapping[str, Named] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        *,
        pipelines: Mapping[str, PipelineSection],
        outcomes: Mapping[str, Mapping[str, OutcomeSection]],
        directory: Directory,
        timezone: str,
        voice: tuple[str, ...],
        messages: tuple[str, ...],
    ) -> Self:
        """Make the routing of sections that passed their checks.

        `voice` and `messages` are the names of the notification profiles in the order in which they stand;
        the first of each is the usual one.
        """
        plans = {name: plan_of(section) for name, section in pipelines.items()}
        return cls(
            Reach(directory, timezone, voice, messages, Outcomes(outcomes)),
            {name: Named(name, fingerprint(plan), plan) for name, plan in plans.items()},
        )

    def named(self, pipeline: str | None) -> Named:
        """Give the plan of an alarm; the built-in one where its pipeline is not named or not there."""
        return self.pipelines.get(pipeline or "", _BUILT_IN)
