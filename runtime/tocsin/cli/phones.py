"""`tocsin phone` and `tocsin emulator`: a Twilio at home, and telephones on it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.cli.terminal_phone import Handset


@click.command()
@click.argument("numbers", nargs=-1, metavar="[NUMBER]...")
@click.option(
    "--url", metavar="URL", default="http://127.0.0.1:8089", show_default=True, help="Where the emulator is."
)
@click.option(
    "--project",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    default=".",
    help="Folder with tocsin.toml, whose people's phones are shown without NUMBER.",
)
def phone(numbers: Sequence[str], url: str, project: Path) -> None:
    """Answer the phones of the emulator in this terminal: one NUMBER or two, side by side."""
    import httpx2

    from tocsin.cli.terminal_phone import Handset, TerminalPhone

    if not sys.stdin.isatty():
        raise TocsinError("a phone needs a terminal; use the emulator's control API in scripts")
    handsets = [Handset(number, "phone") for number in numbers[:2]] or _of_people(project)
    try:
        asyncio.run(TerminalPhone(url, handsets).run())
    except httpx2.TransportError:
        raise TocsinError(f"no emulator answers at {url}; start one with: tocsin emulator") from None


def _of_people(project: Path) -> list[Handset]:
    """Return the phones of the first two people of a project."""
    from tocsin.cli.terminal_phone import Handset
    from tocsin.gateway import checks
    from tocsin.people import Directory

    value = checks.read_beside(project)[0].value
    users = [user for user in Directory.of(value.users).users.values() if user.numbers]
    if not users:
        raise TocsinError(f"nobody in {project} has a phone; name a number, such as +46701234567")
    return [Handset(user.numbers[0], user.name) for user in users[:2]]


@click.command()
@click.option("--port", metavar="PORT", type=click.IntRange(0, 65535), default=8089, show_default=True)
@click.option(
    "--auth-token", metavar="TOKEN", help="That of every account; 0123456789abcdef twice by default."
)
@click.option(
    "--clock",
    metavar="KIND",
    default="real",
    show_default=True,
    help="real, scaled:F (a second lasts F) or virtual.",
)
@click.option(
    "--seed", metavar="N", type=int, help="Make SIDs and chance repeatable; by default every run differs."
)
def emulator(port: int, auth_token: str | None, clock: str, seed: int | None) -> None:
    """Run a Twilio at home on loopback: its REST API, calls that execute TwiML, phones to answer."""
    from tocsin.emulator.account import DEFAULT_AUTH_TOKEN
    from tocsin.emulator.serve import read_clock, run

    try:
        moving = read_clock(clock)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--clock") from None

    def say(url: str) -> None:
        click.echo(f"a Twilio to try things with is at {url}; answer its phones with: tocsin phone")

    try:
        run(port=port, auth_token=auth_token or DEFAULT_AUTH_TOKEN, clock=moving, seed=seed, say=say)
    except OSError as error:
        raise TocsinError(
            f"cannot listen on 127.0.0.1:{port}: {error.strerror}; choose another --port"
        ) from None
    except KeyboardInterrupt:
        sys.exit(0)
