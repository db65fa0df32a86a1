"""The test stand: what all stories of one test run share, because it is costly to make and keeps no memory.

An event loop that turns only while a step of a story runs, the loopback port at which the official client
finds the emulator, locked workers, and a database with its tables made. Each story has its own gateway,
emulator, clock and database on it.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import signal
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tocsin.calls.deciding import PIPELINES, ROSTERS
from tocsin.clock import VirtualClock
from tocsin.emulator.serve import listening
from tocsin.gateway.sandboxing import sandbox_for
from tocsin.gateway.storage import open_database

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

    from starlette.types import ASGIApp, Receive, Scope, Send

    from tocsin.gateway.configuration import Configuration
    from tocsin.sandbox.sandbox import Sandbox

T = TypeVar("T")
_SCRIPTS = "twilio_scripts"


class WrongUse(RuntimeError):  # noqa: N818  it says what is the case
    """The kit was asked for something it cannot do; `str()` is one sentence with the remedy."""


class TestStand:
    """Opened by its first story, closed at the end of the test run."""

    __test__ = False  # the name is no invitation to pytest

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._stack = contextlib.AsyncExitStack()
        self._own = tempfile.TemporaryDirectory(prefix="tocsin-test-")
        self.folder = Path(self._own.name).resolve()
        self._emulator_url = ""
        self._door = _Door()
        self._sandboxes: dict[str, Sandbox] = {}
        self._stories = 0

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Run one step to its end; raises WrongUse inside a running event loop."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return self._runner.run(step)
        step.close()
        raise WrongUse("these fixtures turn their own event loop; write `def test_...`, not `async def`")

    def close(self) -> None:
        """End the workers, close the port, forget the files."""
        with _keeping_signals():
            self._runner.run(self._stack.aclose())
        self._runner.close()
        self._own.cleanup()

    async def emulator_url(self, app: ASGIApp) -> str:
        """Put this emulator behind the stand's port, in place of the story's before, and return its URL."""
        self._door.app = app
        if not self._emulator_url:
            with _keeping_signals():
                self._emulator_url = await self._stack.enter_async_context(listening(self._door, port=0))
        return self._emulator_url

    async def sandbox(self, value: Configuration) -> Sandbox:
        """Return started workers with the limits of a configuration."""
        key = f"{value.gateway.timezone} {value.scripts.model_dump_json()}"
        if key not in self._sandboxes:
            sandbox = self._sandboxes[key] = sandbox_for(value)
            self._stack.push_async_callback(sandbox.aclose)
            await sandbox.start()
        return self._sandboxes[key]

    async def state(self, value: Configuration) -> Path:
        """Make the folder in which a gateway keeps its state, with an empty database."""
        template = self.folder / "empty"
        if not template.exists():
            template.mkdir(mode=0o700)  # as a gateway makes it: it would tell of one that others may read
            await open_database(value, template, VirtualClock()).aclose()
        self._stories += 1
        return shutil.copytree(template, self.folder / f"story-{self._stories}")

    def mirror(self, folder: Path) -> Path:
        """Return where the stand keeps its copy of a folder; relative paths between copies stay the same."""
        return self.folder / "mirror" / folder.relative_to(folder.anchor)

    def copy_scripts(self, project: Path) -> None:
        """Bring the copy of a project's scripts back to what the project has; stories may change the copy.

        It is always the same folder, because workers belong to a folder and are costly to make anew.
        """
        copy = self.mirror(project)
        for folder in (_SCRIPTS, ROSTERS, PIPELINES):
            (copy / folder).mkdir(parents=True, exist_ok=True)
            original = _files(project / folder)
            here = _files(copy / folder)
            for name in here.keys() - original.keys():
                (copy / folder / name).unlink()
            for name, source in original.items():
                if here.get(name) != source:
                    (copy / folder / name).write_bytes(source)


class _Door:
    """One address behind which one emulator after the other is found."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


@contextlib.contextmanager
def _keeping_signals() -> Iterator[None]:
    """Give Ctrl-C back to whoever runs the tests: an HTTP server takes it for itself."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.glob("*") if path.is_file()}
