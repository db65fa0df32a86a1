"""Closed-loop load: so many connections, each sending its next request when the last is answered.

`wrk` makes the load where it is installed. Where it is not, `python burst.py` does: one process, raw
sockets, uvloop. Which of the two it was is part of the result, since a slower load maker flatters whoever
is slow beside it.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import uvloop

if TYPE_CHECKING:
    from collections.abc import Sequence

HERE: Final = Path(__file__).parent
WRK: Final = shutil.which("wrk")
MAKER: Final = "wrk" if WRK else "burst.py"


@dataclass(frozen=True, slots=True)
class Burst:
    """What one burst came to; `wrong` counts answers other than 2xx and broken connections."""

    requests: int
    seconds: float
    wrong: int
    p50_ms: float
    p99_ms: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def write_requests(file: Path, webhooks: Sequence[Any]) -> Path:
    """Write requests for the load makers: length, head, length, tail, and so on."""
    with file.open("wb") as out:
        for one in webhooks:
            for part in (one.head, one.tail):
                out.write(f"{len(part)}\n".encode() + part)
    return file


def burst(port: int, requests: Path, *, connections: int, seconds: float) -> Burst:
    """Make load for so long and return what came of it."""
    prefix, offset = secrets.token_hex(8), secrets.randbelow(1_000_000)
    if WRK:
        found = _wrk(port, requests, connections, seconds, prefix, offset)
    else:
        command = [sys.executable, __file__, str(port), str(requests), str(connections), str(seconds)]
        found = json.loads(
            subprocess.run([*command, prefix, str(offset)], check=True, capture_output=True).stdout
        )
    return Burst(*found)


def _wrk(
    port: int, requests: Path, connections: int, seconds: float, prefix: str, offset: int
) -> tuple[int, float, int, float, float]:
    assert WRK is not None
    duration = f"{max(1, round(seconds))}s"
    command = [WRK, "-t1", f"-c{connections}", f"-d{duration}", "-s", str(HERE / "wrk.lua")]
    command += [f"http://127.0.0.1:{port}/", "--", str(requests), prefix, str(offset)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    (line,) = (line for line in said.splitlines() if line.startswith("RESULT "))
    count, took_us, wrong, p50_us, p99_us = map(int, line.split()[1:])
    return count, took_us / 1e6, wrong, p50_us / 1e3, p99_us / 1e3


# ---------------------------------------------------------------- the load maker of our own


def _parts(file: Path) -> list[tuple[bytes, bytes]]:
    data, at = file.read_bytes(), 0
    parts: list[bytes] = []
    while at < len(data):
        end = data.index(b"\n", at)
        size = int(data[at:end])
        parts.append(data[end + 1 : end + 1 + size])
        at = end + 1 + size
    return list(zip(parts[::2], parts[1::2], strict=True))


class _Connection(asyncio.Protocol):
    """One connection: an answer comes, the next request goes."""

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._buffer = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._next()

    def _next(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._load.request())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        lines = head.lower().split(b"\r\n")
        length = next(int(line[15:]) for line in lines if line.startswith(b"content-length:"))
        if len(body) < length:
            return
        self._buffer = b""
        self._load.answered(time.perf_counter() - self._began, head)
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._load.lost()


class _Load:
    """All connections together."""

    def __init__(self, parts: list[tuple[bytes, bytes]], prefix: str, offset: int) -> None:
        self._parts = parts
        self._prefix = prefix
        self._sent = offset
        self._took: list[float] = []
        self._wrong = 0
        self._over = False

    def request(self) -> bytes:
        self._sent += 1
        head, tail = self._parts[self._sent % len(self._parts)]
        return b"%b%b%b" % (head, f"{self._prefix}-{self._sent:019d}".encode(), tail)

    def answered(self, took: float, head: bytes) -> None:
        if not self._over:
            self._took.append(took)
            self._wrong += not head.startswith(b"HTTP/1.1 2")

    def lost(self) -> None:
        self._wrong += not self._over

    async def run(self, port: int, connections: int, seconds: float) -> tuple[int, float, int, float, float]:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        made = [
            await loop.create_connection(lambda: _Connection(self), "127.0.0.1", port)
            for _ in range(connections)
        ]
        await asyncio.sleep(seconds)
        took, self._over = time.perf_counter() - began, True
        for transport, _ in made:
            transport.abort()
        ordered = sorted(self._took) or [0.0]
        p50, p99 = (ordered[int(share * (len(ordered) - 1))] * 1000 for share in (0.5, 0.99))
        return len(self._took), took, self._wrong, p50, p99


def main() -> None:
    """Be the load maker: PORT FILE CONNECTIONS SECONDS PREFIX OFFSET; prints one JSON list."""
    port, file, connections, seconds, prefix, offset = sys.argv[1:]
    load = _Load(_parts(Path(file)), prefix, int(offset))
    print(json.dumps(uvloop.run(load.run(int(port), int(connections), float(seconds)))))


if __name__ == "__main__":
    main()
