"""The question "who would be told, how and when?", put to one configuration and answered in plain words.

Pure: what is asked, and the numbers that are left out now, come in; the answer is plain data for a terminal,
the API or a program. Numbers in it are masked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from tocsin.alarms.episode import AlarmEvent
from tocsin.alarms.rules import Rules, raised
from tocsin.pipelines.run import Alarm
from tocsin.pipelines.simulating.answering import Running, read_answers, script_blocks
from tocsin.pipelines.simulating.endings import read_choices
from tocsin.pipelines.simulating.simulation import simulate
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tocsin.alarms import Episode
    from tocsin.pipelines.routing import Named, Routing
    from tocsin.pipelines.run import Answer, AskScript, Hook
    from tocsin.pipelines.simulating.lines import Lines
    from tocsin.pipelines.simulating.simulation import Simulated
    from tocsin.pipelines.simulating.steps import Step
    from tocsin.pipelines.world import Unusable, World

RunScript: TypeAlias = "Callable[[AskScript, Episode], Answer]"

LONGEST_MS: Final = 24 * 3_600_000
"""So far at most an alarm is followed; by then a pipeline that nobody answers has long begun anew."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Asked:
    """An alarm that goes active at `at_ms` (ms UTC); `outcomes` like "maria=no-answer" or "jon=busy,acked".

    `unusable` are the numbers left out at that time. `answers` state what scripts answer, like
    "choose.crew=electric". `on`: not only to the last resort, but for a day.
    """

    path: str
    at_ms: int
    outcomes: tuple[str, ...] = ()
    priority: str | None = None
    unusable: Unusable = field(default_factory=dict)
    answers: tuple[str, ...] = ()
    on: bool = False


@dataclass(frozen=True, slots=True)
class WhatIf:
    """One configuration, ready to be asked."""

    routing: Routing
    lines: Lines
    rules: Rules
    run_script: RunScript | None = None
    """Runs a pipeline's script as things are now; called on the thread that asks."""

    def answer(self, asked: Asked) -> dict[str, Any]:
        """Play the alarm through and tell it; raises OutcomeUnknown."""
        fresh, warnings = self._alarm(asked)
        alarm = Alarm(*(getattr(fresh, name) for name in Alarm._fields))
        named = self.routing.named(alarm.pipeline)
        reach = self.routing.reach
        stated = read_answers(asked.answers, named.plan)
        run = self.run_script
        answers = stated if run is None else Running(stated, lambda asks: run(asks, fresh))
        how = "nothing here runs it, so it counts as failed" if run is None else "it is run as things are now"
        warnings += [
            f"{block} asks {script}: {how}. State its answer, such as {block}.PROPERTY=VALUE"
            for block, script in script_blocks(named.plan).items()
            if block not in stated.values
        ]
        chosen = read_choices(asked.outcomes, people=tuple(reach.directory.users), ring_ms=self.lines.ring_ms)

        def world_at(now_ms: int, unusable: Unusable) -> World:
            before = {way: one for way, one in asked.unusable.items() if _still(one, now_ms)}
            return reach.at(now_ms, {**before, **unusable})

        played = simulate(
            named.plan, alarm, world_at, chosen, asked.at_ms, asked.at_ms + LONGEST_MS,
            lines=self.lines, pipeline=named.pipeline, once=not asked.on, hooks=self.hook,
            answers=answers,
        )  # fmt: skip
        return self._told(asked, alarm, played, named.pipeline, warnings)

    def hook(self, alarm: Alarm, hook: Hook) -> Named | None:
        """Give the pipeline that tells of what becomes of an alarm."""
        found = self.routing.hook(alarm, hook)
        return None if found is None else self.routing.named(found)

    def _alarm(self, asked: Asked) -> tuple[Episode, list[str]]:
        """Give the episode the alarm would have, and what is doubtful about it."""
        event = AlarmEvent(path=asked.path, state="active", priority=asked.priority)
        active, warnings = raised(event, self.rules, episode_id="what-if", now_ms=asked.at_ms)
        fresh = active.fresh
        found = list(warnings)
        if self.rules.rule(fresh.path, fresh.name) is None:
            found.append(f"no rule is configured for {fresh.path}; priority {fresh.priority} was taken")
        return fresh, found

    def _told(
        self, asked: Asked, alarm: Alarm, played: Simulated, pipeline: str, warnings: Sequence[str]
    ) -> dict[str, Any]:
        zone = ZoneInfo(self.routing.reach.timezone)
        return {
            "alarm": alarm.path,
            "priority": alarm.priority,
            "pipeline": pipeline or "built-in",
            "at_ms": asked.at_ms,
            "at": _local(asked.at_ms, zone),
            "timezone": self.routing.reach.timezone,
            "outcomes": list(asked.outcomes),
            "warnings": list(warnings),
            "steps": [self._step(one, asked.at_ms, zone) for one in played.steps],
            "ended": played.ended,
            "last_resort_ms": played.last_resort_ms,
        }

    def _step(self, step: Step, since_ms: int, zone: ZoneInfo) -> dict[str, Any]:
        user = self.routing.reach.directory.users.get(step.person)
        name = user.name if user is not None else step.person
        return {
            "at_ms": step.at_ms,
            "at": _local(step.at_ms, zone),
            "after_ms": step.at_ms - since_ms,
            "kind": step.kind,
            "text": said(step, name),
            "why": "" if step.kind in _SAID_IN_FULL else step.why,
            "person": step.person,
            "channel": step.channel,
            "profile": step.profile,
            "number": masked(step.number) if step.number else "",
            "outcome": step.outcome,
            "block": step.block,
        }


_SAID_IN_FULL: Final = frozenset({"waits", "script", "answer", "last-resort", "ends", "admin"})


def said(step: Step, name: str) -> str:
    """Say a step in one sentence without its reason; `name` is that of its person."""
    outcome = step.outcome.replace("-", " ")
    by_text = step.channel == "sms"
    sentences = {
        "begins": f"pipeline {step.why} begins",
        "call": f"call {name}",
        "text": f"text {name}",
        "outcome": f"{name}: {'text ' if by_text else ''}{outcome}",
        "held": f"{name} is not {'texted' if by_text else 'called'} yet",
        "left-out": f"{name} is not told",
        "nobody-on-call": f"{step.block or 'the block'} has nobody to tell",
        "waits": step.why,
        "last-resort": step.why if "last resort" in step.why else f"{step.why}; the last resort is called",
        "acknowledged": f"{name} acknowledges",
        "passed-on": f"{name} passes it on",
        "admin": f"whoever looks after the system is told: {name}, {outcome}",
        "script": step.why,
        "answer": step.why,
        "ends": f"the end: {step.why}",
    }
    return sentences.get(step.kind, step.why)


def _still(state: object, now_ms: int) -> bool:
    until_ms = getattr(state, "until_ms", None)
    return until_ms is None or until_ms > now_ms


def _local(at_ms: int, zone: ZoneInfo) -> str:
    """Give a moment on the plant's wall clock, with its offset from UTC."""
    return (_EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).isoformat(timespec="seconds")
