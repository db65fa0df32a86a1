"""Splitter and parallel: branches carried through by runs of their own, which this one waits for. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.pipelines.aside import LOOK_AGAIN_MS
from tocsin.pipelines.plan import End, Parallel, Splitter
from tocsin.pipelines.run import Spawn, Stop, listed

if TYPE_CHECKING:
    from tocsin.pipelines.turn import Turn

_DEEPEST: Final = 6
"""Branches within branches; deeper ones are passed over, so that no plan multiplies without end."""
_AT_ONCE_MS: Final = 1000
_BREATHER_MS: Final = 60_000


def enter_branches(turn: Turn, block: Splitter | Parallel) -> None:
    """Begin a run for each branch, and wait for them; or go on waiting where that was interrupted."""
    position = turn.position
    if position.children:
        _wait(turn)
        heard_branches(turn)
        return
    if turn.run.id.count(".") >= _DEEPEST:
        turn.record("branches-too-deep", why="branches begin branches without end; they are passed over")
        _behind(turn, block)
        return
    if position.spawned and turn.now_ms - position.spawned_ms < _AT_ONCE_MS:
        turn.wait("breather", turn.now_ms + _BREATHER_MS, "branches end as they begin; they begin in 1 min")
        return
    for branch in block.branches:
        position.spawned += 1
        child = f"{turn.run.id}.{position.spawned}"
        position.children.append(child)
        told, properties = tuple(position.told), dict(position.properties)
        turn.effects.append(Spawn(child, branch, told, properties))
    position.spawned_ms = turn.now_ms
    names = [turn.plan.name(branch) for branch in block.branches]
    turn.record("split", branches=names)
    _wait(turn)


def _wait(turn: Turn) -> None:
    count = len(turn.position.children)
    branches = "a branch" if count == 1 else f"{count} branches"
    which = listed([child.rpartition(".")[2] for child in turn.position.children])
    reason = f"waiting for {branches} that go on side by side (runs {which})"
    turn.wait("branches", turn.now_ms + LOOK_AGAIN_MS, reason)


def heard_branches(turn: Turn) -> None:
    """Go on once all branches have ended, or, where one is enough, any."""
    position = turn.position
    block = turn.plan.blocks[position.block]
    fresh = {one.id for one in turn.effects if isinstance(one, Spawn)}
    still = [child for child in position.children if child in turn.event.running or child in fresh]
    if not isinstance(block, Splitter | Parallel) or len(still) == len(position.children):
        return
    any_will_do = isinstance(block, Parallel) and block.until == "any"
    if still and not any_will_do:
        return
    if still:
        turn.effects.append(Stop(tuple(still), "another branch has come to its end"))
    position.children, position.waiting = [], ""
    turn.changed = True
    _behind(turn, block)


def late_branches(turn: Turn) -> None:
    """Look again whether branches still run; what was missed is made up for."""
    heard_branches(turn)


def _behind(turn: Turn, block: Splitter | Parallel) -> None:
    """Go on behind a parallel block; behind a splitter nothing comes in its list."""
    if isinstance(block, Parallel):
        turn.go(None)
        return
    blocks = turn.plan.blocks
    at = turn.position.block
    while at < len(blocks) and not isinstance(blocks[at], End):
        at += 1
    turn.position.block = at
