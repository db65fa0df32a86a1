"""What every part of one emulator shares: its clock, timers, pace, chance, faults and memory.

A plain holder, so that a part says in one argument what it stands in. No behaviour lives here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tocsin.clock import Clock
    from tocsin.emulator.account import Accounts
    from tocsin.emulator.events import Events
    from tocsin.emulator.faults import Faults
    from tocsin.emulator.limits import Limits
    from tocsin.emulator.pace import Pace
    from tocsin.emulator.sids import Sids
    from tocsin.emulator.timers import Timers
    from tocsin.emulator.webhook import Webhooks


@dataclass(slots=True)
class World:
    """The surroundings of calls, messages and phones."""

    clock: Clock
    timers: Timers
    pace: Pace
    events: Events
    faults: Faults
    sids: Sids
    accounts: Accounts
    webhooks: Webhooks
    chance: random.Random
    limits: Limits
    errors: deque[BaseException] = field(default_factory=lambda: deque(maxlen=100))
    """Faults of the emulator itself, met while a call ran; always empty if this room is right."""
