"""The workers of one domain: who runs what, who is replaced, who is held responsible.

The *fast lane* takes everything, in batches, over `width` workers. A program whose turns take long or
kill workers is moved to the *slow lane*: one worker of low priority, one turn at a time. So whatever a
program does, other programs of the same domain keep their workers, and what a hostile one may burn is
bounded. Workers that wait for a host call do not count; others take their place meanwhile.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.sandbox import ends
from tocsin.sandbox.lanes import Lanes
from tocsin.sandbox.member import Member
from tocsin.sandbox.nursery import SandboxUnavailable

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable

    from tocsin.sandbox.frames import Failed
    from tocsin.sandbox.job import Job, Version
    from tocsin.sandbox.member import Lane
    from tocsin.sandbox.nursery import Nursery
    from tocsin.sandbox.script import FailureKind, Limits

log = structlog.get_logger("tocsin.sandbox")

RECYCLE_AFTER = 1_000
"""Turns after which a worker is replaced: what a script may have left behind in it goes with it."""
MOST_WAITING = 30
"""Workers beyond the width a domain may have while others wait for host calls or run something slow."""
NICE = 10
SURPLUS_S = 5.0
"""How long workers beyond the width are kept once they have nothing to do."""
MOST_SOLO = 4
"""Workers at once that run one turn each, to find out which of a batch made a worker die."""
_SLOW_PAUSE_S = 0.05  # between replacements in the slow lane, where death is a habit
_STILLBORN = 4  # workers that died before their first turn, after which replacements are put off
_LONGEST_PAUSE_S = 5.0
_CLOSING = "the sandbox is closing"
_GRACE_MS = 100  # beyond its processor time, for a turn whose worker should have ended it


class Crew:
    """One domain's workers and queues."""

    def __init__(
        self,
        domain: str,
        *,
        width: int,
        limits: Limits,
        nursery: Callable[[], Nursery],
        wake: Callable[[], None],
        counts: Counter[str],
    ) -> None:
        self.domain = domain
        self.limits = limits
        self.versions: dict[str, Version] = {}
        self._width = width
        self._nursery = nursery
        self._wake = wake
        self._counts = counts
        self._loop = asyncio.get_running_loop()
        self._lanes = Lanes()
        self._members: set[Member] = set()
        self._dying: set[Member] = set()
        """Gone as far as can be seen, with turns that wait for the word of how."""
        self._idle: dict[Lane, list[Member]] = {"fast": [], "slow": [], "solo": []}
        self._loads: dict[str, _Loading] = {}
        self._tasks: set[asyncio.Future[Any]] = set()
        self._flush_is_due = False
        self._stillborn = 0
        self._pause: asyncio.TimerHandle | None = None
        self._trim_is_due = False
        self._slow_not_before = 0.0
        self._is_closed = False

    # ------------------------------------------------------------ for the pool

    def submit(self, job: Job) -> None:
        """Queue one turn; it is sent with all others of this turn of the event loop."""
        self._lanes.add(job, time.monotonic())
        if not self._flush_is_due:
            self._flush_soon()

    async def load(self, version: Version) -> str:
        """Give a program to all workers; return "" once one can run it, or why none can.

        One program of a key at a time; given up by its caller, it is retired.
        """
        self.versions[version.key] = version
        loading = self._loads[version.key] = _Loading(self._loop.create_future())
        for member in self._members:
            member.load(version)
        self.restaff()
        try:
            async with asyncio.timeout(_Loading.WAIT_S):
                error = await loading.result
        except TimeoutError:
            error = "no worker has loaded it in time"
        except asyncio.CancelledError:
            self.retire(version.key)
            raise
        finally:
            del self._loads[version.key]
        if error:
            self.retire(version.key)
        return error

    def retire(self, key: str) -> None:
        """Forget a program once the turns of it that are under way have ended."""
        if (version := self.versions.pop(key, None)) is None:
            return
        version.retired = True
        version.on_unused = self._drop
        if not version.open:
            self._drop(version)

    def sweep(self, now: float) -> bool:
        """Enforce every deadline; return whether there is anything left to watch."""
        self._lanes.expire(now)
        for member in list(self._members):
            if member.jobs and not member.is_lost:
                self._watch(member, now)
        self._watch_the_dying(now)
        if self._lanes.slow:
            self._lanes.shed(self._slow_free_at(now))
            self._staff_slow()
        return bool(self._lanes or self._dying) or any(each.jobs for each in self._members)

    def patrol(self) -> None:
        """End workers that use the processor with nothing to do: no deadline will."""
        for member in [each for each in self._members if each.works_unasked()]:
            log.error("worker-works-unasked", domain=self.domain, programs=sorted(member.held))
            self._counts["workers_unasked"] += 1
            member.end()

    def restaff(self) -> None:
        """Bring the fast lane to its width; again later where that is not possible now."""
        if self._is_closed or self._is_over():
            return
        fast = [each for each in self._members if each.lane == "fast" and not each.is_superseded]
        available = sum(not (each.is_blocked or each.is_demoted) for each in fast)
        wanted = min(self._width - available, self._width + MOST_WAITING - len(fast))
        for _ in range(wanted):
            self._spawn("fast")

    def stats(self) -> dict[str, int]:
        """Return how many workers there are, and of what kind, and how many turns wait."""
        return {
            "workers": len(self._members),
            "ready": sum(each.is_ready for each in self._members),
            "blocked": sum(each.is_blocked for each in self._members),
            "slow": sum(each.lane == "slow" or each.is_demoted for each in self._members),
            "waiting_fast": len(self._lanes.fast),
            "waiting_slow": len(self._lanes.slow),
            "programs": len(self.versions),
        }

    def pids(self) -> list[int]:
        """Return the process ids of the workers that are ready."""
        ready = [each.child for each in self._members if each.child is not None and each.is_ready]
        return [child.pid for child in ready if child.pid]  # its own word may come before that of its birth

    async def aclose(self) -> None:
        """End all workers and host calls; what waits fails."""
        self._is_closed = True
        if self._pause is not None:
            self._pause.cancel()
        self._lanes.fail_all(_CLOSING)
        for member in list(self._members):
            for job in member.jobs:
                job.fail("no-worker", _CLOSING)
            member.end()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ------------------------------------------------------------ dispatch

    def _flush_soon(self) -> None:
        if not self._flush_is_due:
            self._flush_is_due = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_is_due = False
        now = time.monotonic()
        lanes, idle = self._lanes, self._idle["fast"]
        while lanes.fast and idle:
            batch = lanes.take_batch(now)
            if batch:
                idle.pop().give(batch)
        if lanes.fast:
            self.restaff()
        if lanes.slow:
            self._flush_slow()
        if self._pause is None:
            for _ in range(min(len(lanes.solo), MOST_SOLO - self._count("solo"))):
                self._spawn("solo")
        self._wake()

    def _flush_slow(self) -> None:
        idle = self._idle["slow"]
        if not idle:
            self._staff_slow()
        elif (job := self._lanes.take_one(self._lanes.slow)) is not None:
            idle.pop().give([job])

    def _slow_free_at(self, now: float) -> float:
        """When the slow lane will be free, as far as can be told."""
        free_at = max(now, self._slow_not_before)
        for member in self._members:
            if member.lane == "slow" and member.jobs and not member.is_lost:
                job = member.jobs[0]
                free_at = max(free_at, min(job.sent + job.record.cost_s, job.deadline))
        return free_at

    # ------------------------------------------------------------ staffing

    def _spawn(self, lane: Lane, replaces: Member | None = None) -> None:
        member = Member(self, lane, replaces)
        try:
            member.child = self._nursery().fork("worker", member, niceness=NICE if lane == "slow" else 0)
        except SandboxUnavailable:
            return  # the pool calls restaff once there is a zygote again
        except OSError as error:
            self.unborn(str(error))
            return
        self._members.add(member)
        self._counts["workers_started"] += 1
        for version in self.versions.values():
            member.load(version)
        if member.child.ready is not None:
            self._loop.call_soon(member.begin)

    def _staff_slow(self) -> None:
        if self._is_closed or self._count("slow"):
            return
        if time.monotonic() >= self._slow_not_before:
            self._spawn("slow")  # otherwise the next sweep tries again

    def _is_over(self) -> bool:
        """Whether there is nothing to run and will not be until something is published."""
        return not self.versions and not self._lanes

    def _count(self, lane: Lane) -> int:
        return sum(each.lane == lane for each in self._members)

    def _drop(self, version: Version) -> None:
        for member in self._members:
            member.drop(version)
        if not self.versions:
            for member in [*self._idle["fast"], *self._idle["slow"]]:
                member.end()  # a project that is gone needs no processes

    def _trim(self) -> None:
        self._trim_is_due = False
        idle = self._idle["fast"]
        while len(idle) > self._width:
            idle.pop(0).end()

    # ------------------------------------------------------------ what members tell

    def ready(self, member: Member) -> None:
        """Put a worker that has locked itself to work, in place of the one it replaces."""
        member.ready_at = time.monotonic()
        if (old := member.replaces) is not None and not old.is_lost:
            old.is_superseded = True
            self._counts["workers_recycled"] += 1
            if old in self._idle[old.lane]:
                self._idle[old.lane].remove(old)
                old.end()
        if member.lane != "solo":
            self.free(member)
        elif (job := self._lanes.take_one(self._lanes.solo)) is not None:
            member.give([job])
        else:
            member.end()

    def loaded(self, key: str, error: str) -> None:
        """Tell who waits for a program that it can be run, or cannot."""
        if (loading := self._loads.get(key)) is not None and not loading.result.done():
            loading.result.set_result(error)

    def worked(self, turns: int) -> None:
        """Hear that turns have come to their end, one way or the other."""
        self._stillborn = 0
        self._counts["turns"] += turns

    def failed(self, job: Job, now: float, end: Failed) -> None:
        """Keep the record of a program whose turn failed."""
        self._counts[f"failed_{end.kind}"] += 1
        if end.kind in {"cpu", "memory"}:
            job.record.died(now, now - job.sent)
        else:
            job.record.took(now, now - job.sent, end.cpu_us)

    def free(self, member: Member) -> None:
        """Give a worker that has nothing to do the next turns, or let it go."""
        if member.is_demoted or member.is_superseded or member.lane == "solo" or self._is_over():
            member.end()
            return
        self._idle[member.lane].append(member)
        if self._lanes:
            self._flush()
        if member.calls >= RECYCLE_AFTER:
            self._recycle(member)
        if len(self._idle["fast"]) > self._width and not self._trim_is_due:
            self._trim_is_due = True
            self._loop.call_later(SURPLUS_S, self._trim)

    def _recycle(self, member: Member) -> None:
        """Have another take its place, unless one is on its way; one that never comes is no replacement."""
        if self._pause is None and not any(each.replaces is member for each in self._members):
            self._spawn(member.lane, member)

    def returned(self, jobs: list[Job]) -> None:
        """Queue turns again that were given out and have not begun."""
        self._lanes.put_back(jobs, time.monotonic())
        self._flush_soon()

    def slow(self, member: Member) -> None:
        """Let a worker that runs something slow go on at low priority, and another take its place."""
        self._counts["slow_turns"] += 1
        if member.lane != "slow":
            member.is_demoted = True
            if member.child is not None:
                member.child.be_nice(NICE)
            self.restaff()

    def waits(self) -> None:
        """Let others do what a worker that waits for a host call cannot."""
        if self._lanes.fast:
            self.restaff()

    def keep(self, task: asyncio.Future[Any]) -> None:
        """Hold on to a host call until it is done, whether or not its turn still is."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ------------------------------------------------------------ ends

    def _watch(self, member: Member, now: float) -> None:
        """End a worker whose turn is past its deadline, or past its processor time without saying so."""
        job = member.jobs[0]
        if now >= job.deadline:
            fault: tuple[FailureKind, str] = ("deadline", "this turn did not end by its deadline")
        elif member.cpu_ms_of_turn() > job.cpu_ms * 1.25 + _GRACE_MS:
            fault = ("cpu", f"this turn used up its {job.cpu_ms} ms of processor time and did not stop")
        else:
            return
        if fault[0] == "cpu" and len(member.jobs) > 1 and not job.host_calls:
            # It may be at any of them: what is finished is told with the rest. Each is run again by itself.
            member.end(fault)
            return
        job.fail(*fault)
        self._counts[f"failed_{fault[0]}"] += 1
        if not member.is_blocked:
            job.record.died(now, now - job.sent)
        member.end(fault)

    def _watch_the_dying(self, now: float) -> None:
        """Answer whoever cannot wait for how a worker ended: a zygote that is held up tells it late."""
        for member in self._dying:
            for job in member.jobs:
                if now >= job.deadline and not job.closed:
                    job.fail("deadline", "this turn did not end by its deadline")
                    self._counts["failed_deadline"] += 1

    def unborn(self, why: str) -> None:
        """Hear that no process could be made for a worker: the next attempts are put off."""
        if self._pause is None:
            log.error("worker-not-born", domain=self.domain, why=why)
        self._stillborn = max(self._stillborn + 1, _STILLBORN)
        self._tell_loads(f"no process can be made for its workers: {why}")
        self._put_off()

    def lost(self, member: Member) -> None:
        """Replace a worker that is gone, or as good as gone, at once."""
        self._members.discard(member)
        if member.jobs:
            self._dying.add(member)
        with contextlib.suppress(ValueError):
            self._idle[member.lane].remove(member)
        if member.lane == "slow":
            self._slow_not_before = time.monotonic() + _SLOW_PAUSE_S
        elif member.lane == "solo":
            self._flush_soon()
        elif self._stillborn < _STILLBORN:
            self.restaff()

    def buried(self, member: Member, status: int | None) -> None:
        """Settle the turns a worker left behind: blame the one that ended it, run the others again."""
        if member.is_stillborn(time.monotonic()) and status is not None:
            self._bury_stillborn(status)
        if ends.is_breakout(status):
            log.error("breakout-attempt", domain=self.domain, programs=sorted(member.held))
            self._counts["breakout_attempts"] += 1
        self._dying.discard(member)
        at = member.jobs[0] if member.jobs else None
        jobs = [job for job in member.jobs if not job.closed]
        member.jobs.clear()
        if not jobs:
            return
        head = jobs[0]
        kind, message = member.fault or ("killed", ends.describe(status))
        # A turn that made host calls is never run again. One that was by itself is to blame if the worker
        # died of what it did; a lie may be an earlier turn's, and a SIGKILL comes from outside.
        confessed = jobs == [at] and kind == "killed" and ends.is_own_doing(status)
        if head.host_calls or member.lane == "solo" or confessed:
            head.fail(kind, message)
            self._counts[f"failed_{kind}"] += 1
            now = time.monotonic()
            head.record.died(now, now - head.sent)
            del jobs[0]
        self._lanes.solo.extend(jobs)
        if self._is_closed:
            self._lanes.fail_all(_CLOSING)
        self._flush_soon()

    def _bury_stillborn(self, status: int) -> None:
        self._stillborn += 1
        self._tell_loads(f"its workers do not start: {ends.describe(status)}")
        log.error("worker-stillborn", domain=self.domain, status=status, times=self._stillborn)
        if self._stillborn >= _STILLBORN:
            self._put_off()

    def _tell_loads(self, why: str) -> None:
        """Tell who waits for a program to be loaded that its workers die, once that is no accident."""
        for loading in self._loads.values():
            loading.deaths += 1
            if loading.deaths >= _Loading.DEATHS and not loading.result.done():
                loading.result.set_result(why)

    def _put_off(self) -> None:
        if self._pause is None and not self._is_closed:
            pause_s = min(_LONGEST_PAUSE_S, 0.05 * 2 ** min(self._stillborn, 10))
            self._pause = self._loop.call_later(pause_s, self._resume)

    def _resume(self) -> None:
        self._pause = None
        self.restaff()
        self._flush_soon()


class _Loading:
    """Somebody waits for a program to be loaded."""

    WAIT_S = 10.0
    DEATHS = 3

    def __init__(self, result: asyncio.Future[str]) -> None:
        self.result = result
        self.deaths = 0
