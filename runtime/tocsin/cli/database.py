"""`tocsin db backup|check|prune`: copying the database, looking whether it is sound, removing what is old."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.cli import output

if TYPE_CHECKING:
    from tocsin.db import Database
    from tocsin.gateway.configuration import Configuration
    from tocsin.gateway.retention import Pruned
    from tocsin.gateway.retention_guard import Held


@click.group()
def db() -> None:
    """Copy the database, check it, remove what is old."""


def opened(project: Path) -> Database:
    """Open a project's database beside the gateway that may run on it; see `gateway.storage.open_beside`."""
    from tocsin.clock import SystemClock
    from tocsin.gateway import checks
    from tocsin.gateway.storage import open_beside

    return open_beside(
        checks.read_beside(project, database=True)[0].value, project / ".tocsin", SystemClock()
    )


def _configuration(project: Path) -> Configuration:
    from tocsin.gateway import checks

    return checks.read_beside(project, database=True)[0].value


@db.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@output.project_option
def backup(file: Path, project: Path) -> None:
    """Copy the embedded database to the new FILE.

    A gateway may be running meanwhile.
    """
    from tocsin.db.upkeep import backup as copy
    from tocsin.gateway.storage import address_of

    size = copy(address_of(_configuration(project), project / ".tocsin"), file)
    output.good(f"{file} holds the database ({size / 2**20:.1f} MiB)")
    click.secho("Keep .tocsin/pin.key and .tocsin/audit.key too, in another place.", dim=True, err=True)


@db.command()
@output.project_option
@output.json_option
def check(project: Path, *, as_json: bool) -> None:
    """Look whether the database is sound.

    Its file, and every audit chain in it.
    """
    from tocsin.clock import SystemClock
    from tocsin.db.upkeep import faults_of
    from tocsin.gateway.storage import address_of, open_beside
    from tocsin.journal import audit
    from tocsin.journal.audit_key import AuditKey

    value, state = _configuration(project), project / ".tocsin"
    found = faults_of(address_of(value, state))
    if not found:
        opened = open_beside(value, state, SystemClock())
        key = AuditKey.load(state)
        try:
            found += opened.read_now(
                lambda conn: [
                    finding
                    for name in audit.profiles(conn)
                    for finding in audit.verify(conn, name, key=key).findings
                ]
            )
        finally:
            opened.close()
    if as_json:
        output.emit({"findings": found})
    for one in [] if as_json else found:
        click.secho(one, fg="red")
    if found:
        sys.exit(1)
    if not as_json:
        output.good("the database is sound")


@db.command()
@click.option("--clock-is-right", is_flag=True, help="Do it though the clock is far ahead of the last time.")
@output.project_option
@output.json_option
def prune(project: Path, *, clock_is_right: bool, as_json: bool) -> None:
    """Remove what is older than the configured days.

    A running gateway does so every day by itself.
    """
    from tocsin.gateway.retention_guard import REMEDY, Held

    done = asyncio.run(_prune(project, _configuration(project), sure=clock_is_right))
    if isinstance(done, Held):
        click.secho(f"nothing is removed: {done.why}; {REMEDY}", fg="red", err=True)
        sys.exit(1)
    told = asdict(done)
    if as_json:
        output.emit(told)
        return
    gone = ", ".join(f"{count} {name}" for name, count in told.items() if count)
    output.good(f"removed {gone}" if gone else "nothing is old enough to be removed")


async def _prune(project: Path, value: Configuration, *, sure: bool) -> Pruned | Held:
    from tocsin.clock import SystemClock
    from tocsin.gateway import retention_guard
    from tocsin.gateway.retention import Retention
    from tocsin.gateway.storage import open_beside
    from tocsin.journal.audit_key import AuditKey

    clock, state = SystemClock(), project / ".tocsin"
    opened = open_beside(value, state, clock)
    try:
        retention = Retention(opened, lambda: value, AuditKey.load(state))
        return await retention_guard.prune(retention, opened, clock.now_ms(), sure=sure)
    finally:
        await opened.aclose()
