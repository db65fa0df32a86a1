"""Starts the zygote and has it make children: the server's side of every birth and death."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import sysconfig
import threading
import zoneinfo
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import structlog

from tocsin.errors import TocsinError
from tocsin.sandbox import birth
from tocsin.sandbox.channel import Channel, Listener
from tocsin.sandbox.frames import Ready, Violation, decode_compiler_report, decode_report

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.sandbox.script import Limits

log = structlog.get_logger("tocsin.sandbox")

LARGEST: Final[dict[birth.Role, int]] = {"worker": 4 << 20, "compiler": 8 << 20, "attempts": 1 << 20}
"""Bytes of one message: eight turns of a worker's with everything at its limit, the code of one script."""
_START_S = 15.0
_SPARE_AFTER_S = 0.05  # births that somebody waits for come first
_BOOT = "import sys; sys.path[:] = {path!r}; from tocsin.sandbox.zygote import main; main()"


class SandboxUnavailable(TocsinError):  # noqa: N818 - reads as what it is
    """There is no zygote, so nothing can be run or compiled."""


class Resident(Listener, Protocol):
    """Who answers for a child in the server."""

    def ended(self, status: int | None) -> None:
        """Hear, once and last, that the child is gone: its exit code (negative = signal), None = unknown."""


class Child:
    """One forked process: its channel and its fate."""

    def __init__(
        self, nursery: Nursery, number: int, end: socket.socket, resident: Resident, most: int
    ) -> None:
        self._nursery = nursery
        self._resident = resident
        self._pidfd: int | None = None
        self._doomed = False
        self.number = number
        self.pid = 0
        self.alive = True
        self.unborn = ""
        """Why there never was a process for it; empty where there is or was one, or may still be."""
        self.ready: Ready | None = None
        """What it said of its locks while it waited to be needed; None where it is born for its resident."""
        self.channel = Channel(nursery.loop, end, resident, most)

    def move_to(self, resident: Resident) -> None:
        """Have another answer for it from now on."""
        self._resident = resident
        self.channel.listener = resident

    def kill(self) -> None:
        """End it for certain and at once; `ended` follows."""
        self._doomed = True
        self.channel.close()
        if not self.alive or not self.pid:
            return  # gone already, or killed as soon as its birth is announced
        with contextlib.suppress(ProcessLookupError):
            if self._pidfd is not None:
                signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)
            else:
                os.kill(self.pid, signal.SIGKILL)

    def be_nice(self, niceness: int) -> None:
        """Lower its priority."""
        if self.alive and self.pid:
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, niceness)

    def born(self, pid: int, pidfd: int | None) -> None:
        """Note the process id; for the nursery."""
        self.pid, self._pidfd = pid, pidfd
        if self._doomed:
            self.kill()

    def gone(self, status: int | None) -> None:
        """Note its end; for the nursery."""
        if not self.alive:
            return
        self.channel.drain()  # the last words may still be in the socket
        self.alive = False
        self.channel.close()
        if self._pidfd is not None:
            os.close(self._pidfd)
        self._resident.ended(status)


class _Spare:
    """A worker or compiler that waits, locked and without anything of a user's, to be needed."""

    def __init__(self, role: birth.Role) -> None:
        self._role = role
        self.child: Child | None = None

    def heard(self, message: bytes | memoryview) -> None:
        """Note that it is locked; it has nothing else to say."""
        said = (decode_compiler_report if self._role == "compiler" else decode_report)(message)
        if self.child is None or self.child.ready is not None or not isinstance(said, Ready):
            raise Violation("a spare process has nothing to say")
        self.child.ready = said

    def violated(self, violation: Violation) -> None:
        """End one that spoke without being asked; nobody had run anything in it."""
        log.warning("worker-violated-protocol", what=str(violation))
        self.closed()

    def closed(self) -> None:
        """Make sure that it ends."""
        if self.child is not None:
            self.child.kill()

    def ended(self, status: int | None) -> None:
        """Hear that it is gone; the next birth makes another."""
        del status
        self.child = None


class Nursery:
    """One zygote and its children; once `down`, another must be made.

    One worker is always kept in reserve, so that a place that becomes free is taken at once, and one
    compiler, so that a saved script does not wait for a process to be born and locked.
    """

    def __init__(self, settings: Callable[[int], birth.Settings], on_down: Callable[[str], None]) -> None:
        self.loop = asyncio.get_running_loop()
        self._on_down = on_down
        self._children: dict[int, Child] = {}
        self._numbers = 0
        self._started: asyncio.Future[None] = self.loop.create_future()
        self._down = False
        self._spares: dict[birth.Role, _Spare] = {}
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control.setblocking(False)
        with theirs:
            try:
                self._process = _execute(settings(theirs.fileno()), theirs.fileno())
            except OSError:
                self._control.close()
                raise
        self.pid = self._process.pid
        self.loop.add_reader(self._control, self._readable)

    async def wait_started(self) -> None:
        """Return once the zygote is warm; raises SandboxUnavailable with the reason where it is not."""
        try:
            async with asyncio.timeout(_START_S):
                await asyncio.shield(self._started)
        except TimeoutError:
            self._fall(f"the zygote was not ready within {_START_S:g} s")
            await self._started

    def fork(self, role: birth.Role, resident: Resident, *, attempt: str = "", niceness: int = 0) -> Child:
        """Have a child made, or give the one in reserve; `resident` answers for it.

        One from the reserve is `ready` and says so no more. Raises SandboxUnavailable.
        """
        if self._down:
            raise SandboxUnavailable("the sandbox is being restarted")
        if role != "attempts":
            self.loop.call_later(_SPARE_AFTER_S, self._keep_spare, role)
            spare = self._spares.get(role)
            if spare is not None and (child := spare.child) is not None and child.ready is not None:
                del self._spares[role]
                child.move_to(resident)
                if niceness:
                    child.be_nice(niceness)
                return child
        return self._fork(birth.Fork(self._next(), role, attempt, niceness), resident)

    def _keep_spare(self, role: birth.Role) -> None:
        there = self._spares.get(role)
        if self._down or (there is not None and there.child is not None):
            return
        spare = self._spares[role] = _Spare(role)
        with contextlib.suppress(SandboxUnavailable, OSError):
            spare.child = self._fork(birth.Fork(self._next(), role, spare=True), spare)

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def _fork(self, order: birth.Fork, resident: Resident) -> Child:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            try:
                socket.send_fds(self._control, [birth.encode(order)], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise SandboxUnavailable(f"the zygote takes no order: {error}") from None
        child = self._children[order.number] = Child(self, order.number, ours, resident, LARGEST[order.role])
        return child

    def close(self) -> None:
        """End the zygote and with it all children; `on_down` is not called."""
        self._on_down = lambda _: None
        for child in list(self._children.values()):
            child.kill()
        self._fall("closed")

    def _readable(self) -> None:
        try:
            packet, descriptors, _, _ = socket.recv_fds(self._control, birth.PACKET, 1)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            packet, descriptors = b"", []
        if not packet:
            self._fall("the zygote has died")
            return
        news = birth.decode_news(packet)
        if isinstance(news, birth.Started):
            if not self._started.done():
                self._started.set_result(None)
        elif isinstance(news, birth.Broken):
            self._fall(f"the zygote could not start: {news.why}")
        elif isinstance(news, birth.Ended):
            if (child := self._children.pop(news.number, None)) is not None:
                child.gone(news.status)
        elif news.pid:
            self._children[news.number].born(news.pid, descriptors[0] if descriptors else None)
        else:
            child = self._children.pop(news.number)
            child.unborn = news.why or "no reason given"
            child.gone(None)

    def _fall(self, why: str) -> None:
        if self._down:
            return
        self._down = True
        self.loop.remove_reader(self._control)
        self._control.close()
        self._process.kill()
        status = self._process.wait()  # killed: this is over in no time
        if not self._started.done():
            self._started.set_exception(SandboxUnavailable(f"{why} (exit status {status})"))
            self._started.exception()  # whether or not anybody waits for it
        children, self._children = self._children, {}
        for child in children.values():
            child.kill()
            child.gone(None)
        self._on_down(why)


def settings(
    control: int, *, vocabulary: str, limits: Limits, required: bool, timezone: str = ""
) -> birth.Settings:
    """Return what a zygote must know, its search path cut down to what it imports."""
    return birth.Settings(
        control=control,
        server=os.getpid(),
        dies_with_server=threading.current_thread() is threading.main_thread(),
        path=_search_path(vocabulary),
        vocabulary=vocabulary,
        limits=limits,
        timezone=_zone_file(timezone),
        required=required,
    )


def _zone_file(name: str) -> str:
    """Return the file of a time zone, the system's or that of `tzdata`; "" where there is none."""
    if not name:
        return ""
    places = [Path(place) for place in zoneinfo.TZPATH]
    if (package := importlib.util.find_spec("tzdata")) and package.submodule_search_locations:
        places.append(Path(package.submodule_search_locations[0]) / "zoneinfo")
    for place in places:
        if (file := place / name).is_file():
            return str(file)
    return ""


def _search_path(vocabulary: str) -> list[str]:
    """Return the standard library and the folders of the few packages that are needed."""
    found = _standard_library()
    for package in ("tocsin", "msgspec", "RestrictedPython", vocabulary.partition(".")[0]):
        spec = importlib.util.find_spec(package)
        if spec is None:
            continue
        inside = [*(spec.submodule_search_locations or ())] or [spec.origin or ""]
        folder = str(Path(inside[0]).parent)
        if folder not in found:
            found.append(folder)
    return found


def _standard_library() -> list[str]:
    """Return where this interpreter's own modules are, wherever it was moved to since it was built."""
    extensions = sysconfig.get_path("platstdlib", vars={"platbase": sys.base_exec_prefix})
    return [sysconfig.get_path("stdlib"), f"{extensions}/lib-dynload"]


def _execute(settings: birth.Settings, control: int) -> subprocess.Popen[bytes]:
    # A process group of its own keeps Ctrl-C away; a session of its own would also be a scheduling
    # group of its own, in which being nice towards the server means nothing.
    return subprocess.Popen(  # noqa: S603 - our own interpreter and our own code
        [
            sys.executable,
            "-I",
            "-S",
            "-c",
            _BOOT.format(path=settings.path),
            birth.encode_settings(settings).decode(),
        ],
        env={},
        pass_fds=[control],
        stdin=subprocess.DEVNULL,
        process_group=0,
        cwd="/",
    )
