"""One gateway per project folder: an advisory lock that a killed process cannot leave behind."""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
import time
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.config import state_folder
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path


log = structlog.get_logger("tocsin.gateway")


class AlreadyRunning(TocsinError):  # noqa: N818  it says what is the case
    """Another gateway serves this project."""


PATIENCE_S: Final = 0.5
"""So long a gateway that starts tries: a command that looks whether one runs shares the lock for a moment."""

_BETWEEN_S: Final = 0.02


def is_held(state: Path) -> bool:
    """Tell whether somebody holds `.tocsin/lock`; raises PermissionError where that cannot be seen."""
    try:
        file = os.open(state / "lock", os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(file)
    return False


def _take_from_others(state: Path) -> None:
    """Let only its owner into a state folder that is open to others: made by hand, restored, or a volume."""
    mode = stat.S_IMODE(state.stat().st_mode)
    if not mode & 0o077:
        return
    with contextlib.suppress(OSError):  # somebody else's folder, or a file system without modes
        state.chmod(mode & ~0o077)
    still = bool(state.stat().st_mode & 0o077)
    log.warning("state-was-open", folder=str(state), mode=f"{mode:o}", still=still)


class FolderLock:
    """Holds `.tocsin/lock` until closed; the kernel drops it with the process, however that ends.

    It is tried for `patience_s`. Raises AlreadyRunning, and OSError where the folder cannot be written.
    """

    def __init__(self, state: Path, *, patience_s: float = 0) -> None:
        state_folder.make(state)
        _take_from_others(state)
        path = state / "lock"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not self._taken(time.monotonic() + patience_s):
            owner = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise AlreadyRunning(f"another gateway (process {owner}) serves {state.parent}; stop it first")
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def _taken(self, until: float) -> bool:
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= until:
                    return False
                time.sleep(_BETWEEN_S)
            else:
                return True

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._file)
