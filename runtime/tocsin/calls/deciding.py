"""Scripts of a project that decide something outside a call: who is on a roster, how a pipeline goes on.

They stand in folders of their own beside `tocsin.toml`, are read anew for each run, and run in a locked
sandbox of their own that exists from the first of them on. They look things up and change nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.calls.call import Call
from tocsin.calls.manual_run import NO_LINE
from tocsin.calls.requests import REQUESTS
from tocsin.calls.step import Step
from tocsin.errors import TocsinError
from tocsin.sandbox.host import HostRefused
from tocsin.sandbox.nursery import SandboxUnavailable
from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits, Program, Script, ScriptFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Literal

    from tocsin.calls.services import Services

log = structlog.get_logger("tocsin.calls")

VOCABULARY: Final = "tocsin.calls.deciding_vocabulary"
ROSTERS, PIPELINES = "roster_scripts", "pipeline_scripts"
"""The folders, and the domains of trust."""

LARGEST_FILE: Final = 64 * 1024
LIMITS: Final = Limits(cpu_ms=1_000, memory_mb=64, host_calls=64, log_kb=16)
_LOOKING_UP: Final = ("tag.", "user.", "roster.")


class Undecided(TocsinError):  # noqa: N818  reads as a sentence at the place of use
    """A script came to nothing; `str()` says why in one line, with file and line where there are any."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a script is asked: the roster, or the alarm with a pipeline's properties; `now_ms` None: now."""

    roster: str = ""
    alarm: Mapping[str, Any] | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    now_ms: int | None = None


class Deciding:
    """Runs such scripts. One per gateway; nothing is started before the first."""

    def __init__(
        self,
        services: Callable[[], Services],
        *,
        folder: Path,
        lockdown: Callable[[], Literal["required", "best-effort"]],
    ) -> None:
        self._services = services
        self._folder = folder
        self._lockdown = lockdown
        self._sandbox: Sandbox | None = None
        self._starting = asyncio.Lock()
        self._published: dict[tuple[str, str], str] = {}

    async def aclose(self) -> None:
        """End the sandbox, if there is one."""
        if self._sandbox is not None:
            await self._sandbox.aclose()
            self._sandbox = None

    async def answer(self, kind: str, name: str, question: Question, *, wall_s: float) -> Any:
        """Run the script `name` of a folder and give what it left in `result`; raises Undecided."""
        services = self._services()
        now_ms = services.clock.now_ms() if question.now_ms is None else question.now_ms
        given = {
            "now": now_ms,
            "at": services.local(now_ms),
            "alarm": dict(question.alarm) if question.alarm is not None else None,
            "properties": dict(question.properties),
            "roster": question.roster,
        }
        with services.clock.hold():
            program = await asyncio.to_thread(_program, self._folder / kind, name)
            try:
                sandbox = await self._ready(kind, name, program)
                outcome = await sandbox.run(kind, program.key, given, _Host(services), wall_s=wall_s)
            except ScriptFailed as failed:
                place = f"{failed.name}:{failed.line}: " if failed.name else ""
                raise Undecided(f"{kind}/{place or f'{name}: '}{failed.message}") from None
            except SandboxUnavailable as error:
                raise Undecided(f"{kind}/{name}: {error}") from None
        for line in outcome.logs:
            log.info("deciding-script", script=f"{kind}/{line.name}", line=line.line, text=line.text)
        return json.loads(outcome.result["result"])

    async def _ready(self, kind: str, name: str, program: Program) -> Sandbox:
        async with self._starting:
            sandbox = self._sandbox
            if sandbox is None:
                sandbox = Sandbox(limits=LIMITS, vocabulary=VOCABULARY, lockdown=self._lockdown(), workers=1)
                await sandbox.start()
                self._sandbox = sandbox
            problems = await sandbox.publish(kind, program)
            if problems:
                first = problems[0]
                raise Undecided(f"{kind}/{first.name}:{first.line}: {first.message}")
            before = self._published.get((kind, name))
            self._published[kind, name] = program.key
            if before is not None and before != program.key:
                sandbox.retire(kind, before)
        return sandbox


class _Host:
    """Answers what a script looks up: tags, users and rosters."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def ask(self, name: str, args: list[Any]) -> Any:
        """Look something up; HostRefused where it cannot be asked for here."""
        request = REQUESTS.get(name)
        if request is None or not name.startswith(_LOOKING_UP):
            raise HostRefused(f"system.{name} is not something a script that decides can ask for")
        step = Step(self._services, NO_LINE, _nobody(), "", -1, 0, name)
        return await request.act(step, request.read(args))


def _nobody() -> Call:
    return Call(
        id="", sid="", account="", direction="outbound", number="", own_number="", profile="", project="",
        release_id="", language="en-US", started_ms=0,
    )  # fmt: skip


def _program(folder: Path, name: str) -> Program:
    """Read a script and the modules beside it; raises Undecided."""
    try:
        files = [one for one in folder.glob("_*.py") if one.is_file()]
        script = _source(folder / name)
        modules = tuple(_source(one) for one in sorted(files))
    except FileNotFoundError:
        raise Undecided(f"{folder.name}/{name}: there is no such file in the project") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Undecided(f"{folder.name}/{name}: cannot be read: {error}") from None
    text = json.dumps([[one.name, one.source] for one in (script, *modules)])
    return Program(hashlib.sha256(text.encode()).hexdigest(), (script,), modules)


def _source(file: Path) -> Script:
    if file.stat().st_size > LARGEST_FILE:
        raise Undecided(f"{file.parent.name}/{file.name}: is larger than {LARGEST_FILE // 1024} KiB")
    return Script(file.name, file.read_text(encoding="utf-8"))
