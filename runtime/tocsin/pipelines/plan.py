"""The frozen form of a pipeline: the blocks a run began with and keeps to its end.

A plan is stored by the hash of what it holds, so that ten thousand runs of one pipeline share one row. What
blocks do when they run is decided in `advance`.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

import msgspec

if TYPE_CHECKING:
    from tocsin.pipelines.section import PipelineSection

DropOut: TypeAlias = Literal["acknowledged", "cleared", "shelved"]

STEP_MS: Final = 5 * 60_000
ROUND_MS: Final = 10 * 60_000
START_OVER_MS: Final = 60 * 60_000


class Notification(msgspec.Struct, frozen=True, tag="notification"):
    """Tell the people of a roster one after the other; `roster` None means every roster, in order.

    `profiles` are told side by side; none means each person's own contact order, voice before text.
    `step_ms` is the step timer: how long one person has before the next is told.
    """

    roster: str | None
    profiles: tuple[str, ...] = ()
    step_ms: int = STEP_MS
    id: str = ""


class Delay(msgspec.Struct, frozen=True, tag="delay"):
    """Wait `for_ms`."""

    for_ms: int
    id: str = ""


class Jump(msgspec.Struct, frozen=True, tag="jump"):
    """Go on at block number `to` (from 0), at most `times` times; then behind this block."""

    to: int
    times: int = 1
    id: str = ""


Block: TypeAlias = Notification | Delay | Jump


class Plan(msgspec.Struct, frozen=True):
    """Blocks in order, what ends them early, and after how long they start over if nobody took over."""

    blocks: tuple[Block, ...]
    drop_out: tuple[DropOut, ...] = ("acknowledged", "cleared", "shelved")
    start_over_ms: int = START_OVER_MS

    def name(self, index: int) -> str:
        """Name a block as people find it: by its id, else by its place, counted from 1."""
        if not 0 <= index < len(self.blocks):
            return "the end"
        return self.blocks[index].id or f"block {index + 1}"


BUILT_IN: Final = Plan(
    blocks=(
        Notification(roster=None, id="round 1 of 3"),
        Delay(for_ms=ROUND_MS, id="pause after round 1"),
        Notification(roster=None, id="round 2 of 3"),
        Delay(for_ms=ROUND_MS, id="pause after round 2"),
        Notification(roster=None, id="round 3 of 3"),
    )
)
"""What happens to an alarm without a pipeline: all rosters in order, three rounds ten minutes apart."""


def plan_of(section: PipelineSection) -> Plan:
    """Freeze a configured pipeline that passed `crosscheck`; KeyError where a jump leads nowhere."""
    from tocsin.pipelines.section import milliseconds

    places = {block.id: index for index, block in enumerate(section.blocks) if block.id}
    blocks: list[Block] = []
    for block in section.blocks:
        name = block.id or ""
        if block.type == "notification":
            blocks.append(Notification(block.roster, block.profiles, milliseconds(block.step), name))
        elif block.type == "delay":
            blocks.append(Delay(milliseconds(block.for_), name))
        else:
            blocks.append(Jump(places[block.to], block.times, name))
    return Plan(tuple(blocks), section.drop_out, milliseconds(section.start_over))


def fingerprint(plan: Plan) -> str:
    """Give the name under which a plan is stored: a hash of what it holds."""
    return hashlib.sha256(msgspec.json.encode(plan, order="deterministic")).hexdigest()[:32]


def to_stored(plan: Plan) -> Any:
    """Give a plan as JSON values."""
    return msgspec.to_builtins(plan)


def from_stored(stored: Any) -> Plan:
    """Read a stored plan; raises msgspec.ValidationError where it is none."""
    return msgspec.convert(stored, Plan)
