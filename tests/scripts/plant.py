"""A project folder that tests edit as people and their editors do, and a sandbox that only compiles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.sandbox.nursery import SandboxUnavailable
from tocsin.sandbox.script import Problem, Program

if TYPE_CHECKING:
    from pathlib import Path

GREETING = 'response = "<Response><Say>Hello</Say></Response>"\n'
MENU = 'if callAction == "menu":\n    response = "<Response><Hangup/></Response>"\n'


class CompilingSandbox:
    """Takes what plain Python compiles, and remembers what it holds."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], Program] = {}
        self.published = 0
        self.outage = ""
        """Why nothing can be published at present."""

    async def publish(self, domain: str, program: Program) -> list[Problem]:
        self.published += 1
        if self.outage:
            raise SandboxUnavailable(self.outage)
        problems = []
        for script in program.parts:
            try:
                compile(script.source, script.name, "exec")
            except SyntaxError as error:
                problems.append(
                    Problem(
                        script.name, error.lineno or 0, 1, f"is not Python: {error.msg}", error.text or ""
                    )
                )
        if not problems:
            self.held[domain, program.key] = program
        return problems

    def retire(self, domain: str, key: str) -> None:
        del self.held[domain, key]


class Project:
    """`twilio_scripts/` of a project on disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.scripts = path / "twilio_scripts"
        self.scripts.mkdir(parents=True)

    def save(self, name: str, text: str) -> Path:
        file = self.scripts / name
        file.write_text(text)
        return file

    def save_as_editors_do(self, name: str, text: str) -> None:
        """Write a temporary file beside it and rename that over the old one."""
        temporary = self.scripts / f".{name}.swp"
        temporary.write_text(text)
        temporary.replace(self.scripts / name)
