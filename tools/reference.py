"""Writes configuration.md, api.md and commands.md of docs/reference/ from what is accepted."""

from pathlib import Path

from tocsin.cli import cli
from tocsin.cli import reference as commands
from tocsin.config.reference import render
from tocsin.gateway.configuration import Configuration
from tocsin.web.api import reference
from tocsin.web.api.door import OPERATIONS

PAGES = Path(__file__).resolve().parent.parent / "docs/reference"

if __name__ == "__main__":
    PAGES.mkdir(exist_ok=True)
    (PAGES / "configuration.md").write_text(render(Configuration), encoding="utf-8")
    (PAGES / "api.md").write_text(reference.render(OPERATIONS), encoding="utf-8")
    (PAGES / "commands.md").write_text(commands.render(cli), encoding="utf-8")
