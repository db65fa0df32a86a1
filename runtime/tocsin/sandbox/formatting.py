"""Turning values into text without letting the format decide how much, or what else, is shown.

Four ways lead from a value to text: `str()`/`repr()`, f-strings, `%` and `str.format`. A format may ask
for a width of a billion characters, and `str.format` reads attributes by itself; a default repr shows an
address in memory. All four go through here. Nothing here knows which attributes may be read: the guard
for that is passed in.
"""

from __future__ import annotations

import datetime as dt
import re
import string
from _string import formatter_field_name_split  # type: ignore[import-not-found]  # has no stub
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from tocsin.sandbox import arithmetic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SPEC_CHARS: Final = 256
"""The longest format specification or strftime pattern, in characters."""

_SCALARS: Final = frozenset({str, int, float, bool, type(None)})
_MOMENTS: Final = frozenset({dt.datetime, dt.date, dt.time})
_ADDRESS: Final = re.compile(r" at 0x[0-9a-fA-F]+(?=>)")
# \d is meant to match every Unicode digit here: the format machinery accepts them all as a width.
_WIDE: Final = re.compile(r"\d{4,}")
_WIDE_IN_PATTERN: Final = re.compile(r"%[^A-Za-z%]*\d{4,}")
_CONVERSIONS: Final[dict[int, Callable[[Any], str]]] = {}
_TOO_WIDE: Final = "a format may ask for a width or precision of up to 999"


def without_addresses(shown: str) -> str:
    """Drop ` at 0x7f...` from the default repr of objects, so that no text tells where memory lies."""
    return _ADDRESS.sub("", shown) if " at 0x" in shown else shown


def text(value: Any = "") -> str:
    """Give `str(value)`."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[no-any-return]  # the exact type was just checked
    if kind is MappingProxyType:
        value = dict(value)  # a read-only dictionary reads like any other
    return str(value) if kind in _SCALARS else without_addresses(str(value))


def shown(value: Any) -> str:
    """Give `repr(value)`."""
    return text(value) if type(value) is not str else repr(value)


def escaped(value: Any) -> str:
    """Give `ascii(value)`."""
    return without_addresses(ascii(value))


_CONVERSIONS.update({ord("s"): text, ord("r"): shown, ord("a"): escaped})


def pattern(value: str) -> str:
    """Return a strftime pattern after checking it; raises ValueError."""
    if len(value) > SPEC_CHARS or _WIDE_IN_PATTERN.search(value):
        raise ValueError(f"a date format has up to {SPEC_CHARS} characters and widths up to 999")
    return value


def field(value: Any, conversion: int = -1, spec: str = "") -> str:
    """Render one `{value!conversion:spec}` of an f-string; `conversion` as in `ast.FormattedValue`."""
    if conversion != -1:
        value = _CONVERSIONS[conversion](value)
    if not spec:
        return text(value)
    if type(value) in _MOMENTS:
        return format(value, pattern(spec))
    if len(spec) > SPEC_CHARS or _WIDE.search(spec):
        raise ValueError(_TOO_WIDE)
    return format(value, spec)


def _skipped_key(template: str, at: int) -> int:
    """Return where the `(key)` that may begin at `at` ends; keys may hold balanced parentheses."""
    if template[at : at + 1] != "(":
        return at
    depth = 0
    for place in range(at, len(template)):
        depth += (template[place] == "(") - (template[place] == ")")
        if depth == 0:
            return place + 1
    return len(template)


_PERCENT_SIZES: Final = re.compile(r"[#0\- +]*(\*|[0-9]*)(?:\.(\*|[0-9]*))?")


def percent(template: str, values: Any) -> str:
    """Compute `template % values`, refusing `%*d` and widths of more than three digits."""
    at = template.find("%")
    while at != -1:
        sizes = _PERCENT_SIZES.match(template, _skipped_key(template, at + 1))
        assert sizes is not None  # every part of the expression is optional
        if any(size and (size == "*" or len(size) > 3) for size in sizes.groups()):
            raise ValueError(_TOO_WIDE)
        # The conversion letter itself is skipped, so that the second % of %% begins nothing.
        at = template.find("%", sizes.end() + 1)
    return without_addresses(template % values)


class Formatter(string.Formatter):
    """`str.format` whose `{a.name}` and `{a[key]}` go through the script's own guards."""

    def __init__(self, read: Callable[[Any, str], Any], item: Callable[[Any, Any], Any]) -> None:
        self._read = read
        self._item = item

    def get_field(self, field_name: str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """Find what `{field_name}` names, reading its parts through the guards."""
        first, rest = formatter_field_name_split(field_name)
        found = self.get_value(first, args, kwargs)
        for is_attribute, name in rest:
            found = self._read(found, name) if is_attribute else self._item(found, name)
        return found, first

    def format_field(self, value: Any, format_spec: str) -> str:
        """Render one field as an f-string does."""
        return field(value, -1, format_spec)

    def convert_field(self, value: Any, conversion: str | None) -> Any:
        """Apply !s, !r or !a."""
        if conversion is None:
            return value
        if ord(conversion) not in _CONVERSIONS:
            raise ValueError(f"unknown conversion specifier !{conversion}")
        return _CONVERSIONS[ord(conversion)](value)

    def format_text(self, template: str, /, *args: Any, **kwargs: Any) -> str:
        """Do what `template.format(*args, **kwargs)` does."""
        made = self.vformat(template, args, kwargs)
        arithmetic.text(len(made))
        return made

    def format_mapping(self, template: str, mapping: Any, /) -> str:
        """Do what `template.format_map(mapping)` does."""
        made = self.vformat(template, (), mapping)
        arithmetic.text(len(made))
        return made
