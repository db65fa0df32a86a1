"""What a run falls back to where its plan cannot be followed: tell everybody, say so, and try again. Pure.

A fault in a plan, a position or a block must end in somebody being told, never in a run that stands still.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec

from tocsin.pipelines.plan import BUILT_IN, Notification
from tocsin.pipelines.run import Decision, NobodyReached, Position, Record
from tocsin.pipelines.turn import Turn, opened, urgency

if TYPE_CHECKING:
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.run import Event, RunState
    from tocsin.pipelines.world import World

AGAIN_MS: Final = 10 * 60_000


def tell_everybody(turn: Turn, why: str) -> Decision:
    """Tell everybody on the plan's rosters side by side, and again every ten minutes.

    From the second time on, or where there is nobody, the last resort is called as well.
    """
    again = turn.position.waiting == "everybody"
    turn.start_over()
    rosters = dict.fromkeys(
        block.roster for block in turn.plan.blocks if isinstance(block, Notification)
    ) or {None: None}
    people = dict.fromkeys(person for roster in rosters for person in turn.world.on_call(roster).people)
    told = []
    for person in people:
        if person in turn.alarm.ackers:
            continue
        ways = turn.world.ways(person, (), priority=turn.alarm.priority)
        for way in dict.fromkeys((*ways.first, *ways.texts[:1])):
            if not turn.in_progress(person, way.channel):
                turn.notify(person, way)
            told.append(person)
    turn.record("everybody", people=list(dict.fromkeys(told)), why=why)
    if again or not told:
        turn.nobody_reached((), why)
    turn.wait("everybody", turn.now_ms + AGAIN_MS, f"{why}; everybody on call is told, again every 10 min")
    return turn.go_on()


def in_place_of(
    run: RunState, plan: Plan | None, event: Event, world: World, now_ms: int, *, fault: str
) -> Decision:
    """Decide for a run that `advance` could not decide on; `fault` is what went wrong there."""
    turn = Turn(_sound(run), plan or BUILT_IN, event, world, now_ms)
    over = _over(turn)
    if over is not None:
        return over
    if turn.position.waiting == "everybody" and not turn.due:
        return turn.go_on()  # they are being told; each word of how that goes is no reason to begin again
    turn.record("failed", fault=fault)
    return tell_everybody(turn, "the pipeline failed")


def _over(turn: Turn) -> Decision | None:
    """Decide that the run ends where somebody has taken over, or nothing is left to tell."""
    alarm = turn.alarm
    if alarm.acknowledged:
        by = alarm.acked_by or str(alarm.acked_via)
        return turn.end("acknowledged", by=(by,), withdraw="cancelled-by-ack")
    if alarm.state == "cleared":
        return turn.end("the alarm has cleared", withdraw="cancelled-by-clear")
    return None


def last_stand(run: RunState, event: Event, now_ms: int, *, fault: str) -> Decision:
    """Decide where nothing else can be done: call the last resort now, and look again in a minute.

    A run whose alarm needs nobody any more ends; what is on its way for it is left alone.
    """
    if event.alarm.acknowledged or event.alarm.state == "cleared":
        ended = replace(
            run, state="ended", due_ms=None, waiting="", ended_ms=now_ms, version=run.version + 1,
            ended_why="the alarm needs nobody any more, but the pipeline failed",
        )  # fmt: skip
        record = Record("run.ended", None, {"run": run.id, "why": ended.ended_why, "fault": fault})
        return Decision(ended, (), None, ended.ended_why, (record,))
    after = replace(
        run,
        position=Position(waiting="breather"),
        due_ms=now_ms + 60_000,
        waiting="the pipeline failed and nobody on call could be worked out; the last resort is called",
        priority=urgency(event.alarm.priority),
        version=run.version + 1,
    )
    why = f"the pipeline failed: {fault}"
    records = (
        Record("run.failed", None, {"run": run.id, "fault": fault}),
        Record("run.nobody-reached", None, {"run": run.id, "why": why}),
    )
    return Decision(after, (NobodyReached((), why),), after.due_ms, after.waiting, records)


def _sound(run: RunState) -> RunState:
    """Give the run with a position that can be read, whatever stands in its row."""
    try:
        opened(run.position)
    except msgspec.ValidationError:
        # What was taken account of is lost with it: nothing is settled twice while everybody is told.
        return replace(run, position=Position())
    return run
