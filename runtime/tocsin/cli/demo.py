"""`tocsin demo`: a plant, a Twilio to try it with, and phones that ring in this terminal.

Whatever the plant is set up for, nobody real is called and nothing is kept: see `gateway.harmless`.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from typing import Any

    from tocsin.config import Loaded
    from tocsin.emulator import Emulator
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration
    from tocsin.gateway.gateway import Gateway
    from tocsin.people import User

ALARM = "Plant/Pump 2/High level"
LONGEST_S = 3600.0
"""So long, on the plant's clock, phones that answer by themselves are waited for."""


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--script", is_flag=True, help="Let the phones answer by themselves, print what happens, and end."
)
@click.option("--speed", type=click.FloatRange(0.1, 1000), help="How many times as fast time passes.")
def demo(folder: Path | None, speed: float | None, *, script: bool) -> None:
    """Raise an alarm, and answer the calls about it in this terminal.

    Nobody real is called: the people of the project in FOLDER get phones of the emulator, and its database
    is left alone. Without FOLDER the sample plant is used, in a folder of its own that you can edit while
    it runs.
    """
    import logging

    from tocsin.gateway import logs

    unattended = script or not (sys.stdin.isatty() and sys.stdout.isatty())
    logs.configure(plain=True, least=logging.WARNING)
    try:
        with tempfile.TemporaryDirectory(prefix="tocsin-") as own:
            # The sample is a copy already, and commands of another terminal may find its gateway.
            plant, state = (folder, Path(own)) if folder else (_sample(), None)
            code = asyncio.run(_run(plant, state, unattended=unattended, speed=speed))
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


async def _run(folder: Path, state: Path | None, *, unattended: bool, speed: float | None) -> int:
    """Show the demo; return the exit code."""
    speed = speed or (20.0 if unattended else 1.0)
    async with _stage(folder, state, speed) as demonstration:
        if unattended:
            return await demonstration.unattended(LONGEST_S / speed)
        await demonstration.attended()
        return 0


@contextlib.asynccontextmanager
async def _stage(folder: Path, state: Path | None, speed: float) -> AsyncIterator[_Demonstration]:
    """Start emulator and gateway on free ports, on one clock.

    `state` is the gateway's, if not in `folder`.
    """
    from tocsin.cli.emulated import connect
    from tocsin.clock import ScaledClock, SystemClock
    from tocsin.emulator import Emulator
    from tocsin.emulator.serve import served
    from tocsin.gateway.gateway import Gateway
    from tocsin.gateway.harmless import AUTH_TOKEN
    from tocsin.gateway.serving import bound, running

    loaded = _read(folder)
    if not loaded[0].value.voice_profiles:
        raise TocsinError(
            "no voice profile, so no phone would ring; add [voice_profiles.phone] to tocsin.toml"
        )
    clock = SystemClock() if speed == 1 else ScaledClock(1 / speed)
    emulator = Emulator(clock=clock, auth_token=AUTH_TOKEN)
    sock = bound("127.0.0.1:0")
    async with served(emulator, port=0) as emulator_url:
        gateway = Gateway(
            folder,
            listen=f"127.0.0.1:{sock.getsockname()[1]}",
            dev=True,
            clock=clock,
            emulator_url=emulator_url,
            state=state,
            loaded=loaded,
            read=_read,
        )
        async with running(gateway, sock) as url:
            connect(emulator, gateway)
            yield _Demonstration(gateway, emulator, url, emulator_url)


def _read(folder: Path) -> tuple[Loaded[Configuration], list[Finding]]:
    """Read a project's configuration so that nothing real can be reached; raises ConfigRefused."""
    from tocsin.gateway import checks
    from tocsin.gateway.harmless import at_home

    loaded, findings = checks.read_beside(folder)
    return at_home(loaded), findings


class _Demonstration:
    """One plant with its phones."""

    def __init__(self, gateway: Gateway, emulator: Emulator, url: str, emulator_url: str) -> None:
        self.gateway = gateway
        self.emulator = emulator
        self.url = url
        self.emulator_url = emulator_url
        self.people = self._with_phones()
        alarms = gateway.configuration.alarms
        self.alarm = ALARM if ALARM in alarms else next(iter(alarms), ALARM)
        self._episode = ""

    def _with_phones(self) -> list[User]:
        """Return the first two who have a phone, in the order in which they are called."""
        directory = self.gateway.services.directory
        in_turn = [user for roster in directory.rosters.values() for user in roster.users]
        found = [user for user in dict.fromkeys([*in_turn, *directory.users.values()]) if user.numbers]
        if not found:
            raise TocsinError("nobody to call has a phone; add a contact of type phone to people.toml")
        return found[:2]

    async def unattended(self, longest_s: float) -> int:
        """Let the phones answer by themselves and print what they live through; 0 if it was acknowledged.

        `longest_s`: so many real seconds are waited for the last of it.
        """
        *others, answering = self.people
        for person in others:
            self.emulator.put_phone(person.numbers[0], {"answer": "machine", "after": 6})
        pin = answering.pin_literal or ""
        steps = [{"hear": "to acknowledge"}, {"press": "1"}, {"hear": "PIN"}, {"press": f"{pin}#"}]
        persona = {"answer": "auto", "after": 2, "steps": steps}
        self.emulator.put_phone(answering.numbers[0], persona)
        click.secho(f"{self.gateway.configuration.gateway.name} is watched over at {self.url}", bold=True)
        told = self.emulator.events.subscribe()
        started = self.emulator.clock.now()
        await self._raise()
        click.echo(f"{click.style('ALARM', fg='red', bold=True)}  {self.alarm} is active, value 93.4\n")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(longest_s):
                while True:
                    event = await told.get()
                    if event["event"] != "phone":
                        continue
                    self._echo(event, started, pin)
                    if event["kind"] == "hangup" and event["number"] == answering.numbers[0]:
                        break
        return await self._tell()

    def _echo(self, event: Mapping[str, Any], started: float, pin: str) -> None:
        """Print one thing that a phone lived through."""
        from tocsin.cli.terminal_phone import entry

        owner = next((one for one in self.people if event["number"] in one.numbers), None)
        name = (owner.name.split()[0] if owner else str(event["number"]))[:10]
        text = event["text"].replace(pin, "•" * len(pin)) if pin else event["text"]
        at, words = entry({**event, "text": text}, started)
        first = owner is not None and owner is self.people[0]
        shown = click.style(f"{name:<10}", fg="magenta" if first else "cyan")
        click.echo(f"{at.plain:>5} {shown} {_wrapped(words.plain)}")

    async def attended(self) -> None:
        """Let somebody at the keyboard answer, as often as they like."""
        from tocsin.cli.terminal_phone import Handset, TerminalPhone

        handsets = [Handset(one.numbers[0], one.name) for one in self.people]
        phones = TerminalPhone(self.emulator_url, handsets, headline=self._headline, extra={"r": self._raise})
        await self._raise()
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
        pins = ", ".join(f"{one.name.split()[0]}'s {one.pin_literal or 'own'}" for one in self.people)
        return Text.assemble(
            (f"{self.alarm}  ", "bold"), shown, "\n",
            (f"PINs: {pins}.  Let it ring, or hang up, and the next is called.  r raises it anew.\n", "dim"),
            (f"Scripts: {self.gateway.folder / 'twilio_scripts'}\n", "dim"),
        )  # fmt: skip

    async def _raise(self) -> None:
        """Raise the alarm; one that is active returns to normal first, so that people are told anew."""
        from tocsin.alarms import AlarmEvent

        board = self.gateway.services.board
        if any(one.path == self.alarm and one.state == "active" for one in board.open()):
            await board.report([AlarmEvent(path=self.alarm, state="clear")])
        (accepted,) = await board.report([AlarmEvent(path=self.alarm, state="active", value=93.4)])
        self._episode = accepted.episode or ""

    async def _tell(self) -> int:
        """Print what is on record of the alarm; return the exit code."""
        from tocsin.cli import reaching, story

        path = f"/api/v1/alarms/{self._episode}"
        alarm = await asyncio.to_thread(
            reaching.ask, self.gateway.folder, "GET", path, state=self.gateway.state
        )
        click.echo()
        story.show(alarm, self.gateway.folder)
        return 0 if alarm["acked"] else 1


def _wrapped(text: str) -> str:
    return click.wrap_text(text, width=80, subsequent_indent=" " * 17)
