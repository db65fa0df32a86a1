"""Tests that measure time take the machine for themselves when several processes run the tests.

A test marked `alone` waits until no other runs and keeps the others waiting, fixtures of every scope included;
without pytest-xdist nothing waits. A conftest takes part by importing the hook.
"""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
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


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Hold the machine around all of a test: a fixture would come after those of a module or a session."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return (yield)
    # What pytest gives tests as `tmp_path_factory`; its folders of all processes lie side by side.
    common = item.config._tmp_path_factory.getbasetemp().parent
    with turn(common, alone=item.get_closest_marker("alone") is not None):
        return (yield)
