"""The builtin functions and types of the script language that need a check first.

They behave as Python's own on the plain values a script can have, and refuse everything else: an
argument is iterated only if the guard for iteration lets it be, and a result that could be huge is
limited. Lazy ones (`map`, `filter`, `zip`, `enumerate`) are Python's own over a checked argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from tocsin.sandbox import allowed, arithmetic, formatting
from tocsin.sandbox.attributes import ADVANCING, READABLE
from tocsin.sandbox.methods import Method, unbound
from tocsin.sandbox.namespaces import TypeName

Iteration = Callable[[Any], Any]

DIGITS: Final = 20_000
"""The longest text `int` and `float` read, in characters."""
_NO_DEFAULT: Final = object()
_MISSING: Final = object()


def _whole(value: Any = 0, base: Any = 10) -> int:
    if type(value) is str:
        if len(value) > DIGITS:
            raise ValueError(f"a number is read from a text of up to {DIGITS} characters")
        made = int(value, base)
        arithmetic.whole(made.bit_length())
        return made
    return int(value)


def _real(value: Any = 0.0) -> float:
    if type(value) is str and len(value) > DIGITS:
        raise ValueError(f"a number is read from a text of up to {DIGITS} characters")
    return float(value)


def _range(*bounds: int) -> range:
    made = range(*bounds)
    try:
        arithmetic.items(len(made))
    except OverflowError:  # len() cannot even tell
        arithmetic.items(arithmetic.ITEMS + 1)
    return made


def _mapping_maker(iterate: Iteration) -> Callable[..., dict[Any, Any]]:
    def make(source: Any = (), /, **more: Any) -> dict[Any, Any]:
        return dict(iterate(source), **more)

    return make


def types(iterate: Iteration, checked: Mapping[type, dict[str, Method]]) -> dict[str, TypeName]:
    """Return `str`, `int`, `list` and the like, by name."""

    def named(kind: type, make: Callable[..., Any], extra: dict[str, Any] | None = None) -> TypeName:
        return TypeName(kind, make, unbound(kind, READABLE[kind], checked.get(kind, {})) | (extra or {}))

    def over(kind: type) -> Callable[..., Any]:
        return lambda values=(): kind(iterate(values))

    def fromkeys(keys: Any, value: Any = None) -> dict[Any, Any]:
        return dict.fromkeys(iterate(keys), value)

    made = [
        named(bool, bool),
        named(int, _whole),
        named(float, _real),
        named(str, formatting.text, {"maketrans": str.maketrans}),
        named(list, over(list)),
        named(tuple, over(tuple)),
        named(set, over(set)),
        named(frozenset, over(frozenset)),
        named(dict, _mapping_maker(iterate), {"fromkeys": fromkeys}),
        named(range, _range),
    ]
    return {name.name: name for name in made}


def is_instance(known: frozenset[type]) -> Callable[[Any, Any], bool]:
    """Make `isinstance`, which tests for the script's own types, exceptions and `known` classes only."""

    def tested(kind: Any) -> tuple[type, ...]:
        if type(kind) is TypeName:
            return (kind.real,)
        if type(kind) is tuple:
            return tuple(real for each in kind for real in tested(each))
        if isinstance(kind, type) and (kind in known or issubclass(kind, Exception)):
            return (kind,)
        raise TypeError("isinstance tests for a type such as str or int, or for several in parentheses")

    return lambda value, kind: isinstance(value, tested(kind))


def functions(iterate: Iteration, read: Callable[[Any, str], Any]) -> dict[str, Callable[..., Any]]:
    """Return the checked functions, by name; `read` is the guard for attribute access."""

    def get_attribute(value: Any, name: Any, default: Any = _NO_DEFAULT) -> Any:
        if type(name) is not str:
            raise TypeError("the name of an attribute is a text")
        try:
            return read(value, name)
        except AttributeError:
            if default is _NO_DEFAULT:
                raise
            return default

    def extreme(native: Callable[..., Any]) -> Callable[..., Any]:
        def pick(*values: Any, **options: Any) -> Any:
            return native(*values, **options) if len(values) > 1 else native(*map(iterate, values), **options)

        return pick

    def advance(values: Any, *default: Any) -> Any:
        if type(values) not in ADVANCING:
            raise TypeError("next takes a generator expression, or what map, filter, zip or enumerate gave")
        return next(values, *default)

    return {
        "all": lambda values: all(iterate(values)),
        "any": lambda values: any(iterate(values)),
        "ascii": formatting.escaped,
        "enumerate": lambda values, start=0: enumerate(iterate(values), start),
        "filter": lambda test, values: filter(test, iterate(values)),
        "format": lambda value, spec="": formatting.field(value, -1, spec),
        "getattr": get_attribute,
        "hasattr": lambda value, name: get_attribute(value, name, _MISSING) is not _MISSING,
        "map": lambda call, *values: map(call, *map(iterate, values)),
        "max": extreme(max),
        "min": extreme(min),
        "next": advance,
        "pow": arithmetic.power,
        "repr": formatting.shown,
        "reversed": lambda values: list(iterate(values))[::-1],
        "round": arithmetic.rounded,
        "sorted": lambda values, *, key=None, reverse=False: sorted(
            iterate(values), key=key, reverse=reverse
        ),
        "sum": lambda values, start=0: sum(iterate(values), start),
        "zip": lambda *values, strict=False: zip(*map(iterate, values), strict=strict),
    }


def printing(write: Callable[[str], None]) -> Callable[..., None]:
    """Make `print`, which hands one line of text to `write`; `file` and `flush` do nothing."""

    def print_(*values: Any, sep: str | None = " ", end: str | None = "", **_: Any) -> None:
        write((" " if sep is None else sep).join(map(formatting.text, values)) + (end or "").rstrip("\n"))

    return print_


def names() -> frozenset[str]:
    """Every builtin name a script has (`print` among them), for checks before anything runs."""
    found = functions(iter, getattr) | allowed.UNTOUCHED | allowed.EXCEPTIONS | types(iter, {})
    return frozenset(found) | {"isinstance", "print"}
