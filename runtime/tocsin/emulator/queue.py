"""Queues of callers on hold: who waits, since when, and how one of them is fetched.

Here is the bookkeeping; what Enqueue and `<Dial><Queue>` do with it is in `verbs.queue`.
https://www.twilio.com/docs/voice/twiml/enqueue
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tocsin.emulator.leg import Summoned

if TYPE_CHECKING:
    from tocsin.emulator.leg import Goto, Leg
    from tocsin.emulator.meeting import Meeting
    from tocsin.emulator.sids import Sids


@dataclass(slots=True, eq=False)
class Waiting:
    """One caller on hold. `came` is True once the caller is ready to talk, False if the caller is gone."""

    leg: Leg
    since: float
    came: asyncio.Future[bool]
    meeting: Meeting | None = None
    first: Goto | None = None
    """A document the caller hears before talking to whoever fetched this caller."""

    def summon(self, meeting: Meeting, first: Goto | None) -> None:
        """Fetch this caller out of the music."""
        self.meeting, self.first = meeting, first
        self.leg.interrupt(Summoned())

    def answer(self, *, ready: bool) -> None:
        """Tell whoever fetched this caller whether the talk can begin; the first word counts."""
        if not self.came.done():
            self.came.set_result(ready)


@dataclass(slots=True)
class Queue:
    """One queue of an account, by its name."""

    sid: str
    name: str
    callers: list[Waiting] = field(default_factory=list)
    agents: list[asyncio.Future[None]] = field(default_factory=list)
    waited: float = 0.0
    served: int = 0

    def enter(self, leg: Leg) -> Waiting:
        """Put a caller at the end and tell whoever waits for one."""
        caller = Waiting(leg, leg.clock.now(), asyncio.get_running_loop().create_future())
        self.callers.append(caller)
        if self.agents:
            agent = self.agents.pop(0)
            if not agent.done():
                agent.set_result(None)
        return caller

    def leave(self, caller: Waiting) -> None:
        """Take a caller out, whatever the reason; harmless a second time."""
        if caller in self.callers:
            self.callers.remove(caller)
            self.waited += caller.leg.clock.now() - caller.since
            self.served += 1

    def facts(self, caller: Waiting) -> dict[str, str]:
        """Give what the waiting document is told."""
        return {
            "QueueSid": self.sid,
            "QueueTime": str(round(caller.leg.clock.now() - caller.since)),
            "AvgQueueTime": str(round(self.waited / self.served) if self.served else 0),
            "QueuePosition": str(self.callers.index(caller) + 1),
            "CurrentQueueSize": str(len(self.callers)),
        }


class Queues:
    """Every queue of one emulator."""

    def __init__(self, sids: Sids) -> None:
        self._sids = sids
        self._all: dict[tuple[str, str], Queue] = {}

    def get(self, account_sid: str, name: str) -> Queue:
        """Give an account's queue by name, making it if need be."""
        queue = self._all.get((account_sid, name))
        if queue is None:
            queue = self._all[account_sid, name] = Queue(self._sids.new("QU"), name)
        return queue
