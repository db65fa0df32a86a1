"""The frozen form of a pipeline: the blocks a run began with and keeps to its end.

A plan is stored by the hash of what it holds, so that ten thousand runs of one pipeline share one row. How
a configured pipeline becomes one is the business of `compiling`; what blocks do when they run, of `advance`.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final, Literal, TypeAlias

import msgspec

DropOut: TypeAlias = Literal["acknowledged", "cleared", "shelved"]

STEP_MS: Final = 5 * 60_000
ROUND_MS: Final = 10 * 60_000
START_OVER_MS: Final = 60 * 60_000


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a run goes on: at block number `to` (from 0).

    `call`: a branch begins there, at whose end the run goes on behind the block that sent it.
    """

    to: int
    call: bool = False


class Notification(msgspec.Struct, frozen=True, tag="notification", omit_defaults=True):
    """Tell the people of a roster one after the other; `roster` None means every roster, in order.

    `profiles` are told side by side; none means each person's own contact order, voice before text.
    `step_ms` is the step timer: how long one person has before the next is told. `at_once`: the whole
    roster is told at the same time, and has that long together. `must_acknowledge`: so many people have
    to. `collect_ms` and `frequency_ms` let alarms go together: how long is waited for further ones, and the
    least time between two goes.
    """

    roster: str | None
    profiles: tuple[str, ...] = ()
    step_ms: int = STEP_MS
    id: str = ""
    at_once: bool = False
    must_acknowledge: int = 1
    collect_ms: int = 0
    frequency_ms: int = 0


class Delay(msgspec.Struct, frozen=True, tag="delay"):
    """Wait `for_ms`."""

    for_ms: int
    id: str = ""


class Jump(msgspec.Struct, frozen=True, tag="jump"):
    """Go on at block number `to` (from 0), at most `times` times; then behind this block.

    `away`: it leads into another pipeline, so that no branch is gone back to.
    """

    to: int
    times: int = 1
    id: str = ""
    away: bool = False


class Splitter(msgspec.Struct, frozen=True, tag="splitter"):
    """Carry the alarm through branches side by side, each to its own end; nothing comes behind."""

    branches: tuple[int, ...]
    id: str = ""


class Parallel(msgspec.Struct, frozen=True, tag="parallel"):
    """Do branches side by side; go on behind once all have ended, or any one has."""

    branches: tuple[int, ...]
    until: Literal["all", "any"] = "all"
    id: str = ""


class Switch(msgspec.Struct, frozen=True, tag="switch"):
    """Go on where the value of the expression `on` says, or at `default`; None: behind this block."""

    on: str
    cases: dict[str, Target]
    default: Target | None = None
    id: str = ""


class Expression(msgspec.Struct, frozen=True, tag="expression"):
    """Go on at `then` where the expression holds, else at `otherwise`; None: behind this block."""

    expression: str
    then: Target | None = None
    otherwise: Target | None = None
    id: str = ""


class SetProperty(msgspec.Struct, frozen=True, tag="set-property"):
    """Remember the value of an expression under a name, for the blocks after this one."""

    property: str
    value: str
    id: str = ""


class Script(msgspec.Struct, frozen=True, tag="script"):
    """Have a script run; what it answers becomes properties. Without an answer in time: `failed`."""

    script: str
    failed: Target | None = None
    deadline_ms: int = 10_000
    id: str = ""


class Retry(msgspec.Struct, frozen=True, tag="retry"):
    """Do a branch at most `times` times, `every_ms` apart, until the expression `until` holds."""

    branch: int
    times: int
    every_ms: int
    until: str = ""
    id: str = ""


class WaitForOutcome(msgspec.Struct, frozen=True, tag="wait-for-outcome"):
    """Wait until telling has ended in one of `outcomes` for so many `people`: go on at `then`.

    After `for_ms` without that: at `otherwise`. No `outcomes` stands for all that mean somebody was told.
    """

    for_ms: int
    outcomes: tuple[str, ...] = ()
    people: int = 1
    then: Target | None = None
    otherwise: Target | None = None
    id: str = ""


class RateGate(msgspec.Struct, frozen=True, tag="rate-gate"):
    """Let `at_most` alarms through `within_ms`; others go on at `otherwise`, or wait for their turn.

    Alarms of the priorities `bypass` are always let through.
    """

    at_most: int
    within_ms: int
    otherwise: Target | None = None
    bypass: tuple[str, ...] = ()
    id: str = ""


class End(msgspec.Struct, frozen=True, tag="end"):
    """The end of a list of blocks: of the pipeline, or of a branch, which `id` names."""

    id: str = "the end"


Block: TypeAlias = (
    Notification | Delay | Jump | Splitter | Parallel | Switch | Expression | SetProperty | Script | Retry
    | WaitForOutcome | RateGate | End
)  # fmt: skip


class Plan(msgspec.Struct, frozen=True):
    """Blocks in order, what ends them early, and after how long they start over if nobody took over.

    The pipeline's own list comes first, each branch behind it; where there is more than one list, every one
    is closed by an `End`.
    """

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


def fingerprint(plan: Plan) -> str:
    """Give the name under which a plan is stored: a hash of what it holds."""
    return hashlib.sha256(msgspec.json.encode(plan, order="deterministic")).hexdigest()[:32]


def to_stored(plan: Plan) -> Any:
    """Give a plan as JSON values."""
    return msgspec.to_builtins(plan)


def from_stored(stored: Any) -> Plan:
    """Read a stored plan; raises msgspec.ValidationError where it is none."""
    return msgspec.convert(stored, Plan)
