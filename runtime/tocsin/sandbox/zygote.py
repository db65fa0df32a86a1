"""The warm parent of all workers: exec'ed once without secrets, forks on request, runs no user code.

Started by `nursery` as `python -I -S`, with an empty environment and no descriptor but the control socket.
It imports everything a worker may ever need, freezes that memory, and then
only waits: for the server to ask for a child, or for a child to end.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import TYPE_CHECKING, Any, NoReturn, cast

from tocsin.sandbox import birth, compiler, frames, preload
from tocsin.sandbox.language import Language
from tocsin.sandbox.link import Link
from tocsin.sandbox.lockdown import confine, selftest
from tocsin.sandbox.scriptlog import clean
from tocsin.sandbox.worker import Worker

if TYPE_CHECKING:
    from tocsin.sandbox.vocabulary import Vocabulary

_LINK = 3  # the descriptor of a child's socket, its only one beside /dev/null
_HIGHEST = 65_536  # above any descriptor a freshly exec'ed process has come to
_COMPILER_MEMORY = 256 << 20
_COMPILER_CPU_S = 60
_MOST_MESSAGE = 64 << 20  # from the server, which a child may believe


class Zygote:
    """The forking process: its control socket and its children."""

    def __init__(self, settings: birth.Settings) -> None:
        self._settings = settings
        self._control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=settings.control)
        self._lock = confine.prepare()
        self._vocabulary = cast("Vocabulary", importlib.import_module(settings.vocabulary))
        self._language = Language(self._vocabulary)
        self._children: dict[int, int] = {}
        self._link: Link | None = None
        preload.preload()

    def serve(self) -> None:
        """Fork and bury until the server closes the control socket."""
        woken, waker = os.pipe()
        os.set_blocking(waker, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
        self._lock.isolate()
        gc.collect()
        gc.freeze()
        self._tell(birth.Started())
        poll = select.poll()
        poll.register(self._control, select.POLLIN)
        poll.register(woken, select.POLLIN)
        while True:
            ready = {descriptor for descriptor, _ in poll.poll()}
            if woken in ready:
                with contextlib.suppress(BlockingIOError):
                    os.read(woken, 512)
                self._bury()
            if self._control.fileno() in ready and not self._take_order():
                return

    def _take_order(self) -> bool:
        packet, descriptors, _, _ = socket.recv_fds(self._control, birth.PACKET, 1)
        if not packet:
            return False
        order = birth.decode_fork(packet)
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(birth.Forked(order.number, 0, str(error)))
        else:
            if pid == 0:
                self._be_child(order, descriptors[0])
            self._children[pid] = order.number
            self._tell(birth.Forked(order.number, pid), _pidfd(pid))
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            if (number := self._children.pop(pid, None)) is not None:
                self._tell(birth.Ended(number, os.waitstatus_to_exitcode(status)))

    def _tell(self, news: birth.News, descriptor: int | None = None) -> None:
        try:
            socket.send_fds(self._control, [birth.encode(news)], [] if descriptor is None else [descriptor])
        except OSError:
            os._exit(0)  # the server has gone
        finally:
            if descriptor is not None:
                os.close(descriptor)

    # ------------------------------------------------------------ in the child

    def _be_child(self, order: birth.Fork, descriptor: int) -> NoReturn:
        status = 1
        try:
            self._live(order, descriptor)
            status = 0
        except BrokenPipeError:
            status = 0  # the server has gone
        except Exception:  # noqa: BLE001 - a fault of ours; its cause would be lost with the process
            self._last_words(order, traceback.format_exc())
        finally:
            os._exit(status)

    @staticmethod
    def _last_words(order: birth.Fork, text: str) -> None:
        encode = frames.encode_compiler_report if order.role == "compiler" else frames.encode_report
        with contextlib.suppress(OSError):
            os.write(_LINK, b"\0" + encode(frames.Crashed(clean(text[-4_000:], 4_000))))

    def _live(self, order: birth.Fork, descriptor: int) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._children.clear()
        if descriptor != _LINK:
            os.dup2(descriptor, _LINK, inheritable=False)
        os.closerange(_LINK + 1, _HIGHEST)
        if order.niceness:
            os.nice(order.niceness)
        _be_called(order.role)
        # Held to the very end: the server takes a closed socket for a process that has to be killed.
        link = self._link = Link(_LINK, most=_MOST_MESSAGE)
        compiles = order.role == "compiler"
        limits = self._settings.limits
        worker = Worker(link, self._language, self._vocabulary, limits)
        worker.handle_timers()
        measures = self._lock.apply(
            memory_bytes=_COMPILER_MEMORY if compiles else limits.memory_mb << 20,
            cpu_s=_COMPILER_CPU_S if compiles else 0,
        )
        if compiles and order.spare:
            compiler.warm_up(self._language)
        ready = frames.Ready([(each.name, each.held, each.required, each.detail) for each in measures])
        link.send(frames.encode_compiler_report(ready) if compiles else frames.encode_report(ready))
        if self._settings.required and not all(each.held for each in measures if each.required):
            return
        if compiles:
            compiler.serve(link, self._language)
        elif order.role == "attempts":
            tried = [order.attempt] if order.attempt else list(selftest.SILENT)
            link.send(frames.encode_report(frames.Attempted([selftest.attempt(each) for each in tried])))
        else:
            worker.serve()


def _pidfd(pid: int) -> int | None:
    opened: Any = getattr(os, "pidfd_open", None)
    try:
        return None if opened is None else int(opened(pid))
    except OSError:
        return None


def main() -> None:
    """Be a zygote, with the settings that are the last argument of the command line."""
    settings = birth.decode_settings(sys.argv[-1])
    _detach(settings)
    sys.path[:] = settings.path
    _be_called("zygote")
    _settle(settings.timezone)
    try:
        Zygote(settings).serve()
    except Exception:  # noqa: BLE001 - reported to the server, which is all that can be done here
        control = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET, 0, fileno=os.dup(settings.control))
        with contextlib.suppress(OSError):
            control.send(birth.encode(birth.Broken(traceback.format_exc()[-4_000:])))


def _be_called(role: str) -> None:
    """Have a list of processes tell what each of them is for."""
    if sys.platform == "linux":
        from tocsin.sandbox.lockdown import kernel

        with contextlib.suppress(OSError):
            kernel.name_process(f"tocsin-{role}")


def _settle(timezone: str) -> None:
    """Take on the gateway's time zone; its file is read now, because a locked child cannot."""
    os.environ["TZ"] = f":{timezone}" if timezone else "UTC0"
    time.tzset()
    time.localtime()


def _detach(settings: birth.Settings) -> None:
    """Keep nothing of the server's but the control socket, and end when it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)
    if sys.platform == "linux" and settings.dies_with_server:
        from tocsin.sandbox.lockdown import kernel

        kernel.set_option(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != settings.server:
            os._exit(0)
