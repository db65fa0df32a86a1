"""What `tocsin oncall --alarm` shows: who would be told of an alarm, how and when, and why.

The running gateway is asked; where none runs, the files are, which know nothing of numbers left out just now.
"""

from __future__ import annotations

import sys
from datetime import datetime
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import click

from tocsin.cli import output, reaching

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_COLOURS: Final = {
    "call": "cyan", "text": "cyan", "acknowledged": "green", "last-resort": "red", "nobody-on-call": "red",
    "left-out": "yellow", "held": "yellow", "script": "yellow", "admin": "yellow", "ends": "green",
}  # fmt: skip
_QUIET: Final = frozenset({"outcome", "waits", "begins"})


def ask(
    project: Path, *, alarm: str, at: str | None, outcomes: Sequence[str], answers: Sequence[str]
) -> dict[str, Any]:
    """Ask the gateway of `project` what would happen; raises GatewayNotRunning and Refused."""
    words = [("alarm", alarm), *((("at", at),) if at else ()), *(("outcome", one) for one in outcomes)]
    words += [("answer", one) for one in answers]
    found: dict[str, Any] = reaching.ask(project, "GET", f"/api/v1/what-if?{urlencode(words)}", seconds=60)
    return found


def from_files(
    project: Path, *, alarm: str, at: str | None, outcomes: Sequence[str], answers: Sequence[str]
) -> dict[str, Any]:
    """Answer the same from a project's files alone; raises ConfigRefused, click.UsageError."""
    from tocsin.clock import SystemClock
    from tocsin.gateway import checks
    from tocsin.gateway.binding import directory_of
    from tocsin.gateway.what_if import what_if_of
    from tocsin.pipelines.simulating.endings import OutcomeUnknown
    from tocsin.pipelines.simulating.what_if import Asked
    from tocsin.web.api.instants import instant
    from tocsin.web.api.problems import Refused

    value = checks.read_beside(project)[0].value
    try:
        at_ms = SystemClock().now_ms() if at is None else instant(at, value.gateway.timezone)
        asked = Asked(alarm, at_ms, tuple(outcomes), answers=tuple(answers))
        return what_if_of(value, directory_of(value)).answer(asked)
    except (OutcomeUnknown, Refused) as error:
        raise click.UsageError(str(getattr(error, "detail", error))) from None


def show(found: dict[str, Any]) -> None:
    """Print the sequence, one line for each thing that would happen."""
    began = datetime.fromisoformat(found["at"])
    head = f"{found['alarm']} goes active on {began:%A %Y-%m-%d} at {began:%H:%M:%S}"
    click.echo(click.style(head, bold=True) + click.style(f"  {found['timezone']}", dim=True))
    chosen = ", ".join(found["outcomes"])
    click.echo(
        f"{found['priority']} priority, pipeline {found['pipeline']}; "
        + (f"chosen: {chosen}; all others miss" if chosen else "everybody misses every call")
    )
    for warning in found["warnings"]:
        click.secho(f"! {warning}", fg="yellow")
    click.echo()
    steps = found["steps"][1:]  # the first says that it begins, as the head does
    lines = [_line(one, began) for one in steps]
    reasoned = [line for line in lines if line[3]]
    widths = [
        max((len(line[at]) for line in some), default=0) for at, some in enumerate((lines, lines, reasoned))
    ]
    for step, line in zip(steps, lines, strict=True):
        _print(step, line, widths)
    if not found["ended"] and found["last_resort_ms"] is None:
        click.secho("\nnobody has taken over a day later, and it still goes on", fg="red")


def _line(step: dict[str, Any], began: datetime) -> tuple[str, str, str, str]:
    """Give the columns: the time, how long after the alarm, what happens, and why."""
    at = datetime.fromisoformat(step["at"])
    day = "" if at.date() == began.date() else f"{at:%a} "
    what = step["text"]
    if step["kind"] in {"call", "text"}:
        what = f"{what}  {step['number']}  {step['profile']}"
    if step["kind"] == "outcome":
        what = f"  {what}"
    return f"{day}{at:%H:%M:%S}", _elapsed(step["after_ms"]), what, step["why"]


def _elapsed(ms: int) -> str:
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"+{hours}:{minutes:02}:{seconds:02}" if hours else f"+{minutes}:{seconds:02}"


def _print(step: dict[str, Any], line: tuple[str, str, str, str], widths: Sequence[int]) -> None:
    at, after, what, why = line
    room = min(widths[2], max(20, output.width() - widths[0] - widths[1] - 30))
    quiet = step["kind"] in _QUIET
    said = click.style(what, fg=_COLOURS.get(step["kind"]), dim=quiet)
    pad = " " * max(0, room - len(what))
    margin = widths[0] + widths[1] + 4
    moment = f"{at:>{widths[0]}}  {click.style(f'{after:>{widths[1]}}', dim=True)}  "
    if sys.stdout.isatty() and margin + len(what) + len(pad) + 2 + len(why) > output.width():
        # A terminal would break it anywhere; what reads from a pipe wants one line for each thing.
        room = max(20, output.width() - margin)
        lines = [click.style(one, fg=_COLOURS.get(step["kind"]), dim=quiet) for one in wrap(what, room)]
        lines += [click.style(one, dim=True) for one in wrap(why, room)]
        click.echo(moment + f"\n{' ' * margin}".join(lines))
        return
    click.echo(f"{moment}{said}" + (f"{pad}  {click.style(why, dim=True)}" if why else ""))


# --- a year ahead ----------------------------------------------------------------------------------------

_HEADS: Final = {
    "person": "cannot be told of anything", "roster": "has nobody on call",
    "alarm": "nobody may be told of it or acknowledge it", "pipeline": "tells nobody",
    "circles": "has no end",
}  # fmt: skip
_LISTED: Final = 5


def look_through(project: Path, days: int) -> dict[str, Any]:
    """Look a project's files through for times at which nobody would be told; raises ConfigRefused."""
    from tocsin.clock import SystemClock
    from tocsin.gateway import checks
    from tocsin.gateway.what_if import looked_through

    loaded, _ = checks.read_beside(project)
    from_ms = SystemClock().now_ms()
    found = looked_through(loaded.value, from_ms, days)
    return {"from_ms": from_ms, "days": days, "timezone": loaded.value.gateway.timezone, "gaps": found}


def show_gaps(found: dict[str, Any]) -> None:
    """Print the gaps, each with when it is, why, and what to do about it."""
    zone, from_ms = ZoneInfo(found["timezone"]), found["from_ms"]
    to_ms = from_ms + found["days"] * 86_400_000
    head = f"{_moment(from_ms, zone)} to {_moment(to_ms, zone)}"
    click.echo(click.style(head, bold=True) + click.style(f"  {found['timezone']}", dim=True))
    if not found["gaps"]:
        click.echo()
        output.good("somebody can be told of every alarm at every moment")
    for gap in found["gaps"]:
        click.echo()
        click.echo(
            click.style(f"{gap['kind'] if gap['kind'] != 'circles' else 'pipeline'} {gap['name']}", bold=True)
            + "  " + click.style(_HEADS[gap["kind"]], fg="red")
        )  # fmt: skip
        spans = gap["spans"]
        for begin, end in spans[:_LISTED]:
            click.echo(f"  {_moment(begin, zone)} to {_moment(end, zone)}")
        if len(spans) > _LISTED:
            hours = sum(end - begin for begin, end in spans) / 3_600_000
            click.echo(f"  and {len(spans) - _LISTED} times more, {hours:,.0f} hours in all")
        click.echo(f"  {gap['why']}")
        click.secho(f"  {gap['remedy']}", dim=True)


def _moment(at_ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, zone):%a %Y-%m-%d %H:%M}"
