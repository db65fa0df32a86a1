"""The builtin names of the script language, as data: which there are, and what to use instead of others.

`builtin` builds the checked ones; this module says which of Python's own are handed out untouched, and
gives the sentence a user reads who reaches for one that is not there.
"""

from __future__ import annotations

import builtins
from typing import Any, Final

UNTOUCHED: Final[dict[str, Any]] = {
    name: getattr(builtins, name)
    for name in (
        "abs",  # a number from a number
        "bin",
        "callable",  # yes or no
        "chr",
        "divmod",  # no larger than its operands
        "hex",
        "len",
        "oct",
        "ord",
    )
}
"""C functions of bounded cost that neither iterate nor read attributes. Their own attributes
(`len.__self__` is the real builtins module) cannot be read, as their type is in no table."""

EXCEPTIONS: Final[dict[str, type[Exception]]] = {
    name: getattr(builtins, name)
    for name in (
        "ArithmeticError",
        "AssertionError",
        "AttributeError",
        "Exception",
        "ImportError",
        "IndexError",
        "KeyError",
        "LookupError",
        "MemoryError",
        "NameError",
        "NotImplementedError",
        "OverflowError",
        "RecursionError",
        "RuntimeError",
        "StopIteration",
        "TypeError",
        "UnicodeError",
        "ValueError",
        "ZeroDivisionError",
    )
}
"""Real classes, as `except` takes nothing else; no attribute of theirs can be read. The family above
Exception is left out, so that no script can hold on to a shutdown."""

_NO_FILES: Final = "scripts cannot reach files"
_NO_CLASSES: Final = "scripts define no classes; use functions and dictionaries"
_NO_CODE: Final = "scripts cannot make code out of text"
_NO_MIRROR: Final = "scripts cannot look inside Python; keep values in a dictionary of your own"
_NO_BYTES: Final = "scripts work with text only"
_NO_EXIT: Final = "let the script reach its end instead, or return from a function"
_NO_BASE: Final = "the widest exception a script may catch is Exception"

INSTEAD: Final[dict[str, str]] = {
    "BaseException": _NO_BASE,
    "BaseExceptionGroup": _NO_BASE,
    "ExceptionGroup": _NO_BASE,
    "GeneratorExit": _NO_BASE,
    "KeyboardInterrupt": _NO_BASE,
    "SystemExit": _NO_EXIT,
    "breakpoint": "use print, which writes to the script log",
    "bytearray": _NO_BYTES,
    "bytes": _NO_BYTES,
    "classmethod": _NO_CLASSES,
    "compile": _NO_CODE,
    "complex": "use float",
    "delattr": "attributes are never writable; use a dictionary",
    "dir": _NO_MIRROR,
    "eval": _NO_CODE + "; use int, float or json.loads to read a value",
    "exec": _NO_CODE,
    "exit": _NO_EXIT,
    "globals": _NO_MIRROR,
    "hash": "compare the values themselves",
    "help": "the functions are described in the scripting guide",
    "id": "compare objects with `is`",
    "input": "nobody sits at a console; use Gather and read Digits or SpeechResult in the next turn",
    "issubclass": "use isinstance",
    "iter": "use a for loop, or next with a generator expression",
    "locals": _NO_MIRROR,
    "memoryview": _NO_BYTES,
    "object": _NO_CLASSES,
    "open": _NO_FILES,
    "property": _NO_CLASSES,
    "quit": _NO_EXIT,
    "setattr": "attributes are never writable; use a dictionary",
    "slice": "write x[a:b]",
    "staticmethod": _NO_CLASSES,
    "super": _NO_CLASSES,
    "type": "use isinstance",
    "vars": _NO_MIRROR,
}
"""For a name of Python's that scripts lack: the rest of the sentence "there is no `open` here: ..."."""
