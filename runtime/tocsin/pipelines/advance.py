"""What a run does next. Pure: a run, its plan, what has come to pass and the world in, a decision out.

Nothing here knows a database, a clock or a telephone. The same values always give the same decision, and
every decision says why. What each block does stands in `blocks` and `notification`.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tocsin.pipelines import notification, plan, several
from tocsin.pipelines.aside import LOOK_AGAIN_MS, put_aside
from tocsin.pipelines.blocks import asking, choosing, gating, repeating, side_by_side, waiting
from tocsin.pipelines.run import ACTIVE, NobodyReached, span
from tocsin.pipelines.safety import tell_everybody
from tocsin.pipelines.turn import Turn, urgency

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tocsin.pipelines.aside import Aside
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.run import Decision, Event, RunState, Withdrawal
    from tocsin.pipelines.world import World

_MOVES: Final = 64  # blocks passed in one decision; a plan that jumps in circles breathes in between
_BREATHER_MS: Final = 60_000


def advance(run: RunState, plan: Plan, event: Event, world: World, now_ms: int) -> Decision:
    """Decide what a running run does next; `now_ms` is the present, ms UTC."""
    turn = Turn(run, plan, event, world, now_ms)
    ending = _drops_out(turn)
    if ending is not None:
        return turn.end(ending.why, by=ending.by, withdraw=ending.withdraw)
    aside = put_aside(turn.alarm, now_ms)
    if aside is not None:
        return _pause(turn, aside)
    if turn.position.owed:
        turn.effects.append(NobodyReached(tuple(turn.position.told), turn.position.owed))
        turn.position.owed = ""
        turn.changed = True
    notification.settle(turn)
    several.spare(turn)
    if turn.alarm.ack_mode == "Unused" and turn.position.told and turn.run.hook == ACTIVE:
        return turn.end(
            "needs no acknowledgement, and was heard", by=turn.position.told, withdraw="cancelled-by-ack"
        )
    step = turn.position.step
    if step is not None and event.passed_on_by == step.person:
        turn.step_over(step.person, "passed it on")
    if turn.due or turn.position.waiting == "aside":
        if turn.position.waiting == "everybody":
            return tell_everybody(turn, "nobody has acknowledged since everybody was told")
        _time_has_come(turn)
    else:
        _HEARD.get(turn.position.waiting, _nothing)(turn)
    return _walk(turn) or turn.go_on()


# --- what ends and what pauses a run ----------------------------------------------------------------------


class _Ending(NamedTuple):
    """Why a run ends, who is behind it, and the outcome of what is taken back."""

    why: str
    by: tuple[str, ...]
    withdraw: Withdrawal


def _drops_out(turn: Turn) -> _Ending | None:
    """Give how the run ends, or None where it goes on."""
    alarm, drop_out = turn.alarm, turn.plan.drop_out
    if turn.run.hook != ACTIVE:
        return None
    cleared = alarm.state == "cleared"
    if alarm.acknowledged and ("acknowledged" in drop_out or cleared):
        by = tuple(alarm.ackers) or (alarm.acked_by or str(alarm.acked_via),)
        return _Ending("acknowledged", by, "cancelled-by-ack")
    if cleared and ("cleared" in drop_out or alarm.acked_ms is not None):
        return _Ending("the alarm has cleared", (), "cancelled-by-clear")
    return None


def _pause(turn: Turn, aside: Aside) -> Decision:
    if turn.run.hook != ACTIVE:
        return turn.end(f"{aside.why} by {aside.by}")
    position = turn.position
    reason = f"{aside.why} by {aside.by}; goes on when that is over"
    said = position.waiting == "aside" and turn.reason == reason
    if said and not turn.due and aside.until_ms in {None, turn.due_ms}:
        return turn.go_on()
    if not said:
        turn.record("paused", why=aside.why, by=aside.by, until_ms=aside.until_ms)
    position.step, position.people = None, {}
    turn.wait("aside", aside.until_ms or turn.now_ms + LOOK_AGAIN_MS, reason)
    return turn.go_on(withdraw="cancelled-by-clear")


# --- what a run waits for ---------------------------------------------------------------------------------


def _nothing(_: Turn) -> None:
    """Have nothing to do: what is waited for is the time alone, or the walk does the rest."""


def _crew_heard(turn: Turn) -> None:
    if notification.crew_heard(turn):
        turn.position.waiting = ""
        turn.because = f"nobody {'else ' if turn.alarm.ackers else ''}of them was reached"


def _more_urgent(turn: Turn) -> None:
    """Enter the block anew where the alarm has become more urgent: it may not have to wait any more."""
    if urgency(turn.alarm.priority) < turn.run.priority:
        turn.position.waiting = ""


def _resumed(turn: Turn) -> None:
    turn.record("resumed")


def _collected(turn: Turn) -> None:
    turn.position.released = True


_HEARD: Final[Mapping[str, Callable[[Turn], None]]] = MappingProxyType(
    {
        "crew": _crew_heard,
        "gate": _more_urgent,
        "collect": _more_urgent,
        "outcome": waiting.heard_outcome,
        "branches": side_by_side.heard_branches,
        "script": asking.heard_script,
    }
)
"""By what a run waits for: whether that has come to pass before its time."""

_LATE: Final[Mapping[str, Callable[[Turn], None]]] = MappingProxyType(
    {
        "aside": _resumed,
        "collect": _collected,
        "delay": waiting.late_delay,
        "outcome": waiting.late_outcome,
        "retry": repeating.late_retry,
        "branches": side_by_side.late_branches,
        "script": asking.late_script,
    }
)
"""By what a run waits for: what it does when the time has come."""


def _time_has_come(turn: Turn) -> None:
    """Do what the run has been waiting to do."""
    position = turn.position
    kind, position.waiting = position.waiting, ""
    _LATE.get(kind, _nothing)(turn)
    if position.step is not None:
        notification.time_is_up(turn, position.step)


# --- from block to block ----------------------------------------------------------------------------------

_ENTER: Final[Mapping[type[plan.Block], Callable[[Turn, Any], None]]] = MappingProxyType(
    {
        plan.Notification: notification.enter,
        plan.Delay: waiting.enter_delay,
        plan.Jump: choosing.enter_jump,
        plan.Splitter: side_by_side.enter_branches,
        plan.Parallel: side_by_side.enter_branches,
        plan.Switch: choosing.enter_switch,
        plan.Expression: choosing.enter_expression,
        plan.SetProperty: choosing.enter_set_property,
        plan.Script: asking.enter_script,
        plan.Retry: repeating.enter_retry,
        plan.WaitForOutcome: waiting.enter_wait_for_outcome,
        plan.RateGate: gating.enter_rate_gate,
    }
)


def _walk(turn: Turn) -> Decision | None:
    """Go from block to block until there is something to wait for; a decision only where the run ends."""
    blocks = turn.plan.blocks
    for _ in range(_MOVES):
        position = turn.position
        if position.step is not None or position.waiting:
            return None
        block = blocks[position.block] if position.block < len(blocks) else None
        if block is None or isinstance(block, plan.End):
            if position.back:
                position.block = position.back.pop()
                continue
            return _at_the_end(turn)
        _ENTER[type(block)](turn, block)
    turn.wait("breather", turn.now_ms + _BREATHER_MS, "the pipeline goes in circles; it goes on in 1 min")
    return None


def _at_the_end(turn: Turn) -> Decision | None:
    if not turn.root:
        return turn.end("the branch is done" if turn.run.parent else "the pipeline is done")
    if turn.alarm.acknowledged:
        return turn.end("the pipeline is done, and the alarm is acknowledged")
    _exhausted(turn)
    return None


def _exhausted(turn: Turn) -> None:
    """Say that the plan has come to its end, and let it begin anew after a while: never silence."""
    told, again_ms = turn.position.told, turn.plan.start_over_ms
    why = "nobody of those who know of it has acknowledged" if told else "nobody could be reached"
    who = ""
    if turn.alarm.ackers:
        why, who = several.so_far(turn)
    turn.nobody_reached(told, why)
    turn.start_over()
    turn.wait(
        "start-over",
        turn.now_ms + again_ms,
        f"{why}{who}; the last resort is called, and the pipeline begins anew in {span(again_ms)}",
    )
