"""The words of this room: an alarm's episode, the events that reach it, and what came of them.

Values only. What an event does to an episode is decided in `lifecycle`; rows are read in `store`.
States and words follow ISA-18.2: an episode is active or cleared (returned to normal), and acknowledged or
not; it is *open* while it is active or unacknowledged. A new activation after a return to normal is a new
episode, as in Ignition.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Priority: TypeAlias = Literal["Diagnostic", "Low", "Medium", "High", "Critical"]
PRIORITIES: Final[tuple[Priority, ...]] = ("Diagnostic", "Low", "Medium", "High", "Critical")
"""Ignition's priorities by number, 0 to 4."""

AckMode: TypeAlias = Literal["Manual", "Auto", "Unused"]
Scalar: TypeAlias = str | int | float | bool | None
State: TypeAlias = Literal["active", "cleared"]


@dataclass(frozen=True, slots=True)
class Episode:
    """One activation of an alarm, from active to cleared and acknowledged; times are ms UTC.

    `version` grows by one with every change, so that whoever changes it can tell that nobody else did.
    `pipeline` None means the built-in one. `acked_via` is voice, sms, api, cli, or auto (by clearing) and
    unused (needs no acknowledgement).
    """

    id: str
    path: str
    name: str
    priority: Priority
    active_ms: int
    display_path: str = ""
    label: str = ""
    notes: str = ""
    value: Scalar = None
    data: Mapping[str, Any] = field(default_factory=dict)
    pipeline: str | None = None
    ack_mode: AckMode = "Manual"
    source: str = ""
    state: State = "active"
    cleared_ms: int | None = None
    acked_ms: int | None = None
    acked_by: str | None = None
    acked_via: str | None = None
    note: str = ""
    shelved_until_ms: int | None = None
    shelved_by: str | None = None
    version: int = 1

    @property
    def acked(self) -> bool:
        """Whether somebody (or its own rule) acknowledged it."""
        return self.acked_ms is not None

    @property
    def is_open(self) -> bool:
        """Whether anybody still has something to do about it."""
        return self.state == "active" or self.acked_ms is None

    def shelved(self, now_ms: int) -> bool:
        """Whether an operator has put it aside for a time that is not over."""
        return self.shelved_until_ms is not None and self.shelved_until_ms > now_ms

    def rank(self) -> tuple[int, int, str]:
        """Give the order in which alarms are told: highest priority first, then the oldest."""
        return (-PRIORITIES.index(self.priority), self.active_ms, self.id)


ChangeKind: TypeAlias = Literal["active", "updated", "cleared", "acknowledged", "shelved", "unshelved"]


@dataclass(frozen=True, slots=True)
class AlarmChanged:
    """One change of one episode, for whoever subscribed; `before` is None for a new episode."""

    kind: ChangeKind
    before: Episode | None
    episode: Episode
    person: str | None = None


@dataclass(frozen=True, slots=True)
class AlarmEvent:
    """What a source says of an alarm: it is active, or it is clear.

    `path` with `name` is the alarm's identity; without a name it is the path's last part. What the event
    leaves out comes from the rule of that path, where there is one. `priority` may be a word or 0 to 4.
    """

    path: str
    state: Literal["active", "clear"]
    name: str | None = None
    priority: str | int | None = None
    pipeline: str | None = None
    value: Scalar = None
    label: str | None = None
    data: Mapping[str, Any] | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Accepted:
    """What became of an event that is now on disk: its own id, its episode (None: nothing was active)."""

    id: str
    episode: str | None
    state: State
    warnings: tuple[str, ...] = ()
    change: AlarmChanged | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What became of an acknowledgement of one episode; `by` and `at_ms` tell who was first, and when."""

    episode_id: str
    outcome: Literal["ok", "already_acknowledged", "note_required", "unknown"]
    by: str | None = None
    at_ms: int | None = None
    change: AlarmChanged | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Shelved:
    """What became of shelving or unshelving one episode; `until_ms` as it is now."""

    episode_id: str
    outcome: Literal["ok", "not_allowed", "not_shelved", "closed", "unknown"]
    until_ms: int | None = None
    change: AlarmChanged | None = field(default=None, repr=False)
