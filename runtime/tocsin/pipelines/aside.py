"""Why an alarm is not to be told for now: shelved, suppressed by design, or out of service. Pure.

The three are states of their own (ISA-18.2 section 6.2.9, IEC 62682): an operator shelves for a time, logic
of the plant suppresses, maintenance takes out of service. To a run they are one: it pauses.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from tocsin.pipelines.run import Alarm

LOOK_AGAIN_MS: Final = 60 * 60_000
"""How long a pause lasts whose end is not known; the end itself is heard of, this is in case it is not."""


class Aside(NamedTuple):
    """Until when (ms UTC; None: not known) an alarm is put aside, by whom or what, and in a word."""

    until_ms: int | None
    by: str
    why: str


def put_aside(alarm: Alarm, now_ms: int) -> Aside | None:
    """Give why nobody is to be told of the alarm for now, or None; of several reasons the longest."""
    reasons: list[Aside] = []
    shelved_ms = alarm.shelved_until_ms
    if shelved_ms is not None and shelved_ms > now_ms:
        reasons.append(Aside(shelved_ms, alarm.shelved_by or "", "shelved"))
    until_ms = alarm.out_of_service_until_ms
    if alarm.out_of_service_ms is not None and (until_ms is None or until_ms > now_ms):
        reasons.append(Aside(until_ms, alarm.out_of_service_by or "", "taken out of service"))
    if alarm.suppressed_ms is not None:
        by = alarm.suppressed_rule or alarm.suppressed_by or "design"
        reasons.append(Aside(None, by, "suppressed"))
    return max(reasons, key=lambda one: one.until_ms or math.inf, default=None)
