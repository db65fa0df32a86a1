"""All workers of one gateway: one zygote, one crew per domain, and one clock that enforces deadlines."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.sandbox import nursery
from tocsin.sandbox.crew import Crew
from tocsin.sandbox.nursery import Nursery, SandboxUnavailable

if TYPE_CHECKING:
    from tocsin.sandbox.script import Limits

log = structlog.get_logger("tocsin.sandbox")

SWEEP_S = 0.025
"""How often deadlines are looked at while any turn is under way; never while none is."""
PATROL_S = 10.0
"""How often workers are looked at that have nothing to do, for whether they do nothing."""
OUTAGE_S = 0.5
"""Without a zygote for longer, turns are failed at once: who asked still has the time to answer otherwise."""
_RESTARTS_S = (0.0, 0.1, 0.5, 2.0, 5.0)  # pauses before a zygote that keeps dying is started again


class Pool:
    """The zygote, its restarts, and the crews."""

    def __init__(
        self, *, limits: Limits, vocabulary: str, required: bool, width: int, timezone: str = ""
    ) -> None:
        self.crews: dict[str, Crew] = {}
        self.counts: Counter[str] = Counter()
        self.outage = ""
        """Why nothing can be run, while that has lasted longer than a restart takes; else empty."""
        self._limits = limits
        self._vocabulary = vocabulary
        self._required = required
        self._width = width
        self._timezone = timezone
        self._loop = asyncio.get_running_loop()
        self._nursery: Nursery | None = None
        self._restart: asyncio.Task[None] | None = None
        self._outage_due: asyncio.TimerHandle | None = None
        self._restarts = 0
        self._has_started = False
        self._patrol_due: asyncio.TimerHandle | None = None
        self._is_sweeping = False
        self._is_closed = False

    async def start(self) -> None:
        """Start the zygote; raises SandboxUnavailable where it does not come up."""
        begun = self._nursery = self._begin()
        await begun.wait_started()
        if self._nursery is not begun:  # whoever starts it must know: nobody else starts it again now
            raise SandboxUnavailable("the zygote died as soon as it was up")
        if not self._has_started:
            self._patrol_due = self._loop.call_later(PATROL_S, self._patrol)
        self._has_started = True
        self._end_outage()

    def _begin(self) -> Nursery:
        return Nursery(
            lambda control: nursery.settings(
                control,
                vocabulary=self._vocabulary,
                limits=self._limits,
                required=self._required,
                timezone=self._timezone,
            ),
            self._down,
        )

    def nursery(self) -> Nursery:
        """Return the present zygote; raises SandboxUnavailable where there is none."""
        if self._nursery is None:
            raise SandboxUnavailable("the sandbox is not running")
        return self._nursery

    def crew(self, domain: str) -> Crew:
        """Return the crew of a domain, made on first use."""
        if (crew := self.crews.get(domain)) is None:
            crew = self.crews[domain] = Crew(
                domain,
                width=self._width,
                limits=self._limits,
                nursery=self.nursery,
                wake=self._wake,
                counts=self.counts,
            )
        return crew

    def stats(self) -> dict[str, Any]:
        """Return counters since the start, and each crew's state."""
        return {
            **self.counts,
            "zygote": self._nursery.pid if self._nursery is not None else 0,
            "domains": {domain: crew.stats() for domain, crew in self.crews.items()},
        }

    async def aclose(self) -> None:
        """End everything."""
        self._is_closed = True
        self._end_outage()
        if self._patrol_due is not None:
            self._patrol_due.cancel()
        if self._restart is not None:
            self._restart.cancel()
        for crew in self.crews.values():
            await crew.aclose()
        if self._nursery is not None:
            self._nursery.close()
            self._nursery = None

    # ------------------------------------------------------------ deadlines

    def _wake(self) -> None:
        if not self._is_sweeping and not self._is_closed:
            self._is_sweeping = True
            self._loop.call_later(SWEEP_S, self._sweep)

    def _sweep(self) -> None:
        now = time.monotonic()
        busy = [crew for crew in self.crews.values() if crew.sweep(now)]
        self._is_sweeping = False
        if busy:
            self._wake()
        else:
            self._restarts = 0

    def _patrol(self) -> None:
        self._patrol_due = self._loop.call_later(PATROL_S, self._patrol)
        for crew in self.crews.values():
            crew.patrol()

    # ------------------------------------------------------------ restarts

    def _down(self, why: str) -> None:
        self._nursery = None
        self.counts["zygote_deaths"] += 1
        log.error("zygote-down", why=why)
        # One that never came up will not the next time either: whoever started it has been told.
        if self._has_started and not self._is_closed and self._restart is None:
            self._outage_due = self._loop.call_later(OUTAGE_S, self._begin_outage, why)
            self._restart = self._loop.create_task(self._start_again())

    def _begin_outage(self, why: str) -> None:
        self.outage = f"the sandbox is down and does not start again ({why})"

    def _end_outage(self) -> None:
        self.outage = ""
        if self._outage_due is not None:
            self._outage_due.cancel()

    async def _start_again(self) -> None:
        try:
            while not self._is_closed:
                await asyncio.sleep(_RESTARTS_S[min(self._restarts, len(_RESTARTS_S) - 1)])
                self._restarts += 1
                try:
                    await self.start()
                except Exception as error:  # noqa: BLE001 - no memory, no descriptors: the next may come up
                    log.error("zygote-does-not-start", why=str(error) or repr(error))
                    continue
                for crew in self.crews.values():
                    crew.restaff()
                return
        finally:
            self._restart = None
