"""Tests that measure time take the machine for themselves when several processes run the tests.

A test marked `alone` waits until no other runs and keeps the others waiting; without pytest-xdist nothing waits.
"""

from __future__ import annotations

import fcntl
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def _held(file: IO[bytes], kind: int) -> Iterator[None]:
    fcntl.flock(file, kind)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


@contextmanager
def turn(folder: Path, *, alone: bool) -> Iterator[None]:
    """Hold the machine, with others or alone; whoever waits to be alone is next.

    `folder` is common to all processes of a run.
    """
    with (folder / "queue").open("ab") as queue, (folder / "machine").open("ab") as machine:
        with _held(queue, fcntl.LOCK_EX):
            fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(machine, fcntl.LOCK_UN)
