"""Modules that CPython or a library would import later, when no file can be opened any more.

An innocent script that parses a date or prints a non-ASCII name must not fail because its worker had
never done that before. Each entry says who imports it.
"""

from __future__ import annotations

import importlib
import re
from datetime import datetime
from typing import Final

MODULES: Final = {
    "_strptime": "datetime.strptime",
    "calendar": "_strptime",
    "locale": "_strptime",
    "unicodedata": "the parser, for non-ASCII identifiers; str.normalize",
    "stringprep": "the idna codec",
    "encodings.ascii": "str.encode",
    "encodings.idna": "str.encode",
    "encodings.latin_1": "str.encode",
    "encodings.punycode": "the idna codec",
    "encodings.raw_unicode_escape": "marshal and repr",
    "encodings.unicode_escape": "the parser, for escapes in text",
    "encodings.utf_8": "str.encode",
    "html.entities": "html.unescape",
    "linecache": "traceback",
    "traceback": "error reports of the interpreter",
    "warnings": "SyntaxWarning while compiling",
    "zoneinfo": "datetime with time zones",
    "_pydatetime": "some builds of datetime",
}
"""Module -> who would import it too late. One that this interpreter lacks is left out."""


def preload() -> None:
    """Import them, and run once what fills a cache on first use."""
    for name in MODULES:
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    datetime.strptime("2026-01-02", "%Y-%m-%d")  # noqa: DTZ007 - only its caches matter
    re.compile("ä").sub("é", "ä".upper())
    compile("π = f'{1!r:>4}'\nprint('\\u00e9', '\\N{BULLET}')\n", "warm-up", "exec")
