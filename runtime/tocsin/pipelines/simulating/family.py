"""The runs of one alarm in a simulation: the first, its branches, and what passed which gate.

They are begun, stopped and woken as `branching` and `writing` do it in a gateway's tables.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.pipelines.plan import fingerprint
from tocsin.pipelines.run import (
    ACTIVE,
    Event,
    Pass,
    Passed,
    Position,
    Record,
    RunState,
    Spawn,
    Stop,
    branch_of,
)
from tocsin.pipelines.turn import urgency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.routing import Named
    from tocsin.pipelines.run import Alarm, Decision, Hook
    from tocsin.pipelines.simulating.agenda import Agenda
    from tocsin.pipelines.simulating.exchange import Exchange


class Family:
    """Every run of one alarm by its id; `root` is the one that answers for it."""

    def __init__(self, alarm: Alarm, plan: Plan, pipeline: str, start_ms: int, agenda: Agenda) -> None:
        self._agenda = agenda
        self.root = f"{alarm.id}.active"
        first = RunState(
            self.root, alarm.id, pipeline, fingerprint(plan), start_ms, due_ms=start_ms,
            waiting="has just begun", priority=urgency(alarm.priority),
        )  # fmt: skip
        self.runs = {self.root: first}
        self._plans = {first.plan: plan}
        self._passes: dict[str, list[Pass]] = {}
        agenda.put("run", self.root, start_ms)

    def plan(self, run: RunState) -> Plan:
        """Give the plan that a run follows."""
        return self._plans[run.plan]

    def begin_hook(self, hook: Hook, alarm: Alarm, named: Named, now_ms: int) -> None:
        """Begin the run that tells of what became of the alarm."""
        self._plans[named.hash] = named.plan
        key = f"{alarm.id}.{hook}"
        self.runs[key] = RunState(
            key, alarm.id, named.pipeline, named.hash, now_ms, hook=hook, due_ms=now_ms,
            waiting="has just begun", priority=urgency(alarm.priority),
        )  # fmt: skip
        self._agenda.put("run", key, now_ms)

    def running(self) -> list[RunState]:
        """Give the runs that have not ended, in the order in which they are decided upon."""
        found = [run for run in self.runs.values() if run.state == "running"]
        return sorted(found, key=lambda run: (run.priority, run.started_ms, run.id))

    def woken(self, run_id: str, now_ms: int) -> None:
        """Have a run look at its notices now, if it still runs, and the branches there are.

        A branch may wait for what comes of another.
        """
        for run in self.runs.values():
            if run.state == "running" and (run.id == run_id or run.parent is not None):
                self._agenda.put("run", run.id, now_ms)

    def event(self, run: RunState, alarm: Alarm, exchange: Exchange, now_ms: int) -> Event:
        """Give what has come to pass for a run."""
        event = Event(alarm, exchange.tellings(run.id, now_ms), passes=self._passes, scripts=True)
        position = run.position
        spawned = position.spawned if isinstance(position, Position) else position.get("spawned")
        if run.hook != ACTIVE or (run.parent is None and not spawned):
            return event
        tellings = sorted(one for member in self.runs for one in exchange.tellings(member, now_ms))
        running = frozenset(key for key, one in self.runs.items() if one.state == "running")
        return replace(event, family=tuple(tellings), running=running)

    def changed(self, decision: Decision) -> None:
        """Take a decision's new state, and who goes through a gate by it."""
        self.runs[decision.run.id] = decision.run
        for effect in decision.effects:
            if isinstance(effect, Passed):
                self._passes.setdefault(effect.gate, []).append(Pass(effect.at_ms, effect.urgency))

    def side_by_side(self, decisions: Sequence[Decision], exchange: Exchange, now_ms: int) -> list[Record]:
        """Stop and begin branches, wake the parents of those that ended; give the words for the journal."""
        records: list[Record] = []
        for decision in decisions:
            for effect in decision.effects:
                if isinstance(effect, Spawn):
                    self._spawn(decision.run, effect, now_ms)
        # Then those that stop: what a stopped branch has just begun stops with it.
        for effect in (effect for one in decisions for effect in one.effects):
            if isinstance(effect, Stop):
                records += self._stop(effect, exchange, now_ms)
        ended = {one.run.id for one in decisions if one.run.state == "ended"}
        for one in decisions:
            parent = one.run.parent
            if one.run.id in ended and parent is not None and parent not in ended:
                self._agenda.put("parent", parent, now_ms)
        return records

    def _spawn(self, parent: RunState, spawn: Spawn, now_ms: int) -> None:
        before = self.runs.get(spawn.id)
        fresh = branch_of(parent, spawn, now_ms)
        self.runs[spawn.id] = fresh if before is None else replace(fresh, version=before.version + 1)
        self._agenda.put("run", spawn.id, now_ms)

    def _stop(self, stop: Stop, exchange: Exchange, now_ms: int) -> list[Record]:
        ending = [
            run for run in self.running()
            if any(run.id == one or run.id.startswith(f"{one}.") for one in stop.ids)
        ]  # fmt: skip
        for run in ending:
            self.runs[run.id] = replace(
                run, state="ended", due_ms=None, waiting="", ended_ms=now_ms, ended_why=stop.why,
                version=run.version + 1,
            )  # fmt: skip
            self._agenda.drop("run", run.id)
            exchange.stop(run.id, now_ms)
        return [Record("run.branch-stopped", None, {"run": run.id, "why": stop.why}) for run in ending]
