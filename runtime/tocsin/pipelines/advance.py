"""What a run does next. Pure: a run, its plan, what has come to pass and the world in, a decision out.

Nothing here knows a database, a clock or a telephone. The same values always give the same decision, and
every decision says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from tocsin.pipelines.aside import LOOK_AGAIN_MS, put_aside
from tocsin.pipelines.notification import begin, settle, take_next, time_is_up
from tocsin.pipelines.plan import Delay, Notification
from tocsin.pipelines.run import NobodyReached, span
from tocsin.pipelines.safety import tell_everybody
from tocsin.pipelines.turn import Turn

if TYPE_CHECKING:
    from tocsin.pipelines.aside import Aside
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.run import Alarm, Decision, Event, RunState, Withdrawal
    from tocsin.pipelines.world import World

_MOVES: Final = 64  # blocks passed in one decision; a plan that jumps in circles breathes in between
_BREATHER_MS: Final = 60_000


def advance(run: RunState, plan: Plan, event: Event, world: World, now_ms: int) -> Decision:
    """Decide what a running run does next; `now_ms` is the present, ms UTC."""
    turn = Turn(run, plan, event, world, now_ms)
    ending = _drops_out(turn.alarm, plan)
    if ending is not None:
        return turn.end(ending.why, by=ending.by, withdraw=ending.withdraw)
    aside = put_aside(turn.alarm, plan, now_ms)
    if aside is not None:
        return _pause(turn, aside)
    if turn.position.owed:
        turn.effects.append(NobodyReached(tuple(turn.position.told), turn.position.owed))
        turn.position.owed = ""
        turn.changed = True
    settle(turn)
    if turn.alarm.ack_mode == "Unused" and turn.position.told:
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
    return _walk(turn) or turn.go_on()


class _Ending(NamedTuple):
    """Why a run ends, who is behind it, and the outcome of what is taken back."""

    why: str
    by: tuple[str, ...]
    withdraw: Withdrawal


def _drops_out(alarm: Alarm, plan: Plan) -> _Ending | None:
    """Give how the run ends, or None where it goes on."""
    cleared = alarm.state == "cleared"
    if alarm.acknowledged and ("acknowledged" in plan.drop_out or cleared):
        return _Ending("acknowledged", (alarm.acked_by or str(alarm.acked_via),), "cancelled-by-ack")
    if cleared and ("cleared" in plan.drop_out or alarm.acked_ms is not None):
        return _Ending("the alarm has cleared", (), "cancelled-by-clear")
    return None


def _pause(turn: Turn, aside: Aside) -> Decision:
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


def _time_has_come(turn: Turn) -> None:
    """Do what the run has been waiting to do."""
    position = turn.position
    if position.waiting == "delay":
        position.block += 1
    if position.waiting == "aside":
        turn.record("resumed")
    position.waiting = ""
    if position.step is not None:
        time_is_up(turn, position.step)


def _walk(turn: Turn) -> Decision | None:
    """Go from block to block until there is something to wait for; a decision only where the run ends."""
    for _ in range(_MOVES):
        position, blocks = turn.position, turn.plan.blocks
        if position.step is not None or position.waiting:
            return None
        if position.block >= len(blocks):
            if turn.alarm.acknowledged:
                return turn.end("the pipeline is done, and the alarm is acknowledged")
            _exhausted(turn)
            return None
        block = blocks[position.block]
        if isinstance(block, Notification):
            begin(turn, position.block)
            if not take_next(turn, block):
                position.block += 1
                position.over = True
        elif isinstance(block, Delay):
            _delay(turn, block)
        else:
            count = position.jumps.get(str(position.block), 0)
            if count < block.times:
                position.jumps[str(position.block)] = count + 1
                position.block = block.to
            else:
                position.block += 1
    turn.wait("breather", turn.now_ms + _BREATHER_MS, "the pipeline goes in circles; it goes on in 1 min")
    return None


def _delay(turn: Turn, block: Delay) -> None:
    behind = turn.plan.name(turn.position.block + 1)
    reason = f"waiting {span(block.for_ms)}, then on to {behind}"
    if turn.because:
        about = f"{turn.about}: " if turn.about else ""
        reason = f"{about}{turn.because}; {reason}"
    turn.record("waiting", for_ms=block.for_ms, because=turn.because, of=turn.about)
    turn.wait("delay", turn.now_ms + block.for_ms, reason)


def _exhausted(turn: Turn) -> None:
    """Say that the plan has come to its end, and let it begin anew after a while: never silence."""
    told, plan = turn.position.told, turn.plan
    why = "nobody of those who know of it has acknowledged" if told else "nobody could be reached"
    turn.effects.append(NobodyReached(tuple(told), why))
    turn.record("nobody-reached", why=why, told=list(told))
    turn.start_over()
    turn.wait(
        "start-over",
        turn.now_ms + plan.start_over_ms,
        f"{why}; the last resort is called, and the pipeline begins anew in {span(plan.start_over_ms)}",
    )
