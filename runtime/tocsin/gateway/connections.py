"""The gateway's port: uvicorn, with the limits it leaves open for what strangers send.

Beside its body a request is short and has few headers, it comes whole within a minute, its answer is taken,
and only so many connections are open at once. Nothing here knows what a request is about; how long a body
may be is said by whoever reads it.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, ClassVar, Final

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tocsin.gateway import descriptors

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

log = structlog.get_logger("tocsin.gateway")

MOST_BESIDE_BODY: Final = 256 * 1024
"""Bytes of a request's line, headers and trailers, and of the marks of its chunks: 20,000 alarms, each sent
as a chunk of its own, have about 140 kB of them."""

MOST_HEADERS: Final = 256
"""A header in memory is ten times as large as one on the wire."""

PATIENCE_S: Final = 60.0
"""So long the rest of a request may take, and an answer of which nothing is taken."""

MOST_CONNECTIONS: Final = 256
"""Twilio, a control system and commands have a dozen open."""

SWEEP_TICKS: Final = 50
"""Of uvicorn's own ticks, ten a second: connections cost no timer each."""

_MINUTE_TICKS: Final = 600


class Connection(HttpToolsProtocol):
    """One connection. Each request passes here, so that it only counts and notes a time."""

    put_out: ClassVar[int] = 0
    """So many connections were closed for others, since that was told."""

    _beside: int = 0
    _since: float = 0.0  # the loop's time when the client began to owe something
    _unsent: int = 0
    _moved: float = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Take a connection; where there are too many, the one that has rested longest goes."""
        super().connection_made(transport)
        self.headers = []
        self._since = self._moved = self.loop.time()
        if len(self.connections) > _most_connections():
            self._make_room()

    def on_message_begin(self) -> None:
        """Begin to count."""
        self._beside = 0
        self._since = self.loop.time()
        super().on_message_begin()

    def on_body(self, body: bytes) -> None:
        """Leave the body out; whoever reads it has a limit of their own."""
        self._beside -= len(body)
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        """Count what comes; a request that is too long beside its body is refused and not read on."""
        self._beside += len(data)
        super().data_received(data)
        if self._beside > MOST_BESIDE_BODY or len(self.headers) > MOST_HEADERS:
            self._refuse()

    def _refuse(self) -> None:
        if not self.transport.is_closing():
            self.send_400_response(
                f"A request has at most {MOST_HEADERS} headers, and {MOST_BESIDE_BODY} bytes beside its body."
            )

    def is_overdue(self, now: float) -> bool:
        """Tell whether nothing has come of what the client owes: the rest of a request, or taking an answer.

        `now` is the loop's time. Asked for at each sweep, by which it knows whether an answer moves.
        """
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent == self._unsent:
            return now - self._moved > PATIENCE_S
        self._unsent, self._moved = unsent, now
        return now - self._since > PATIENCE_S and self._rests() and not self._has_keep_alive()

    def _rests(self) -> bool:
        """Tell whether it is the client's turn."""
        cycle = self.cycle
        answering = cycle is not None and not cycle.response_complete and not cycle.more_body
        return not (answering or self.pipeline or self.flow.read_paused or self.transport.is_closing())

    def _has_keep_alive(self) -> bool:
        """Tell whether it rests between two requests, and uvicorn will close it in time."""
        return self.timeout_keep_alive_task is not None

    def _make_room(self) -> None:
        others = [one for one in self.connections if isinstance(one, Connection) and one is not self]
        resting = [one for one in others if one._rests()]  # noqa: SLF001  one of our own
        if resting:
            min(resting, key=lambda one: one._since).transport.abort()  # noqa: SLF001  as above
            Connection.put_out += 1


def _most_connections() -> int:
    """Return how many connections may be open: half of the descriptors is for everything else."""
    return min(MOST_CONNECTIONS, descriptors.most() // 2)


class _Server(uvicorn.Server):
    """uvicorn without its own signal handling; it tells when the port is open, closes what stands still."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.opened = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Open the port."""
        await super().startup(sockets)
        self.opened.set()

    async def on_tick(self, counter: int) -> bool:
        """Look through the connections now and then."""
        if counter % SWEEP_TICKS == 0:
            now = asyncio.get_running_loop().time()
            open_now = [one for one in self.server_state.connections if isinstance(one, Connection)]
            for one in open_now:
                if one.is_overdue(now):
                    one.transport.abort()
        if counter % _MINUTE_TICKS == 0 and Connection.put_out:
            log.warning("connections-full", most=_most_connections(), closed=Connection.put_out)
            Connection.put_out = 0
        return await super().on_tick(counter)

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]  # noqa: ANN202  uvicorn's own signature
        yield


@contextlib.asynccontextmanager
async def listening(application: Any, sock: socket.socket) -> AsyncIterator[None]:
    """Serve an ASGI application on a bound socket while the body runs.

    Raises OSError where nobody can listen on it: another program has begun to since it was bound.
    """
    config = uvicorn.Config(
        application,
        http=Connection,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[sock]))
    opened = asyncio.ensure_future(server.opened.wait())
    await asyncio.wait((serving, opened), return_when=asyncio.FIRST_COMPLETED)
    opened.cancel()
    if not server.opened.is_set():
        await serving
    try:
        yield
    finally:
        server.should_exit = True
        await serving
