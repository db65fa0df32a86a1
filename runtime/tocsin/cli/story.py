"""An alarm and what happened to it, for a person to read in a terminal of any width."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any, Final

import click

from tocsin.cli import output

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NARROWEST: Final = 40
_WIDEST: Final = 110  # longer lines are hard to read, however wide the screen
_COLOURS: Final = {"Critical": "red", "High": "red", "Medium": "yellow"}


def show(alarm: dict[str, Any], project: Path | None = None) -> None:
    """Print one episode of a project's plant: what it is, then its timeline."""
    width = max(NARROWEST, min(output.width(), _WIDEST))
    _head(alarm, width, project)
    click.echo()
    timeline(alarm["timeline"], width, project)


def _head(alarm: dict[str, Any], width: int, project: Path | None) -> None:
    title = output.shown(alarm["label"] or alarm["name"])
    state = " · ".join(_state(alarm))
    gap = width - len(title) - len(state)
    named = click.style(title, bold=True)
    shown = click.style(state, fg=_colour(alarm), bold=True)
    click.echo(f"{named}{' ' * gap}{shown}" if gap >= 2 else f"{named}\n{shown}")
    click.echo(output.shown(alarm["path"]))
    facts = [f"since {output.when(alarm['active_ms'], project)}"]
    if alarm["value"] is not None:
        facts.append(f"value {output.shown(str(alarm['value']))}")
    click.secho("  ".join([*facts, f"episode {alarm['id']}"]), dim=True)
    if alarm["not_acked"]:
        have = "has" if len(alarm["not_acked"]) == 1 else "have"
        click.echo(textwrap.fill(f"{', '.join(alarm['not_acked'])} {have} not acknowledged", width))
    if alarm["notes"]:
        click.echo(textwrap.fill(output.shown(alarm["notes"]), width))


def ackers(alarm: dict[str, Any]) -> str:
    """Say who has acknowledged, and how many of those who have to, where it waits for more; "" for nobody."""
    needed, people = alarm["ackers_needed"], alarm["ackers"]
    if needed == 1:
        return alarm["acked_by"] or ""
    so_far = "" if alarm["acked"] else f"{len(people)} of {needed}"
    return ", ".join(filter(None, (" and ".join(people), so_far)))


def _state(alarm: dict[str, Any]) -> list[str]:
    by = ackers(alarm)
    acked = f"acknowledged by {by or 'itself'}" if alarm["acked"] or alarm["ackers"] else "unacknowledged"
    if alarm["acked_via"] == "unused":
        acked = "needs no acknowledgement"
    if not alarm["acked"] and by and not alarm["ackers"]:
        acked += f", {by}"
    return [alarm["priority"], alarm["state"], acked]


def _colour(alarm: dict[str, Any]) -> str:
    if alarm["acked"] or alarm["state"] == "cleared":
        return "green"
    return _COLOURS.get(alarm["priority"], "yellow")


def timeline(entries: Sequence[dict[str, Any]], width: int, project: Path | None = None) -> None:
    """Print what happened, one thing a line; the day where it changes."""
    today = ""
    for entry in entries:
        at = output.local(entry["at_ms"], project)
        day = at.strftime("%A %Y-%m-%d")
        if day != today:
            click.secho(day, dim=True)
            today = day
        mark, colour, dim = _look(entry)
        margin = "  00:00:00  x  "
        first, *rest = textwrap.wrap(output.shown(entry["text"]), width - len(margin)) or [""]
        when = click.style(at.strftime("%H:%M:%S"), dim=True)
        click.echo(f"  {when}  {click.style(mark, fg=colour)}  {click.style(first, fg=colour, dim=dim)}")
        for line in rest:
            click.echo(" " * len(margin) + click.style(line, fg=colour, dim=dim))


_TOLD: Final = frozenset({"acked", "partly-acked", "notified-no-ack", "passed", "delivered"})
_TAKEN_BACK: Final = frozenset({"cancelled-by-ack", "cancelled-by-clear"})
_LOOKS: Final[dict[str, tuple[str, str | None, bool]]] = {
    "alarm.active": ("●", "red", False),
    "alarm.cleared": ("○", "green", False),
    "alarm.acknowledged": ("✓", "green", False),
    "notice.placed": ("→", "cyan", False),
    "notice.heard": ("✓", None, False),
    "call.script_failed": ("✗", "red", False),
    "message.undelivered": ("✗", "yellow", False),
    "run.nobody-reached": ("✗", "red", False),
    "run.failed": ("✗", "red", False),
}
"""The mark, the colour and whether it is dim, by kind; details of calls and runs are dim."""


def _look(entry: dict[str, Any]) -> tuple[str, str | None, bool]:
    kind = entry["kind"]
    if kind == "notice.ended":
        outcome = entry["data"].get("outcome")
        if outcome in _TOLD:
            return ("✓", None, False)
        return ("·", None, True) if outcome in _TAKEN_BACK else ("✗", "yellow", False)
    return _LOOKS.get(kind, ("·", None, kind.startswith(("call.", "run."))))
