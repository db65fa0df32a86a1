"""The plain vocabulary in a zygote that can be kept from forking, as by a limit on processes.

No child is made while the file below is there: a zygote has no environment by which it could be told.
Importing this changes `os.fork`, so only a zygote may.
"""

from __future__ import annotations

import os
from pathlib import Path

from tests.sandbox import plain_vocabulary

ATTRIBUTES = plain_vocabulary.ATTRIBUTES
WRITABLE = plain_vocabulary.WRITABLE
open_turn = plain_vocabulary.open_turn

_fork = os.fork


def fork() -> int:
    """Fork, unless the test process wants none."""
    if Path(f"/tmp/tocsin-no-fork-{os.getppid()}").exists():
        raise BlockingIOError(11, "Resource temporarily unavailable")
    return _fork()


os.fork = fork
