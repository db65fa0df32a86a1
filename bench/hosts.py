"""The servers that are measured, each in its own process on its own free port."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
Kind = Literal["tocsin", "unsandboxed", "textbook"]
_COMMANDS: Final[dict[Kind, list[str]]] = {
    "tocsin": ["-m", "tocsin", "serve", "{folder}", "--port", "0"],
    "unsandboxed": [str(HERE / "unsandboxed.py"), "{folder}"],
    "textbook": [str(HERE / "textbook.py"), "{folder}"],
}


@dataclass(frozen=True, slots=True)
class Host:
    """A server that runs: where, and over which project. `started_s` is spawn to open port."""

    kind: Kind
    port: int
    pid: int
    folder: Path
    started_s: float

    @property
    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "host.log").read_text()

    def answered(self) -> dict[str, int]:
        """Return how many recorded turns were answered by whom: "scripts", "default", ..."""
        return dict(self._rows("select answered, count(*) from ts_turn group by answered"))

    def calls(self) -> int:
        """Return how many calls have been recorded."""
        ((count,),) = self._rows("select count(*) from ts_call")
        return int(count)

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        db = f"file:{self.folder / '.tocsin' / 'tocsin.db'}?mode=ro"
        with contextlib.closing(sqlite3.connect(db, uri=True)) as connection:
            return connection.execute(query).fetchall()


@contextlib.contextmanager
def running(kind: Kind, folder: Path) -> Iterator[Host]:
    """Start a server over a project folder, yield it once its port is open, stop it."""
    command = [sys.executable, *(part.format(folder=folder) for part in _COMMANDS[kind])]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}"}
    with (folder / "host.log").open("a") as log:
        began = time.monotonic()
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environ,
            preexec_fn=_ends_with_us,  # noqa: PLW1509  the bench has one thread
        )
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            if " at http" not in line:
                raise SystemExit(f"no {kind} server: {line}{(folder / 'host.log').read_text()[-2000:]}")
            port = int(line.rstrip().rpartition(":")[2])
            _wait_open(port)
            yield Host(kind, port, process.pid, folder, time.monotonic() - began)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_open(port: int) -> None:
    for _ in range(5000):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.001)
    raise SystemExit(f"nobody listens on port {port}")


def _ends_with_us() -> None:
    """Have the kernel end the server when this process is gone, however it went."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGTERM, 0, 0, 0)  # PR_SET_PDEATHSIG
