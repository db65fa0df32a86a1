"""The operation that shows which scripts are in force."""

from __future__ import annotations

from typing import Final

from tocsin.web.api import models
from tocsin.web.api.operations import Asked, Operation, Reply


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
                    for file in (*release.files, *release.default)
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


OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/scripts", "read", "listScripts", "Show the scripts in force.",
        scripts, {200: (models.Scripts, "The scripts of every project.")},
        gives={
            "projects": [
                {
                    "project": ".", "release": "62b2d175ee81378e08065a45cdba7123",
                    "files": [{"name": "10_greeting.py", "hash": "9f2c…", "module": False}],
                    "findings": [
                        {
                            "file": "twilio_scripts/20_menu.py", "line": 4, "severity": "error",
                            "message": "Classes are not part of the script language; use functions and"
                            " dictionaries.",
                        }
                    ],
                }
            ]
        },
    ),
)  # fmt: skip
