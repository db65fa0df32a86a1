"""`tocsin alarm raise|clear|list|show|waiting|cancel`."""

from __future__ import annotations

import json
import math
import textwrap
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

import click

from tocsin.cli import output, reaching, story

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path


@click.group()
def alarm() -> None:
    """Raise, clear, list and show alarms of the running gateway, and see what waits."""


@alarm.command(name="raise")
@click.argument("path")
@click.option("--value", metavar="VALUE", help="The value to speak, such as 93.4.")
@click.option(
    "--priority",
    metavar="PRIORITY",
    type=click.Choice(["Diagnostic", "Low", "Medium", "High", "Critical"]),
    help="Diagnostic, Low, Medium, High or Critical, instead of its rule's.",
)
@click.option("--label", metavar="NAME", help="What to call it when speaking.")
@output.project_option
@output.json_option
def raise_(
    path: str, value: str | None, priority: str | None, label: str | None, project: Path, *, as_json: bool
) -> None:
    """Report that the alarm PATH is active.

    PATH is a name such as "Plant/Pump 2/High level".
    """
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
    """Read a value as a number or truth value where it is one; what JSON has no number for stays text."""
    if text is None:
        return None
    try:
        found = json.loads(text)
    except ValueError:
        return text
    if isinstance(found, float) and not math.isfinite(found):
        return text
    return found if isinstance(found, (int, float, bool)) else text


def _readable(value: Any) -> Any:
    """Replace letters that are not UTF-8, as an older system may hand them on: an odd name beats no alarm."""
    return (
        value.encode(errors="surrogateescape").decode(errors="replace") if isinstance(value, str) else value
    )


def _report(project: Path, event: dict[str, Any], *, as_json: bool) -> None:
    if not event["path"]:
        raise click.UsageError('PATH is empty; name the alarm, such as "Plant/Pump 2/High level"')
    event = {name: _readable(one) for name, one in event.items()}
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
    "--state",
    metavar="STATE",
    default="open",
    help="open (default), active, unacknowledged, shelved, suppressed, out-of-service, cleared or all.",
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
                    output.clock(one["active_ms"]),
                    one["priority"],
                    one["state"],
                    one["path"],
                    story.ackers(one),
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
    try:
        found = reaching.ask(project, "GET", f"/api/v1/alarms/{quote(episode, safe='')}")
    except reaching.Refused as refused:
        if refused.status != 404:
            raise
        said = f"there is no episode {episode}; list them with: tocsin alarm list --state all"
        raise reaching.Refused(said, 404, refused.kind) from None
    if as_json:
        output.emit(found)
    else:
        story.show(found)


@alarm.command()
@click.argument("episode", required=False)
@output.project_option
@output.json_option
def waiting(episode: str | None, project: Path, *, as_json: bool) -> None:
    """Show what pipelines wait for.

    Those of all alarms, or of one EPISODE; each says how it is ended.
    """
    query = urlencode({"episode": episode} if episode else {})
    runs = reaching.ask(project, "GET", f"/api/v1/runs?{query}")["runs"]
    if as_json:
        output.emit(runs)
    elif not runs:
        click.echo("nothing is waiting: no pipeline runs")
    for run in () if as_json else runs:
        _show_run(run)


def _show_run(run: dict[str, Any]) -> None:
    pipeline = run["pipeline"] or "built-in pipeline"
    click.echo(f"{click.style(run['path'], bold=True)}  {pipeline}, {run['block']}")
    width = max(40, min(output.width(), 110)) - 2
    due = f"; next at {output.clock(run['due_ms'])}" if run["due_ms"] is not None else ""
    told = f"{run['why']} (since {output.clock(run['since_ms'])}{due})"
    click.echo(textwrap.indent(textwrap.fill(told, width), "  "))
    for one in run.get("held", ()):
        doing = "texted" if one["channel"] == "sms" else "called"
        until = output.clock(one["until_ms"])
        held = f"{one['person']} is not {doing} yet: {one['why']}; at {until} at the latest"
        click.echo(textwrap.indent(textwrap.fill(held, width), "  "))
    click.secho(f"  end it with: tocsin alarm cancel {run['id']}", dim=True)


@alarm.command()
@click.argument("run")
@click.option("--by", metavar="USER", help='In whose name, for the journal; "cli" by default.')
@output.project_option
@output.json_option
def cancel(run: str, by: str | None, project: Path, *, as_json: bool) -> None:
    """End the pipeline RUN at once.

    Nobody more is told; the alarm stays as it is.
    """
    body = {} if by is None else {"by": by}
    ended = reaching.ask(project, "POST", f"/api/v1/runs/{quote(run, safe='')}/cancel", body=body)
    if as_json:
        output.emit(ended)
    else:
        output.good(f"{run} has ended; nobody more is told by it")


# --- putting aside ---------------------------------------------------------------------------------------


@alarm.command()
@click.argument("episode")
@click.option("--reason", required=True, help="Why nobody is to be told while this holds.")
@click.option("--rule", default="", help="The key of the logic that asks for it.")
@output.project_option
@output.json_option
def suppress(episode: str, reason: str, rule: str, project: Path, *, as_json: bool) -> None:
    """Suppress the alarm of EPISODE by design.

    It is recorded and told to nobody, until `unsuppress`.
    """
    _put(project, episode, "suppress", {"reason": reason, "rule": rule}, as_json=as_json)


@alarm.command()
@click.argument("episode")
@output.project_option
@output.json_option
def unsuppress(episode: str, project: Path, *, as_json: bool) -> None:
    """End the suppression of the alarm of EPISODE."""
    _put(project, episode, "unsuppress", {}, as_json=as_json)


@alarm.command(name="out-of-service")
@click.argument("episode")
@click.option("--reason", required=True, help="What is being done about it.")
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]),
    help="When it is in service again by itself, such as 2026-03-29T18:00; otherwise nobody knows.",
)
@output.project_option
@output.json_option
def out_of_service(
    episode: str, reason: str, until: datetime | None, project: Path, *, as_json: bool
) -> None:
    """Take the alarm of EPISODE out of service.

    It is recorded and told to nobody, until its time is over or `return-to-service`.
    """
    # A clock time is the plant's, as times are shown.
    zoned = until if until is None or until.tzinfo else until.replace(tzinfo=output.plants_zone(project))
    until_ms = None if zoned is None else round(zoned.timestamp() * 1000)
    body = {"reason": reason} | ({} if until_ms is None else {"until_ms": until_ms})
    _put(project, episode, "out-of-service", body, as_json=as_json)


@alarm.command(name="return-to-service")
@click.argument("episode")
@output.project_option
@output.json_option
def return_to_service(episode: str, project: Path, *, as_json: bool) -> None:
    """Return the alarm of EPISODE to service."""
    _put(project, episode, "return-to-service", {}, as_json=as_json)


_DONE: Final = {
    "suppress": "is suppressed: nobody is told of it",
    "unsuppress": "is not suppressed any more",
    "out-of-service": "is out of service: nobody is told of it",
    "return-to-service": "is in service",
}


def _put(project: Path, episode: str, operation: str, body: dict[str, Any], *, as_json: bool) -> None:
    path = f"/api/v1/alarms/{quote(episode, safe='')}"
    done = reaching.ask(project, "POST", f"{path}/{operation}", body=body)
    if as_json:
        output.emit(done)
        return
    if done["outcome"] != "ok":
        click.echo(f"it was {done['outcome'].replace('_', ' ')} before; nothing changed")
        return
    until = f" until {output.when(done['until_ms'])}" if done["until_ms"] else ""
    output.good(f"the alarm of {episode} {_DONE[operation]}{until}")
