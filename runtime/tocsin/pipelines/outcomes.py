"""What happens after each way in which telling a person can end, as a table. Pure data and its merging.

How a call or text ended is decided by whoever placed it; what a row makes the run do, in `notification`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.pipelines.section import OutcomeSection

Next: TypeAlias = Literal["now", "after-step"]
HALF_STEP: Final = "half-step"


@dataclass(frozen=True, slots=True)
class Rule:
    """What one outcome means and what follows.

    `told`: the person knows of the alarm. `redial_times` and `redial_ms`: how often the same number is tried
    again in this round, and how long after. `text`: the person gets a text at the first miss.
    `other_numbers`: the person's further numbers are tried before anybody else. `again_ms`: the person is
    called once more after that time while others are told ("half-step": after half the step timer). `next`:
    when the next person is told. `admin`: whoever looks after the system is to know.
    """

    told: bool = False
    redial_times: int = 0
    redial_ms: int = 30_000
    text: bool = False
    other_numbers: bool = False
    again_ms: int | Literal["half-step"] | None = None
    next: Next = "now"
    admin: bool = False


MINUTE: Final = 60_000

DEFAULTS: Final[Mapping[str, Rule]] = MappingProxyType(
    {
        "acked": Rule(told=True, next="after-step"),  # the acknowledgement itself ends the run
        "partly-acked": Rule(told=True, next="after-step"),
        "notified-no-ack": Rule(told=True, next="after-step"),
        "passed": Rule(told=True),
        "answered-silent": Rule(text=True),
        "hung-up": Rule(text=True),
        "pin-failed": Rule(admin=True),
        "locked": Rule(admin=True),
        "voicemail": Rule(text=True, again_ms=3 * MINUTE),
        "fax": Rule(text=True, again_ms=3 * MINUTE),
        "busy": Rule(redial_times=2, redial_ms=45_000, other_numbers=True),
        "no-answer": Rule(redial_times=1, redial_ms=30_000, text=True, other_numbers=True),
        "failed-number": Rule(text=True, other_numbers=True, admin=True),
        # Comes only once no profile of the failover chain took it; the provider may be back in a moment.
        "failed-provider": Rule(text=True, other_numbers=True, again_ms=2 * MINUTE),
        # Texts: that one was delivered says nothing of who has read it.
        "delivered": Rule(next="after-step"),
        "undelivered": Rule(),
        "no-receipt": Rule(),
    }
)
"""The row of each outcome, whatever the priority."""

BY_PRIORITY: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = MappingProxyType(
    {"Critical": {"notified-no-ack": {"again_ms": HALF_STEP}, "partly-acked": {"again_ms": HALF_STEP}}}
)
"""What differs for one priority."""

EDITABLE: Final = tuple(DEFAULTS)
"""Outcomes that have a row; the others (cancelled) end with what cancelled them."""

UNKNOWN: Final = Rule(text=True, other_numbers=True)
"""For an outcome nobody has a row for: rather tell one person too many."""


class Outcomes:
    """The table in force: the defaults, and over them what the configuration says."""

    def __init__(self, configured: Mapping[str, Mapping[str, OutcomeSection]] | None = None) -> None:
        self._rows = dict(DEFAULTS)
        self._special: dict[tuple[str, str], Rule] = {}
        given = configured or {}
        everywhere = given.get("default", {})
        for outcome, section in everywhere.items():
            self._rows[outcome] = replace(self._rows[outcome], **section.changes())
        for priority in {*BY_PRIORITY, *given} - {"default"}:
            built_in, own = BY_PRIORITY.get(priority, {}), given.get(priority, {})
            for outcome in {*built_in, *own}:
                rule = replace(DEFAULTS[outcome], **built_in.get(outcome, {}))
                for table in (everywhere, own):
                    if outcome in table:
                        rule = replace(rule, **table[outcome].changes())
                self._special[priority, outcome] = rule

    def rule(self, priority: str, outcome: str | None) -> Rule:
        """Give the row of an outcome for an alarm of this priority."""
        name = outcome or ""
        return self._special.get((priority, name)) or self._rows.get(name, UNKNOWN)


def again_after(rule: Rule, step_ms: int) -> int | None:
    """Give after how many ms the person is called once more, or None."""
    return step_ms // 2 if rule.again_ms == HALF_STEP else rule.again_ms
