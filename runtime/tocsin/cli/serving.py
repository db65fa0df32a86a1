"""`tocsin serve`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tocsin.cli import output


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option("--host", help="Listen on this host instead of the configured one.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Listen on this port instead of the configured one."
)
@click.option("--dev", is_flag=True, help="Development: the emulator is expected, logs are for people.")
def serve(folder: Path, host: str | None, port: int | None, *, dev: bool) -> None:
    """Run the gateway of the project in FOLDER until it is stopped."""
    import asyncio

    import uvloop

    from tocsin.config import ConfigRefused
    from tocsin.gateway import logs

    logs.configure(plain=dev or sys.stderr.isatty())
    try:
        uvloop.run(_serve(folder, host, port, dev=dev))
    except ConfigRefused as error:
        output.findings(error.findings)
        sys.exit(1)
    except asyncio.CancelledError:
        sys.exit(130)


async def _serve(folder: Path, host: str | None, port: int | None, *, dev: bool) -> None:
    from tocsin.gateway import checks
    from tocsin.gateway.gateway import Gateway
    from tocsin.gateway.serving import bound, serve

    loaded = checks.read(folder)
    configured_host, configured_port = loaded[0].value.address
    host = host or configured_host
    sock = bound(f"[{host}]:{port}" if ":" in host else f"{host}:{configured_port if port is None else port}")
    listen = f"{host}:{sock.getsockname()[1]}"
    gateway = Gateway(folder, listen=listen, dev=dev, loaded=loaded)
    await serve(gateway, sock, ready=lambda url: click.echo(f"tocsin serves {folder} at {url}"))
