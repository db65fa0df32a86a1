"""`tocsin doctor`: what would keep calls from working, found before a night finds it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli import output

if TYPE_CHECKING:
    from tocsin.gateway.examining_twilio import Diagnosis

_MARKS = {"ok": ("ok", "green"), "doubt": ("??", "yellow"), "bad": ("!!", "red")}


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--fix", is_flag=True, help="Point the numbers' webhooks here, where they lead elsewhere.")
@output.json_option
def doctor(folder: Path, *, fix: bool, as_json: bool) -> None:
    """Examine the project in FOLDER and this machine; exit code 1 where calls would fail."""
    found = asyncio.run(_examined(folder, fix=fix))
    if as_json:
        output.emit([{"check": one.check, "verdict": one.verdict, "message": one.message} for one in found])
    else:
        for one in found:
            mark, colour = _MARKS[one.verdict]
            click.echo(f"{click.style(mark, fg=colour, bold=True)}  {one.check:<14} {one.message}")
    sys.exit(1 if any(one.verdict == "bad" for one in found) else 0)


async def _examined(folder: Path, *, fix: bool) -> list[Diagnosis]:
    from tocsin.gateway.doctor import examined

    return await examined(folder, fix=fix)
