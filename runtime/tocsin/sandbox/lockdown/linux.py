"""The locks of Linux, in the order in which each still permits the next.

Drop the user id (root only), then what a uid change resets (parent-death signal, dumpable), no_new_privs,
Landlock, the resource limits (which leave no descriptor to make a Landlock ruleset with) and the system
call filter last. Each is tried even where another failed,
so that the report shows everything; whether that is enough is not decided here.
"""

from __future__ import annotations

import ctypes
import os
import platform
import pwd
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from tocsin.sandbox.lockdown import kernel, landlock, limits, seccomp, syscalls
from tocsin.sandbox.lockdown.report import Measure

if TYPE_CHECKING:
    from collections.abc import Callable

_CLONE_NEWUTS, _CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x04000000, 0x08000000, 0x10000000, 0x40000000
_UNUSED_IDS = range(61184, 65520)  # systemd's DynamicUser range: never given to a person or a service
_CAPABILITY_VERSION_3 = 0x20080522


class LinuxLock:
    """Locks for the children of the process that makes this object."""

    def __init__(self) -> None:
        self._parent = os.getpid()
        self._machine = platform.machine()
        self._uid = _unused_uid() if os.geteuid() == 0 else None
        self._namespaces = Measure("namespaces", held=False, required=False, detail="not tried")
        try:
            self._filter: seccomp.Filter | None = seccomp.build(self._machine)
        except KeyError:
            self._filter = None

    def isolate(self) -> None:
        """Move the zygote, and so all its children, to a network and IPC namespace with nothing in it."""
        flags = _CLONE_NEWNET | _CLONE_NEWIPC | _CLONE_NEWUTS
        try:
            kernel.unshare(flags if self._uid is not None else flags | _CLONE_NEWUSER)
        except OSError as error:
            self._namespaces = Measure("namespaces", held=False, required=False, detail=str(error))
        else:
            self._namespaces = Measure("namespaces", held=True, required=False, detail="network, IPC, UTS")

    def apply(self, *, memory_bytes: int, cpu_s: int) -> tuple[Measure, ...]:
        """Lock the calling process for good; see `confine.Lock`."""
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        space = pages * os.sysconf("SC_PAGE_SIZE") + memory_bytes
        return (
            self._namespaces,
            _try("own-user", self._drop_user, required=False),
            _try("no-capabilities", _drop_capabilities(self._machine), required=False),
            _try("dies-with-parent", self._die_with_parent, required=False),
            _try("not-dumpable", lambda: kernel.set_option(kernel.PR_SET_DUMPABLE, 0), required=False),
            _try("no-new-privileges", lambda: kernel.set_option(kernel.PR_SET_NO_NEW_PRIVS, 1)),
            _try("landlock", landlock.restrict),
            _try("resource-limits", lambda: limits.apply(address_space=space, cpu_s=cpu_s)),
            _try("seccomp", self._load_filter),
        )

    def _drop_user(self) -> str:
        if self._uid is None:
            raise OSError("only root can change to a user id of its own")
        os.setgroups([])
        os.setresgid(self._uid, self._uid, self._uid)
        os.setresuid(self._uid, self._uid, self._uid)
        return f"uid {self._uid}"

    def _die_with_parent(self) -> None:
        kernel.set_option(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self._parent:
            os._exit(0)  # the parent died before the signal was asked for

    def _load_filter(self) -> str:
        if self._filter is None:
            raise OSError(f"no system call table for {self._machine}")
        self._filter.load()
        return f"{self._filter.length} instructions"


def _try(name: str, lock: Callable[[], str | None], *, required: bool = True) -> Measure:
    try:
        detail = lock() or ""
    except (OSError, ValueError) as error:
        return Measure(name, held=False, required=required, detail=str(error))
    return Measure(name, held=True, required=required, detail=detail)


def _unused_uid() -> int:
    """Return a user id that nobody has, so that limits and signals meet no other process."""
    start = os.getpid() % len(_UNUSED_IDS)
    for offset in range(len(_UNUSED_IDS)):
        candidate = _UNUSED_IDS[(start + offset) % len(_UNUSED_IDS)]
        try:
            pwd.getpwuid(candidate)
        except KeyError:
            return candidate
    return _UNUSED_IDS[start]


def _drop_capabilities(machine: str) -> Callable[[], None]:
    """Return a function that empties all capability sets, as capset(2) in its third version takes them."""

    def drop() -> None:
        header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
        nothing = (ctypes.c_uint32 * 6)()
        kernel.syscall(
            syscalls.CAPSET[machine],
            ctypes.c_void_p(ctypes.addressof(header)),
            ctypes.c_void_p(ctypes.addressof(nothing)),
        )

    return drop
