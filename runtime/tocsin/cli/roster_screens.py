"""How `tocsin roster` shows rosters, shifts and what came of a change: plain data in, lines out.

Times are on the roster's own clock; those at which something was done are on the plant's.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from tocsin.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def every(found: dict[str, Any]) -> None:
    """Print a table of all rosters."""
    if not found["rosters"]:
        click.echo("no rosters; add one to people.toml")
        return
    rows = []
    for one in found["rosters"]:
        ahead = sum(change["state"] != "over" for change in one["changes"])
        until = "" if one["until_ms"] is None else moment(one["until_ms"], one["timezone"])
        rows.append([one["roster"], ", ".join(one["people"]) or "nobody", until, ahead or ""])
    output.table(["roster", "on call", "until", "overrides, swaps"], rows)


def detail(found: dict[str, Any]) -> None:
    """Print one roster: who is on call now, the shifts to come, overrides and swaps that are not over."""
    zone = found["timezone"]
    click.echo(click.style(found["roster"], bold=True) + click.style(f"  {zone}", dim=True))
    until = "" if found["until_ms"] is None else f", until {moment(found['until_ms'], zone)}"
    facts = [
        ("on call", (", ".join(found["people"]) or f"nobody: {found['why']}") + until),
        ("members", ", ".join(found["members"]) or "nobody"),
        ("schedule", found["schedule"]),
        ("script", found["script"]),
    ]
    for what, value in facts:
        if value:
            click.echo(f"  {what:<8}  {value}")
    click.echo()
    _shifts(found["shifts"], zone)
    rows = [
        [one["id"], one["kind"], *_between(one, zone), one["does"], one["why"]]
        for one in found["changes"]
        if one["state"] != "over"
    ]
    if rows:
        click.echo()
        output.table(["id", "what", "from", "to", "who", "why"], rows)


def changed(found: dict[str, Any]) -> None:
    """Print what came of a change, and how to take it back."""
    change, zone = found["change"], found["timezone"]
    what = f"{change['kind']} {change['id']}" + (" is removed" if found["done"] == "removed" else "")
    output.good(f"{what}, in {found['file']}: {change['does']}")
    click.echo(f"    {' to '.join(_between(change, zone))}")
    if found["shifts"]:
        click.echo()
        click.echo(f"{found['roster']} is now")
        _shifts(found["shifts"], zone)
    if found["done"] == "made":
        click.secho(f"\nback with: tocsin roster undo {found['roster']}", dim=True)


def history(found: dict[str, Any], project: Path) -> None:
    """Print what was changed, two lines for each change."""
    if not found["changes"]:
        click.echo(f"nothing of {found['roster']} was changed by a command or a request")
    for one in found["changes"]:
        at, change = output.when(one["at_ms"], project)[:16], one["change"]
        told = f" {change['kind']} {change['id']}: {change['does']}" if change else " the roster, by a script"
        click.echo(f"{at}  {one['by']} {click.style(one['what'], bold=True)}{told}")
        if change:
            click.secho(" " * 18 + " to ".join(_between(change, found["timezone"])), dim=True)


def moment(at_ms: int, zone: str) -> str:
    """Return an instant as the clock of a time zone shows it."""
    return f"{datetime.fromtimestamp(at_ms / 1000, ZoneInfo(zone)):%a %Y-%m-%d %H:%M}"


def _between(one: dict[str, Any], zone: str) -> tuple[str, str]:
    return moment(one["from_ms"], zone), moment(one["to_ms"], zone)


def _shifts(shifts: Sequence[dict[str, Any]], zone: str) -> None:
    told = ""
    for one in shifts:
        span = f"  {' to '.join(_between(one, zone))}  "
        if one["people"]:
            click.echo(span + ", ".join(one["people"]))
            continue
        why = "" if one["why"] == told else f": {one['why']}"
        told = one["why"]
        click.echo(span + click.style(f"nobody{why}", dim=True))
