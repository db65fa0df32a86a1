"""`tocsin token create|list|revoke`: who may use the REST API."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli import output
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.db import Database

_project = click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="Folder with tocsin.toml; the current one by default.",
)


@click.group()
def token() -> None:
    """Create, list and revoke tokens of the REST API."""


def _database(project: Path) -> Database:
    from tocsin.clock import SystemClock
    from tocsin.config import ConfigRefused
    from tocsin.gateway import checks
    from tocsin.gateway.gateway import open_database

    try:
        value = checks.read(project)[0].value
    except ConfigRefused as error:
        output.findings(error.findings)
        sys.exit(1)
    (project / ".tocsin").mkdir(mode=0o700, exist_ok=True)
    return open_database(value, project / ".tocsin", SystemClock())


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    default=["read"],
    help="read, raise, operate, send or admin; may be given several times. read by default.",
)
@_project
def create(name: str, scopes: Sequence[str], project: Path) -> None:
    """Make the token NAME and print it; it is shown only this once."""
    from tocsin.clock import SystemClock
    from tocsin.web.tokens import create_in

    db = _database(project)
    try:
        made = db.write_now(lambda conn: create_in(conn, name, scopes, now_ms=SystemClock().now_ms()))
    finally:
        db.close()
    click.echo(made)
    click.secho("Keep it now; tocsin has only its hash.", dim=True, err=True)


@token.command(name="list")
@_project
@output.json_option
def list_(project: Path, *, as_json: bool) -> None:
    """List the tokens there are."""
    from tocsin.web.tokens import listed

    db = _database(project)
    try:
        found = db.read_now(listed)
    finally:
        db.close()
    rows = [
        {
            "name": one.name,
            "scopes": sorted(one.scopes),
            "created": _when(one.created_ms),
            "used": _when(one.last_used_ms),
        }
        for one in found
    ]
    if as_json:
        output.emit(rows)
    elif not rows:
        click.echo("no tokens; make one with: tocsin token create NAME --scope raise")
    else:
        output.table(
            ["name", "scopes", "created", "last used"],
            [[one["name"], ", ".join(one["scopes"]), one["created"], one["used"]] for one in rows],
        )


def _when(at_ms: int | None) -> str:
    return (
        "never"
        if at_ms is None
        else datetime.fromtimestamp(at_ms / 1000).astimezone().isoformat(" ", "minutes")
    )


@token.command()
@click.argument("name")
@_project
def revoke(name: str, project: Path) -> None:
    """Take the token NAME back; a running gateway refuses it within seconds."""
    from tocsin.clock import SystemClock
    from tocsin.web.tokens import revoke_in

    db = _database(project)
    try:
        gone = db.write_now(lambda conn: revoke_in(conn, name, now_ms=SystemClock().now_ms()))
    finally:
        db.close()
    if not gone:
        raise TocsinError(f'there is no token "{name}"')
    output.good(f"{name} opens nothing any more")
