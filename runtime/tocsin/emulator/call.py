"""The life of a call as a table: which status follows which event, and what the callback then says.

Pure. The names of events are those one subscribes to or that end a call; `initiated` is never a REST
status, and an answered call is `in-progress` everywhere but in the name of its event.
https://www.twilio.com/docs/voice/api/call-resource#call-status-values
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Status = Literal["queued", "ringing", "in-progress", "completed", "busy", "failed", "no-answer", "canceled"]
Event = Literal["initiate", "ring", "answer", "hangup", "busy", "no-answer", "fail", "cancel"]

FINAL: frozenset[str] = frozenset({"completed", "busy", "failed", "no-answer", "canceled"})
SUBSCRIPTIONS: frozenset[str] = frozenset({"initiated", "ringing", "answered", "completed"})


@dataclass(frozen=True, slots=True)
class Step:
    """What an event makes of a call: its REST status, the CallStatus told, the subscription it belongs to."""

    status: Status
    told: str
    subscription: str


_ENDS: dict[Event, Step] = {
    "busy": Step("busy", "busy", "completed"),
    "no-answer": Step("no-answer", "no-answer", "completed"),
    "fail": Step("failed", "failed", "completed"),
    "cancel": Step("canceled", "canceled", "completed"),
}
_RINGING = Step("ringing", "ringing", "ringing")
_ANSWERED = Step("in-progress", "in-progress", "answered")
_COMPLETED = Step("completed", "completed", "completed")

TABLE: dict[Status, dict[Event, Step]] = {
    "queued": {
        "initiate": Step("queued", "initiated", "initiated"),
        "ring": _RINGING,
        "answer": _ANSWERED,
        **_ENDS,
    },
    "ringing": {"answer": _ANSWERED, **_ENDS},
    "in-progress": {"hangup": _COMPLETED, "fail": _ENDS["fail"]},
}


class ImpossibleStep(ValueError):  # noqa: N818  # reads as a sentence at the place of use
    """An event that cannot happen to a call in its status."""


def step(status: Status, event: Event) -> Step:
    """Tell what `event` makes of a call that is `status`; raises ImpossibleStep where it cannot happen."""
    found = TABLE.get(status, {}).get(event)
    if found is None:
        raise ImpossibleStep(f"a call that is {status} cannot {event}")
    return found


def billed_minutes(seconds: int) -> int:
    """Give the minutes billed for a call of so many seconds: each minute begun counts."""
    return -(-seconds // 60)
