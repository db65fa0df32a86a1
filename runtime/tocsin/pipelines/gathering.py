"""What decisions are made of, read from the database: notices, families of runs, passes of gates.

Hundreds of runs take a few statements; what a run does not need is not read.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from tocsin.pipelines import store
from tocsin.pipelines.plan import Notification, RateGate
from tocsin.pipelines.run import ACTIVE, Answer, Event, Pass, Passed, Position

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.run import Alarm, Decision, RunState, Telling

_NONE: Final[Mapping[str, Sequence[Pass]]] = {}


class Gathered:
    """Everything about some runs; `event` gives what one decision is made of."""

    def __init__(
        self,
        connection: Connection,
        running: Sequence[RunState],
        alarms: Mapping[str, Alarm],
        now_ms: int,
        *,
        scripts: bool = False,
    ) -> None:
        self.plans: Mapping[str, Plan] = store.plans_of(connection, {run.plan for run in running})
        self._alarms = alarms
        self._scripts = scripts
        shared = {run.episode_id for run in running if _has_family(run)}
        self._families = store.families(connection, shared) if shared else {}
        ids = {run.id for run in running} | {one for some in self._families.values() for one in some}
        self._tellings: Mapping[str, Sequence[Telling]] = store.tellings(connection, ids, now_ms)
        gated = any(_gated(plan) for plan in self.plans.values())
        self._passes = store.gate_passes(connection, now_ms) if gated else None

    def event(self, run: RunState, *, passed_on_by: str = "", answer: Answer | None = None) -> Event:
        """Give what has come to pass for a run."""
        event = Event(
            self._alarms[run.episode_id],
            self._tellings.get(run.id, ()),
            passed_on_by,
            passes=self._passes if self._passes is not None else _NONE,
            answer=answer,
            scripts=self._scripts,
        )
        family = self._families.get(run.episode_id)
        if family is None or run.hook != ACTIVE:
            return event
        tellings = sorted(one for member in family for one in self._tellings.get(member, ()))
        runs = frozenset(member for member, runs_still in family.items() if runs_still)
        return replace(event, family=tuple(tellings), running=runs)

    def decided(self, decision: Decision) -> None:
        """Let those that are decided upon next know who goes through a gate."""
        if self._passes is not None:
            for effect in decision.effects:
                if isinstance(effect, Passed):
                    one = Pass(effect.at_ms, effect.urgency)
                    self._passes.setdefault(effect.gate, []).append(one)


def _has_family(run: RunState) -> bool:
    """Whether a run has a parent, or has ever begun a branch."""
    position = run.position
    spawned = position.spawned if isinstance(position, Position) else position.get("spawned")
    return run.parent is not None or bool(spawned)


def _gated(plan: Plan) -> bool:
    return any(
        isinstance(block, RateGate)
        or (isinstance(block, Notification) and bool(block.collect_ms or block.frequency_ms))
        for block in plan.blocks
    )
