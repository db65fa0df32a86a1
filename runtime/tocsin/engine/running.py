"""Calling a handler with claimed jobs: together first, then each by itself where that went wrong.

A claim ends here with every job completed, put off, or left to an owner that took it over. Deadlines are
real seconds, also where the clock is one that tests move: they guard against a handler that hangs.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.db import NotStored
from tocsin.engine import claiming, store
from tocsin.engine.store import Return
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.port import Handler, Job

log = structlog.get_logger("tocsin.engine")

_FIRST_S: Final = 1.0  # how long a job that failed once is put off; doubled each time
_MOST_S: Final = 60.0


class _TookTooLong(TocsinError):  # noqa: N818 named for what happened
    """A handler was still at it when its lease was over."""


def put_off_ms(tries: int) -> int:
    """Tell how long (ms) a job waits that failed at its `tries`-th handing out."""
    return round(min(_MOST_S, _FIRST_S * 2.0 ** min(tries - 1, 16)) * 1000)


@dataclass(slots=True)
class Runner:
    """Runs the claims of one queue."""

    db: Database
    clock: Clock
    owner: str
    handler: Handler
    lease_s: float
    told: Callable[[int], None]
    """Hears when something given back is due."""
    completed: set[tuple[str, int]] = field(default_factory=set)
    """Key and serial of what handlers completed, until the claim it belongs to ends."""
    _owed: list[Return] = field(default_factory=list)

    async def run(self, jobs: Sequence[Job], claimed: float) -> None:
        """See the jobs of one claim to their end; `claimed` is the loop's time just before it was made."""
        together = [job for job in jobs if job.tries == 1]
        # What failed before, or was under way in a crash, cannot harm others when it is called alone.
        groups = deque([together] if together else [])
        groups.extend([job] for job in jobs if job.tries > 1)
        while groups:
            if self._passed(claimed) > self.lease_s / 3:
                claimed = asyncio.get_running_loop().time()
                groups = await self._kept(groups)
                continue
            group = groups.popleft()
            error = await self._call(group, claimed + self.lease_s)
            if error is not None and len(group) > 1:
                self.forget(group)
                log.warning("batch-failed", queue=group[0].queue, jobs=len(group), error=_named(error))
                groups.extendleft([job] for job in reversed(group))
                claimed = -self.lease_s  # what the batch completed before it failed is left out by a look
                continue
            await self._settle(group, error)
            if isinstance(error, _TookTooLong) and groups:
                await self._make_way(groups)
                return

    def _passed(self, claimed: float) -> float:
        return asyncio.get_running_loop().time() - claimed

    async def _kept(self, groups: deque[list[Job]]) -> deque[list[Job]]:
        """Renew the lease and leave out what is not to be done here any more."""
        jobs = [job for group in groups for job in group]
        lease_ms = self.clock.now_ms() + round(self.lease_s * 1000)

        def work(connection: Connection) -> list[Job]:
            return claiming.keep(connection, jobs, owner=self.owner, lease_ms=lease_ms)

        try:
            kept = set(await self.db.write(work))
        except NotStored:
            await self._make_way(groups)
            return deque()
        if len(kept) < len(jobs):
            self.told(self.clock.now_ms())
        lists = ([job for job in group if job in kept] for group in groups)
        return deque(group for group in lists if group)

    async def _call(self, group: Sequence[Job], deadline: float) -> Exception | None:
        """Call the handler; gives what it raised."""
        limit = asyncio.timeout_at(deadline)
        try:
            async with limit:
                await self.handler(group)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return RuntimeError("something it waited for was cancelled")
        except Exception as error:  # noqa: BLE001 whatever a handler raises, its jobs are tried again
            return _TookTooLong(f"took longer than {self.lease_s} s") if limit.expired() else error
        return None

    def forget(self, group: Sequence[Job]) -> None:
        """Drop what is noted of these jobs."""
        self.completed.difference_update((job.key, job.serial) for job in group)

    async def _settle(self, group: Sequence[Job], error: Exception | None) -> None:
        """Put off what was not completed."""
        left = [job for job in group if error is not None or (job.key, job.serial) not in self.completed]
        self.forget(group)
        if not left:
            return
        now_ms = self.clock.now_ms()
        later = [Return(job, now_ms + put_off_ms(job.tries), job.tries) for job in left]
        for one in await self._give_back(later):
            self._tell(one.job, error, one.due_ms - now_ms)

    async def _make_way(self, groups: deque[list[Job]]) -> None:
        """Let whatever else is due go before the rest of a claim in which a job hung."""
        now_ms = self.clock.now_ms()
        await self._give_back([Return(job, now_ms, job.tries - 1) for group in groups for job in group])

    async def _give_back(self, returns: Sequence[Return]) -> list[Return]:
        now_ms = self.clock.now_ms()

        def work(connection: Connection) -> list[Return]:
            return store.give_back(connection, returns, owner=self.owner, now_ms=now_ms)

        try:
            open_ = await self.db.write(work)
        except NotStored as error:
            log.warning("jobs-not-given-back", jobs=len(returns), error=str(error))
            self._owed.extend(returns)
            return []
        # One that was enqueued anew may be due at any time, so now is when to look.
        anew = [now_ms] if len(open_) < len(returns) else []
        self.told(min(anew + [one.due_ms for one in open_]))
        return open_

    async def pay(self) -> None:
        """Give back what could not be given back while the database was away."""
        if self._owed:
            owed, self._owed = self._owed, []
            await self._give_back(owed)

    def _tell(self, job: Job, error: Exception | None, wait_ms: int) -> None:
        told = {"queue": job.queue, "key": job.key, "tries": job.tries, "again_in_ms": wait_ms}
        if error is None:
            log.warning("job-not-completed", **told)
        elif isinstance(error, _TookTooLong):
            log.error("job-took-too-long", lease_s=self.lease_s, **told)
        elif isinstance(error, TocsinError):
            log.warning("job-failed", error=str(error), **told)
        else:
            log.error("job-failed", error=_named(error), exc_info=error, **told)


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
