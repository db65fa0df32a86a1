"""What a simulation tells: one step for each thing that happens, with its reason. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

StepKind: TypeAlias = Literal[
    "begins", "call", "text", "outcome", "left-out", "nobody-on-call", "waits", "last-resort", "acknowledged",
    "passed-on", "held", "script", "answer", "admin", "ends",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens at `at_ms` (ms UTC); `why` is the reason, which names people by username.

    `call` and `text` have person, profile and number; `outcome` has what a call or text came to; `left-out`
    a person on call who is not told.
    """

    at_ms: int
    kind: StepKind
    why: str = ""
    person: str = ""
    channel: str = ""
    profile: str = ""
    number: str = ""
    outcome: str = ""
    block: str = ""
    run: str = ""
