"""The product's vocabulary, and a way to look at what all turns of a worker share.

A turn of the action `survey` answers with a digest of everything that outlives a turn: guards, builtins,
library, builders, the vocabulary's own classes, Python's modules. Workers are forks of one process, so
the same objects have the same addresses in all of them: whatever differs was changed by a script.
"""

from __future__ import annotations

import builtins
import hashlib
import html
import json
import os
import random
import re
import sys
import types
import urllib.parse
from typing import TYPE_CHECKING, Any

from tocsin.calls import vocabulary
from tocsin.sandbox.namespaces import Namespace, TypeName
from tocsin.telephony import builders

if TYPE_CHECKING:
    from collections.abc import Iterator

ATTRIBUTES = vocabulary.ATTRIBUTES
WRITABLE = vocabulary.WRITABLE

_MODULES = (builtins, builders, html, json, os, random, re, sys, urllib.parse, vocabulary)
_OWN_LIFE = {"_", "last_exc", "last_type", "last_value", "last_traceback", "exitfunc", "_git", "argv"}


def _inside(name: str, value: Any, depth: int = 0) -> Iterator[str]:
    """Give a line for everything that hangs on an object and could be replaced."""
    yield f"{name}={id(value)}"
    if depth > 3:
        return
    if isinstance(value, Namespace | TypeName):
        for member, inner in sorted(value.members.items()):
            yield from _inside(f"{name}.{member}", inner, depth + 1)
    elif isinstance(value, types.FunctionType):
        yield f"{name}:{id(value.__code__)}:{value.__defaults__!r}:{id(value.__globals__)}"
    elif isinstance(value, type) and value.__module__.startswith("tocsin."):
        for member, inner in sorted(vars(value).items()):
            yield from _inside(f"{name}.{member}", inner, depth + 1)
    elif isinstance(value, frozenset):
        yield f"{name}:{len(value)}"


def survey(names: dict[str, Any]) -> str:
    """Return the digest of what this worker shares between turns; `names` are a script's globals."""
    guards = names["_import_"].func.__self__
    lines: list[str] = [f"limit={sys.getrecursionlimit()}", f"digits={sys.get_int_max_str_digits()}"]
    for name, value in sorted(guards.builtins.items()):
        lines += _inside(name, value)
    for part, value in sorted(vars(guards).items()):
        lines.append(f"{part}={id(value)}:{len(value)}")
    for kind, table in guards._attributes.items():
        lines += [f"{kind}.{name}={id(how)}" for name, how in sorted(table.items())]
    for name, value in sorted(guards._modules.items()):
        lines += _inside(name, value)
    for module in _MODULES:
        for name, value in sorted(vars(module).items()):
            if name not in _OWN_LIFE and not name.startswith("__"):
                lines += _inside(f"{module.__name__}.{name}", value, 2)
    lines += sorted(sys.modules)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


class Survey(vocabulary.Turn):
    """A turn that answers with the digest and the worker's process id, whatever its scripts say."""

    __slots__ = ("_digest",)

    def after(self, names: Any) -> None:
        """Look around while the script's globals are still there."""
        self._digest = survey(names)
        self._response = f"<Response><Say>{os.getpid()} {self._digest}</Say></Response>"

    def finish(self) -> dict[str, Any]:
        """Return the digest as TwiML."""
        return {**super().finish(), "response": self._response, "session": "{}"}


def open_turn(given: dict[str, Any], ask: Any, log: Any) -> vocabulary.Turn:
    """Begin a turn as the product does, or a survey."""
    return (Survey if given["action"] == "survey" else vocabulary.Turn)(given, ask, log)
