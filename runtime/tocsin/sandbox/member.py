"""One worker as the server sees it: what it was given, and whether what it says can be true.

Everything heard is checked against what the worker was told before anything is changed by it. Decisions
about the crew (who runs what, whom to replace) are the crew's.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Literal

import structlog

from tocsin.sandbox import eager, frames, scriptlog
from tocsin.sandbox.host import HostRefused

if TYPE_CHECKING:
    from tocsin.sandbox.crew import Crew
    from tocsin.sandbox.job import Job, Version
    from tocsin.sandbox.nursery import Child
    from tocsin.sandbox.script import FailureKind
    from tocsin.sandbox.strikes import Record

log = structlog.get_logger("tocsin.sandbox")


Lane = Literal["fast", "slow", "solo"]

SLOW_US = 4_000
"""Processor time after which a turn that still runs is taken for slow."""

UNASKED_MS = 100
"""Processor time that a worker may use between two looks without having been told anything."""

_INFANCY_S = 0.25
_PROCESS_CPU_CLOCK = 2  # CPUCLOCK_SCHED of the whole process, linux/posix-timers.h


class Member:
    """One worker of a crew."""

    def __init__(self, crew: Crew, lane: Lane, replaces: Member | None = None) -> None:
        self._crew = crew
        self._first = 0
        self._asking: asyncio.Future[Any] | None = None
        self._digests: Counter[str] = Counter()
        self._watched = (-1, 0.0)
        self._awaited: Counter[str] = Counter()
        """Programs it was given and has not yet said to have loaded, by key."""
        self._orders = 0
        self._at_rest: tuple[int, int, float] | None = None
        self._has_crashed = False
        self._suspect: Record | None = None
        self.lane: Lane = lane
        self.replaces = replaces
        """The worker that ends once this one is ready."""
        self.child: Child | None = None
        self.jobs: deque[Job] = deque()
        self.held: dict[str, Version] = {}
        self.calls = 0
        """Turns given to it in its life."""
        self.is_ready = False
        self.ready_at = 0.0
        self.is_blocked = False
        """It waits for a host call, and uses no processor."""
        self.is_demoted = False
        """It runs something slow, at low priority, and will not be given anything else."""
        self.is_lost = False
        self.is_superseded = False
        """Another has taken its place: it ends once it has nothing to do."""
        self.is_dismissed = False
        """The server ended it."""
        self.fault: tuple[FailureKind, str] | None = None
        """What is said of the turn it was at when the server ended it."""

    def is_stillborn(self, now: float) -> bool:
        """Whether it ended by itself before it could be of any use: one more like it will not do better."""
        if self.calls or self.is_dismissed:
            return False
        return not self.is_ready or now - self.ready_at < _INFANCY_S

    def cpu_ms_of_turn(self) -> float:
        """Return the processor time of the turn it is at, counted from the first time this was asked."""
        used = self._cpu_ms()
        if self._watched[0] != self._first:
            self._watched = (self._first, used)
        return used - self._watched[1]

    def works_unasked(self) -> bool:
        """Tell whether it has used the processor since this was asked last, and was told nothing to do."""
        before, now = self._at_rest, (self.calls, self._orders, self._cpu_ms())
        self._at_rest = now if self.is_ready and not self.jobs and not self.is_lost else None
        if before is None or self._at_rest is None:
            return False
        return before[:2] == now[:2] and now[2] - before[2] > UNASKED_MS

    def _cpu_ms(self) -> float:
        """Return the processor time of its process, 0 where that is not known."""
        if sys.platform != "linux" or self.child is None or not self.child.pid:
            return 0.0
        try:
            return time.clock_gettime((~self.child.pid << 3) | _PROCESS_CPU_CLOCK) * 1000
        except OSError:
            return 0.0

    # ------------------------------------------------------------ towards the worker

    def give(self, jobs: list[Job]) -> None:
        """Have it run these turns, in this order."""
        assert self.child is not None
        number = self._first + len(self.jobs)
        now = time.monotonic()
        calls = []
        for job in jobs:
            if job.version.key not in self.held:
                self.load(job.version)
            job.sent = now
            calls.append(frames.Call(number, job.version.key, job.cpu_ms, job.fallback_only, job.given))
            number += 1
        self.jobs.extend(jobs)
        self.calls += len(jobs)
        self.child.channel.send(frames.encode_order(frames.Batch(calls)))

    def load(self, version: Version) -> None:
        """Give it a program, and of its code what it has not yet."""
        assert self.child is not None
        send = self.child.channel.send
        for digest in version.codes.keys() - self._digests.keys():
            send(frames.encode_order(frames.Code(digest, version.codes[digest])))
        if (before := self.held.get(version.key)) is not None:
            self._digests.subtract(before.codes.keys())  # it takes its place, and will not be dropped
        self._digests.update(version.codes.keys())
        self.held[version.key] = version
        self._awaited[version.key] += 1
        self._orders += 1
        send(frames.encode_order(frames.Load(version.key, **version.parts)))

    def drop(self, version: Version) -> None:
        """Have it forget a program."""
        if self.child is None or self.held.get(version.key) is not version:
            return  # published anew while its last turns went on, it is the new one that is held
        del self.held[version.key]
        self._orders += 1
        self._digests.subtract(version.codes.keys())
        self._digests = +self._digests  # of what no program uses any more nothing is remembered
        self.child.channel.send(frames.encode_order(frames.Drop(version.key)))

    def end(self, fault: tuple[FailureKind, str] | None = None) -> None:
        """Kill its worker; the turn it was at fails for the reason `fault`."""
        self.fault = fault
        self.is_dismissed = True
        if self.child is not None:
            self.child.kill()
        self._lose()

    def _lose(self) -> None:
        if not self.is_lost:
            self.is_lost = True
            self._crew.lost(self)

    # ------------------------------------------------------------ from the worker

    def heard(self, message: bytes | memoryview) -> None:
        """Take one message of the worker; raises Violation before it has had any effect."""
        said = frames.decode_report(message)
        if self._has_crashed:
            raise frames.Violation("it goes on after its last words")
        if isinstance(said, frames.Report):
            self._check(said)
            self._apply(said)
        elif isinstance(said, frames.Loaded):
            self._loaded(said)
        elif isinstance(said, frames.Crashed):
            self._has_crashed = True
            log.error("worker-crashed", text=said.text)
        elif isinstance(said, frames.Ready) and not self.is_ready:
            self.begin()
        else:
            raise frames.Violation("not what a worker says now")

    def _loaded(self, said: frames.Loaded) -> None:
        if not self._awaited[said.key]:
            raise frames.Violation("a program it was not given")
        self._awaited[said.key] -= 1
        if not self._awaited[said.key]:
            del self._awaited[said.key]
        if said.key in self.held:
            self._crew.loaded(said.key, said.error)

    def begin(self) -> None:
        """Take it that the worker is locked and waits."""
        if not self.is_lost:
            self.is_ready = True
            self._crew.ready(self)

    def _check(self, report: frames.Report) -> None:
        if not self.jobs or len(report.done) > len(self.jobs) or self._asking is not None:
            raise frames.Violation("results of turns it does not have")
        for offset, done in enumerate(report.done):
            self._check_end(offset, done)
        if report.leaving and not report.done:
            raise frames.Violation("it leaves although it has met no limit")
        goes_on = len(report.done) < len(self.jobs)
        if (report.ask is not None or report.released) and not goes_on:
            raise frames.Violation("more to do than it was given")
        if report.ask is not None:
            if report.ask.cid != self._first + len(report.done):
                raise frames.Violation("a host call of a turn it is not at")
            if self.jobs[len(report.done)].host_calls >= self._crew.limits.host_calls:
                raise frames.Violation("more host calls than allowed")

    def _check_end(self, offset: int, done: frames.Finished | frames.Failed) -> None:
        if done.cid != self._first + offset:
            raise frames.Violation("results out of order")
        if isinstance(done, frames.Finished) and done.host_calls != self.jobs[offset].host_calls:
            raise frames.Violation("a wrong count of host calls")
        if done.logs and scriptlog.size(done.logs) > scriptlog.largest(self._crew.limits.log_kb << 10):
            raise frames.Violation("a longer log than it may keep")

    def _apply(self, report: frames.Report) -> None:
        if report.done:
            self._settle(report.done)
        if report.ask is not None:
            self._ask(report.ask)
        elif report.leaving:
            self._take_back(0)
            self.end()
        elif report.released:
            self._take_back(1)
            if report.cpu_us >= SLOW_US:
                self._grow_suspicious()
        elif not self.jobs:
            self._crew.free(self)

    def _settle(self, ended: list[frames.Finished | frames.Failed]) -> None:
        now = time.monotonic()
        for done in ended:
            job = self.jobs.popleft()
            if isinstance(done, frames.Finished):
                job.finish(done)
                job.record.took(now, now - job.sent, done.cpu_us)
            else:
                job.fail(done.kind, done.message, done)
                self._crew.failed(job, now, done)
        self._first += len(ended)
        if self._suspect is not None:
            self._clear_suspicion()
        self._crew.worked(len(ended))

    def _grow_suspicious(self) -> None:
        if self._suspect is None:
            self._suspect = self.jobs[0].record
            self._suspect.suspects += 1
            self._crew.slow(self)

    def _clear_suspicion(self) -> None:
        if self._suspect is not None:
            self._suspect.suspects -= 1
            self._suspect = None

    def _take_back(self, begun: int) -> None:
        rest = list(self.jobs)[begun:]
        if rest:
            for _ in rest:
                self.jobs.pop()
            self._crew.returned(rest)

    # ------------------------------------------------------------ host calls

    def _ask(self, ask: frames.Ask) -> None:
        job = self.jobs[0]
        job.host_calls += 1
        self._asking = pending = eager.start(job.host.ask(ask.name, ask.args), asyncio.get_running_loop())
        if pending.done():
            self._answer(pending, ask.name)
            return
        self._crew.keep(pending)
        pending.add_done_callback(lambda done: self._answer(done, ask.name))
        if len(self.jobs) > 1 and self.child is not None:
            self.child.channel.send(frames.encode_order(frames.Release()))
            self._take_back(1)
        self.is_blocked = True
        self._crew.waits()

    def _answer(self, pending: asyncio.Future[Any], name: str) -> None:
        answer = _encode_answer(pending, name)
        if pending is not self._asking:
            return
        self._asking = None
        self.is_blocked = False
        if self.child is not None and not self.is_lost:
            self.child.channel.send(answer)

    # ------------------------------------------------------------ its end

    def violated(self, violation: frames.Violation) -> None:
        """Hear that it broke the protocol: it is killed, and none of its results counts any more."""
        log.warning("worker-violated-protocol", what=str(violation))
        self.end(("protocol", f"the worker broke the protocol: {violation}"))

    def closed(self) -> None:
        """Hear that its end is closed; a process that closes it but lives on is ended.

        One that nothing is known of yet may never have been born: `ended` says so.
        """
        if self.child is not None:
            self.child.kill()
            if not self.child.pid:
                return
        self._lose()

    def ended(self, status: int | None) -> None:
        """Hear that its process is gone."""
        if self.child is not None and self.child.unborn:
            self._crew.unborn(self.child.unborn)
        self._lose()
        self._asking = None
        self._clear_suspicion()
        self._crew.buried(self, status)


def _encode_answer(pending: asyncio.Future[Any], name: str) -> bytes:
    if pending.cancelled():
        return frames.encode_order(frames.Refusal(f"{name} was given up: the gateway is stopping"))
    error = pending.exception()
    if isinstance(error, HostRefused):
        return frames.encode_order(frames.Refusal(str(error)))
    if error is None:
        try:
            return frames.encode_order(frames.Answer(pending.result()))
        except (TypeError, ValueError, RecursionError, OverflowError) as unfit:
            error = unfit
    log.error("host-call-failed", name=name, exc_info=error)
    return frames.encode_order(frames.Refusal(f"{name} failed in the gateway; its log says why"))
