"""Alarms put aside by design or for maintenance: what an event makes of an alarm's standing. Pure.

ISA-18.2 (and IEC 62682) knows three ways to put an alarm aside, and keeps them apart: *shelved* by an
operator for a time (see `lifecycle`), *suppressed by design* by logic of the plant, and *out of service* by
whoever maintains it. Unlike shelving, which is about one activation, these two are about the alarm itself:
they hold for its next activations as well. Such an activation is accepted and recorded, and nobody is told.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from tocsin.alarms.decision import Decision, changed

if TYPE_CHECKING:
    from tocsin.alarms.decision import Reason
    from tocsin.alarms.episode import Episode


@dataclass(frozen=True, slots=True)
class Standing:
    """Since when, by whom and why an alarm is suppressed by design or out of service; times are ms UTC.

    `suppressed_rule` is the key of the logic that suppresses, "" where a person does. None as
    `out_of_service_until_ms`: until somebody returns it to service.
    """

    suppressed_ms: int | None = None
    suppressed_by: str | None = None
    suppressed_rule: str = ""
    suppressed_reason: str = ""
    out_of_service_ms: int | None = None
    out_of_service_by: str | None = None
    out_of_service_reason: str = ""
    out_of_service_until_ms: int | None = None

    def now(self, now_ms: int) -> Standing:
        """Give the standing without a maintenance whose time is over."""
        return Standing(**asdict(self) | _IN_SERVICE) if _over(self, now_ms) else self

    def __bool__(self) -> bool:
        """Tell whether the alarm is put aside at all."""
        return self.suppressed_ms is not None or self.out_of_service_ms is not None


STANDING: Final = tuple(field.name for field in fields(Standing))
_IN_SERVICE: Final[dict[str, Any]] = {
    "out_of_service_ms": None,
    "out_of_service_by": None,
    "out_of_service_reason": "",
    "out_of_service_until_ms": None,
}
_NOT_SUPPRESSED: Final[dict[str, Any]] = {
    "suppressed_ms": None,
    "suppressed_by": None,
    "suppressed_rule": "",
    "suppressed_reason": "",
}


@dataclass(frozen=True, slots=True)
class Suppress:
    """Logic, or a person on its behalf, suppresses the alarm by design."""

    by: str
    reason: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Unsuppress:
    """The condition under which the alarm is suppressed no longer holds."""


@dataclass(frozen=True, slots=True)
class OutOfService:
    """A person takes the alarm out of service, until a time (ms UTC) or until it is returned."""

    by: str
    reason: str
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class ReturnToService:
    """A person returns the alarm to service."""


@dataclass(frozen=True, slots=True)
class MaintenanceOver:
    """The time is over for which the alarm was out of service."""


Aside: TypeAlias = Suppress | Unsuppress | OutOfService | ReturnToService | MaintenanceOver


def news_of(held: Standing | Episode, event: Aside, now_ms: int) -> tuple[dict[str, Any], Reason]:
    """Give the fields of a standing that `event` changes, and why it changes none."""
    if isinstance(event, Suppress):
        return _suppress(event, now_ms)
    if isinstance(event, OutOfService):
        return _out_of_service(event, now_ms)
    if isinstance(event, Unsuppress):
        return (_NOT_SUPPRESSED, "ok") if held.suppressed_ms is not None else ({}, "not_suppressed")
    if isinstance(event, MaintenanceOver):
        return (_IN_SERVICE, "ok") if _over(held, now_ms) else ({}, "not_due")
    return (_IN_SERVICE, "ok") if held.out_of_service_ms is not None else ({}, "in_service")


def put_aside(episode: Episode, event: Aside, now_ms: int) -> Decision:
    """Decide what the event does to one of the alarm's episodes; one that is closed stays as it ended."""
    if not episode.is_open:
        return Decision(None, "closed")
    news, reason = news_of(episode, event, now_ms)
    return changed(episode, **news) if news else Decision(None, reason)


def _suppress(event: Suppress, now_ms: int) -> tuple[dict[str, Any], Reason]:
    if not event.reason.strip():
        return {}, "reason_required"
    return {
        "suppressed_ms": now_ms,
        "suppressed_by": event.by,
        "suppressed_rule": event.rule,
        "suppressed_reason": event.reason,
    }, "ok"


def _out_of_service(event: OutOfService, now_ms: int) -> tuple[dict[str, Any], Reason]:
    if not event.reason.strip():
        return {}, "reason_required"
    if event.until_ms is not None and event.until_ms <= now_ms:
        return {}, "not_allowed"
    return {
        "out_of_service_ms": now_ms,
        "out_of_service_by": event.by,
        "out_of_service_reason": event.reason,
        "out_of_service_until_ms": event.until_ms,
    }, "ok"


def _over(held: Standing | Episode, now_ms: int) -> bool:
    until_ms = held.out_of_service_until_ms
    return held.out_of_service_ms is not None and until_ms is not None and until_ms <= now_ms
