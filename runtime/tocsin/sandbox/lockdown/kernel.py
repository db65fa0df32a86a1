"""The few Linux system calls that Python does not wrap, by number, with errors as OSError."""

from __future__ import annotations

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NAME = 15
PR_SET_SECCOMP = 22
PR_SET_NO_NEW_PRIVS = 38


def set_option(option: int, value: int | ctypes.c_void_p = 0, address: ctypes.c_void_p | None = None) -> None:
    """Set a process option, as prctl(2) does; raises OSError."""
    zero = ctypes.c_ulong(0)
    first = ctypes.c_ulong(value) if isinstance(value, int) else value
    if _libc.prctl(option, first, address or zero, zero, zero) != 0:
        raise _error(f"prctl({option})")


def name_process(name: str) -> None:
    """Give the calling process the name that `ps` and `top` show, at most 15 bytes of it."""
    text = ctypes.create_string_buffer(name.encode())
    set_option(PR_SET_NAME, pointer(text))


def syscall(number: int, *args: int | ctypes.c_void_p | None) -> int:
    """Call system call `number`; raises OSError. Integers are passed as 64 bit."""
    exact = [ctypes.c_long(each) if isinstance(each, int) else each for each in args]
    result: int = _libc.syscall(ctypes.c_long(number), *exact)
    if result < 0:
        raise _error(f"system call {number}")
    return result


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags`; raises OSError."""
    if _libc.unshare(ctypes.c_int(flags)) != 0:
        raise _error("unshare")


def pointer(thing: ctypes.Structure | ctypes.Array[ctypes.c_char]) -> ctypes.c_void_p:
    """Return the address of a ctypes object as an argument; the caller keeps the object alive."""
    return ctypes.c_void_p(ctypes.addressof(thing))


def _error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, f"{what}: {os.strerror(number)}")
