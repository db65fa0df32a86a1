"""`tocsin send`: a text to one number, or to everybody of a roster who is on call now."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli import output, reaching

if TYPE_CHECKING:
    from pathlib import Path

_DIGITS = re.compile(r"\+?[0-9 ()/.-]+")


@click.command()
@click.argument("to", metavar="NUMBER-OR-ROSTER")
@click.argument("message")
@click.option("--by", metavar="USER", help='In whose name, for the journal; "cli" by default.')
@output.project_option
@output.json_option
def send(to: str, message: str, by: str | None, project: Path, *, as_json: bool) -> None:
    """Text MESSAGE to a number such as +46701234567, or to who is on call in a roster.

    Each text is sent once and never repeated. MESSAGE - reads it from the input. Exit code 1 where one was
    not sent.
    """
    if message == "-":
        message = sys.stdin.read().strip()
    if not message:
        raise click.UsageError("MESSAGE is empty; say what is to be read")
    body = {"number" if _DIGITS.fullmatch(to) else "roster": to, "message": message, "by": by}
    sent = reaching.ask(
        project,
        "POST",
        "/api/v1/messages",
        body={name: one for name, one in body.items() if one is not None},
        seconds=100,
    )
    if as_json:
        output.emit(sent)
    else:
        _show(to, sent)
    sys.exit(0 if sent["sent"] else 1)


def _show(to: str, sent: dict[str, Any]) -> None:
    if sent.get("results") is None:
        output.verdict(ok=sent["sent"], text=f"sent to {to}" if sent["sent"] else f"{to}: {sent['error']}")
        return
    width = max(len(one["person"]) for one in sent["results"])
    for one in sent["results"]:
        line = f"{one['person']:<{width}}  {one['number']}"
        output.verdict(ok=one["sent"], text=line if one["sent"] else f"{line}  {one['error']}")
