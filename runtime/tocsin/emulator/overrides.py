"""Connection overrides: what Twilio reads from the fragment of a webhook URL and never sends.

https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urldefrag, urlsplit, urlunsplit

_RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
_POLICIES = frozenset({"4xx", "5xx", "ct", "rt", "all"})


@dataclass(frozen=True, slots=True)
class Overrides:
    """How long to wait for a webhook (milliseconds), how often to repeat it, and after what."""

    connect_ms: int = 5_000
    read_ms: int = 15_000
    total_ms: int = 15_000
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})

    def repeats_after(self, outcome: str) -> bool:
        """Tell whether an outcome ("ct", "rt", "4xx" or "5xx") is one the policy repeats after."""
        return "all" in self.policy or outcome in self.policy


def is_url(text: str) -> bool:
    """Tell whether `text` is an absolute http or https URL with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


@lru_cache(maxsize=4096)
def read(url: str) -> tuple[str, Overrides]:
    """Split a webhook URL into what goes over the wire and its overrides; values out of range are ignored."""
    wire, fragment = urldefrag(url)
    if is_url(wire) and not urlsplit(wire).path:
        # What is signed must be what the server sees, and no request has an empty path.
        wire = urlunsplit(urlsplit(wire)._replace(path="/"))
    if not fragment:
        return wire, Overrides()
    numbers: dict[str, int] = {}
    policy = frozenset({"ct"})
    for key, value in parse_qsl(fragment):
        if key == "rp":
            named = frozenset(value.split(","))
            policy = named if named and named <= _POLICIES else policy
        elif key in _RANGES and value.isascii() and value.isdigit():
            low, high = _RANGES[key]
            if low <= int(value) <= high:
                numbers[key] = int(value)
    return wire, Overrides(
        connect_ms=numbers.get("ct", 5_000),
        read_ms=numbers.get("rt", 15_000),
        total_ms=numbers.get("tt", 15_000),
        retries=numbers.get("rc", 1),
        policy=policy,
    )
