"""What a decision about an episode looks like. Values only; decided is in `lifecycle` and beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from tocsin.alarms.episode import Episode

Reason: TypeAlias = Literal[
    "ok", "unchanged", "not_active", "already_acknowledged", "changed", "note_required", "reason_required",
    "not_allowed", "not_shelved", "not_suppressed", "in_service", "not_due", "closed", "unknown",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Decision:
    """The episode as it is to be now, or None where nothing changes; and why."""

    change: Episode | None
    reason: Reason


def changed(episode: Episode, **news: Any) -> Decision:
    """Decide that these fields of an episode change; its version grows by one."""
    return Decision(replace(episode, version=episode.version + 1, **news), "ok")
