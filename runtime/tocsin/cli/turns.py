"""`tocsin call` and `tocsin replay`: turns of a call without a telephone."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tocsin.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.errors import Finding


@click.command()
@click.argument("action")
@click.option(
    "-p", "--param", "params", multiple=True, metavar="NAME=VALUE", help="A call parameter, such as Digits=1."
)
@click.option(
    "--as", "username", metavar="USER", help="Whom to call; the first person with a phone by default."
)
@output.project_option
@output.json_option
def call(action: str, params: Sequence[str], username: str | None, project: Path, *, as_json: bool) -> None:
    """Run the call action ACTION through the project's scripts; print TwiML, script log and time.

    The project's first alarms are active for it, nobody is called, and nothing is kept.
    """
    import logging

    from tocsin.gateway import logs

    logs.configure(plain=True, least=logging.WARNING, without=logs.FAILURES | logs.FINDINGS)
    given = dict(pair(text) for text in params)
    step, found = asyncio.run(_one_turn(project, action, given, username))
    if as_json:
        output.emit({**step, "findings": output.as_data(found)})
    else:
        show_turn(step)
        output.findings(found, err=True)
    wrong = step["failure"]["kind"] or any(one.severity == "error" for one in found)
    sys.exit(1 if wrong else 0)


def pair(text: str) -> tuple[str, str]:
    """Read NAME=VALUE; raises click.BadParameter."""
    name, mark, value = text.partition("=")
    if not mark or not name:
        raise click.BadParameter(f'"{text}" is not NAME=VALUE, such as Digits=1234', param_hint="-p")
    return name, value


async def _one_turn(
    project: Path, action: str, params: dict[str, str], username: str | None
) -> tuple[dict[str, Any], Sequence[Finding]]:
    """Return the turn, and what is wrong with scripts that were not even taken."""
    from tocsin.gateway.checking import inside
    from tocsin.gateway.rehearsal import Rehearsal

    async with Rehearsal(project) as stage:
        call = stage.begin(username=username)
        step = readable(await stage.turn(call, action, params))
        found = stage.gateway.services.library.findings(call.project)
        return step, [inside(call.project, one) for one in found]


def readable(step: dict[str, Any]) -> dict[str, Any]:
    """Return a turn's row with its JSON columns decoded, and a failure that always has its keys."""
    failure = {"kind": "", "file": "", "line": 0, "source": "", "message": "", "warnings": []}
    return {
        "action": step["action"],
        "answered": step["answered"],
        "twiml": step["twiml"],
        "params": json.loads(step["params"]),
        "log": json.loads(step["log"]),
        "failure": failure | json.loads(step["failure"]),
        "took_ms": round(step["took_us"] / 1000, 2),
    }


def show_turn(step: dict[str, Any]) -> None:
    """Print one turn for a person."""
    click.echo(pretty(step["twiml"]))
    for name, line, level, text in step["log"]:
        click.secho(
            f"log   {name}:{line}: {level}: {text}" if line else f"log   {level}: {text}", fg="blue", err=True
        )
    for warning in step["failure"]["warnings"]:
        click.secho(f"twiml {warning}", fg="yellow", err=True)
    failure = step["failure"]
    if failure["kind"]:
        place = f"{failure['file']}:{failure['line']}: " if failure["file"] else ""
        click.secho(f"{place}{failure['message']}", fg="red", err=True)
        if failure["source"].strip():
            click.echo(f"    {failure['source'].strip()}", err=True)
        click.secho("The default script answered instead.", fg="red", err=True)
    click.secho(f"{step['answered']}, {step['took_ms']} ms", dim=True, err=True)


def pretty(twiml: str) -> str:
    """Return TwiML with one element a line; text stays as it is."""
    import xml.dom.minidom

    try:
        document = xml.dom.minidom.parseString(twiml)  # noqa: S318  checked TwiML of our own: no DOCTYPE, small
    except Exception:  # noqa: BLE001  what cannot be read is shown as it is
        return twiml
    return document.toprettyxml(indent="  ", encoding="UTF-8").decode().strip()


@click.command()
@click.argument("call_id", metavar="CALL")
@click.option(
    "--scripts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Another twilio_scripts/.",
)
@output.project_option
@output.json_option
def replay(call_id: str, scripts: Path | None, project: Path, *, as_json: bool) -> None:
    """Run the recorded CALL (its id or CallSid) again, turn by turn, and show where the TwiML differs.

    What scripts asked of the gateway is answered as it was recorded. Exit code 1 where a turn differs.
    """
    steps = asyncio.run(_replayed(project, call_id, scripts))
    if as_json:
        output.emit(steps)
    else:
        _show_replay(steps)
    sys.exit(1 if any(step["differs"] for step in steps) else 0)


async def _replayed(project: Path, call_id: str, scripts: Path | None) -> list[dict[str, Any]]:
    from tocsin.gateway.replaying import replayed

    return await replayed(project, call_id, scripts)


def _show_replay(steps: Sequence[dict[str, Any]]) -> None:
    import difflib

    for step in steps:
        mark = click.style("differs", fg="red") if step["differs"] else click.style("same", fg="green")
        click.echo(f"turn {step['number']}  {step['action']:<10} {mark}  {step['took_ms']} ms")
        if step["differs"]:
            before, after = (pretty(step[name]).splitlines() for name in ("recorded", "replayed"))
            for line in list(difflib.unified_diff(before, after, "recorded", "replayed", lineterm="", n=1))[
                2:
            ]:
                colour = {"+": "green", "-": "red"}.get(line[:1])
                click.secho(f"    {line}", fg=colour)
        if step["failure"]:
            click.secho(f"    {step['failure']}", fg="red")
