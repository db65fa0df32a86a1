"""The emulator on a port: what `tocsin emulator`, the demonstration and tests over sockets start."""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
import socket
from typing import TYPE_CHECKING

import uvicorn

from tocsin.clock import Clock, ScaledClock, SystemClock, VirtualClock
from tocsin.emulator.account import DEFAULT_AUTH_TOKEN
from tocsin.emulator.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import ASGIApp

DEFAULT_PORT = 8089
LOOPBACK = "127.0.0.1"


def read_clock(text: str) -> Clock:
    """Make the clock that `--clock` names: real, scaled:F (a second lasts F real ones) or virtual.

    Raises ValueError with one sentence for anything else.
    """
    kind, _, factor = text.partition(":")
    if kind == "scaled":
        with contextlib.suppress(ValueError):
            if math.isfinite(number := float(factor)):
                return ScaledClock(number)
        raise ValueError(f"{text!r} needs a factor above 0, such as scaled:0.1")
    if text == "real":
        return SystemClock()
    if text == "virtual":
        return VirtualClock()
    raise ValueError(f"{text!r} is no clock; use real, scaled:F or virtual")


class _Server(uvicorn.Server):
    """A server that says when it listens and stops when told, without looking ten times a second."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self.stopped = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        # Signals belong to whoever runs the process; an emulator is often a guest in it.
        yield

    async def main_loop(self) -> None:
        # `on_tick` keeps the Date header; once a second is enough.
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stopped.wait(), 1.0)

    def stop(self) -> None:
        """Stop listening and end what is under way within a second."""
        self.should_exit = True
        self.stopped.set()


@contextlib.asynccontextmanager
async def listening(app: ASGIApp, *, port: int) -> AsyncIterator[str]:
    """Serve `app` on a loopback port (0 picks a free one) while the body runs; gives the base URL.

    Raises OSError where the port is taken.
    """
    # The protocol is named so that asyncio sees TCP and sends small answers at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((LOOPBACK, port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    config = uvicorn.Config(
        app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = _Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    ready = asyncio.create_task(server.listening.wait())
    await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
    ready.cancel()
    try:
        yield f"http://{LOOPBACK}:{listener.getsockname()[1]}"
    finally:
        server.stop()
        await running
        listener.close()


@contextlib.asynccontextmanager
async def served(emulator: Emulator, *, port: int = DEFAULT_PORT) -> AsyncIterator[str]:
    """Start `emulator` and serve it on a loopback port while the body runs; gives the base URL."""
    async with emulator, listening(emulator.app, port=port) as url:
        emulator.exchange.public_url = url
        yield url


def run(
    *,
    port: int = DEFAULT_PORT,
    auth_token: str = DEFAULT_AUTH_TOKEN,
    clock: Clock | None = None,
    seed: int | None = None,
    say: Callable[[str], None] = print,
) -> None:
    """Serve an emulator until SIGINT or SIGTERM, on the fast event loop where there is one.

    `say` is told the base URL once the port is open. A virtual clock moves only by the control API. Without a
    seed every run makes other SIDs, as a product with a database expects. Raises OSError where the port is
    taken.
    """

    async def until_told() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        async with served(Emulator(clock=clock, auth_token=auth_token, seed=seed), port=port) as url:
            say(url)
            await stop.wait()

    try:
        import uvloop
    except ImportError:
        asyncio.run(until_told())
    else:
        uvloop.run(until_told())
