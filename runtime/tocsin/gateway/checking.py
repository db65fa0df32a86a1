"""What can be told of a project without running it for real: configuration, scripts, their TwiML."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tocsin.config import ConfigRefused
from tocsin.errors import Finding
from tocsin.gateway import binding, checks, stopped_texts, what_if
from tocsin.gateway.rehearsal import NothingToRehearse, Rehearsal
from tocsin.gateway.roster_watch import coming_gaps
from tocsin.scripts.folder import FOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tocsin.calls.services import Line, Services

TURNS: tuple[tuple[str, dict[str, str]], ...] = (
    ("answer", {}),
    ("answer", {"AnsweredBy": "machine_end_beep"}),
    ("menu", {}),
    *(("menu", {"Digits": key}) for key in "0123456789*"),
    ("pin", {}),
    ("pin", {"Digits": "0000"}),
    ("ack", {}),
    ("pass", {"Digits": "5"}),
    ("shelve", {"Digits": "1"}),
    ("note", {"Digits": "1"}),
    ("transfer", {"DialCallStatus": "no-answer"}),
    ("voicemail", {"AnsweredBy": "machine_end_beep"}),
    ("inbound", {"Direction": "inbound"}),
)
"""The default flow's actions with the entries callers make."""

_Turn = tuple[str, dict[str, str]]
_GREETED: tuple[_Turn, ...] = (("answer", {}),)
_READ: tuple[_Turn, ...] = (*_GREETED, ("menu", {}))
_CHOSEN: tuple[_Turn, ...] = (*_READ, ("menu", {"Digits": "1"}))


async def findings(folder: Path) -> list[Finding]:
    """Return everything wrong or doubtful in a project, in the order one would mend it."""
    try:
        loaded, doubts = checks.read(folder)
    except ConfigRefused as error:
        return list(error.findings)
    now_ms = time.time_ns() // 1_000_000
    found = [*doubts, *coming_gaps(loaded, now_ms), *what_if.findings(loaded, now_ms)]
    found += stopped_texts.findings(folder, loaded)
    if not binding.projects_of(loaded.value):
        return found
    try:
        async with Rehearsal(folder) as stage:
            services = stage.gateway.services
            lines = {line.project: line for line in reversed([*services.lines.values()]) if line.project}
            for project in sorted(lines):
                told = list(services.library.findings(project))
                if not any(one.severity == "error" for one in told):
                    tried = await _rehearsed(stage, lines[project])
                    seen = {(one.file, one.line) for one in tried}
                    doubted = await _doubted(services, project)
                    told += [one for one in doubted if (one.file, one.line) not in seen] + tried
                found += [inside(project, one) for one in told]
    except NothingToRehearse as error:
        found.append(Finding("tocsin.toml", None, f"scripts were compiled but not tried: {error}", "warning"))
    return found


def inside(project: str, one: Finding) -> Finding:
    """Name the folder of a project that is not the configuration's own."""
    return one if project == "." else replace(one, file=f"{project.rstrip('/')}/{one.file}")


async def _doubted(services: Services, project: str) -> list[Finding]:
    """Return the lines that will fail once they run, which no rehearsal may have reached."""
    program = services.library.current(project).program
    return [
        Finding(f"{FOLDER}/{one.name}", one.line or None, one.message, "warning", one.source)
        for one in await services.sandbox.warnings(program)
    ]


async def _rehearsed(stage: Rehearsal, line: Line) -> list[Finding]:
    found: dict[str, Finding] = {}
    for action, params in TURNS:
        for before in _ways_to(action, params):
            call = stage.begin(line=line)
            for earlier in before:
                await stage.turn(call, *earlier)
            step = await stage.turn(call, action, params)
            for one in _of(step, (*before, (action, params))):
                found.setdefault(f"{one.file}:{one.line}:{one.message.partition(' (')[0]}", one)
    return list(found.values())


def _ways_to(action: str, params: dict[str, str]) -> Iterator[tuple[_Turn, ...]]:
    """Yield the turns that each action is tried behind: none, the greeting, and what leads to it in a call.

    A key of the menu means something only once an alarm was read, and scripts look whether one was; an
    acknowledgement has something chosen before it.
    """
    yield ()
    yield _GREETED
    if action == "menu" and params:
        yield _READ
    if action in ("ack", "note", "pin"):
        yield _CHOSEN


def _of(step: dict[str, Any], turns: tuple[_Turn, ...]) -> list[Finding]:
    """Return what the record of the last of these turns says is wrong, with what showed it."""
    failure = json.loads(step["failure"])
    *before, (action, params) = turns
    entry = "".join(f" -p {name}={value}" for name, value in params.items())
    # One turn can be had by the command; what comes before it is told.
    after = f", after {', '.join(one for one, _ in before)}" if len(before) > 1 else ""
    shown = f" (tocsin call {action}{entry}{after})"
    found = [
        Finding(f"{FOLDER}/{failure.get('author', '')}", None, f"TwiML {warning}{shown}", "warning")
        for warning in failure.get("warnings", ())
    ]
    if failure.get("kind"):
        file = f"{FOLDER}/{failure['file']}" if failure["file"] else f"{FOLDER}/"
        line = failure["line"] if failure["file"] and failure["line"] else None
        found.append(Finding(file, line, f"{failure['message']}{shown}", source=failure["source"]))
    return found
