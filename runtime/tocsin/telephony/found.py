"""Calls and texts as Twilio's lists show them, reduced to what somebody acts on. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class FoundCall:
    """One call; `status` is that of the REST interface, where "queued" stands for "initiated" too.

    `created_ms` has whole seconds only. `duration_s` is None until the call has ended.
    """

    sid: str
    number: str
    status: str
    created_ms: int
    duration_s: int | None = None
    answered_by: str = ""

    @classmethod
    def of(cls, resource: Any) -> Self:
        """Read the official client's object."""
        duration = resource.duration
        return cls(
            sid=resource.sid or "",
            number=resource.to or "",
            status=_text(resource.status),
            created_ms=_ms(resource.date_created),
            duration_s=int(duration) if duration else None,
            answered_by=resource.answered_by or "",
        )


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """One text; `created_ms` has whole seconds only."""

    sid: str
    number: str
    body: str
    status: str
    created_ms: int
    code: int | None = None

    @classmethod
    def of(cls, resource: Any) -> Self:
        """Read the official client's object."""
        code = resource.error_code
        return cls(
            sid=resource.sid or "",
            number=resource.to or "",
            body=resource.body or "",
            status=_text(resource.status),
            created_ms=_ms(resource.date_created),
            code=int(code) if code else None,
        )


def _text(value: Any) -> str:
    """Write an enumeration of the official client as Twilio does."""
    return str(getattr(value, "value", value) or "")


def _ms(moment: datetime | None) -> int:
    return 0 if moment is None else round(moment.timestamp() * 1000)
