"""Open-loop load: every request at its planned moment, whatever became of those before it.

Latency counts from the planned moment, so a server that stalls is not spared the requests it kept from
being sent. One thread, plain sockets, `select` with a short spin before each moment: asyncio's timers
are exact to a millisecond only, which is more than what is measured here.
"""

from __future__ import annotations

import gc
import select
import socket
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SPIN_S = 0.0003


@dataclass(frozen=True, slots=True)
class Planned:
    """One request: when (seconds from the start), what, and of which kind for whoever reads the results."""

    at: float
    request: bytes
    kind: str = "good"


@dataclass(slots=True)
class Answered:
    """What became of a planned request; status 0 where nothing came back in time."""

    kind: str
    latency_s: float
    status: int = 0
    body: str = ""
    done_s: float = 0.0


@dataclass(slots=True)
class _Wire:
    sock: socket.socket
    planned: Planned | None = None
    received: bytearray = field(default_factory=bytearray)


def every(
    seconds: float, per_s: float, request: Callable[[], bytes], kind: str = "good", phase: float = 0.0
) -> list[Planned]:
    """Plan requests at a steady rate."""
    count = int(seconds * per_s)
    return [Planned(phase + number / per_s, request(), kind) for number in range(count)]


def paced(
    port: int,
    plan: Sequence[Planned],
    *,
    patience_s: float = 10.0,
    wires: int = 8,
) -> list[Answered]:
    """Send everything in time order and return what came back, in the order of the answers."""
    client = _Client(port, wires)
    collects = gc.isenabled()
    gc.disable()
    try:
        return client.run(sorted(plan, key=lambda one: one.at), patience_s)
    finally:
        client.close()
        if collects:
            gc.enable()


class _Client:
    def __init__(self, port: int, wires: int) -> None:
        self._port = port
        self._idle = [self._connect() for _ in range(wires)]
        self._busy: dict[socket.socket, _Wire] = {}
        self._answered: list[Answered] = []
        self._began = 0.0

    def _connect(self) -> _Wire:
        sock = socket.create_connection(("127.0.0.1", self._port))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return _Wire(sock)

    def run(self, plan: Sequence[Planned], patience_s: float) -> list[Answered]:
        self._began = time.perf_counter()
        for planned in plan:
            self._wait_until(planned.at)
            wire = self._idle.pop() if self._idle else self._connect()
            wire.planned = planned
            wire.sock.sendall(planned.request)
            self._busy[wire.sock] = wire
        end = self._now() + patience_s
        while self._busy and self._now() < end:
            self._read(0.05)
        for wire in self._busy.values():
            assert wire.planned is not None
            self._answered.append(Answered(wire.planned.kind, self._now() - wire.planned.at))
        return self._answered

    def _now(self) -> float:
        return time.perf_counter() - self._began

    def _wait_until(self, at: float) -> None:
        while (left := at - self._now()) > 0:
            self._read(max(0.0, left - _SPIN_S))

    def _read(self, timeout: float) -> None:
        ready, _, _ = select.select(list(self._busy), [], [], timeout)
        for sock in ready:
            self._receive(self._busy[sock])

    def _receive(self, wire: _Wire) -> None:
        data = wire.sock.recv(65_536)
        wire.received += data
        head, mark, body = bytes(wire.received).partition(b"\r\n\r\n")
        if data and (not mark or len(body) < _length(head)):
            return
        planned, wire.planned, wire.received = wire.planned, None, bytearray()
        assert planned is not None
        now = self._now()
        status = int(head[9:12]) if mark else 0
        self._answered.append(Answered(planned.kind, now - planned.at, status, body.decode(), now))
        del self._busy[wire.sock]
        if data:
            self._idle.append(wire)
        else:
            wire.sock.close()

    def close(self) -> None:
        for wire in (*self._idle, *self._busy.values()):
            wire.sock.close()


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def ask(port: int, request: bytes) -> Answered:
    """Send one request now and return its answer."""
    (answer,) = paced(port, [Planned(0.0, request)], wires=1)
    return answer
