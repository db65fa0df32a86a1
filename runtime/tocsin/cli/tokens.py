"""`tocsin token create|list|revoke`: who may use the REST API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tocsin.cli import output
from tocsin.cli.database import opened
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@click.group()
def token() -> None:
    """Create, list and revoke tokens of the REST API."""


@token.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    metavar="SCOPE",
    multiple=True,
    default=["read"],
    help="read, raise, operate, roster, send or admin; may be given several times. read by default.",
)
@output.project_option
@output.json_option
def create(name: str, scopes: Sequence[str], project: Path, *, as_json: bool) -> None:
    """Make the token NAME and print it; it is shown only this once."""
    from tocsin.clock import SystemClock
    from tocsin.web.tokens import create_in

    db = opened(project)
    try:
        made = db.write_now(lambda conn: create_in(conn, name, scopes, now_ms=SystemClock().now_ms()))
    finally:
        db.close()
    if as_json:
        output.emit({"name": name, "scopes": sorted(set(scopes)), "token": made})
        return
    click.echo(made)
    click.secho("Keep it now; tocsin has only its hash.", dim=True, err=True)


@token.command(name="list")
@output.project_option
@output.json_option
def list_(project: Path, *, as_json: bool) -> None:
    """List the tokens there are."""
    from tocsin.web.tokens import listed

    db = opened(project)
    try:
        found = db.read_now(listed)
    finally:
        db.close()
    rows: list[dict[str, Any]] = [
        {
            "name": one.name,
            "scopes": sorted(one.scopes),
            "created": output.when(one.created_ms),
            "used": output.when(one.last_used_ms) or None,
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
            [[one["name"], ", ".join(one["scopes"]), one["created"], one["used"] or "never"] for one in rows],
        )


@token.command()
@click.argument("name")
@output.project_option
def revoke(name: str, project: Path) -> None:
    """Take the token NAME back.

    A running gateway refuses it within seconds.
    """
    from tocsin.clock import SystemClock
    from tocsin.web.tokens import revoke_in

    db = opened(project)
    try:
        gone = db.write_now(lambda conn: revoke_in(conn, name, now_ms=SystemClock().now_ms()))
    finally:
        db.close()
    if not gone:
        raise TocsinError(f'there is no token "{name}"')
    output.good(f"{name} opens nothing any more")
