"""The operations that show what runs: scripts in force, and the trace of a call."""

from __future__ import annotations

from typing import Any, Final

from tocsin.alarms import plain
from tocsin.web.api import models
from tocsin.web.api.operations import Asked, Operation, Reply
from tocsin.web.api.problems import Refused


async def scripts(asked: Asked) -> Reply:
    """Show which scripts answer new calls, and what is wrong with those on disk."""
    library = asked.services.library
    found = []
    for project in sorted(asked.services.projects()):
        release = library.current(project)
        found.append(
            models.ProjectScripts(
                project=project,
                release=release.id,
                files=[
                    models.ScriptFile(name=file.name, hash=file.hash, module=file.is_module)
                    for file in (*release.files, release.default)
                ],
                findings=[
                    models.ScriptFinding(
                        file=one.file, line=one.line, message=one.message, severity=one.severity
                    )
                    for one in library.findings(project)
                ],
            )
        )
    return Reply(200, models.Scripts(projects=found))


async def trace(asked: Asked) -> Reply:
    """Show a call with its turns."""
    call_id = asked.parts["call"]
    found = await asked.services.trace(plain(call_id)) if call_id else None
    if found is None:
        raise Refused("not-found", f"there is no call {plain(call_id)[:80]!r}")
    return Reply(200, found)


OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/scripts", "read", "listScripts", "Show the scripts in force.",
        scripts, {200: (models.Scripts, "The scripts of every project.")},
    ),
    Operation(
        "GET", "/api/v1/calls/{call}", "read", "traceCall", "Show a call with its turns.",
        trace, {200: (dict[str, Any], "The call.")},
    ),
)  # fmt: skip
