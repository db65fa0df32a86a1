"""Scripts that a person runs by hand, in a locked sandbox of their own, under that person's name.

The sandbox exists while such a script runs and no longer: no call waits for it, and no call script meets the
functions that write. What is run by whom, and how it ended, stands in the journal.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.calls.call import Call
from tocsin.calls.given import person_of
from tocsin.calls.manual_requests import WRITING, Doing, act
from tocsin.calls.requests import REQUESTS
from tocsin.calls.services import Line
from tocsin.calls.step import Step
from tocsin.db import NotStored
from tocsin.journal import record
from tocsin.sandbox.host import HostRefused
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, LogLine, Program, ScriptFailed
from tocsin.telephony.egress import Egress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Literal

    from sqlalchemy import Connection

    from tocsin.calls.manual_requests import Runs
    from tocsin.calls.on_request import OnRequest
    from tocsin.calls.services import Services
    from tocsin.errors import Finding
    from tocsin.people import User
    from tocsin.sandbox.script import Script

log = structlog.get_logger("tocsin.calls")

VOCABULARY: Final = "tocsin.calls.manual_vocabulary"
LIMITS: Final = Limits(cpu_ms=10_000, memory_mb=128, host_calls=1000, log_kb=256)
WALL_S: Final = 60.0
AT_ONCE: Final = 2
_DOMAIN: Final = "by hand"


@dataclass(frozen=True, slots=True)
class Ran:
    """How a run ended: its log, and where it failed the kind, place, source line and message."""

    id: str
    log: Sequence[LogLine] = ()
    failure: dict[str, Any] = field(default_factory=dict)
    took_ms: float = 0.0


class ManualRuns:
    """Runs scripts by hand.

    `lockdown` gives the configuration's rule; `reload` takes the project's files over and returns what is
    wrong with them; `runs` ends pipelines, None where there are none.
    """

    def __init__(
        self,
        services: Callable[[], Services],
        on_request: OnRequest,
        *,
        folder: Path,
        reload: Callable[[], Awaitable[Sequence[Finding]]],
        lockdown: Callable[[], Literal["required", "best-effort"]],
        runs: Callable[[], Runs | None] = lambda: None,
    ) -> None:
        self._services = services
        self._on_request = on_request
        self._folder = folder
        self._reload = reload
        self._lockdown = lockdown
        self._runs = runs
        self._places = asyncio.Semaphore(AT_ONCE)

    async def run(
        self, script: Script, modules: Sequence[Script], *, user: User, params: Mapping[str, str], by: str
    ) -> Ran:
        """Run a script as `user`; `by` is who asked for it. Raises NotStored: then it did not run."""
        run_id = secrets.token_urlsafe(12)
        digest = hashlib.sha256(script.source.encode(errors="replace")).hexdigest()
        facts = {"script": script.name, "hash": digest, "by": by, "params": sorted(params)}
        await self._note("script.started", run_id, user, facts)
        began = time.perf_counter()
        async with self._places:
            ran = await self._in_sandbox(run_id, script, modules, user, params)
        took_ms = round((time.perf_counter() - began) * 1000, 1)
        ended = {"script": script.name, "failure": ran.failure.get("message", ""), "ms": took_ms}
        try:
            await self._note("script.ended", run_id, user, ended)
        except NotStored as error:
            log.error("script-end-not-stored", script=script.name, run=run_id, why=str(error))
        return Ran(run_id, ran.log, ran.failure, took_ms)

    async def _in_sandbox(
        self, run_id: str, script: Script, modules: Sequence[Script], user: User, params: Mapping[str, str]
    ) -> Ran:
        sandbox = Sandbox(limits=LIMITS, vocabulary=VOCABULARY, lockdown=self._lockdown(), workers=1)
        program = Program(run_id, (script,), tuple(modules))
        services = self._services()
        given = {"now": services.clock.now_ms(), "params": dict(params), "user": person_of(user)}
        doing = Doing(self._services, self._on_request, user, self._folder, self._reload, self._runs())
        try:
            await sandbox.start()
            problems = await sandbox.publish(_DOMAIN, program)
            if problems:
                first = problems[0]
                return Ran(
                    run_id, failure=_failure("rejected", first.name, first.line, first.source, first.message)
                )
            outcome = await sandbox.run(_DOMAIN, program.key, given, _ManualHost(doing), wall_s=WALL_S)
        except ScriptFailed as failed:
            failure = _failure(failed.kind, failed.name, failed.line, failed.source, failed.message)
            return Ran(run_id, failed.logs, failure)
        finally:
            await sandbox.aclose()
        return Ran(run_id, outcome.logs)

    async def _note(self, kind: str, run_id: str, user: User, facts: dict[str, Any]) -> None:
        services = self._services()

        def work(conn: Connection) -> None:
            record(
                conn,
                kind=kind,
                at_ms=services.clock.now_ms(),
                subject=run_id,
                person=user.username,
                data=facts,
            )

        await services.db.write(work)


def _failure(kind: str, file: str, line: int, source: str, message: str) -> dict[str, Any]:
    return {"kind": kind, "file": file, "line": line, "source": source.strip(), "message": message}


class _ManualHost:
    """Answers one run's host calls: those that read as for a call, those that write by `manual_requests`."""

    def __init__(self, doing: Doing) -> None:
        self._doing = doing
        self._asked = 0

    async def ask(self, name: str, args: list[Any]) -> Any:
        """Carry out one request; HostRefused where it cannot be."""
        self._asked += 1
        if self._asked > LIMITS.host_calls:
            raise HostRefused(f"a script may ask the gateway {LIMITS.host_calls} times; this one asked more")
        if name in WRITING:
            try:
                return await act(self._doing, name, args)
            except ValueError:
                raise HostRefused(f"{name} was called with the wrong number of arguments") from None
        request = REQUESTS.get(name)
        if request is None or request.lasting:
            raise HostRefused(f"{name} is not something a script run by hand can ask for")
        return await request.act(self._step(name), request.read(args))

    def _step(self, name: str) -> Step:
        """Make the place of a reading request: as in a call in which the user has proved to be themselves."""
        services, user = self._doing.services(), self._doing.user
        return Step(services, NO_LINE, _call_of(user), "", -1, 0, name)


NO_LINE: Final = Line(
    profile="",
    twilio_profile="",
    account="",
    phone_number="",
    project="",
    base="",
    language="en-US",
    voices={},
    digits="ignition",
    pin={"default": "none"},
    ring_seconds=0,
    machine_detection=False,
    fallback_url=None,
    egress=Egress(dial=lambda _: False, hosts=frozenset(), own="", verbs=frozenset()),
)
"""No line: a script run by hand is in no call. Its rule for PINs hides nothing from the user it runs as."""


def _call_of(user: User) -> Call:
    return Call(
        id="", sid="", account="", direction="outbound", number="", own_number="", profile="", project="",
        release_id="", language=user.language or "en-US", started_ms=0, person=user, identified=user,
    )  # fmt: skip
