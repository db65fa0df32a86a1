"""The scratch sheet of one decision: what is known, what is to change, and the decision made of both.

Which changes are made is decided in `advance`, `notification` and `safety`; nothing outlives the decision.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec

from tocsin.alarms.episode import PRIORITIES
from tocsin.pipelines import expressions, facts
from tocsin.pipelines.run import (
    ACTIVE,
    Decision,
    NobodyReached,
    Notify,
    Pass,
    Passed,
    Position,
    Record,
    listed,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.pipelines.outcomes import Rule
    from tocsin.pipelines.plan import Plan, Target
    from tocsin.pipelines.run import Effect, Event, RunState, Waiting, Withdrawal
    from tocsin.pipelines.world import Way, World

_URGENCY: dict[str, int] = {
    priority: len(PRIORITIES) - 1 - number for number, priority in enumerate(PRIORITIES)
}


def urgency(priority: str) -> int:
    """Give a run's place in the queue by its alarm's priority: 0 for Critical, 4 for Diagnostic."""
    return _URGENCY.get(priority, 0)


def opened(position: Mapping[str, Any] | Position) -> Position:
    """Give a position of one's own to write on; raises msgspec.ValidationError where it is none."""
    given = msgspec.to_builtins(position) if isinstance(position, Position) else position
    return msgspec.convert(given, Position)


def afresh(seen: Position) -> Position:
    """Give a position at the beginning of a plan; what has been taken account of stays so."""
    return Position(
        through=seen.through,
        beyond=seen.beyond,
        floor=max([seen.through, *seen.beyond]),
        series=seen.series + 1,
        spawned=seen.spawned,
        spared=seen.spared,
    )


class Turn:
    """One run, one event, and what is made of them."""

    __slots__ = (
        "about", "alarm", "because", "changed", "due_ms", "effects", "event", "now_ms", "plan", "position",
        "reason", "records", "run", "world",
    )  # fmt: skip

    def __init__(self, run: RunState, plan: Plan, event: Event, world: World, now_ms: int) -> None:
        self.run = run
        self.plan = plan
        self.event = event
        self.alarm = event.alarm
        self.world = world
        self.now_ms = now_ms
        self.position = opened(run.position)
        self.due_ms = run.due_ms
        self.reason = run.waiting
        self.because = ""
        self.about = ""
        self.effects: list[Effect] = []
        self.records: list[Record] = []
        self.changed = False

    @property
    def root(self) -> bool:
        """Whether nobody waits for this run, so that it answers for the alarm being told."""
        return self.run.parent is None and self.run.hook == ACTIVE

    @property
    def due(self) -> bool:
        """Whether the moment the run waits for has come."""
        return self.due_ms is not None and self.now_ms >= self.due_ms

    def rule(self, outcome: str | None) -> Rule:
        """Give the row of the outcome table that applies."""
        return self.world.outcomes.rule(self.alarm.priority, outcome)

    def wait(self, kind: Waiting, due_ms: int, reason: str) -> None:
        """Let the run wait until `due_ms`, for the reason given."""
        self.position.waiting = kind
        self.position.since_ms = self.now_ms
        self.due_ms = due_ms
        self.reason = reason
        self.changed = True

    def go(self, target: Target | None) -> None:
        """Go on there; None: at the block behind this one."""
        position = self.position
        if target is None:
            position.block += 1
            return
        if target.call:
            position.back.append(position.block + 1)
        position.block = target.to
        position.over = True

    def worked_out(self, expression: str) -> Any:
        """Give the value of an expression; one that comes to nothing is put on record and gives None."""
        try:
            return expressions.evaluate(expression, facts.values(self))
        except (expressions.ExpressionFailed, expressions.ExpressionRefused) as error:
            self.record("expression-failed", why=str(error))
            return None

    def gate(self, index: int) -> str:
        """Give the name under which a block keeps count over all alarms of its pipeline."""
        return f"{self.run.pipeline or 'built-in'}/{self.plan.name(index)}"

    def passes(self, gate: str) -> list[Pass]:
        """Give who goes or went through a gate."""
        return [Pass(*one) for one in self.event.passes.get(gate, ())]

    def let_through(self, gate: str, at_ms: int) -> None:
        """Put on record that this alarm goes through a gate."""
        self.effects.append(Passed(gate, at_ms, urgency(self.alarm.priority)))
        self.changed = True

    def nobody_reached(self, told: Sequence[str], why: str) -> None:
        """Say that nobody was reached, which is for the run to say that answers for the alarm."""
        if self.root:
            self.effects.append(NobodyReached(tuple(told), why))
            done: dict[str, Any] = {"acknowledged": list(self.alarm.ackers)} if self.alarm.ackers else {}
            self.record("nobody-reached", why=why, told=list(told), **done)

    def notify(self, person: str, way: Way, *, after_ms: int = 0) -> None:
        """Ask for a person to be told."""
        self.effects.append(Notify(person, way.channel, way.profile, way.number, self.now_ms + after_ms))
        self.changed = True

    def record(self, kind: str, person: str | None = None, **data: Any) -> None:
        """Put a line on record."""
        place = {"run": self.run.id, "block": self.plan.name(self.position.block)}
        self.records.append(Record(f"run.{kind}", person, place | data))
        self.changed = True

    def in_progress(self, person: str, channel: str) -> bool:
        """Whether somebody is already trying to tell the person over the channel."""
        return any(
            one.person == person
            and one.channel == channel
            and one.state != "done"
            and (one.due_ms is None or one.due_ms <= self.now_ms)
            for one in self.event.family or self.event.notices
        )

    def step_over(self, about: str, because: str) -> None:
        """End the turn of a person, for a reason; whoever comes next is looked for afterwards.

        The reason names nobody, so that it can stay on record when a person is forgotten.
        """
        self.position.step = None
        self.about, self.because = about, because
        self.changed = True

    def start_over(self) -> None:
        """Put the position back to the beginning of the plan; what has been taken account of stays so."""
        self.position = afresh(self.position)
        self.position.floor = max((one.id for one in self.event.family or self.event.notices), default=0)

    # --- the decision -----------------------------------------------------------------------------------

    def go_on(self, *, withdraw: Withdrawal = "") -> Decision:
        """Decide that the run goes on and waits until `due_ms`."""
        run = self.run
        after = replace(
            run,
            position=self.position,
            due_ms=self.due_ms,
            waiting=self.reason,
            priority=urgency(self.alarm.priority),
            version=run.version + 1,
        )
        return Decision(
            after,
            tuple(self.effects),
            self.due_ms,
            self.reason,
            tuple(self.records),
            withdraw,
            self.changed or after.priority != run.priority,
            more_urgent=after.priority < run.priority,
        )

    def end(self, why: str, *, by: Sequence[str] = (), withdraw: Withdrawal = "") -> Decision:
        """Decide that the run has ended; `by` names who is behind it, in a sentence behind `why`."""
        run = self.run
        self.record("ended", *by[:1], why=why)
        why = f"{why} by {listed(by)}" if by else why
        after = replace(
            run,
            position=self.position,
            state="ended",
            due_ms=None,
            waiting="",
            ended_ms=self.now_ms,
            ended_why=why,
            version=run.version + 1,
        )
        return Decision(after, tuple(self.effects), None, why, tuple(self.records), withdraw)
