"""One gateway per project folder: an advisory lock that a killed process cannot leave behind."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path


class AlreadyRunning(TocsinError):  # noqa: N818  it says what is the case
    """Another gateway serves this project."""


class FolderLock:
    """Holds `.tocsin/lock` until closed; the kernel drops it with the process, however that ends."""

    def __init__(self, state: Path) -> None:
        state.mkdir(mode=0o700, exist_ok=True)
        path = state / "lock"
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.pread(self._file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise AlreadyRunning(
                f"another gateway (process {owner}) serves {state.parent}; stop it first"
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._file)
