"""`tocsin run`: a script run by hand, inside the running gateway's sandbox."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli import output, reaching
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Sequence

WAIT_S = 90
"""Longer than a script may run."""


@click.command()
@click.argument("script", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--as", "user", required=True, metavar="USER", help="The user of the plant it acts for.")
@click.option(
    "-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="What it finds in `params`."
)
@output.project_option
@output.json_option
def run(script: Path, user: str, params: Sequence[str], project: Path, *, as_json: bool) -> None:
    """Run SCRIPT with system.*, the functions that write included, for USER.

    What it prints goes to the output; exit code 1 where it fails. Who ran it is in the journal.
    """
    from tocsin.cli.turns import pair

    body = {
        "name": script.name,
        "source": _text(script),
        "user": user,
        "modules": {one.name: _text(one) for one in sorted(script.parent.glob("_*.py"))},
        "params": dict(pair(text) for text in params),
    }
    ran = reaching.ask(project, "POST", "/api/v1/run", body=body, seconds=WAIT_S)
    if as_json:
        output.emit(ran)
    else:
        _show(ran)
    sys.exit(0 if ran["ok"] else 1)


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TocsinError(f"{file} cannot be read: {error}") from None


def _show(ran: dict[str, Any]) -> None:
    for one in ran["log"]:
        if one["level"] == "info":
            click.echo(one["text"])
        else:
            colour = {"error": "red", "warn": "yellow", "warning": "yellow"}.get(one["level"], "blue")
            click.secho(f"{one['file']}:{one['line']}: {one['level']}: {one['text']}", fg=colour, err=True)
    failure = ran["failure"]
    if failure:
        place = f"{failure['file']}:{failure['line']}: " if failure["line"] else ""
        click.secho(f"{place}{failure['message']}", fg="red", err=True)
        if failure["source"]:
            click.echo(f"    {failure['source']}", err=True)
