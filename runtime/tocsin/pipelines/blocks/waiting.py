"""Blocks that let time pass: a delay, and waiting for an outcome. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.pipelines.plan import Delay, WaitForOutcome
from tocsin.pipelines.run import listed, span

if TYPE_CHECKING:
    from tocsin.pipelines.turn import Turn


def enter_delay(turn: Turn, block: Delay) -> None:
    """Wait, and say why where somebody has just not been reached."""
    behind = turn.plan.name(turn.position.block + 1)
    reason = f"waiting {span(block.for_ms)}, then on to {behind}"
    if turn.because:
        about = f"{turn.about}: " if turn.about else ""
        reason = f"{about}{turn.because}; {reason}"
    turn.record("waiting", for_ms=block.for_ms, because=turn.because, of=turn.about)
    turn.wait("delay", turn.now_ms + block.for_ms, reason)


def late_delay(turn: Turn) -> None:
    """Go on behind the delay."""
    turn.go(None)


def enter_wait_for_outcome(turn: Turn, block: WaitForOutcome) -> None:
    """Go on at once where it is so already; else wait."""
    if _so(turn, block):
        turn.go(block.then)
        return
    what = listed([one.replace("-", " ") for one in block.outcomes]) or "told"
    people = "somebody" if block.people == 1 else f"{block.people} people"
    reason = f"waiting until {people} {'was' if block.people == 1 else 'were'} {what}"
    if block.outcomes:
        reason = f"waiting for the outcome {what} for {people}"
    turn.record("waiting", for_ms=block.for_ms, because="for an outcome", of="")
    turn.wait("outcome", turn.now_ms + block.for_ms, f"{reason}, {span(block.for_ms)} at most")


def heard_outcome(turn: Turn) -> None:
    """Go on where what is waited for has come to pass."""
    block = turn.plan.blocks[turn.position.block]
    if isinstance(block, WaitForOutcome) and _so(turn, block):
        turn.position.waiting = ""
        turn.go(block.then)


def late_outcome(turn: Turn) -> None:
    """Go on where the block says for that it has not come to pass."""
    block = turn.plan.blocks[turn.position.block]
    if isinstance(block, WaitForOutcome):
        turn.go(block.then if _so(turn, block) else block.otherwise)


def _so(turn: Turn, block: WaitForOutcome) -> bool:
    people = {
        one.person
        for one in turn.event.family or turn.event.notices
        if one.state == "done" and one.id > turn.position.floor and _counts(turn, block, one.outcome or "")
    }
    return len(people) >= block.people


def _counts(turn: Turn, block: WaitForOutcome, outcome: str) -> bool:
    if block.outcomes:
        return outcome in block.outcomes
    return not outcome.startswith("cancelled-") and turn.rule(outcome).told
