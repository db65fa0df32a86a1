"""`tocsin serve`."""

from __future__ import annotations

import contextlib
import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from tocsin.emulator import Emulator
    from tocsin.gateway.configuration import Configuration


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--host", metavar="HOST", help="Listen on this host instead of the configured one.")
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    help="Listen on this port instead of the configured one.",
)
@click.option("--dev", is_flag=True, help="Development: the emulator is expected, logs are for people.")
def serve(folder: Path, host: str | None, port: int | None, *, dev: bool) -> None:
    """Run the gateway of the project in FOLDER until it is stopped."""
    import asyncio

    import uvloop

    with _absent("rich"):
        from tocsin.gateway import logs

    logs.configure(plain=dev or sys.stderr.isatty())
    # What a start makes is kept for good; to look for garbage among it takes a sixth of the time.
    gc.disable()
    try:
        uvloop.run(_serve(folder, host, port, dev=dev))
    except asyncio.CancelledError:
        sys.exit(130)
    finally:
        # Whoever started it within a process of their own (a test) goes on with the collector they had.
        gc.enable()


@contextlib.contextmanager
def _absent(name: str) -> Iterator[None]:
    """Have an import within find no such module, where nobody has imported it yet.

    structlog takes rich up where it is there, for tracebacks that are never shown here: a tenth of a start.
    """
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]  # as documented for "cannot be imported"
    try:
        yield
    finally:
        del sys.modules[name]


async def _serve(folder: Path, host: str | None, port: int | None, *, dev: bool) -> None:
    import asyncio

    from tocsin.gateway import checks
    from tocsin.gateway.sandboxing import sandbox_for

    loaded = checks.read(folder)
    value = loaded[0].value
    async with contextlib.AsyncExitStack() as stack:
        sandbox = sandbox_for(value)
        stack.push_async_callback(sandbox.aclose)
        # Its zygote warms up in a process of its own while this one imports all the rest.
        sandbox.begin()
        await asyncio.sleep(0)  # lets it begin before the imports hold the loop
        from tocsin.cli.emulated import connect
        from tocsin.gateway.gateway import Gateway
        from tocsin.gateway.serving import bound, serve

        configured_host, configured_port = value.address
        host, port = host or configured_host, configured_port if port is None else port
        sock = bound(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
        stack.enter_context(contextlib.closing(sock))
        listen = f"{host}:{sock.getsockname()[1]}"
        emulator, emulator_url = await stack.enter_async_context(_emulated(value, dev=dev))
        gateway = Gateway(
            folder, listen=listen, dev=dev, loaded=loaded, emulator_url=emulator_url, sandbox=sandbox
        )

        def ready(url: str) -> None:
            if emulator is not None:
                connect(emulator, gateway)
            _say(f"tocsin serves {folder} at {url}")
            gc.freeze()
            gc.enable()

        await serve(gateway, sock, ready=ready)
    # All is closed. Without this the interpreter would go through every object once more before it ends.
    gc.freeze()


@contextlib.asynccontextmanager
async def _emulated(value: Configuration, *, dev: bool) -> AsyncIterator[tuple[Emulator | None, str | None]]:
    """Run the emulator beside a development gateway whose profiles talk to it; yield it and its URL."""
    profiles = [profile for profile in value.twilio_profiles.values() if profile.on_emulator]
    if not dev or not profiles:
        yield None, None
        return
    from tocsin.emulator import Emulator
    from tocsin.emulator.serve import DEFAULT_PORT, served

    emulator = Emulator(auth_token=profiles[0].auth_token.reveal())
    async with contextlib.AsyncExitStack() as stack:
        url, ours = None, None
        try:
            url = await stack.enter_async_context(served(emulator, port=DEFAULT_PORT))
        except OSError:
            # Where somebody started one already, it serves as well.
            _say(f"port {DEFAULT_PORT} is taken; calls go to the emulator there, if it is one")
        else:
            ours = emulator
            _say(f"the emulator is at {url}; answer its phones with: tocsin phone")
        yield ours, url


def _say(what: str) -> None:
    """Tell whoever started it; that nobody can be told keeps no gateway from serving."""
    with contextlib.suppress(OSError):
        click.echo(what)
