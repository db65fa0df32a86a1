"""One alarm played through: the loop over simulated time, with the pipeline's own decisions.

What is decided is decided by `advance`, exactly as in a running gateway; this module keeps what a gateway
keeps in tables, and tells what happened as steps.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tocsin.alarms.episode import PRIORITIES
from tocsin.pipelines.advance import advance
from tocsin.pipelines.plan import Notification
from tocsin.pipelines.run import AdminNotice, AskScript, NobodyReached, Notify, TakeBack
from tocsin.pipelines.safety import in_place_of
from tocsin.pipelines.simulating.agenda import Agenda
from tocsin.pipelines.simulating.answering import Answers, Stated
from tocsin.pipelines.simulating.exchange import Exchange
from tocsin.pipelines.simulating.family import Family
from tocsin.pipelines.simulating.lines import Lines
from tocsin.pipelines.simulating.steps import Step
from tocsin.pipelines.turn import opened
from tocsin.pipelines.world import Unusable, World

if TYPE_CHECKING:
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.routing import Named
    from tocsin.pipelines.run import Alarm, Answer, Decision, Hook, Record, RunState
    from tocsin.pipelines.simulating.endings import OutcomeModel
    from tocsin.pipelines.simulating.exchange import Leg, Notice
    from tocsin.pipelines.simulating.steps import StepKind

WorldAt: TypeAlias = Callable[[int, Unusable], World]
"""Who is on call and how each is reached at a moment (ms UTC), without the numbers that are unusable."""

Hooks: TypeAlias = Callable[["Alarm", "Hook"], "Named | None"]
"""The pipeline that tells of what becomes of an alarm, None where none does."""

_ACKED: Final = ("acked", "partly-acked")
"""Outcomes of calls in which the alarm may be acknowledged; the latter where others have to as well."""

_MOST_EVENTS: Final = 200_000
"""Far beyond what any alarm brings about in a day; a fault must not keep anybody waiting for ever."""


@dataclass(frozen=True, slots=True)
class Simulated:
    """What a simulation came to: steps in order, the notices and records as a gateway would have stored them.

    `last_resort_ms` is when the last resort was first called, if it was. `ended` says why the run ended, ""
    where it still goes on; `runs` are it and its branches, as they stand then. `circles`: it went in circles.
    """

    steps: tuple[Step, ...]
    notices: tuple[Notice, ...]
    records: tuple[tuple[int, Record], ...]
    last_resort_ms: int | None
    ended: str
    circles: bool
    runs: tuple[RunState, ...] = ()


def simulate(
    plan: Plan,
    alarm: Alarm,
    world_at: WorldAt,
    outcomes: OutcomeModel,
    start_ms: int,
    until_ms: int,
    *,
    lines: Lines | None = None,
    pipeline: str = "",
    once: bool = False,
    hooks: Hooks | None = None,
    answers: Answers | None = None,
) -> Simulated:
    """Play an alarm that goes active at `start_ms` through its plan, until `until_ms` or its end.

    `once`: no further than to the last resort, when the plan has been gone through once. `hooks` gives the
    pipelines that tell of an acknowledgement, `answers` what scripts answer; without it they fail.
    """
    surroundings = _Surroundings(
        world_at, outcomes, lines or Lines(), hooks or _no_hooks, answers or Stated()
    )
    return _Simulation(plan, alarm, surroundings, pipeline, start_ms).play(until_ms, once=once)


@dataclass(frozen=True, slots=True)
class _Surroundings:
    world_at: WorldAt
    outcomes: OutcomeModel
    lines: Lines
    hooks: Hooks
    answers: Answers


def _no_hooks(_: Alarm, __: Hook) -> Named | None:
    return None


class _Simulation:
    def __init__(
        self, plan: Plan, alarm: Alarm, surroundings: _Surroundings, pipeline: str, start_ms: int
    ) -> None:
        self._alarm = alarm
        self._world_at, self._hooks = surroundings.world_at, surroundings.hooks
        self._answers = surroundings.answers
        self._asked: dict[str, AskScript] = {}
        self._agenda = Agenda()
        self._family = Family(alarm, plan, pipeline, start_ms, self._agenda)
        self._exchange = Exchange(self._agenda, surroundings.lines, surroundings.outcomes, self._news)
        self._now_ms = start_ms
        self._last_resort_ms: int | None = None
        self._circles = False
        self._unheard: set[tuple[str, str]] = set()
        self._looked_at: set[tuple[int, tuple[str, ...]]] = set()
        self._steps: list[Step] = []
        self._records: list[tuple[int, Record]] = []
        self._step("begins", pipeline or "built-in")

    def play(self, until_ms: int, *, once: bool) -> Simulated:
        """Go from one due moment to the next."""
        for _ in range(_MOST_EVENTS):
            found = self._agenda.take(until_ms)
            if found is None or (once and self._last_resort_ms is not None):
                break
            kind, key, due_ms = found
            self._now_ms = max(self._now_ms, due_ms)
            if kind in {"run", "parent"}:
                self._decide({key, *self._agenda.take_all(kind, self._now_ms)})
            elif kind == "deed":
                self._deed(self._exchange.legs[key])
            elif kind == "end":
                self._end(self._exchange.legs[key])
            elif kind == "answer":
                self._answer(self._asked.pop(key), key)
            else:
                self._place(kind, key)
        return Simulated(
            tuple(self._steps),
            tuple(self._exchange.notices),
            tuple(self._records),
            self._last_resort_ms,
            self._family.runs[self._family.root].ended_why,
            self._circles,
            tuple(self._family.runs.values()),
        )

    def _step(self, kind: StepKind, why: str, **more: Any) -> None:
        self._steps.append(Step(self._now_ms, kind, why, **more))

    # --- runs ---------------------------------------------------------------------------------------------

    def _news(self, run_id: str) -> None:
        self._family.woken(run_id, self._now_ms)

    def _decision(
        self, run: RunState, world: World, passed_on_by: str = "", answer: Answer | None = None
    ) -> Decision:
        plan = self._family.plan(run)
        event = self._family.event(run, self._alarm, self._exchange, self._now_ms)
        event = replace(event, passed_on_by=passed_on_by, answer=answer)
        try:
            return advance(run, plan, event, world, self._now_ms)
        except Exception as error:  # noqa: BLE001 whatever it is, a gateway falls back as well; no need to log
            fault = f"{type(error).__name__}: {error}"
            return in_place_of(run, plan, event, world, self._now_ms, fault=fault)

    def _decide(self, run_ids: Collection[str] | None = None) -> None:
        """Decide upon these runs, or all; on all of them before anything of it is carried out."""
        world = self._world_at(self._now_ms, self._exchange.unusable(self._now_ms))
        running = [run for run in self._family.running() if run_ids is None or run.id in run_ids]
        self._carry_out([self._decision(run, world) for run in running])

    def _answer(self, asked: AskScript, run_id: str) -> None:
        """Have a run take the answer of its script, if it still waits for it."""
        run = self._family.runs[run_id]
        position = opened(run.position)
        if run.state == "running" and position.waiting == "script" and position.asked_ms == asked.asked_ms:
            world = self._world_at(self._now_ms, self._exchange.unusable(self._now_ms))
            answer = self._answers(asked)
            if answer.values is not None:
                said = ", ".join(f"{name} = {value}" for name, value in answer.values.items())
                why = f", {answer.why}" if answer.why else ""
                self._step("answer", f"{asked.script} answers {said or 'nothing'}{why}", block=asked.block)
            self._carry_out([self._decision(run, world, answer=answer)])

    def _carry_out(self, decisions: Sequence[Decision]) -> None:
        made = [one for one in decisions if one.changed]
        for decision in made:
            self._family.changed(decision)
            self._records += [(self._now_ms, record) for record in decision.records]
            self._tell(decision)
        for decision in made:
            if decision.withdraw:
                self._exchange.withdraw(decision.withdraw, self._now_ms)
            for effect in decision.effects:
                if isinstance(effect, TakeBack):
                    self._exchange.take_back(effect.ids, self._now_ms)
        stopped = self._family.side_by_side(made, self._exchange, self._now_ms)
        self._records += [(self._now_ms, record) for record in stopped]
        for decision in decisions:
            run = self._family.runs[decision.run.id]
            if run.state == "ended":
                self._agenda.drop("run", run.id)
            elif run.due_ms is not None:
                self._agenda.put("run", run.id, max(run.due_ms, self._now_ms + (not decision.changed)))

    def _tell(self, decision: Decision) -> None:
        run, reasons = decision.run, _reasons(decision)
        for record in decision.records:
            self._told_by(record, decision)
        nobody = next((one for one in decision.effects if isinstance(one, NobodyReached)), None)
        if nobody is not None:
            self._last_resort_ms = self._now_ms if self._last_resort_ms is None else self._last_resort_ms
            self._step("last-resort", decision.reason or nobody.why, run=run.id)
        for effect in decision.effects:
            if isinstance(effect, Notify):
                why = reasons.get((effect.person, effect.channel)) or reasons.get((effect.person, ""), "")
                priority = len(PRIORITIES) - 1 - run.priority
                self._exchange.notify(run.id, effect, priority, why, self._now_ms)
            elif isinstance(effect, AskScript):
                self._asked[run.id] = effect
                self._agenda.put("answer", run.id, self._now_ms)
            elif isinstance(effect, AdminNotice) and effect.person:
                self._step(
                    "admin", effect.why, person=effect.person, number=effect.number, outcome=effect.outcome
                )
        if run.state == "ended":
            self._step("ends", run.ended_why, run=run.id)

    def _told_by(self, record: Record, decision: Decision) -> None:
        data = record.data
        block = str(data.get("block", ""))
        for person, why in data.get("left_out", {}).items():
            self._leave_out(person, why, block)
        if record.kind in {"run.step", "run.crew"}:
            self._left_out(decision.run, block)
        if record.kind == "run.roster-empty":
            self._step("nobody-on-call", str(data["why"]), block=block)
        elif record.kind == "run.script-failed":
            self._step("script", f"{data['script']} has no answer: {data['why']}", block=block)
        elif record.kind == "run.waiting":
            self._step("waits", decision.reason, block=block)
        elif _position_waits(decision) == "breather":
            self._circles = True

    def _left_out(self, run: RunState, block: str) -> None:
        """Tell who is on call and is not told, also of the last ones, of whom nothing is recorded."""
        blocks, at = self._family.plan(run).blocks, opened(run.position).round_of
        telling = blocks[at] if at < len(blocks) else None
        if not isinstance(telling, Notification):
            return
        world = self._world_at(self._now_ms, self._exchange.unusable(self._now_ms))
        people = world.on_call(telling.roster).people
        if (at, people) in self._looked_at:
            return
        self._looked_at.add((at, people))
        for person in people:
            why = world.kept_out(person, self._alarm.path)
            ways = world.ways(person, telling.profiles, priority=self._alarm.priority, even_bad=True)
            if why or not ways.first:
                self._leave_out(person, why or ways.why, block)

    def _leave_out(self, person: str, why: str, block: str) -> None:
        """Tell once of each person and reason."""
        if (person, why) not in self._unheard:
            self._unheard.add((person, why))
            self._step("left-out", why, person=person, block=block)

    # --- calls and texts ----------------------------------------------------------------------------------

    def _place(self, channel: str, account: str) -> None:
        leg, held = self._exchange.turn(channel, account, self._now_ms)
        for one in held:
            self._step("held", one.why, person=one.waiting.person, channel=channel)
        if leg is not None:
            self._step(
                "call" if channel == "voice" else "text", leg.why, person=leg.person, channel=channel,
                profile=leg.profile, number=leg.number,
            )  # fmt: skip

    def _deed(self, leg: Leg) -> None:
        if leg.outcome in _ACKED and self._alarm.acked_ms is None:
            self._acknowledge(leg)
        elif leg.outcome == "passed":
            self._pass_on(leg)

    def _acknowledge(self, leg: Leg) -> None:
        """Let somebody take the alarm over; where several have to, the last of them ends it."""
        alarm, ackers = self._alarm, (*self._alarm.ackers, leg.person)
        if leg.person in alarm.ackers:
            return
        more = alarm.ackers_needed - len(ackers)
        if alarm.ackers_needed > 1:
            alarm = alarm._replace(ackers=ackers)
        if more <= 0:
            alarm = alarm._replace(acked_ms=self._now_ms, acked_by=leg.person, acked_via="voice")
        self._alarm = alarm
        why = f"{more} more must acknowledge" if more > 0 else ""
        self._step("acknowledged", why, person=leg.person, channel=leg.channel)
        self._decide()
        named = self._hooks(alarm, "ack") if more <= 0 else None
        if named is not None:
            self._step("begins", named.pipeline)
            self._family.begin_hook("ack", alarm, named, self._now_ms)

    def _pass_on(self, leg: Leg) -> None:
        """Tell the next person because this one asks for it; where there is nobody else, nothing changes."""
        world = self._world_at(self._now_ms, self._exchange.unusable(self._now_ms))
        decisions = [self._decision(run, world, leg.person) for run in self._family.running()]
        passed = [one for one in decisions if self._somebody_else(one, leg.person)]
        if passed:
            self._step("passed-on", "", person=leg.person, channel=leg.channel)
            self._carry_out(passed)
        else:
            leg.outcome = "notified-no-ack"

    def _somebody_else(self, decision: Decision, person: str) -> bool:
        tellings = self._exchange.tellings(decision.run.id, self._now_ms)
        others = [one for one in decision.effects if not isinstance(one, TakeBack)]
        asked = any(not isinstance(one, Notify) or one.person != person for one in others)
        return asked or any(one.person != person and one.state != "done" for one in tellings)

    def _end(self, leg: Leg) -> None:
        self._exchange.end(leg, self._alarm, self._now_ms)
        self._step(
            "outcome", "", person=leg.person, channel=leg.channel, profile=leg.profile, number=leg.number,
            outcome=leg.outcome,
        )  # fmt: skip


def _position_waits(decision: Decision) -> str:
    return opened(decision.run.position).waiting


def _reasons(decision: Decision) -> dict[tuple[str, str], str]:
    """Say, per person and channel ("" for any), why a decision asks for them to be told."""
    found: dict[tuple[str, str], str] = {}
    for record in decision.records:
        data, person = record.data, record.person or ""
        if record.kind == "run.step":
            because, about = data.get("because", ""), data.get("of", "")
            found[person, ""] = (f"{about}: {because}" if about else because) or "first in turn"
        elif record.kind == "run.followed-up":
            found[person, "voice"] = f"{_words(data.get('outcome'))}; {data.get('then')}"
        elif record.kind == "run.texted":
            found[person, "sms"] = f"{_words(data.get('outcome'))}; texted at the first miss"
        elif record.kind == "run.everybody":
            found |= {(one, ""): str(data.get("why")) for one in data.get("people", ())}
        elif record.kind == "run.crew":
            found |= {(one, ""): "the whole roster at once" for one in data.get("people", ())}
    return found


def _words(outcome: Any) -> str:
    return str(outcome or "no outcome").replace("-", " ")
