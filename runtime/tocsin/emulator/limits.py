"""How fast an account may call and text: what comes faster waits, and what no queue can hold fails.

Twilio places one call a second unless more was agreed, and sends about one message a second from a long
number; a queue of messages holds four hours of them. The emulator limits nothing until it is told to.
https://www.twilio.com/docs/messaging/guides/scaling-queueing-latency
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_FOUR_HOURS = 4 * 3600


class BadLimit(ValueError):  # noqa: N818  # reads as a sentence at the place of use
    """A limit nobody can understand; `str()` is one sentence."""


def _rate(given: Any, name: str) -> float | None:
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 < given <= 100_000:
        raise BadLimit(f"{name} is a number above 0, or null for no limit, not {given!r}")
    return float(given)


@dataclass(slots=True)
class Limits:
    """The limits in force; None is no limit. `message_queue` counts the messages that may wait per sender."""

    calls_per_second: float | None = None
    messages_per_second: float | None = None
    message_queue: int | None = None

    def put(self, given: Any) -> None:
        """Change what is named in an object like `{"messages_per_second": 1}`; raises BadLimit."""
        if not isinstance(given, dict):
            raise BadLimit('limits are an object like {"calls_per_second": 1, "messages_per_second": 1}')
        if unknown := set(given) - {"calls_per_second", "messages_per_second", "message_queue"}:
            raise BadLimit(
                "there are limits for calls_per_second, messages_per_second and message_queue, not "
                + ", ".join(sorted(map(str, unknown)))
            )
        calls = _rate(given.get("calls_per_second", self.calls_per_second), "calls_per_second")
        messages = _rate(given.get("messages_per_second", self.messages_per_second), "messages_per_second")
        queue = given.get("message_queue", self.message_queue)
        if queue is not None and (isinstance(queue, bool) or not isinstance(queue, int) or queue < 0):
            raise BadLimit(f"message_queue is a whole number from 0, or null for four hours, not {queue!r}")
        self.calls_per_second, self.messages_per_second, self.message_queue = calls, messages, queue

    @property
    def most_queued(self) -> int:
        """How many messages of one sender may wait before the rest fails with 30001."""
        if self.message_queue is not None:
            return self.message_queue
        return round(_FOUR_HOURS * (self.messages_per_second or 0))


class Slots:
    """The next free moment of each account or sender, one after the other at a rate."""

    def __init__(self) -> None:
        self._next: dict[str, float] = {}

    def wait(self, key: str, now: float) -> float:
        """Give the seconds until the next free moment of `key`."""
        return max(0.0, self._next.get(key, 0.0) - now)

    def take(self, key: str, now: float, rate: float | None, units: int = 1) -> float:
        """Take the next free moment for so many units and give the seconds until then."""
        if not rate:
            return 0.0
        wait = self.wait(key, now)
        self._next[key] = now + wait + units / rate
        return wait
