"""`tocsin demo`: a plant, a Twilio to try it with, and a phone that rings in this terminal."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tocsin.alarms import Episode
    from tocsin.emulator import Emulator
    from tocsin.gateway.gateway import Gateway
    from tocsin.people import User

ALARM = "Plant/Pump 2/High level"


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--script", is_flag=True, help="Let the demo press the keys itself, print the conversation, and end."
)
@click.option("--speed", type=click.FloatRange(0.1, 1000), help="How many times as fast time passes.")
def demo(folder: Path | None, speed: float | None, *, script: bool) -> None:
    """Raise an alarm, and answer the call about it in this terminal.

    Without FOLDER the sample plant is used, in a folder of its own that you can edit while it runs.
    """
    import logging

    from tocsin.gateway import logs

    unattended = script or not (sys.stdin.isatty() and sys.stdout.isatty())
    logs.configure(plain=True, least=logging.WARNING)
    try:
        code = asyncio.run(_run(folder or _sample(), unattended=unattended, speed=speed))
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = 130
    sys.exit(code)


def _sample() -> Path:
    from tocsin.config import shipped

    folder = Path(tempfile.mkdtemp(prefix="tocsin-demo-")) / "plant"
    shutil.copytree(
        shipped("sample_project"), folder, ignore=shutil.ignore_patterns(".tocsin", "__pycache__")
    )
    return folder


async def _run(folder: Path, *, unattended: bool, speed: float | None) -> int:
    """Show the demo; return the exit code."""
    async with _stage(folder, speed or (20.0 if unattended else 1.0)) as demonstration:
        if unattended:
            return await demonstration.unattended()
        await demonstration.attended()
        return 0


@contextlib.asynccontextmanager
async def _stage(folder: Path, speed: float) -> AsyncIterator[_Demonstration]:
    """Start emulator and gateway on free ports, on one clock."""
    from tocsin.clock import ScaledClock, SystemClock
    from tocsin.emulator import Emulator
    from tocsin.emulator.serve import served
    from tocsin.gateway import checks
    from tocsin.gateway.gateway import Gateway
    from tocsin.gateway.serving import bound, running

    loaded = checks.read(folder)
    profile = next(iter(loaded[0].value.twilio_profiles.values()))
    clock = SystemClock() if speed == 1 else ScaledClock(1 / speed)
    emulator = Emulator(clock=clock, auth_token=profile.auth_token.reveal())
    sock = bound("127.0.0.1:0")
    async with served(emulator, port=0) as emulator_url:
        gateway = Gateway(
            folder,
            listen=f"127.0.0.1:{sock.getsockname()[1]}",
            dev=True,
            clock=clock,
            emulator_url=emulator_url,
            loaded=loaded,
        )
        async with running(gateway, sock) as url:
            yield _Demonstration(gateway, emulator, url, emulator_url)


class _Demonstration:
    """One plant with its phones."""

    def __init__(self, gateway: Gateway, emulator: Emulator, url: str, emulator_url: str) -> None:
        self.gateway = gateway
        self.emulator = emulator
        self.url = url
        self.emulator_url = emulator_url
        self.person = self._first_with_a_phone()
        self._episode = ""

    def _first_with_a_phone(self) -> User:
        from tocsin.errors import TocsinError

        for user in self.gateway.services.directory.users.values():
            if user.numbers:
                return user
        raise TocsinError("nobody to call has a phone; add a contact of type phone to people.toml")

    async def unattended(self) -> int:
        """Let the phone press its keys by itself and print what it hears; 0 if the alarm was acknowledged."""
        from tocsin.cli.terminal_phone import entry

        number = self.person.numbers[0]
        pin = self.person.pin_literal or ""
        steps = [{"hear": "to acknowledge"}, {"press": "1"}, {"hear": "PIN"}, {"press": f"{pin}#"}]
        self.emulator.put_phone(number, {"answer": "auto", "after": 2, "steps": steps})
        click.secho(f"{self.gateway.configuration.gateway.name} is watched over at {self.url}", bold=True)
        await self._raise()
        click.echo(f"{click.style('ALARM', fg='red', bold=True)}  {ALARM} is active, value 93.4")
        click.echo(f"{click.style('CALL ', fg='cyan', bold=True)}  {self.person.name}, {number}\n")
        told = self.emulator.events.subscribe()
        started = self.emulator.clock.now()
        await self._call()
        kind = ""
        while kind != "hangup":
            event = await told.get()
            if event["event"] == "phone":
                kind = event["kind"]
                event["text"] = event["text"].replace(pin, "•" * len(pin)) if pin else event["text"]
                at, words = entry(event, started)
                click.echo(f"{at.plain:>5} {_wrapped(words.plain)}")
        return self._tell(await self._found())

    async def attended(self) -> None:
        """Let somebody at the keyboard answer, as often as they like."""
        from tocsin.cli.terminal_phone import Handset, TerminalPhone

        users = [one for one in self.gateway.services.directory.users.values() if one.numbers]
        handsets = [Handset(one.numbers[0], one.name) for one in users[:2]]
        phones = TerminalPhone(self.emulator_url, handsets, headline=self._headline, extra={"r": self._again})
        await self._again()
        await phones.run()
        click.echo(f"The plant's files: {self.gateway.folder}")

    def _headline(self) -> object:
        from rich.text import Text

        state = next((one for one in self.gateway.services.board.open() if one.id == self._episode), None)
        if state is None or state.acked:
            by = self.gateway.services.directory.users.get(state.acked_by or "") if state else None
            shown = (f"acknowledged by {by.name if by else 'somebody'}", "bold green")
        else:
            shown = ("ACTIVE, nobody has acknowledged it", "bold red")
        pin = self.person.pin_literal or "their own"
        return Text.assemble(
            (f"{ALARM}  ", "bold"), shown, "\n",
            (f"{self.person.name}'s PIN is {pin}.  r raises the alarm and calls again.  Scripts: ", "dim"),
            (f"{self.gateway.folder / 'twilio_scripts'}\n", "dim"),
        )  # fmt: skip

    async def _again(self) -> None:
        await self._raise()
        await self._call()

    async def _raise(self) -> None:
        """Raise the alarm; one that was acknowledged returns to normal first."""
        from tocsin.alarms import AlarmEvent

        board = self.gateway.services.board
        if any(one.path == ALARM and one.acked for one in board.open()):
            await board.report([AlarmEvent(path=ALARM, state="clear")])
        (accepted,) = await board.report([AlarmEvent(path=ALARM, state="active", value=93.4)])
        self._episode = accepted.episode or ""

    async def _call(self) -> None:
        from tocsin.calls.placing import place
        from tocsin.errors import TocsinError

        services = self.gateway.services
        line = next(iter(services.lines.values()))
        _, why = await place(services, self.gateway.ledger, line, self.person, self.person.numbers[0])
        if why:
            raise TocsinError(f"the call was not placed: {why}")

    async def _found(self) -> Episode | None:
        return await self.gateway.services.board.find(self._episode)

    def _tell(self, episode: Episode | None) -> int:
        """Say how it ended; return the exit code."""
        person = self.gateway.services.directory.users.get((episode.acked_by if episode else "") or "")
        if person is None:
            click.echo(f"\n{click.style('STILL OPEN', fg='red', bold=True)}  {ALARM}: nobody acknowledged it")
            return 1
        done = click.style("ACKNOWLEDGED", fg="green", bold=True)
        click.echo(f"\n{done}  {ALARM}, by {person.name} over the phone")
        return 0


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=86, subsequent_indent="      ")
