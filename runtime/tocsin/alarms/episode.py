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

    `version` grows by one with every change, so that whoever changes it can tell that nobody else did;
    `ack_version` whenever people are to be told anew, so that no answer to the telling before it counts.
    `pipeline` None means the built-in one. `acked_via` is voice, sms, api, cli, or auto (by clearing) and
    unused (needs no acknowledgement). Where `ackers_needed` is more than one, it is acknowledged once so
    many people have done so; `ackers` are those so far.
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
    ackers: tuple[str, ...] = ()
    ackers_needed: int = 1
    shelved_until_ms: int | None = None
    shelved_by: str | None = None
    suppressed_ms: int | None = None
    suppressed_by: str | None = None
    suppressed_rule: str = ""
    suppressed_reason: str = ""
    out_of_service_ms: int | None = None
    out_of_service_by: str | None = None
    out_of_service_reason: str = ""
    out_of_service_until_ms: int | None = None
    ack_version: int = 1
    re_alarmed_ms: int | None = None
    version: int = 1

    @property
    def acked(self) -> bool:
        """Whether somebody (or its own rule) acknowledged it."""
        return self.acked_ms is not None

    @property
    def taken_over(self) -> bool:
        """Whether somebody acknowledged it, rather than that it needs nobody to."""
        return self.acked and self.acked_via != "unused"

    def waits_for(self, person: str) -> bool:
        """Whether it waits for an acknowledgement that this person may still give."""
        return not self.acked and person not in self.ackers

    @property
    def is_open(self) -> bool:
        """Whether anybody still has something to do about it."""
        return self.state == "active" or self.acked_ms is None

    def shelved(self, now_ms: int) -> bool:
        """Whether an operator has put it aside for a time that is not over."""
        return self.shelved_until_ms is not None and self.shelved_until_ms > now_ms

    @property
    def suppressed(self) -> bool:
        """Whether logic of the plant keeps it from being told (suppressed by design)."""
        return self.suppressed_ms is not None

    def out_of_service(self, now_ms: int) -> bool:
        """Whether it is under maintenance, for a time that is not over."""
        until_ms = self.out_of_service_until_ms
        return self.out_of_service_ms is not None and (until_ms is None or until_ms > now_ms)

    def suppressed_or_shelved(self, now_ms: int) -> bool:
        """Whether nobody is to be told for now, whichever of the three reasons there is.

        The name is OPC UA's (Part 9, AlarmConditionType).
        """
        return self.suppressed or self.shelved(now_ms) or self.out_of_service(now_ms)

    def rank(self) -> tuple[int, int, str]:
        """Give the order in which alarms are told: highest priority first, then the oldest."""
        return (-PRIORITIES.index(self.priority), self.active_ms, self.id)


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person was told of an episode: an acknowledgement counts for that, nothing worse or newer."""

    ack_version: int
    state: State
    priority: Priority

    @classmethod
    def of(cls, episode: Episode) -> Telling:
        """Give what whoever is told of it now knows."""
        return cls(episode.ack_version, episode.state, episode.priority)

    def holds(self, episode: Episode) -> bool:
        """Whether it is still as it was told: not told anew, not returned to normal, no more urgent."""
        worse = PRIORITIES.index(episode.priority) > PRIORITIES.index(self.priority)
        return (self.ack_version, self.state) == (episode.ack_version, episode.state) and not worse


ChangeKind: TypeAlias = Literal[
    "active", "updated", "cleared", "acknowledged", "partly-acknowledged", "unacknowledged", "re-alarmed",
    "shelved", "unshelved", "suppressed", "unsuppressed", "out-of-service", "returned-to-service",
]  # fmt: skip


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
    outcome: Literal["ok", "already_acknowledged", "changed", "note_required", "unknown"]
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


@dataclass(frozen=True, slots=True)
class PutAside:
    """What became of suppressing an alarm or taking it out of service, or of ending that.

    It is about the alarm at (path, name), so all of its open episodes change. `episode_id` is the one that
    was named, "" where the alarm was.
    """

    episode_id: str
    outcome: Literal["ok", "not_suppressed", "in_service", "reason_required", "not_allowed", "unknown"]
    path: str = ""
    name: str = ""
    until_ms: int | None = None
    changes: tuple[AlarmChanged, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class TimePassed:
    """What time has done to one episode."""

    episode_id: str
    changes: tuple[AlarmChanged, ...] = field(default=(), repr=False)
