"""How a request to Twilio that cannot be repeated ended: taken, refused, or nobody knows.

Creating a call or a message is not idempotent, so "unknown" must never be treated as "refused": the phone
may ring all the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Attempt:
    """`sid` is set where Twilio took it; `why` says what went wrong otherwise."""

    state: Literal["placed", "refused", "unknown"]
    sid: str | None = None
    why: str = ""


def placed(sid: str) -> Attempt:
    """Twilio took it and named it."""
    return Attempt("placed", sid)
