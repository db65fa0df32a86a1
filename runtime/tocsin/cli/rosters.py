"""`tocsin roster`: who is on call when, and overrides and swaps of shifts.

The running gateway is asked; where none runs, the files are read and changed all the same.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import click

from tocsin.cli import output, reaching, roster_files, roster_screens

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tocsin.people.roster_desk import Actor, RosterDesk
    from tocsin.people.roster_wishes import Wanted

_HERE = "/api/v1/rosters"
_by_option = click.option(
    "--by", metavar="USER", help='In whose name, for journal and audit; "cli" by default.'
)
_anyway_option = click.option("--anyway", is_flag=True, help="Do it though something speaks against it.")


def _times(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that say from when until when."""
    for option in (
        click.option("--for", "lasting", metavar="TIME", help="How long, instead of --to: 90m, 8h, 2d, 1w."),
        click.option("--to", "ends", metavar="T", help="The end, written like --from."),
        click.option(
            "--from", "begins", metavar="T",
            help="The beginning on the roster's clock, such as 2026-12-24T08:00; now by default.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def roster() -> None:
    """Show rosters; override and swap shifts, and undo that."""


# --- seeing ------------------------------------------------------------------------------------------------


@roster.command(name="list")
@output.project_option
@output.json_option
def list_(project: Path, *, as_json: bool) -> None:
    """List the rosters, and who is on call on each now."""
    found = _seen(project, None, 1)
    if as_json:
        output.emit(found)
    else:
        roster_screens.every(found)


@roster.command()
@click.argument("name", metavar="ROSTER")
@click.option(
    "--days", type=click.IntRange(1, 366), default=14, show_default=True, help="So many days of shifts."
)
@output.project_option
@output.json_option
def show(name: str, days: int, project: Path, *, as_json: bool) -> None:
    """Show a roster's next shifts, its overrides and swaps."""
    found = _seen(project, name, days)
    if as_json:
        output.emit(found)
    else:
        roster_screens.detail(found)


@roster.command()
@click.argument("name", metavar="ROSTER")
@click.option("--at", metavar="T", help="An instant on the plant's wall clock; now by default.")
@output.project_option
@output.json_option
def who(name: str, at: str | None, project: Path, *, as_json: bool) -> None:
    """Show who of a roster is on call, in calling order.

    Exit code 1 where nobody is.
    """
    query = urlencode({} if at is None else {"at": at})
    try:
        answer = reaching.ask(project, "GET", f"/api/v1/oncall?{query}")
    except reaching.GatewayNotRunning:
        answer = roster_files.on_call(project, at)
    found = next((one for one in answer["rosters"] if one["roster"] == name), None)
    if found is None:
        known = ", ".join(one["roster"] for one in answer["rosters"]) or "none"
        raise reaching.Refused(f'there is no roster "{name}"; configured are: {known}', 404)
    if as_json:
        output.emit({"at_ms": answer["at_ms"], "timezone": answer["timezone"], **found})
    else:
        for person in found["people"]:
            click.echo(f"{person['username']}  {click.style(person['name'], dim=True)}")
        if not found["people"]:
            click.secho(f"nobody: {found['why']}", fg="red")
        if found["until_ms"] is not None:
            click.secho(f"until {roster_screens.moment(found['until_ms'], answer['timezone'])}", dim=True)
    sys.exit(0 if found["people"] else 1)


@roster.command()
@click.argument("name", metavar="ROSTER")
@click.option(
    "--last", metavar="N", type=click.IntRange(1, 200), default=20, show_default=True, help="So many at most."
)
@output.project_option
@output.json_option
def history(name: str, last: int, project: Path, *, as_json: bool) -> None:
    """Show what was changed in a roster, when and by whom."""
    try:
        found = reaching.ask(project, "GET", f"{_one(name)}/history?limit={last}")
    except reaching.GatewayNotRunning:
        found = asyncio.run(roster_files.past(project, name, last))
    if as_json:
        output.emit(found)
    else:
        roster_screens.history(found, project)


def _seen(project: Path, name: str | None, days: int) -> Any:
    path = _HERE if name is None else f"{_HERE}/{quote(name, safe='')}?days={days}"
    try:
        return reaching.ask(project, "GET", path)
    except reaching.GatewayNotRunning:
        return roster_files.seen(project, name, days)


# --- changing ----------------------------------------------------------------------------------------------


@roster.command()
@click.argument("name", metavar="ROSTER")
@click.argument("users", metavar="[USER]...", nargs=-1)
@_times
@click.option("--instead-of", metavar="USER", help="The one USER takes this person's place, nobody else's.")
@click.option("--also", is_flag=True, help="Each USER is on call too, as the last.")
@click.option("--off", is_flag=True, help="Each USER is not on call.")
@click.option("--why", default="", help="Said where somebody asks why.")
@_anyway_option
@_by_option
@output.project_option
@output.json_option
def override(
    name: str,
    users: Sequence[str],
    begins: str | None,
    ends: str | None,
    lasting: str | None,
    instead_of: str | None,
    why: str,
    by: str | None,
    project: Path,
    *,
    also: bool,
    off: bool,
    anyway: bool,
    as_json: bool,
) -> None:
    """Have others on call for a while.

    Each USER is on call, in this order, instead of everybody, or as the options say.

    For example: tocsin roster override evenings jon --instead-of maria --for 8h
    """
    if (instead_of is not None) + also + off > 1:
        raise click.UsageError("--instead-of, --also and --off exclude each other; choose one")
    if not users or (instead_of is not None and len(users) != 1):
        raise click.UsageError("name one USER to take the place" if instead_of else "name at least one USER")
    keys: dict[str, Any] = (
        {"replace": {instead_of: users[0]}} if instead_of is not None
        else {"add": list(users)} if also else {"remove": list(users)} if off else {"users": list(users)}
    )  # fmt: skip
    keys |= {"from": begins, "to": ends, "for": lasting, "why": why or None}
    _make(project, name, "override", keys, by=by, anyway=anyway, as_json=as_json)


@roster.command()
@click.argument("name", metavar="ROSTER")
@click.argument("one", metavar="USER")
@click.argument("other", metavar="USER")
@_times
@_anyway_option
@_by_option
@output.project_option
@output.json_option
def swap(
    name: str,
    one: str,
    other: str,
    begins: str | None,
    ends: str | None,
    lasting: str | None,
    by: str | None,
    project: Path,
    *,
    anyway: bool,
    as_json: bool,
) -> None:
    """Have two people take each other's turns for a while.

    For example: tocsin roster swap evenings maria jon --from 2026-03-09T08:00 --for 2w
    """
    keys = {"users": [one, other], "from": begins, "to": ends, "for": lasting}
    _make(project, name, "swap", keys, by=by, anyway=anyway, as_json=as_json)


@roster.command()
@click.argument("name", metavar="ROSTER")
@click.argument("mark", metavar="ID")
@_by_option
@output.project_option
@output.json_option
def remove(name: str, mark: str, by: str | None, project: Path, *, as_json: bool) -> None:
    """Remove an override or a swap.

    `tocsin roster show` lists them, each with its ID.
    """
    path = f"{_one(name)}/changes/{quote(mark, safe='')}/remove"
    _change(project, path, {}, lambda desk, actor: desk.remove(name, mark, by=actor), by=by, as_json=as_json)


@roster.command()
@click.argument("name", metavar="ROSTER")
@_by_option
@output.project_option
@output.json_option
def undo(name: str, by: str | None, project: Path, *, as_json: bool) -> None:
    """Undo the last change made by a command or a request."""
    path = f"{_one(name)}/undo"
    _change(project, path, {}, lambda desk, actor: desk.undo(name, by=actor), by=by, as_json=as_json)


def _make(
    project: Path, name: str, kind: str, keys: dict[str, Any], *, by: str | None, anyway: bool, as_json: bool
) -> None:
    body = {key: value for key, value in keys.items() if value is not None}
    if anyway:
        body["anyway"] = True

    def doing(desk: RosterDesk, actor: Actor) -> Any:
        return desk.make(name, _wanted(kind, body), by=actor, anyway=anyway)

    _change(project, f"{_one(name)}/{kind}s", body, doing, by=by, as_json=as_json)


def _wanted(kind: str, body: dict[str, Any]) -> Wanted:
    from tocsin.people.roster_wishes import Wanted

    return Wanted(
        "override" if kind == "override" else "swap",
        tuple(body["users"]) if "users" in body else None,
        begins=body.get("from"),
        ends=body.get("to"),
        lasting=body.get("for"),
        add=tuple(body.get("add", ())),
        remove=tuple(body.get("remove", ())),
        replace=body.get("replace", {}),
        why=body.get("why", ""),
    )


def _change(
    project: Path,
    path: str,
    body: dict[str, Any],
    doing: Callable[[RosterDesk, Actor], Any],
    *,
    by: str | None,
    as_json: bool,
) -> None:
    try:
        try:
            told = body if by is None else {**body, "by": by}
            found = reaching.ask(project, "POST", path, body=told, seconds=30)
        except reaching.GatewayNotRunning:
            found = asyncio.run(roster_files.changed(project, by, doing))
    except reaching.Refused as refused:
        if refused.kind == "against-it":
            said = f"{refused}; add --anyway to have it all the same"
            raise reaching.Refused(said, refused.status, refused.kind) from None
        raise
    if as_json:
        output.emit(found)
    else:
        roster_screens.changed(found)


def _one(name: str) -> str:
    return f"{_HERE}/{quote(name, safe='')}"
