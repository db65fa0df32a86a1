"""The script block: have a script of the project decide, and go on with or without its answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.pipelines.blocks.choosing import remember
from tocsin.pipelines.plan import Script
from tocsin.pipelines.run import AdminNotice, AskScript, span

if TYPE_CHECKING:
    from tocsin.pipelines.turn import Turn


def enter_script(turn: Turn, block: Script) -> None:
    """Ask for the script to be run, and wait for its answer."""
    if not turn.event.scripts:
        _failed(turn, block, "nothing here runs scripts of pipelines")
        return
    position = turn.position
    position.asked_ms = turn.now_ms
    due_ms = turn.now_ms + block.deadline_ms
    name = turn.plan.name(position.block)
    turn.effects.append(AskScript(name, block.script, turn.now_ms, due_ms, dict(position.properties)))
    turn.record("script-asked", script=block.script)
    turn.wait("script", due_ms, f"waiting for {block.script}, {span(block.deadline_ms)} at most")


def heard_script(turn: Turn) -> None:
    """Take the script's answer, if it is there."""
    answer, block = turn.event.answer, turn.plan.blocks[turn.position.block]
    if answer is None or not isinstance(block, Script):
        return
    turn.position.waiting = ""
    if answer.values is None:
        _failed(turn, block, answer.why)
        return
    taken = [str(name) for name, value in answer.values.items() if remember(turn, str(name), value)]
    turn.record("script-answered", script=block.script, sets=taken)
    turn.go(None)


def late_script(turn: Turn) -> None:
    """Go on without an answer."""
    block = turn.plan.blocks[turn.position.block]
    if isinstance(block, Script):
        _failed(turn, block, f"no answer within {span(block.deadline_ms)}")


def _failed(turn: Turn, block: Script, why: str) -> None:
    turn.record("script-failed", script=block.script, why=why)
    turn.effects.append(AdminNotice("script-failed", "", "", f"{block.script}: {why}"))
    turn.go(block.failed)
