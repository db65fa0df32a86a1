"""A vocabulary with a hole: `raw(source)` runs plain Python, as if a script had broken every guard.

What the lockdown and the server promise must hold against this. The modules an attacker would love to
have are imported before the lockdown on purpose.
"""

from __future__ import annotations

import builtins
import ctypes
import importlib
import mmap
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any

from tests.sandbox import plain_vocabulary

ATTRIBUTES = plain_vocabulary.ATTRIBUTES
WRITABLE = plain_vocabulary.WRITABLE

_NAMES = {
    "__builtins__": builtins,
    "ctypes": ctypes,
    "importlib": importlib,
    "mmap": mmap,
    "multiprocessing": multiprocessing,
    "os": os,
    "resource": resource,
    "signal": signal,
    "socket": socket,
    "subprocess": subprocess,
    "sys": sys,
    "threading": threading,
    "time": time,
    "libc": ctypes.CDLL(None, use_errno=True),
}
_kept: dict[str, Any] = {}


def say(message: bytes) -> None:
    """Write a forged message to the server's socket."""
    os.write(3, b"\0" + message)


def raw(source: str) -> Any:
    names = dict(_NAMES, say=say, kept=_kept)
    exec(source, names)
    return str(names.get("result", ""))


def leftover() -> Any:
    """A suspended generator whose end never comes, as a script could make if `yield` were allowed."""

    def endless():
        try:
            yield 1
        finally:
            while True:
                pass

    made = endless()
    next(made)
    return made


class Turn(plain_vocabulary.Turn):
    def globals(self, name: str) -> dict[str, Any]:
        return {**super().globals(name), "raw": raw, "leftover": leftover}


def open_turn(given: dict[str, Any], ask: Any, log: Any) -> Turn:
    return Turn(given, ask, log)
