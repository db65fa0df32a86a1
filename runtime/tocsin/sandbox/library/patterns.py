"""`import re`: regular expressions over short patterns.

How long a match may take is not decided here: the engine looks at the processor limit by itself. Flags
are plain numbers, as the enum they come from leads back to its module; DEBUG (it prints), LOCALE and
TEMPLATE are left out, and so are purge and Scanner.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tocsin.sandbox import remembering
from tocsin.sandbox.methods import check_template
from tocsin.sandbox.namespaces import Namespace, TypeName

if TYPE_CHECKING:
    from collections.abc import Callable

PATTERN_CHARS: Final = 1_000
"""The longest pattern, in characters."""

_FLAGS: Final = {
    name: int(re.RegexFlag[name])
    for name in (
        "A",
        "ASCII",
        "I",
        "IGNORECASE",
        "M",
        "MULTILINE",
        "S",
        "DOTALL",
        "X",
        "VERBOSE",
        "U",
        "UNICODE",
    )
}
_ALLOWED_FLAGS: Final = sum(set(_FLAGS.values()))


def _compiled(pattern: Any, flags: int = 0) -> re.Pattern[str]:
    if type(pattern) is re.Pattern and not flags:
        return pattern
    if type(pattern) is not str:
        raise TypeError("a pattern is a text or what re.compile returned")
    if len(pattern) > PATTERN_CHARS:
        raise ValueError(f"a pattern has up to {PATTERN_CHARS} characters")
    if int(flags) & ~_ALLOWED_FLAGS:
        raise ValueError("the flags of re are IGNORECASE, MULTILINE, DOTALL, VERBOSE, ASCII and UNICODE")
    remembering.will_remember(pattern)
    return re.compile(pattern, int(flags))


def _with_pattern(method: str) -> Callable[..., Any]:
    def function(pattern: Any, *args: Any, flags: int = 0, **kwargs: Any) -> Any:
        if method in {"sub", "subn"}:
            check_template(args[0] if args else kwargs.get("repl"))
        found = getattr(_compiled(pattern, flags), method)(*args, **kwargs)
        return list(found) if method == "finditer" else found

    return function


def _subject(method: str) -> Callable[..., Any]:
    """`re.match(pattern, string, flags)`: flags may also stand in third place."""
    call = _with_pattern(method)

    def function(pattern: Any, string: str, flags: int = 0) -> Any:
        return call(pattern, string, flags=flags)

    return function


def namespace() -> Namespace:
    """Return the frozen module."""
    members: dict[str, Any] = {
        name: _subject(name) for name in ("findall", "finditer", "fullmatch", "match", "search")
    }
    members |= {name: _with_pattern(name) for name in ("split", "sub", "subn")}
    members |= {"compile": _compiled, "error": re.error, "escape": re.escape}
    members |= {"Match": TypeName(re.Match, _not_made), "Pattern": TypeName(re.Pattern, _not_made)}
    return Namespace("re", members | _FLAGS)


def _not_made(*_: Any) -> Any:
    raise TypeError("re.Match and re.Pattern are made by re.match and re.compile only")
