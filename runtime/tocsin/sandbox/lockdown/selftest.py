"""What a locked process must not be able to do, tried for real inside one.

Each attempt raises OSError where it is prevented. Those in `SILENT` are answered with an error and share
one process; those in `FATAL` end their process (the kernel kills it with SIGSYS), so each has its own.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def _open_a_file() -> None:
    Path("/etc/passwd").read_bytes()


def _write_a_file() -> None:
    Path(f"/tmp/tocsin-selftest-{os.getpid()}").write_bytes(b"x")  # noqa: S108 - it must not come to exist


def _list_a_folder() -> None:
    list(Path("/").iterdir())


def _read_proc() -> None:
    Path("/proc/1/cmdline").read_bytes()


def _allocate_without_end() -> None:
    try:
        bytes(1 << 32)
    except MemoryError:
        raise OSError("memory is limited") from None


def _make_a_socket() -> None:
    socket.socket(socket.AF_INET, socket.SOCK_STREAM).close()


def _fork() -> None:
    if os.fork() == 0:
        os._exit(0)


def _signal_the_parent() -> None:
    os.kill(os.getppid(), 0)


def _start_a_program() -> None:
    os.execv("/bin/true", ["true"])  # noqa: S606 - it must not start


SILENT: dict[str, Callable[[], None]] = {
    "open a file": _open_a_file,
    "write a file": _write_a_file,
    "list a folder": _list_a_folder,
    "read /proc": _read_proc,
    "allocate without end": _allocate_without_end,
}
FATAL: dict[str, Callable[[], None]] = {
    "make a socket": _make_a_socket,
    "fork": _fork,
    "signal its parent": _signal_the_parent,
    "start a program": _start_a_program,
}


def attempt(what: str) -> tuple[str, bool, str]:
    """Try `what` in this process; return it with whether it was prevented and by which error."""
    try:
        (SILENT | FATAL)[what]()
    except OSError as error:
        return what, True, str(error)
    return what, False, "it succeeded"
