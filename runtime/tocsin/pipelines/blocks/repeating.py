"""The retry block: a branch done again and again until it has come to something. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.pipelines.plan import Retry
from tocsin.pipelines.run import span

if TYPE_CHECKING:
    from tocsin.pipelines.turn import Turn


def enter_retry(turn: Turn, block: Retry) -> None:
    """Do the branch for the first time, or decide after it whether it is done once more."""
    done = turn.position.tries.get(str(turn.position.block), 0)
    if not done:
        _again(turn, block)
    elif done >= block.times or (block.until and turn.worked_out(block.until)):
        del turn.position.tries[str(turn.position.block)]
        turn.go(None)
    elif block.every_ms:
        reason = f"tried {done} of {block.times} times; again in {span(block.every_ms)}"
        turn.record("waiting", for_ms=block.every_ms, because=f"tried {done} times", of="")
        turn.wait("retry", turn.now_ms + block.every_ms, reason)
    else:
        _again(turn, block)


def late_retry(turn: Turn) -> None:
    """Do the branch once more, unless that is not needed any longer."""
    block = turn.plan.blocks[turn.position.block]
    if not isinstance(block, Retry):
        return
    if block.until and turn.worked_out(block.until):
        turn.position.tries.pop(str(turn.position.block), None)
        turn.go(None)
    else:
        _again(turn, block)


def _again(turn: Turn, block: Retry) -> None:
    position = turn.position
    place = str(position.block)
    position.tries[place] = position.tries.get(place, 0) + 1
    position.back.append(position.block)
    position.block = block.branch
    position.over = True
    turn.changed = True
