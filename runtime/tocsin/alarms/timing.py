"""What the passing of time does to an episode: shelving and maintenance end, acknowledgements lapse. Pure.

*Acknowledgement timeout*: an alarm acknowledged by a person and still active after that time is
unacknowledged again. *Re-alarm* (ISA-18.2): an alarm still active after that time is told anew. Neither
happens while the alarm is put aside; what has come due meanwhile happens as soon as it is not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from tocsin.alarms.aside import MaintenanceOver
from tocsin.alarms.decision import Decision, changed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.alarms.episode import Episode
    from tocsin.alarms.sections import AlarmSection


@dataclass(frozen=True, slots=True)
class ShelvingOver:
    """The time is over for which the episode was shelved."""


@dataclass(frozen=True, slots=True)
class AckTimeout:
    """The alarm is still active so long after somebody acknowledged it."""


@dataclass(frozen=True, slots=True)
class ReAlarm:
    """The alarm is still active so long after people were told."""


Timed: TypeAlias = ShelvingOver | MaintenanceOver | AckTimeout | ReAlarm


def next_due(episode: Episode, rule: AlarmSection | None, *, now_ms: int | None = None) -> int | None:
    """Give when time next does something to an episode (ms UTC, may be past); None where it never does.

    With `now_ms`, what is on record for later than now counts from now: the clock has been set back since.
    """
    return min((due_ms for due_ms, _ in _to_come(episode, rule, now_ms)), default=None)


def timed_out(episode: Episode, rule: AlarmSection | None, now_ms: int) -> Timed | None:
    """Give what has come due for an episode, the earliest first; None where nothing has."""
    due = [(due_ms, event) for due_ms, event in _to_come(episode, rule) if due_ms <= now_ms]
    return min(due, key=lambda one: one[0])[1] if due else None


def _to_come(
    episode: Episode, rule: AlarmSection | None, now_ms: int | None = None
) -> Iterator[tuple[int, Timed]]:
    if not episode.is_open:
        return
    if episode.shelved_until_ms is not None:
        yield episode.shelved_until_ms, ShelvingOver()
    if episode.out_of_service_until_ms is not None:
        yield episode.out_of_service_until_ms, MaintenanceOver()
    put_aside = episode.shelved_until_ms, episode.suppressed_ms, episode.out_of_service_ms
    if rule is None or episode.state != "active" or any(since is not None for since in put_aside):
        return
    if rule.ack_timeout_seconds is not None and episode.acked_ms is not None and _by_a_person(episode):
        yield _since(episode.acked_ms, now_ms) + round(rule.ack_timeout_seconds * 1000), AckTimeout()
    if rule.re_alarm_seconds is not None:
        told_ms = max(episode.active_ms, episode.acked_ms or 0, episode.re_alarmed_ms or 0)
        yield _since(told_ms, now_ms) + round(rule.re_alarm_seconds * 1000), ReAlarm()


def _since(at_ms: int, now_ms: int | None) -> int:
    return at_ms if now_ms is None else min(at_ms, now_ms)


def _by_a_person(episode: Episode) -> bool:
    return episode.acked_via not in {"auto", "unused"}


def pass_time(episode: Episode, event: ShelvingOver | AckTimeout | ReAlarm, now_ms: int) -> Decision:
    """Decide what time does to an episode."""
    if isinstance(event, ShelvingOver):
        if episode.shelved_until_ms is None or episode.shelved_until_ms > now_ms:
            return Decision(None, "not_shelved")
        return changed(episode, shelved_until_ms=None, shelved_by=None)
    if episode.state != "active":
        return Decision(None, "not_active")
    if isinstance(event, AckTimeout) and not (episode.acked and _by_a_person(episode)):
        return Decision(None, "not_due")
    # Who acknowledged it, when and with which words stays in the journal; of several nobody counts any more.
    news: dict[str, Any] = {"ack_version": episode.ack_version + 1, "re_alarmed_ms": now_ms, "ackers": ()}
    if episode.acked and _by_a_person(episode):
        news |= {"acked_ms": None, "acked_by": None, "acked_via": None, "note": ""}
    return changed(episode, **news)
