"""Rate gates, and the consolidation of a notification block: how alarms of one pipeline wait for each other.

Pure: who goes or went through when is given with the event, and going through is an effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.pipelines.run import span
from tocsin.pipelines.turn import urgency

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.pipelines.plan import Notification, RateGate
    from tocsin.pipelines.run import Pass
    from tocsin.pipelines.turn import Turn

_GATE: Final = "the rate gate"


def enter_rate_gate(turn: Turn, block: RateGate) -> None:
    """Let the alarm through, send it another way, or let it wait for its turn."""
    gate = turn.gate(turn.position.block)
    free_ms = free_at(turn.passes(gate), block, turn.now_ms)
    if free_ms <= turn.now_ms or turn.alarm.priority in block.bypass:
        turn.let_through(gate, turn.now_ms)
        turn.go(None)
        return
    limit = f"{block.at_most} in {span(block.within_ms)}"
    if block.otherwise is not None:
        turn.record("held-back", why=f"more than {limit}")
        turn.go(block.otherwise)
        return
    if not turn.run.waiting.startswith(_GATE):
        turn.record("held-back", why=f"more than {limit}", until_ms=free_ms)
    turn.wait(
        "gate",
        free_ms,
        f"{_GATE} lets {limit} through; it is this alarm's turn in {span(free_ms - turn.now_ms)} "
        "at the earliest",
    )


def free_at(passes: Sequence[Pass], block: RateGate, now_ms: int) -> int:
    """Give when the next alarm may go through a gate: now, or once the oldest that counts is over."""
    recent = sorted(one.at_ms for one in passes if now_ms - block.within_ms < one.at_ms <= now_ms)
    if len(recent) < block.at_most:
        return now_ms
    return recent[-block.at_most] + block.within_ms


def released(turn: Turn, block: Notification) -> bool:
    """Whether a notification block may tell now; where it may not, the run waits for the others' moment."""
    if not block.collect_ms and not block.frequency_ms:
        return True
    gate = turn.gate(turn.position.block)
    at_ms, joins = release(turn.passes(gate), block, urgency(turn.alarm.priority), turn.now_ms)
    if not joins:
        turn.let_through(gate, at_ms)
    if at_ms <= turn.now_ms:
        return True
    what = "together with what comes meanwhile"
    turn.record("collecting", until_ms=at_ms, why=what)
    turn.wait("collect", at_ms, f"people are told in {span(at_ms - turn.now_ms)}, {what}")
    return False


def release(passes: Sequence[Pass], block: Notification, own: int, now_ms: int) -> tuple[int, bool]:
    """Give when alarms go together (ms UTC), and whether this one joins others that wait already.

    An alarm more urgent than all that wait, and than what was told since the frequency began to run, goes
    now. `own` is the alarm's urgency; 0 is the most urgent.
    """
    horizon_ms = now_ms + max(block.collect_ms, block.frequency_ms)
    ahead = [one for one in passes if now_ms < one.at_ms <= horizon_ms]
    lately = [one for one in passes if now_ms - block.frequency_ms < one.at_ms <= now_ms]
    if (ahead or lately) and all(own < one.urgency for one in (*ahead, *lately)):
        return now_ms, False
    if ahead:
        return min(one.at_ms for one in ahead), True
    earliest_ms = max((one.at_ms + block.frequency_ms for one in lately), default=now_ms)
    return max(now_ms + block.collect_ms, earliest_ms), False
