"""What an event does to an episode. Pure: an episode and an event in, the next episode and a reason out.

Nothing here knows a clock, a database or a rule; ids and times come with the event. Whoever applies a
decision does so only if the episode's version is still the one decided upon.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tocsin.alarms.aside import Aside, put_aside
from tocsin.alarms.bounds import joined
from tocsin.alarms.decision import Decision, changed
from tocsin.alarms.timing import AckTimeout, ReAlarm, ShelvingOver, pass_time

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tocsin.alarms.episode import Episode, Priority, Scalar, Telling

LONGEST_SHELVING_MS: Final = 7 * 24 * 3600 * 1000  # ISA-18.2 asks for a limit; a week covers a planned repair


@dataclass(frozen=True, slots=True)
class Active:
    """The alarm's condition holds. `fresh` is the episode to open unless one is active already.

    The other fields say what the event itself gave, and so may change about an episode under way.
    """

    fresh: Episode
    value: Scalar = None
    priority: Priority | None = None
    label: str | None = None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Clear:
    """The alarm's condition no longer holds; `value` is the one that says so."""

    value: Scalar = None


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """A person takes note of the episode, as it was `told`; None where nobody keeps what they were told."""

    by: str
    via: str
    note: str = ""
    note_required: bool = False
    told: Telling | None = None


@dataclass(frozen=True, slots=True)
class Shelve:
    """A person puts the episode aside for `lasting_ms`."""

    by: str
    lasting_ms: int
    allowed: bool = True


@dataclass(frozen=True, slots=True)
class Unshelve:
    """A person ends the shelving early."""


Event: TypeAlias = (
    Active | Clear | Acknowledge | Shelve | Unshelve | Aside | ShelvingOver | AckTimeout | ReAlarm
)


def decide(episode: Episode | None, event: Event, now_ms: int) -> Decision:
    """Decide what `event` does to `episode` (None: there is none). Raising is never refused."""
    if isinstance(event, Active):
        return _active(episode, event)
    if episode is None:
        return Decision(None, "not_active" if isinstance(event, Clear) else "unknown")
    return _DECIDE.get(type(event), put_aside)(episode, event, now_ms)


def born(episode: Episode) -> Episode:
    """Give an episode its first state: one that needs no acknowledgement is born acknowledged."""
    if episode.ack_mode == "Unused":
        return replace(episode, acked_ms=episode.active_ms, acked_via="unused")
    return episode


def _active(episode: Episode | None, event: Active) -> Decision:
    if episode is None or episode.state == "cleared":
        return Decision(born(event.fresh), "ok")
    given: dict[str, Any] = {
        "value": event.value,
        "priority": event.priority,
        "label": event.label,
        "data": joined(episode.data, event.data) if event.data else None,
    }
    # By what they look like: 1, 1.0 and true are equal to Python and three different values to a plant.
    news = {
        key: value
        for key, value in given.items()
        if value is not None and repr(value) != repr(getattr(episode, key))
    }
    return changed(episode, **news) if news else Decision(None, "unchanged")


def _clear(episode: Episode, event: Clear, now_ms: int) -> Decision:
    if episode.state == "cleared":
        return Decision(None, "not_active")
    news: dict[str, Any] = {"state": "cleared", "cleared_ms": max(now_ms, episode.active_ms)}
    if event.value is not None:
        news["value"] = event.value
    if episode.ack_mode == "Auto" and not episode.acked:
        news |= {"acked_ms": news["cleared_ms"], "acked_via": "auto"}
    return changed(episode, **news)


def _acknowledge(episode: Episode, event: Acknowledge, now_ms: int) -> Decision:
    if episode.acked:
        return Decision(None, "already_acknowledged")
    if event.by in episode.ackers:
        return Decision(None, "already_acknowledged")
    if event.told is not None and not event.told.holds(episode):
        return Decision(None, "changed")
    if event.note_required and not event.note.strip():
        return Decision(None, "note_required")
    if len(episode.ackers) + 1 < episode.ackers_needed:
        return changed(episode, ackers=(*episode.ackers, event.by), note=event.note)
    several = {"ackers": (*episode.ackers, event.by)} if episode.ackers_needed > 1 else {}
    return changed(
        episode,
        acked_ms=max(now_ms, episode.active_ms),
        acked_by=event.by,
        acked_via=event.via,
        note=event.note,
        **several,
    )


def _shelve(episode: Episode, event: Shelve, now_ms: int) -> Decision:
    if not episode.is_open:
        return Decision(None, "closed")
    if not event.allowed or not 0 < event.lasting_ms <= LONGEST_SHELVING_MS:
        return Decision(None, "not_allowed")
    return changed(episode, shelved_until_ms=now_ms + event.lasting_ms, shelved_by=event.by)


def _unshelve(episode: Episode, _: Unshelve, now_ms: int) -> Decision:
    if not episode.shelved(now_ms):
        return Decision(None, "not_shelved")
    return changed(episode, shelved_until_ms=None, shelved_by=None)


_DECIDE: Final[dict[type[Any], Callable[[Episode, Any, int], Decision]]] = {
    Clear: _clear,
    Acknowledge: _acknowledge,
    Shelve: _shelve,
    Unshelve: _unshelve,
    ShelvingOver: pass_time,
    AckTimeout: pass_time,
    ReAlarm: pass_time,
}
