"""`tocsin demo`: one alarm, one call, in this terminal and without an account."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx2

    from tocsin.alarms import Episode
    from tocsin.cli.handset import Handset
    from tocsin.gateway.gateway import Gateway
    from tocsin.people import User

ALARM = "Plant/Pump 2/High level"


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--script", is_flag=True, help="Let the demo press the keys itself, print the conversation, and end."
)
@click.option(
    "--speed",
    type=click.FloatRange(0.0),
    default=None,
    help="How many times as fast speech is; 0 is at once.",
)
def demo(folder: Path | None, speed: float | None, *, script: bool) -> None:
    """Raise an alarm, and answer the call about it in this terminal.

    Without FOLDER the sample plant is used, in a folder of its own that you can edit while it runs.
    """
    from tocsin.gateway import logs

    logs.configure(plain=True, quiet=True)
    unattended = script or not sys.stdin.isatty()
    try:
        code = asyncio.run(_Demo(folder, unattended=unattended, speed=speed).run())
    except (KeyboardInterrupt, asyncio.CancelledError):
        code = 130
    sys.exit(code)


class _Demo:
    def __init__(self, folder: Path | None, *, unattended: bool, speed: float | None) -> None:
        self.unattended = unattended
        self.pace = (0.0 if unattended else 6.0) if speed is None else speed
        self.folder = folder or self._sample()
        self.gateway: Gateway

    @staticmethod
    def _sample() -> Path:
        from tocsin.config import shipped

        folder = Path(tempfile.mkdtemp(prefix="tocsin-demo-")) / "plant"
        shutil.copytree(
            shipped("sample_project"), folder, ignore=shutil.ignore_patterns(".tocsin", "__pycache__")
        )
        return folder

    async def run(self) -> int:
        """Show one call after the other; return the exit code."""
        from tocsin.gateway.gateway import Gateway
        from tocsin.gateway.serving import bound, running

        sock = bound("127.0.0.1:0")
        self.gateway = Gateway(self.folder, listen=f"127.0.0.1:{sock.getsockname()[1]}", dev=True)
        async with running(self.gateway, sock) as url:
            click.secho(f"{self.gateway.configuration.gateway.name} is watched over at {url}", bold=True)
            click.echo(f"Its files: {self.folder}\n")
            async for episode in self._calls():
                if self.unattended:
                    return 0 if episode.acked else 1
        return 0

    async def _calls(self) -> AsyncIterator[Episode]:
        """Call until nobody wants another one; yield the alarm as each call left it."""
        board = self.gateway.services.board
        while True:
            episode = await self._alarm()
            await self._call()
            found = await board.find(episode)
            assert found is not None, "an episode that was reported is on record"
            self._tell(found)
            yield found
            scripts = self.folder / "twilio_scripts"
            click.secho(f"\nChange a script in {scripts}, save it, and take the next call.", dim=True)
            if await _line("Enter for another call, q to end: ") in ("q", None):
                return

    def _tell(self, episode: Episode) -> None:
        person = self.gateway.services.directory.users.get(episode.acked_by or "")
        if person is not None:
            done = click.style("ACKNOWLEDGED", fg="green", bold=True)
            click.echo(f"\n{done}  {episode.path}, by {person.name} over the phone")
        else:
            open_ = click.style("STILL OPEN", fg="red", bold=True)
            click.echo(f"\n{open_}  {episode.path}: nobody acknowledged it")

    async def _alarm(self) -> str:
        """Raise the alarm, unless the last call left it open."""
        from tocsin.alarms import AlarmEvent

        board = self.gateway.services.board
        if any(one.path == ALARM and one.acked for one in board.open()):
            await board.report([AlarmEvent(path=ALARM, state="clear")])
        (accepted,) = await board.report([AlarmEvent(path=ALARM, state="active", value=93.4)])
        click.echo(f"{click.style('ALARM', fg='red', bold=True)}  {ALARM} is active, value 93.4")
        assert accepted.episode is not None, "an alarm reported as active has an episode"
        return accepted.episode

    async def _call(self) -> None:
        import httpx2

        services = self.gateway.services
        person = next(user for user in services.directory.users.values() if user.numbers)
        line = next(iter(services.lines.values()))
        call = self.gateway.ledger.open_outbound(services, line, person, person.numbers[0])
        click.echo(f"{click.style('RING ', fg='cyan', bold=True)}  {person.name}, {person.numbers[0]}\n")
        fields = {
            "CallSid": f"CA{secrets.token_hex(16)}",
            "AccountSid": line.account,
            "From": line.phone_number,
            "To": person.numbers[0],
            "Direction": "outbound-api",
            "ApiVersion": "2010-04-01",
        }
        profile = self.gateway.profiles.twilio[line.twilio_profile]
        base = f"{line.base}/main/system/twilio-voice"
        started = time.monotonic()
        async with httpx2.AsyncClient(timeout=15) as client:
            phone = self._handset(client, profile.tokens[0], fields, person)
            await phone.take(f"{base}/answer/{call.id}#rc=2&rp=all")
            await phone.status(
                f"{base}/status/{call.id}", "completed", max(1, round(time.monotonic() - started))
            )

    def _handset(
        self, client: httpx2.AsyncClient, token: str, fields: dict[str, str], person: User
    ) -> Handset:
        from tocsin.cli.handset import Handset

        keys = _Fingers(person.pin_literal or "") if self.unattended else _Keyboard()
        return Handset(client, token, fields, keys, pace=self.pace)


class _Keyboard:
    """Somebody at the keyboard."""

    async def __call__(self, heard: str) -> str | None:  # noqa: ARG002  a person has read it above
        """Ask for keys."""
        keys = await _line(click.style("  keys (Enter: none, h: hang up) ", fg="green"))
        return None if keys in (None, "h") else keys


class _Fingers:
    """Nobody at the keyboard: acknowledges with the PIN as a person would."""

    def __init__(self, pin: str) -> None:
        self._pin = pin

    async def __call__(self, heard: str) -> str | None:
        """Press what the sentence asks for."""
        keys = f"{self._pin}#" if "PIN" in heard else "1" if "to acknowledge" in heard else ""
        shown = "".join("•" for _ in self._pin) + "#" if "PIN" in heard else keys
        click.echo(click.style(f"  presses {shown}" if keys else "  says nothing", fg="green"))
        return keys


async def _line(prompt: str) -> str | None:
    """Read a line without holding up the gateway; None at the end of input."""
    click.echo(prompt, nl=False)
    text = await asyncio.to_thread(sys.stdin.readline)
    return text.strip() if text else None
