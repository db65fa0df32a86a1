"""Alarms that several people have to acknowledge: whoever has is left alone, and the next is told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.pipelines.notification import may_be_told, round_of
from tocsin.pipelines.run import ACTIVE, TakeBack, listed, span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.pipelines.plan import Notification
    from tocsin.pipelines.turn import Turn


def spare(turn: Turn) -> None:
    """Leave those alone who have acknowledged while others have to as well, and go on to who is next.

    What is on its way to them is taken back. Where nobody is left to be next, those who were told keep the
    time they have.
    """
    # Of an acknowledgement that has lapsed nothing is left.
    turn.position.spared = [person for person in turn.position.spared if person in turn.alarm.ackers]
    if not turn.alarm.ackers or turn.run.hook != ACTIVE:
        return
    fresh = [person for person in turn.alarm.ackers if person not in turn.position.spared]
    _take_back(turn, fresh)
    if fresh:
        turn.position.spared += fresh
        turn.position.told += [person for person in fresh if person not in turn.position.told]
        turn.changed = True
        _go_on(turn)


def _take_back(turn: Turn, fresh: Sequence[str]) -> None:
    """Take back what is queued for them, and once what is under way."""
    back = tuple(
        one.id
        for one in turn.event.notices
        if (one.state == "queued" and one.person in turn.alarm.ackers)
        or (one.state == "placed" and one.person in fresh)
    )
    if back:
        turn.effects.append(TakeBack(back))
        turn.changed = True


def _go_on(turn: Turn) -> None:
    """Give the turn to the next person, or say who is waited for."""
    alarm, position = turn.alarm, turn.position
    more = alarm.ackers_needed - len(alarm.ackers)
    step, block = position.step, round_of(turn)
    if step is not None and step.person in alarm.ackers and block is not None and _next(turn, block):
        turn.step_over(step.person, f"has acknowledged, {more} more must")
    elif step is not None or position.waiting == "crew":
        have = f"{listed(alarm.ackers)} {_have(alarm.ackers)} acknowledged"
        others = [person for person in position.people if person not in alarm.ackers]
        waits = f"waiting for {listed(others)}" if others else "nobody else is told here"
        left = span((turn.due_ms or turn.now_ms) - turn.now_ms)
        turn.reason = f"{have}, {more} more must; {waits}, {left} at most"


def so_far(turn: Turn) -> tuple[str, str]:
    """Say how many have acknowledged, and, to be added to that, who has and who of those asked has not."""
    ackers, position = turn.alarm.ackers, turn.position
    asked = dict.fromkeys([*position.told, *position.people])
    missing = [person for person in asked if person not in ackers]
    who = f"{listed(ackers)} {_have(ackers)}" + (
        f", {listed(missing)} {_have(missing)} not" if missing else ""
    )
    return f"{len(ackers)} of {turn.alarm.ackers_needed} people {_have(ackers)} acknowledged", f" ({who})"


def _have(people: Sequence[str]) -> str:
    return "has" if len(people) == 1 else "have"


def _next(turn: Turn, block: Notification) -> bool:
    """Whether the roster has somebody left whose turn has not been."""
    return any(
        person not in turn.position.people and may_be_told(turn, block, person).first
        for person in turn.world.on_call(block.roster).people
    )
