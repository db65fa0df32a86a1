"""The system call filter: a classic BPF program built from the tables of `syscalls`, loaded by prctl.

Facts: Linux `Documentation/userspace-api/seccomp_filter.rst`; instruction layout `struct sock_filter`,
data layout `struct seccomp_data` (number at 0, architecture at 4, arguments from 16, eight bytes each).
"""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass

from tocsin.sandbox.lockdown import kernel, syscalls

_LOAD = 0x20  # BPF_LD | BPF_W | BPF_ABS
_EQUAL = 0x15  # BPF_JMP | BPF_JEQ | BPF_K
_AT_LEAST = 0x35  # BPF_JMP | BPF_JGE | BPF_K
_ANY_BIT = 0x45  # BPF_JMP | BPF_JSET | BPF_K
_RETURN = 0x06  # BPF_RET | BPF_K

_ALLOW = 0x7FFF0000
_KILL = 0x80000000  # the whole process, by SIGSYS
_REFUSE = 0x00050000 | 1  # EPERM

_NUMBER, _ARCHITECTURE, _THIRD_ARGUMENT = 0, 4, 16 + 2 * 8
_PROT_EXEC = 0x4
_X32 = 0x40000000  # x86_64's second set of numbers, which would slip past a comparison by number
_AUDIT_ARCH = {syscalls.X86_64: 0xC000003E, syscalls.AARCH64: 0xC00000B7}
_SECCOMP_MODE_FILTER = 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


@dataclass(frozen=True)
class Filter:
    """A filter ready to load; built once in the zygote, because building costs more than loading."""

    code: ctypes.Array[ctypes.c_char]
    length: int

    def load(self) -> None:
        """Apply to the calling thread for good; needs no_new_privs. Raises OSError."""
        program = _Program(self.length, ctypes.addressof(self.code))
        kernel.set_option(kernel.PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, kernel.pointer(program))


def build(machine: str) -> Filter:
    """Return the filter for `machine` ("x86_64" or "aarch64"); raises KeyError for another."""
    code = b"".join(_program(machine))
    return Filter(ctypes.create_string_buffer(code, len(code)), len(code) // 8)


def _program(machine: str) -> list[bytes]:
    allowed = syscalls.numbers(syscalls.ALLOWED, machine)
    guarded = [allowed.pop(name) for name in syscalls.NOT_EXECUTABLE]
    program = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, _AUDIT_ARCH[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    if machine == syscalls.X86_64:
        program += [_instruction(_AT_LEAST, _X32, 0, 1), _instruction(_RETURN, _KILL)]
    for number in allowed.values():
        program += _when(number, _instruction(_RETURN, _ALLOW))
    for number in guarded:
        program += _when(
            number,
            _instruction(_LOAD, _THIRD_ARGUMENT),
            _instruction(_ANY_BIT, _PROT_EXEC, 0, 1),
            _instruction(_RETURN, _REFUSE),
            _instruction(_RETURN, _ALLOW),
        )
    for number in syscalls.numbers(syscalls.FATAL, machine).values():
        program += _when(number, _instruction(_RETURN, _KILL))
    return [*program, _instruction(_RETURN, _REFUSE)]


def _when(number: int, *then: bytes) -> list[bytes]:
    return [_instruction(_EQUAL, number, 0, len(then)), *then]


def _instruction(code: int, constant: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, constant)
