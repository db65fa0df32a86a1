"""The sandbox as the rest of tocsin sees it: publish programs, run turns, read the lock report."""

from __future__ import annotations

import asyncio
import os
import sys
import time
import weakref
from typing import TYPE_CHECKING, Any, Literal

import msgspec
import structlog

from tocsin.sandbox.compiling import Compiler
from tocsin.sandbox.inspection import inspect
from tocsin.sandbox.job import Job, Version
from tocsin.sandbox.lockdown.report import LockReport
from tocsin.sandbox.nursery import SandboxUnavailable
from tocsin.sandbox.pool import Pool
from tocsin.sandbox.script import Outcome, Problem, ScriptFailed, importable

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tocsin.sandbox.compiling import Part
    from tocsin.sandbox.host import Host
    from tocsin.sandbox.script import Limits, Program

log = structlog.get_logger("tocsin.sandbox")

_encode = msgspec.msgpack.Encoder().encode
_CHECKING = "\0check"  # no domain may be called so: what is compiled for a look is never run


class Sandbox:
    """Runs programs in locked worker processes, one set of them per domain of trust.

    A *domain* is whoever trusts itself: a project, or the shipped default. A program never meets another
    domain's process, whatever it manages to do to its own.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        vocabulary: str,
        lockdown: Literal["required", "best-effort"] = "required",
        workers: int | None = None,
        timezone: str = "",
    ) -> None:
        """Prepare; nothing is started. `vocabulary` is a dotted module (see `vocabulary.Vocabulary`).

        `workers` is the width of each domain's fast lane: one per core, at least two, where absent.
        `timezone` is the zone that is local to scripts, as IANA names it; UTC where absent or unknown.
        """
        self._limits = limits
        self._vocabulary = vocabulary
        self._required = lockdown == "required"
        self._width = workers or max(2, os.cpu_count() or 1)
        self._timezone = timezone
        self._pool: Pool | None = None
        self._starting: asyncio.Task[LockReport] | None = None
        self._closing = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._compilers: dict[str, Compiler] = {}
        self._versions: dict[tuple[str, str], tuple[Version, Any]] = {}
        # Weak: a lock is gone once nobody publishes that program any more.
        self._publishing: weakref.WeakValueDictionary[tuple[str, str], asyncio.Lock] = (
            weakref.WeakValueDictionary()
        )
        self._report = LockReport(sys.platform, fault="the sandbox has not been started")
        self._refusal = "the sandbox has not been started"

    @property
    def lock_report(self) -> LockReport:
        """What holds on this machine, as found at start."""
        return self._report

    @property
    def runs(self) -> bool:
        """Whether programs are run at all: the locks hold, or the configuration does without them."""
        return not self._refusal

    @property
    def outage(self) -> str:
        """Why nothing can be run at present although the locks hold; empty where all is well."""
        return self._pool.outage if self._pool is not None else ""

    def begin(self) -> None:
        """Begin to start: the zygote warms up in its own process while the caller does other things."""
        if self._starting is None:
            self._loop = asyncio.get_running_loop()
            self._closing = False
            self._starting = self._loop.create_task(self._start())

    async def start(self) -> LockReport:
        """Start the zygote and try the locks; never raises for a lock that does not hold.

        One that has begun is waited for, one that runs is left alone.
        """
        self.begin()
        assert self._starting is not None
        return await asyncio.shield(self._starting)

    async def _start(self) -> LockReport:
        # A name of its own: whoever closes meanwhile takes the other one away.
        pool = self._pool = Pool(
            limits=self._limits,
            vocabulary=self._vocabulary,
            required=self._required,
            width=self._width,
            timezone=self._timezone,
        )
        try:
            await pool.start()
            self._report = await inspect(pool.nursery())
        except (SandboxUnavailable, OSError) as error:
            self._report = LockReport(sys.platform, fault=str(error))
        if self._closing:
            return self._report  # its processes were ended: that tells nothing of the locks
        self._refusal = ""
        if not self._report.locked:
            if self._required:
                self._refusal = f"the sandbox is not locked: {'; '.join(self._report.reasons)}"
            log.error("sandbox-not-locked", reasons=self._report.reasons, required=self._required)
        return self._report

    async def aclose(self) -> None:
        """End every process; what is under way fails with kind "no-worker"."""
        self._closing, self._starting = True, None
        if self._pool is not None:
            self._refusal = "the sandbox is closed"
            await self._pool.aclose()
            self._pool = None

    # ------------------------------------------------------------ programs

    async def check(self, program: Program) -> list[Problem]:
        """Compile a program in a disposable process and say why it cannot run; [] where it can."""
        parts = await self._compile(_CHECKING, program)
        return [problem for part in parts for problem in part.problems]

    async def warnings(self, program: Program) -> list[Problem]:
        """Return the lines of a program that will raise when they run (an unknown import or builtin)."""
        parts = await self._compile(_CHECKING, program)
        return [warning for part in parts for warning in part.warnings]

    async def publish(self, domain: str, program: Program) -> list[Problem]:
        """Compile a program and load it into the workers of `domain`; [] once it can be run.

        Only what has changed since an earlier program of the same domain is compiled. Publishing a key
        that is published already does nothing; one that is being published is waited for. Raises
        SandboxUnavailable.
        """
        async with self._publishing.setdefault((domain, program.key), asyncio.Lock()):
            if (domain, program.key) in self._versions:
                return []
            if self.outage:
                raise SandboxUnavailable(self.outage)
            return await self._publish(domain, program)

    async def _publish(self, domain: str, program: Program) -> list[Problem]:
        parts = await self._compile(domain, program)
        if problems := [problem for part in parts for problem in part.problems]:
            return problems
        names = [each.name for each in program.parts]
        version = Version(
            program, {name: (part.digest, part.code) for name, part in zip(names, parts, strict=True)}
        )
        assert self._pool is not None
        crew = self._pool.crew(domain)
        if self.runs and (error := await crew.load(version)):
            return [Problem("", 0, 0, f"The workers cannot load these scripts: {error}.", "")]
        self._versions[domain, program.key] = version, crew.submit
        return []

    def retire(self, domain: str, key: str) -> None:
        """Forget a program; its turns under way come to their end. An unknown one is ignored."""
        if self._versions.pop((domain, key), None) is not None and self._pool is not None:
            self._pool.crew(domain).retire(key)
            if not any(each == domain for each, _ in self._versions):
                self._compilers.pop(domain, None)  # the project is gone, and what it compiled to with it

    async def _compile(self, domain: str, program: Program) -> list[Part]:
        if self._pool is None:
            raise SandboxUnavailable("the sandbox has not been started")
        if len({each.name for each in program.parts}) < len(program.parts):
            raise ValueError(f"two parts of the program {program.key!r} have the same name")
        if (compiler := self._compilers.get(domain)) is None:
            compiler = self._compilers[domain] = Compiler(self._pool.nursery)
        own, further = (
            frozenset(importable(each.name) for each in modules)
            for modules in (program.modules, program.fallback_modules)
        )
        return await compiler.compile(program.parts, own, further)

    # ------------------------------------------------------------ turns

    def run(
        self,
        domain: str,
        key: str,
        given: dict[str, Any],
        host: Host,
        *,
        wall_s: float,
        cpu_ms: int | None = None,
        fallback_only: bool = False,
        kind: str = "",
    ) -> Awaitable[Outcome]:
        """Run one turn of a published program; await it for the outcome, or a ScriptFailed.

        `given` is plain data for the vocabulary (TypeError otherwise). The turn fails once `wall_s`
        seconds have passed, waiting and host calls included, or once it has used `cpu_ms` of processor
        time (the limit of the configuration where absent). `fallback_only` leaves the program's scripts
        out. `kind` is the caller's word for the sort of turn: those of a sort that has shown itself slow or
        deadly are kept apart, and the program's others are not held up. Cancelling what is returned gives a
        turn up that has not begun.
        """
        assert self._loop is not None
        future: asyncio.Future[Outcome] = self._loop.create_future()
        known = self._versions.get((domain, key))
        if known is None:
            future.set_exception(
                ScriptFailed("rejected", f"the program {key!r} is not published in {domain!r}")
            )
        elif refusal := self._refusal or self.outage:
            future.set_exception(ScriptFailed("no-worker", refusal))
        else:
            version, submit = known
            submit(
                Job(
                    version,
                    msgspec.Raw(_encode(given)),
                    host,
                    future,
                    time.monotonic() + wall_s,
                    cpu_ms or self._limits.cpu_ms,
                    fallback_only,
                    kind,
                )
            )
        return future

    def pids(self, domain: str) -> list[int]:
        """Return the process ids of a domain's workers that are ready, for whoever watches processes."""
        return [] if self._pool is None else self._pool.crew(domain).pids()

    def stats(self) -> dict[str, Any]:
        """Return counters since the start and the state of each domain's workers."""
        return {} if self._pool is None else self._pool.stats()
