"""What one configuration says about runs: its plans, whom they reach, and what outcomes lead to.

Replaced as a whole when the configuration changes; runs under way keep the plan they began with.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from tocsin.pipelines.compiling import plan_of
from tocsin.pipelines.outcomes import Outcomes
from tocsin.pipelines.plan import BUILT_IN, Plan, fingerprint
from tocsin.pipelines.world import Reach

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.alarms.sections import AlarmSection
    from tocsin.people import Directory
    from tocsin.pipelines.run import Alarm, Hook
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
    hooks: Mapping[Hook, Mapping[str, str]] = field(default_factory=dict)

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
        alarms: Mapping[str, AlarmSection] | None = None,
    ) -> Self:
        """Make the routing of sections that passed their checks.

        `voice` and `messages` are the names of the notification profiles in the order in which they stand;
        the first of each is the usual one. `alarms` are the rules by path, for the pipelines that tell of
        clearing and acknowledging.
        """
        rules = alarms or {}
        plans = {name: plan_of(section, name, pipelines) for name, section in pipelines.items()}
        return cls(
            Reach(directory, timezone, voice, messages, Outcomes(outcomes)),
            {name: Named(name, fingerprint(plan), plan) for name, plan in plans.items()},
            {
                "clear": {path: rule.clear_pipeline for path, rule in rules.items() if rule.clear_pipeline},
                "ack": {path: rule.ack_pipeline for path, rule in rules.items() if rule.ack_pipeline},
            },
        )

    def hook(self, alarm: Alarm, hook: Hook) -> str | None:
        """Give the pipeline that tells of what happened to an alarm, by its path, or by path and name."""
        named = self.hooks.get(hook, {})
        found = named.get(alarm.path) or named.get(f"{alarm.path}/{alarm.name}")
        return found if found in self.pipelines else None

    def named(self, pipeline: str | None) -> Named:
        """Give the plan of an alarm; the built-in one where its pipeline is not named or not there."""
        return self.pipelines.get(pipeline or "", _BUILT_IN)
