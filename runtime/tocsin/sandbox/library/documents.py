"""`import json`, `import html` and `import urllib.parse`: text in the forms other programs read.

Left out: hooks (object_hook, default, cls), which run a function at a place no script needs; load and
dump (there are no files); html.unescape and the rest of urllib.parse.
"""

from __future__ import annotations

import html
import json
import urllib.parse
from typing import TYPE_CHECKING, Any, Final

from tocsin.sandbox import arithmetic, formatting
from tocsin.sandbox.namespaces import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

DEPTH: Final = 50
"""How deep a document may be nested, both ways."""
SAFE_CHARS: Final = 100
"""How many characters `safe` of urllib.parse.quote may list."""


def _short(made: str) -> str:
    arithmetic.text(len(made))
    return made


def _shallow(value: Any) -> None:
    """Raise ValueError if lists and dicts are nested too deeply (or hold themselves)."""
    level = [value]
    for _ in range(DEPTH):
        inner: list[Any] = []
        for each in level:
            if type(each) is dict:
                inner.extend(each.values())
            elif type(each) in (list, tuple):
                inner.extend(each)
        if not inner:
            return
        arithmetic.items(len(inner))
        level = inner
    raise ValueError(f"a document is nested up to {DEPTH} levels deep")


def _dumps(
    value: Any,
    *,
    indent: int | None = None,
    sort_keys: bool = False,
    ensure_ascii: bool = True,
    separators: tuple[str, str] | None = None,
) -> str:
    _shallow(value)
    if indent is not None and not 0 <= int(indent) <= 16:
        raise ValueError("indent is 0 to 16")
    return _short(
        json.dumps(
            value,
            indent=None if indent is None else int(indent),
            sort_keys=bool(sort_keys),
            ensure_ascii=bool(ensure_ascii),
            separators=separators,
        )
    )


def _loads(text: str) -> Any:
    if type(text) is not str:
        raise TypeError("json.loads takes a text")
    value = json.loads(_short(text))
    _shallow(value)
    return value


def _escape(text: str, quote: bool = True) -> str:
    return _short(html.escape(text, quote))


def _quoting(native: Callable[[str, str], str], usual: str) -> Callable[..., str]:
    def quote(text: Any, safe: Any = usual) -> str:
        # urllib keeps a table per `safe`, beyond this call: a long one would stay in memory.
        kept = formatting.text(safe)
        if len(kept) > SAFE_CHARS:
            raise ValueError(f"safe holds up to {SAFE_CHARS} characters")
        return _short(native(formatting.text(text), kept))

    return quote


def _unquote(text: Any) -> str:
    return urllib.parse.unquote(formatting.text(text))


def json_namespace() -> Namespace:
    """Return the frozen `json` module."""
    return Namespace("json", {"JSONDecodeError": json.JSONDecodeError, "dumps": _dumps, "loads": _loads})


def html_namespace() -> Namespace:
    """Return the frozen `html` module."""
    return Namespace("html", {"escape": _escape})


def urllib_namespace() -> Namespace:
    """Return the frozen `urllib` package, which holds `urllib.parse` and nothing else."""
    parse = Namespace(
        "urllib.parse",
        {
            "quote": _quoting(urllib.parse.quote, "/"),
            "quote_plus": _quoting(urllib.parse.quote_plus, ""),
            "unquote": _unquote,
        },
    )
    return Namespace("urllib", {"parse": parse})
