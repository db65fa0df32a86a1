"""Tries the locks for real at start-up: processes that attempt what must fail, and the report of it."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import structlog

from tocsin.sandbox import ends, frames
from tocsin.sandbox.lockdown import selftest
from tocsin.sandbox.lockdown.report import LockReport, Measure

log = structlog.get_logger("tocsin.sandbox")

if TYPE_CHECKING:
    from tocsin.sandbox.nursery import Nursery

_WAIT_S = 5.0


async def inspect(nursery: Nursery) -> LockReport:
    """Return what the locks of this machine hold; raises SandboxUnavailable where nothing starts."""
    attempts = [_Attempt(nursery, what) for what in ("", *selftest.FATAL)]
    for attempt in attempts:
        await attempt.over()
    measures = attempts[0].measures
    return LockReport(
        platform=sys.platform,
        measures=tuple(Measure(*each) for each in measures),
        attempts=tuple(result for attempt in attempts for result in attempt.results()),
        fault="" if measures else f"no worker could be started: {ends.describe(attempts[0].status)}",
    )


class _Attempt:
    """One process that tries one thing, or everything that it survives."""

    def __init__(self, nursery: Nursery, what: str) -> None:
        self._what = what
        self._ended: asyncio.Future[None] = nursery.loop.create_future()
        self._results: list[tuple[str, bool, str]] = []
        self.measures: list[tuple[str, bool, bool, str]] = []
        self.status: int | None = None
        self._child = nursery.fork("attempts", self, attempt=what)

    async def over(self) -> None:
        """Return once it is done, one way or the other."""
        try:
            async with asyncio.timeout(_WAIT_S):
                await self._ended
        except TimeoutError:
            self._child.kill()

    def results(self) -> list[Measure]:
        """Return what came of it; a process that the kernel ended was prevented."""
        expected = [self._what] if self._what else list(selftest.SILENT)
        said = {what: (prevented, detail) for what, prevented, detail in self._results}
        if self._what and not said and ends.is_breakout(self.status):
            said[self._what] = True, "the kernel ended the process"
        return [
            Measure(what, held, required=True, detail=detail)
            for what in expected
            for held, detail in [said.get(what, (False, f"it gave no answer; {ends.describe(self.status)}"))]
        ]

    def heard(self, message: bytes | memoryview) -> None:
        """Take one message of the process."""
        said = frames.decode_report(message)
        if isinstance(said, frames.Ready):
            self.measures = said.measures
        elif isinstance(said, frames.Attempted):
            self._results = said.attempts
        elif isinstance(said, frames.Crashed):
            log.error("self-test-crashed", attempt=self._what, text=said.text)
        else:
            raise frames.Violation("not what a self-test says")

    def violated(self, violation: frames.Violation) -> None:
        """Count a process that does not speak properly as one that was not prevented."""
        del violation
        self._child.kill()

    def closed(self) -> None:
        """Wait for `ended`."""

    def ended(self, status: int | None) -> None:
        """Hear how the process ended."""
        self.status = status
        if not self._ended.done():
            self._ended.set_result(None)
