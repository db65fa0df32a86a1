"""`tocsin oncall`: who is on call, now or at an instant, and who would be told of an alarm then."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from tocsin.cli import calendars, output, reaching, roster_files, what_if

if TYPE_CHECKING:
    from pathlib import Path


@click.command()
@click.option("--at", metavar="T", help="An instant on the plant's wall clock, such as 2026-03-29T02:30.")
@click.option("--alarm", metavar="PATH", help="Show who would be told of the alarm PATH, how, when and why.")
@click.option(
    "--outcome", "outcomes", metavar="PERSON=OUTCOME", multiple=True,
    help="How telling a person ends, such as maria=busy,acked; whoever is not named misses every call.",
)  # fmt: skip
@click.option(
    "--answer", "answers", metavar="BLOCK.NAME=VALUE", multiple=True,
    help="What the script of a block answers, such as choose.crew=electric; else it is run as of now.",
)  # fmt: skip
@click.option(
    "--gaps", is_flag=True, help="Look ahead for times at which nobody would be told; needs no gateway."
)
@click.option(
    "--days", type=click.IntRange(1, 1100), default=365, show_default=True, help="How far, with --gaps."
)
@click.option(
    "--calendar", metavar="ROSTER",
    help="Print 30 weeks of a roster's shifts as an iCalendar file (.ics), from --at or four weeks ago on;"
    " needs no gateway.",
)  # fmt: skip
@output.project_option
@output.json_option
def oncall(
    at: str | None,
    alarm: str | None,
    outcomes: tuple[str, ...],
    answers: tuple[str, ...],
    days: int,
    calendar: str | None,
    project: Path,
    *,
    gaps: bool,
    as_json: bool,
) -> None:
    """Show who is on call per roster, in calling order; exit code 1 where nobody would be told.

    With --alarm also all that would happen if it went active then, although nobody is told by asking. With
    --gaps exit code 1 where somebody is to mend something.
    """
    _agree(alarm=alarm is not None, gaps=gaps, calendar=calendar is not None, at=at is not None)
    if calendar is not None:
        calendars.write(project, calendar, at)
        return
    if gaps:
        _gaps(project, days, as_json=as_json)
    if outcomes and alarm is None:
        raise click.UsageError(
            "--outcome says how telling people of an alarm ends; name it with --alarm PATH"
        )
    if answers and alarm is None:
        raise click.UsageError(
            "--answer says what a pipeline's script answers; name the alarm with --alarm PATH"
        )
    asked = {name: value for name, value in (("at", at), ("alarm", alarm)) if value is not None}
    try:
        found = reaching.ask(project, "GET", f"/api/v1/oncall?{urlencode(asked)}")
    except reaching.GatewayNotRunning:
        if alarm is None:
            found = roster_files.on_call(project, at)
            click.secho("no gateway runs here; this is what the files say", dim=True, err=True)
        else:
            found = what_if.from_files(project, alarm=alarm, at=at, outcomes=outcomes, answers=answers)
            _from_files(found, as_json=as_json)
    if alarm is not None:
        found["what_if"] = what_if.ask(project, alarm=alarm, at=at, outcomes=outcomes, answers=answers)
    if as_json:
        output.emit(found)
    else:
        _show(found)
        if alarm is not None:
            click.echo()
            what_if.show(found["what_if"])
    told = any(person["told"] for roster in found["rosters"] for person in roster["people"])
    sys.exit(0 if told else 1)


def _agree(*, alarm: bool, gaps: bool, calendar: bool, at: bool) -> None:
    """Refuse options of which only one would count."""
    given = {"--alarm": alarm, "--gaps": gaps, "--calendar": calendar}
    asked = [name for name, there in given.items() if there]
    if len(asked) > 1:
        raise click.UsageError(f"{' and '.join(asked)} ask for different things; name one of them")
    if gaps and at:
        raise click.UsageError("--gaps looks ahead from now; leave --at out")
    days = click.get_current_context().get_parameter_source("days")
    if days is click.core.ParameterSource.COMMANDLINE and not gaps:
        raise click.UsageError("--days says how far --gaps looks ahead; add --gaps")


def _from_files(found: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Show what would happen where no gateway runs that could be asked."""
    if as_json:
        output.emit({"what_if": found})
    else:
        click.secho("no gateway runs here; this is what the files say", dim=True, err=True)
        what_if.show(found)
    sys.exit(0 if any(one["kind"] in {"call", "text"} for one in found["steps"]) else 1)


def _gaps(project: Path, days: int, *, as_json: bool) -> NoReturn:
    found = what_if.look_through(project, days)
    if as_json:
        output.emit(found)
    else:
        what_if.show_gaps(found)
    sys.exit(1 if found["gaps"] else 0)


def _show(found: dict[str, Any]) -> None:
    zone = found["timezone"]
    moment = datetime.fromtimestamp(found["at_ms"] / 1000, ZoneInfo(zone))
    click.echo(f"{moment:%A %Y-%m-%d %H:%M}  {click.style(zone, dim=True)}")
    if found["alarm"]:
        click.echo(f"alarm {found['alarm']}")
    people = [person for roster in found["rosters"] for person in roster["people"]]
    width = max((len(person["name"]) for person in people), default=0)
    for roster in found["rosters"]:
        click.echo()
        when = f"  {roster['schedule']}" if roster["schedule"] else ""
        when += _until(roster["until_ms"], zone)
        click.echo(click.style(roster["roster"], bold=True) + click.style(when, dim=True))
        for place, person in enumerate(roster["people"], 1):
            _person(place, person, width)
        if not roster["people"]:
            said = f"  nobody: {roster['why']}"
            click.secho(said, fg=None if roster["schedule"] else "red", dim=bool(roster["schedule"]))
    if not found["rosters"]:
        click.secho("no rosters; add one to people.toml", fg="red")


def _until(until_ms: int | None, zone: str) -> str:
    """Say when the people change, where they do."""
    if until_ms is None:
        return ""
    return f"  until {datetime.fromtimestamp(until_ms / 1000, ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


def _person(place: int, person: dict[str, Any], width: int) -> None:
    reached = "   ".join(f"{one['type']} {one['value']}" for one in person["contacts"])
    line = f"  {place}  {person['name']:<{width}}  "
    if not person["told"]:
        click.secho(f"{line}not told of this alarm", dim=True)
    elif not reached:
        click.echo(line + click.style("no contact", fg="red"))
    else:
        click.echo(line + reached)
