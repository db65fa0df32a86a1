"""Methods of Python's own types that need a check before they run.

Each is a plain function whose first parameter is the object; the guard for attribute access binds it.
Two reasons bring a method here: its result may be far larger than what went in, or it iterates over an
argument inside the interpreter, past the guard for iteration.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, Final

from tocsin.sandbox import arithmetic, formatting, remembering

Method = Callable[..., Any]
Iteration = Callable[[Any], Any]


def _padded(native: Callable[..., str]) -> Method:
    def pad(value: str, width: int, *fill: str) -> str:
        arithmetic.text(width)
        return native(value, width, *fill)

    return pad


def replace(value: str, old: str, new: str, count: int = -1) -> str:
    """Do `str.replace` if every occurrence, replaced, still gives a text of allowed length."""
    growth = len(new) - len(old)
    if growth > 0:
        arithmetic.text(len(value) + value.count(old) * growth)
    return value.replace(old, new, count)


def expandtabs(value: str, tabsize: int = 8) -> str:
    """Do `str.expandtabs`."""
    arithmetic.text(len(value) + value.count("\t") * max(tabsize, 0))
    return value.expandtabs(tabsize)


def translate(value: str, table: Any) -> str:
    """Do `str.translate` with a dict, as `str.maketrans` makes it."""
    if type(table) is not dict:
        raise TypeError("translate takes a dict, as str.maketrans makes it")
    longest = max((len(new) for new in table.values() if type(new) is str), default=1)
    arithmetic.text(len(value) * max(longest, 1))
    return value.translate(table)


def joining(iterate: Iteration) -> Callable[[str, Any], str]:
    """Make `str.join`, which measures its parts before it joins them."""

    def join(separator: str, parts: Any) -> str:
        listed = parts if type(parts) is list else list(iterate(parts))
        with suppress(TypeError):  # some part is no text: the interpreter's own message says which
            arithmetic.text(sum(map(len, listed)) + len(separator) * len(listed))
        return separator.join(listed)

    return join


def _over(native: Method, iterate: Iteration) -> Method:
    def method(value: Any, *others: Any) -> Any:
        return native(value, *(iterate(other) for other in others))

    return method


def _updating(iterate: Iteration) -> Method:
    def update(value: dict[Any, Any], other: Any = (), /, **more: Any) -> None:
        value.update(iterate(other), **more)

    return update


def finditer(pattern: re.Pattern[str], *args: Any, **kwargs: Any) -> list[re.Match[str]]:
    """Do `finditer`, as a list."""
    return list(pattern.finditer(*args, **kwargs))


def _strftime(native: Callable[[Any, str], str]) -> Method:
    def strftime(value: Any, format: str) -> str:  # noqa: A002 - the documented parameter name
        return native(value, formatting.pattern(format))

    return strftime


TEMPLATE_CHARS: Final = 10_000
"""The longest replacement text with backslashes in it; `re` remembers what it has parsed of them."""


def check_template(value: Any) -> None:
    """Raise ValueError if a replacement text of `re` is too long to be kept."""
    if type(value) is not str or "\\" not in value:
        return
    if len(value) > TEMPLATE_CHARS:
        raise ValueError(f"a replacement text with backslashes has up to {TEMPLATE_CHARS} characters")
    remembering.will_remember(value)


def _replacing(native: Method) -> Method:
    def replace(pattern: Any, repl: Any, *args: Any, **kwargs: Any) -> Any:
        check_template(repl)
        return native(pattern, repl, *args, **kwargs)

    return replace


def expand(match: re.Match[str], template: str) -> str:
    """Do `Match.expand`."""
    check_template(template)
    return match.expand(template)


def framed(native: Method) -> Method:
    """Wrap a C function that imports a module by itself: it asks the builtins of the frame that called it.

    A script's have no `__import__`, so it gets a frame of ours.
    """

    def call(*args: Any, **kwargs: Any) -> Any:
        return native(*args, **kwargs)

    return call


_IMPORTING: Final[dict[type, tuple[str, ...]]] = {
    dt.date: ("ctime", "timetuple"),
    dt.datetime: ("ctime", "timetuple"),
}
"""Methods that import time when they run, in some version of CPython."""

_TAKES_ITERABLES: Final[dict[type, tuple[str, ...]]] = {
    list: ("extend",),
    set: (
        *("difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference"),
        *("union", "difference_update", "intersection_update", "symmetric_difference_update", "update"),
    ),
    frozenset: (
        *("difference", "intersection", "isdisjoint", "issubset", "issuperset", "symmetric_difference"),
        "union",
    ),
}


def guarded(iterate: Iteration, formatter: formatting.Formatter) -> dict[type, dict[str, Method]]:
    """Return the checked methods by exact type and name; `iterate` is the guard for iteration."""
    found: dict[type, dict[str, Method]] = {
        kind: {name: _over(getattr(kind, name), iterate) for name in names}
        for kind, names in _TAKES_ITERABLES.items()
    }
    found[str] = {
        "center": _padded(str.center),
        "expandtabs": expandtabs,
        "format": formatter.format_text,
        "format_map": formatter.format_mapping,
        "join": joining(iterate),
        "ljust": _padded(str.ljust),
        "replace": replace,
        "rjust": _padded(str.rjust),
        "translate": translate,
        "zfill": _padded(str.zfill),
    }
    found[dict] = {"update": _updating(iterate)}
    # Those of re import it by themselves as well (see `framed`), in some version of CPython.
    replacing = {name: _replacing(getattr(re.Pattern, name)) for name in ("sub", "subn")}
    found[re.Pattern] = {"finditer": finditer, **replacing}
    found[re.Match] = {"expand": expand}
    for moment in (dt.date, dt.time, dt.datetime):
        found[moment] = {"strftime": _strftime(moment.strftime)}
    for kind, names in _IMPORTING.items():
        found.setdefault(kind, {}).update((name, framed(getattr(kind, name))) for name in names)
    return found


def unbound(kind: type, readable: Iterable[str], checked: dict[str, Method]) -> dict[str, Any]:
    """Return what `str.lower` or `dict.get` gives: the methods of a type, with the object as an argument.

    The interpreter's own methods take an object of a derived type as well; where they change it, that
    would go around a vocabulary's read-only list or dictionary. So those, and the checked methods, take
    objects of exactly this type.
    """

    def on(name: str, method: Method) -> Method:
        def call(value: Any, *args: Any, **kwargs: Any) -> Any:
            if type(value) is not kind:
                raise TypeError(f"{kind.__name__}.{name} needs a {kind.__name__} as its first argument")
            return method(value, *args, **kwargs)

        return call

    natives = {name: getattr(kind, name) for name in readable}
    plain = {name: method for name, method in natives.items() if callable(method)}
    wrapped = checked | plain if kind in (list, dict, set) else checked
    return plain | {name: on(name, method) for name, method in wrapped.items()}
