"""One gateway per project folder: an advisory lock that a killed process cannot leave behind."""

from __future__ import annotations

import fcntl
import os
import time
from typing import TYPE_CHECKING, Final

from tocsin.config import state_folder
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path


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


class FolderLock:
    """Holds `.tocsin/lock` until closed; the kernel drops it with the process, however that ends.

    It is tried for `patience_s`. Raises AlreadyRunning, and OSError where the folder cannot be written.
    """

    def __init__(self, state: Path, *, patience_s: float = 0) -> None:
        state_folder.make(state)
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
