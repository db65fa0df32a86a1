"""Landlock with no rules at all: no file, no TCP port, no abstract socket, no signal to the outside.

Facts: Linux `Documentation/userspace-api/landlock.rst`. Each ABI version knows more rights; the ones a
kernel does not know are left out, and the detail says which version it is.
"""

from __future__ import annotations

import ctypes
import errno
import os

from tocsin.sandbox.lockdown import kernel, syscalls

_ASK_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_FILES_BY_ABI = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 5: 0xFFFF}  # + refer, truncate, device ioctl
_NETWORK_SINCE, _NETWORK = 4, 0b11  # bind and connect TCP
_SCOPE_SINCE, _SCOPE = 6, 0b11  # abstract UNIX sockets, signals


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


def version() -> int:
    """Return the kernel's Landlock ABI version, 0 where it has none or it is switched off."""
    try:
        return kernel.syscall(syscalls.LANDLOCK_CREATE_RULESET, None, 0, _ASK_VERSION)
    except OSError as error:
        if error.errno in {errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM}:
            return 0
        raise


def restrict() -> str:
    """Deny everything Landlock can deny to the calling thread; needs no_new_privs. Raises OSError.

    Returns a detail for the report.
    """
    abi = version()
    if not abi:
        raise OSError(errno.EOPNOTSUPP, "this kernel has no Landlock, or it is not among its active LSMs")
    files = max((mask for since, mask in _FILES_BY_ABI.items() if since <= abi))
    rules = _Ruleset(files, _NETWORK if abi >= _NETWORK_SINCE else 0, _SCOPE if abi >= _SCOPE_SINCE else 0)
    size = 8 if abi < _NETWORK_SINCE else 16 if abi < _SCOPE_SINCE else 24
    ruleset = kernel.syscall(syscalls.LANDLOCK_CREATE_RULESET, kernel.pointer(rules), size, 0)
    try:
        kernel.syscall(syscalls.LANDLOCK_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return f"ABI {abi}"
