"""The product's vocabulary with a hole: `unguarded(source)` runs plain Python inside the locked worker.

So a script is as dangerous as one that has broken every guard. What an attacker would love to have is
imported before the lockdown on purpose.
"""

from __future__ import annotations

import builtins
import ctypes
import gc
import importlib
import io
import json
import mmap
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from typing import Any

from tocsin.calls import vocabulary
from tocsin.sandbox import frames

ATTRIBUTES = vocabulary.ATTRIBUTES
WRITABLE = vocabulary.WRITABLE

_LIBC = ctypes.CDLL(None, use_errno=True)


def _checked(result: int) -> int:
    """Return what a C function returned; OSError where that is a failure."""
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def _say(report: bytes, *, first: bytes = b"\0") -> None:
    """Write a packet of the attacker's making to the server."""
    os.write(3, first + report)


_TREASURE = {
    "__builtins__": builtins,
    **{module.__name__: module for module in (ctypes, frames, gc, importlib, io, json, mmap, os, resource)},
    **{module.__name__: module for module in (select, signal, socket, struct, subprocess, sys, threading)},
    "checked": _checked,
    "frames": frames,
    "libc": _LIBC,
    "say": _say,
    "time": time,
}


class Turn(vocabulary.Turn):
    """A real turn whose scripts find `unguarded` among their globals."""

    __slots__ = ("_ask",)

    def __init__(self, given: Any, ask: Any, log: Any) -> None:
        super().__init__(given, ask, log)
        self._ask = ask

    def globals(self, name: str) -> dict[str, Any]:
        """Return the real globals and the hole."""
        return {**super().globals(name), "unguarded": self._unguarded}

    def _unguarded(self, source: str, **words: Any) -> Any:
        names = {**_TREASURE, **words, "ask": self._ask, "response": ""}
        exec(compile(source, "unguarded", "exec"), names)
        return names["response"]


def open_turn(given: dict[str, Any], ask: Any, log: Any) -> Turn:
    """Begin a turn as the product does."""
    return Turn(given, ask, log)
