"""The words of this room: a run and where it stands, what it hears of, and what a decision consists of.

Values only. A run is one episode's way through a plan. What a decision is made of stands in `advance`; rows
are the business of `store`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Hook: TypeAlias = Literal["active", "clear", "ack"]
ACTIVE: Final[Hook] = "active"
"""The hook of runs that start when an alarm goes active and end when somebody has taken it over."""
HOOKS: Final[tuple[Hook, ...]] = ("active", "clear", "ack")

Withdrawal: TypeAlias = Literal["", "cancelled-by-ack", "cancelled-by-clear"]
Waiting: TypeAlias = Literal[
    "", "delay", "start-over", "aside", "breather", "everybody", "crew", "collect", "outcome", "retry",
    "gate", "branches", "script",
]  # fmt: skip
Scalar: TypeAlias = str | int | float | bool | None


class Tally(msgspec.Struct, omit_defaults=True):
    """What has been done for one person since the present round of a notification block began.

    `calls` holds the ways tried, as (profile, number); `redials` counts per outcome.
    """

    told: bool = False
    texted: bool = False
    again: bool = False
    calls: list[tuple[str, str]] = msgspec.field(default_factory=list)
    redials: dict[str, int] = msgspec.field(default_factory=dict)


class Step(msgspec.Struct, omit_defaults=True):
    """Whose turn it is. `by_text`: the person has no telephone, so the texts decide."""

    person: str
    told: bool = False
    by_text: bool = False


class Position(msgspec.Struct, omit_defaults=True):
    """Where a run stands. The one moment it waits for is the run's `due_ms`, so that it can be moved.

    `waiting` names what for, where it is not the `step` (a person's turn). `people` are those whose turn has
    been in the latest round of notification block `round_of`, which is `over` or not; `told` those who know
    of the alarm since the plan began or started over. `jumps` counts per block. Notices up to id `through`,
    and those `beyond`, have been taken account of. `nobody`: that nobody at all is on call was reported.
    `since_ms`: when the present wait began. `owed`: why the last resort was to be called, and could not be.
    `released`: the consolidation of the present round is over. `back`: where branches come back to, the
    innermost last. `children`: runs of branches side by side that are waited for; `spawned`: how many there
    ever were, the latest at `spawned_ms`. `properties`: what blocks have set. `tries` counts per retry
    block. Outcomes up to notice `floor` belong to an earlier telling. `asked_ms`: when the script that is
    waited for was asked. `spared`: who has acknowledged as one of several, so that what was on its way to
    them was taken back.
    """

    block: int = 0
    round_of: int = 0
    over: bool = False
    waiting: Waiting = ""
    step: Step | None = None
    people: dict[str, Tally] = msgspec.field(default_factory=dict)
    told: list[str] = msgspec.field(default_factory=list)
    jumps: dict[str, int] = msgspec.field(default_factory=dict)
    through: int = 0
    beyond: list[int] = msgspec.field(default_factory=list)
    series: int = 0
    nobody: bool = False
    since_ms: int = 0
    owed: str = ""
    released: bool = False
    back: list[int] = msgspec.field(default_factory=list)
    children: list[str] = msgspec.field(default_factory=list)
    spawned: int = 0
    properties: dict[str, str | int | float | bool | None] = msgspec.field(default_factory=dict)
    tries: dict[str, int] = msgspec.field(default_factory=dict)
    floor: int = 0
    asked_ms: int = 0
    spawned_ms: int = 0
    spared: list[str] = msgspec.field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RunState:
    """A run as it is stored; times are ms UTC. `position` is JSON values as read, or a Position.

    `waiting` is a sentence that says what the run is waiting for. A lower `priority` goes first. `parent`
    is the run that waits for this one, where it carries the alarm through a branch side by side with others.
    """

    id: str
    episode_id: str
    pipeline: str
    plan: str
    started_ms: int
    position: Mapping[str, Any] | Position = field(default_factory=dict)
    hook: str = ACTIVE
    state: Literal["running", "ended"] = "running"
    due_ms: int | None = None
    waiting: str = ""
    priority: int = 0
    ended_ms: int | None = None
    ended_why: str = ""
    version: int = 1
    parent: str | None = None


class Alarm(NamedTuple):
    """What a run must know of its episode."""

    id: str
    path: str
    priority: str
    state: str
    ack_mode: str
    acked_ms: int | None
    acked_by: str | None
    acked_via: str | None
    shelved_until_ms: int | None
    shelved_by: str | None
    suppressed_ms: int | None = None
    suppressed_by: str | None = None
    suppressed_rule: str = ""
    out_of_service_ms: int | None = None
    out_of_service_by: str | None = None
    out_of_service_until_ms: int | None = None
    pipeline: str | None = None
    name: str = ""
    label: str = ""
    value: Scalar = None
    data: Mapping[str, Any] | None = None
    active_ms: int = 0
    ackers: Sequence[str] = ()
    ackers_needed: int = 1
    source: str = ""

    @property
    def acknowledged(self) -> bool:
        """Whether somebody took it over, rather than that it never needs anybody to."""
        return self.acked_ms is not None and self.acked_via != "unused"

    @property
    def told_by_nobody(self) -> bool:
        """Whether no run is to look after it: an alarm of the gateway itself that names no pipeline."""
        return self.pipeline is None and not self.source and self.path.startswith(OWN)


OWN: Final = "System/Gateway/"
"""How the paths of the gateway's own alarms begin, which have no source.

Those who would be told of them could not be reached.
"""


class Telling(NamedTuple):
    """What a run must know of one of its notices."""

    id: int
    person: str
    channel: str
    profile: str
    number: str
    state: str
    due_ms: int | None
    outcome: str | None


class Pass(NamedTuple):
    """That an alarm of this urgency (0 is Critical) goes or went through a gate at a moment (ms UTC)."""

    at_ms: int
    urgency: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What a script has answered: values by name; None where it came to nothing, for the reason `why`."""

    values: Mapping[str, Any] | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """What has come to pass: the episode and the run's notices as they are now.

    `passed_on_by` names the person who has just asked for the next one to be told. Where the run has a
    parent or branches, `family` holds the notices of all of them, and `running` the ids of those that run.
    `passes` are those of the last day, by gate. `answer`: that of the script that was asked; `scripts`:
    whether somebody runs scripts at all.
    """

    alarm: Alarm
    notices: Sequence[Telling] = ()
    passed_on_by: str = ""
    family: Sequence[Telling] = ()
    running: frozenset[str] = frozenset()
    passes: Mapping[str, Sequence[Pass]] = field(default_factory=dict)
    answer: Answer | None = None
    scripts: bool = False


@dataclass(frozen=True, slots=True)
class Notify:
    """Tell `person` over `channel` through `profile` at `number`, not before `due_ms`."""

    person: str
    channel: str
    profile: str
    number: str
    due_ms: int


@dataclass(frozen=True, slots=True)
class NobodyReached:
    """The plan has come to its end, or has nobody to tell, and nobody took over; `told` know of the alarm."""

    told: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class AdminNotice:
    """Whoever looks after the system is to know that `outcome` befell `person` at `number`.

    `why` says it in words that name nobody. `person` is "" where it is about the pipeline itself.
    """

    outcome: str
    person: str
    number: str
    why: str


@dataclass(frozen=True, slots=True)
class Spawn:
    """Begin a run `id` at block `block` of the same plan, with this one as its parent."""

    id: str
    block: int
    told: tuple[str, ...]
    properties: Mapping[str, Scalar]


def branch_of(parent: RunState, spawn: Spawn, now_ms: int) -> RunState:
    """Give the run that begins a branch of `parent`, due at once."""
    return RunState(
        id=spawn.id,
        episode_id=parent.episode_id,
        pipeline=parent.pipeline,
        plan=parent.plan,
        started_ms=now_ms,
        position=Position(block=spawn.block, told=list(spawn.told), properties=dict(spawn.properties)),
        hook=parent.hook,
        due_ms=now_ms,
        waiting="has just begun",
        priority=parent.priority,
        parent=parent.id,
    )


@dataclass(frozen=True, slots=True)
class Stop:
    """End these runs, and what they have begun; what they have queued is taken back. `why` says why."""

    ids: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Passed:
    """Put on record that the alarm goes through a gate at a moment, for those that come after it."""

    gate: str
    at_ms: int
    urgency: int


@dataclass(frozen=True, slots=True)
class AskScript:
    """Run the script `script` for this run; its answer is wanted by `deadline_ms`.

    `asked_ms` goes with the answer, so that one which comes too late is known as such.
    """

    block: str
    script: str
    asked_ms: int
    deadline_ms: int
    properties: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class TakeBack:
    """Take these notices back, because the people they are for have acknowledged as some of several.

    What is queued is not told; a call that only rings for them is cancelled.
    """

    ids: tuple[int, ...]


Effect: TypeAlias = Notify | TakeBack | NobodyReached | AdminNotice | Spawn | Stop | Passed | AskScript


@dataclass(frozen=True, slots=True)
class Record:
    """One line for the journal."""

    kind: str
    person: str | None
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a run: its new state, what is to be done, when it is due next, and why it waits.

    `withdraw`: notices that nobody has acted on yet are to be taken back, with this outcome. `more_urgent`:
    than when its queued notices were written, which are to be as urgent from now on.
    """

    run: RunState
    effects: tuple[Effect, ...]
    due_ms: int | None
    reason: str
    records: tuple[Record, ...] = ()
    withdraw: Withdrawal = ""
    changed: bool = True
    more_urgent: bool = False


def span(ms: int) -> str:
    """Say a length of time: "45 s", "5 min", "1 h"."""
    seconds = max(0, round(ms / 1000))
    if seconds < 120 and seconds % 60:
        return f"{seconds} s"
    if seconds < 7200 and seconds % 3600:
        return f"{round(seconds / 60)} min"
    return f"{round(seconds / 3600)} h"


def listed(names: Sequence[str]) -> str:
    """Say names: "maria", "maria and jon", "maria, jon and eva"."""
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
