"""`tocsin alarm raise|clear|list|show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import click

from tocsin.cli import output, reaching

if TYPE_CHECKING:
    from pathlib import Path


@click.group()
def alarm() -> None:
    """Raise, clear, list and show alarms of the running gateway."""


@alarm.command(name="raise")
@click.argument("path")
@click.option("--value", help="The value to speak, such as 93.4.")
@click.option("--priority", type=click.Choice(["Diagnostic", "Low", "Medium", "High", "Critical"]))
@click.option("--label", help="What to call it when speaking.")
@output.project_option
@output.json_option
def raise_(
    path: str, value: str | None, priority: str | None, label: str | None, project: Path, *, as_json: bool
) -> None:
    """Report the alarm PATH, such as "Plant/Pump 2/High level", as active."""
    event = {"path": path, "state": "active", "value": _scalar(value), "priority": priority, "label": label}
    _report(project, {name: one for name, one in event.items() if one is not None}, as_json=as_json)


@alarm.command()
@click.argument("path")
@output.project_option
@output.json_option
def clear(path: str, project: Path, *, as_json: bool) -> None:
    """Report that the alarm PATH has returned to normal."""
    _report(project, {"path": path, "state": "clear"}, as_json=as_json)


def _scalar(text: str | None) -> Any:
    """Read a value as a number or truth value where it is one."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return found if isinstance(found, (int, float, bool)) else text


def _report(project: Path, event: dict[str, Any], *, as_json: bool) -> None:
    accepted = reaching.ask(project, "POST", "/api/v1/alarms", body=event)
    if as_json:
        output.emit(accepted)
        return
    if accepted["episode"] is None:
        click.echo(f"{event['path']} was not active; nothing changed")
        return
    for warning in accepted.get("warnings", ()):
        click.secho(warning, fg="yellow", err=True)
    output.good(f"{event['path']} is {accepted['state']}, episode {accepted['episode']}")


@alarm.command(name="list")
@click.option(
    "--state", default="open", help="open (default), active, unacknowledged, shelved, cleared or all."
)
@output.project_option
@output.json_option
def list_(state: str, project: Path, *, as_json: bool) -> None:
    """List alarms, newest first."""
    found = reaching.ask(project, "GET", f"/api/v1/alarms?state={quote(state)}")
    alarms = found["alarms"] if isinstance(found, dict) else found
    if as_json:
        output.emit(alarms)
    elif not alarms:
        click.echo(f"no {state} alarms")
    else:
        output.table(
            ["since", "priority", "state", "alarm", "acknowledged by", "episode"],
            [
                [
                    output.when(one.get("active_ms")),
                    one["priority"],
                    one["state"],
                    one["path"],
                    one.get("acked_by"),
                    one["id"],
                ]
                for one in alarms
            ],
        )


@alarm.command()
@click.argument("episode")
@output.project_option
@output.json_option
def show(episode: str, project: Path, *, as_json: bool) -> None:
    """Show one EPISODE with everything that happened to it."""
    found = reaching.ask(project, "GET", f"/api/v1/alarms/{quote(episode, safe='')}")
    if as_json:
        output.emit(found)
        return
    click.secho(f"{found['path']}  {found['priority']}  {found['state']}", bold=True)
    for entry in found.get("timeline", ()):
        told = f"  {output.when(entry['at_ms'])}  {entry['kind']:<22} {entry.get('person') or ''}"
        click.echo(told.rstrip())
