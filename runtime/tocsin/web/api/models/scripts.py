"""The shapes of answers about scripts in force."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ScriptFile(Struct, kw_only=True):
    """One file of a release; `hash` is the SHA-256 of its source."""

    name: str
    hash: str
    module: bool


class ScriptFinding(Struct, kw_only=True):
    """What is wrong, or doubtful, in a file as it is on disk now."""

    file: str
    line: int | None
    message: str
    severity: Literal["error", "warning"]


class ProjectScripts(Struct, kw_only=True):
    """The scripts of one project that answer new calls."""

    project: str
    release: str
    files: list[ScriptFile]
    findings: list[ScriptFinding]


class Scripts(Struct, kw_only=True):
    """The scripts in force."""

    projects: list[ProjectScripts]
