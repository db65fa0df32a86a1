"""Files of the state folder that hold a secret of the gateway: made once, readable by its owner alone.

What a key is and what it is for is said by the rooms that keep one.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

from tocsin.config import state_folder

if TYPE_CHECKING:
    from pathlib import Path


def read(path: Path, fresh: str) -> tuple[str, bool]:
    """Give what the file holds, and whether others on the machine could read it until now.

    Where there is no file it is made with `fresh`; where another process was quicker, its key stays. Raises
    OSError where the file can be neither read nor made, and UnicodeDecodeError where it is not ASCII.
    """
    if not path.exists():
        _make(path, fresh)
    exposed = bool(path.stat().st_mode & 0o077)
    if exposed:
        path.chmod(0o600)
    return path.read_text("ascii"), exposed


def _make(path: Path, text: str) -> None:
    state_folder.make(path.parent)
    half = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(half)
        except FileExistsError:
            return
        except OSError:  # a file system without hard links
            half.replace(path)
    finally:
        half.unlink(missing_ok=True)
