"""Which attributes of Python's own objects a script may read, by exact type; everything else is refused.

These names are handed out as they are; methods that need a check first stand in `methods`. What is left
out, and why, is said beside each type. A subclass has no entry of its own and therefore no attributes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from types import GeneratorType
from typing import Final

_DATE: Final = frozenset({"ctime", "day", "isocalendar", "isoformat", "isoweekday", "month", "replace"}) | {
    "toordinal",
    "weekday",
    "year",
}
_ISO_WEEK: Final = type(dt.date(2000, 1, 1).isocalendar())  # a tuple with names, of which a rota asks `week`
_TIME: Final = frozenset({"dst", "fold", "hour", "isoformat", "microsecond", "minute", "replace"}) | {
    "second",
    "tzinfo",
    "tzname",
    "utcoffset",
}
# datetime.astimezone, timestamp: plain. strftime is in `methods` (widths). timetuple stays, as reading it
# is how time.strftime is fed.
_DATETIME: Final = frozenset({"astimezone", "date", "time", "timestamp", "timetuple", "timetz"})

READABLE: Final[dict[type, frozenset[str]]] = {
    # Left out: encode (there are no bytes here), maketrans (a member of `str` itself), and those of
    # `methods`, whose result may be far larger than the text.
    str: frozenset(
        "capitalize casefold count endswith find index isalnum isalpha isascii isdecimal isdigit"  # noqa: SIM905 - words read better as words
        " isidentifier islower isnumeric isprintable isspace istitle isupper lower lstrip partition"
        " removeprefix removesuffix rfind rindex rpartition rsplit rstrip split splitlines startswith"
        " strip swapcase title upper".split()
    ),
    # Left out: to_bytes (no bytes), real and the like (nobody asks a whole number for them).
    int: frozenset({"bit_count", "bit_length"}),
    bool: frozenset(),
    # Left out: as_integer_ratio and hex, which nobody needs on the phone.
    float: frozenset({"is_integer"}),
    type(None): frozenset(),
    list: frozenset({"append", "clear", "copy", "count", "index", "insert", "pop", "remove", "reverse"})
    | {"sort"},
    tuple: frozenset({"count", "index"}),
    dict: frozenset({"clear", "copy", "get", "items", "keys", "pop", "popitem", "setdefault", "values"}),
    set: frozenset({"add", "clear", "copy", "discard", "pop", "remove"}),
    frozenset: frozenset({"copy"}),
    range: frozenset({"count", "index", "start", "step", "stop"}),
    # Left out: everything. gi_frame leads to frames and from there to real globals (CVE-2023-37271);
    # send, throw and close steer a generator from outside.
    GeneratorType: frozenset(),
    dt.date: _DATE,
    _ISO_WEEK: frozenset({"count", "index", "week", "weekday", "year"}),
    dt.time: _TIME,
    dt.datetime: _DATE | _TIME | _DATETIME,
    dt.timedelta: frozenset({"days", "microseconds", "seconds", "total_seconds"}),
    dt.timezone: frozenset({"tzname", "utcoffset"}),
    time.struct_time: frozenset(name for name in dir(time.struct_time) if name.startswith("tm_")),
    # Left out: re (a pattern; the script has it), expand is plain text work.
    re.Match: frozenset({"end", "endpos", "expand", "group", "groupdict", "groups", "lastgroup"})
    | {"lastindex", "pos", "span", "start", "string"},
    # Left out: scanner (undocumented). finditer is in `methods`, as it gives a list here.
    re.Pattern: frozenset({"findall", "flags", "fullmatch", "groups", "match", "pattern", "search"})
    | {"split", "sub", "subn"},
    # Left out: doc, a second copy of what was parsed.
    json.JSONDecodeError: frozenset({"colno", "lineno", "msg", "pos"}),
    re.error: frozenset({"colno", "lineno", "msg", "pos"}),
}
"""Exceptions have no entry beyond these two: all of them offer `args`, as texts, through the guard.
`obj` (the object that lacked an attribute, CVE-2024-47532), `value`, `path`, `__traceback__`,
`with_traceback` and `add_note` are left out: each leads to an object the script was not given."""

ITERABLE: Final = frozenset(
    {
        str,
        list,
        tuple,
        dict,
        set,
        frozenset,
        range,
        GeneratorType,
        enumerate,
        zip,
        map,
        filter,
        type({}.keys()),
        type({}.values()),
        type({}.items()),
        _ISO_WEEK,
        time.struct_time,
    }
)
"""Exact types a `for`, a comprehension, an unpacking or a builtin may iterate over."""

SUBSCRIPTABLE: Final = frozenset({str, list, tuple, dict, range, re.Match, _ISO_WEEK, time.struct_time})
"""Exact types that `x[key]` may read."""

WRITABLE: Final = frozenset({list, dict})
"""Exact types that `x[key] = value` and `del x[key]` may change."""

ADVANCING: Final = frozenset({GeneratorType, enumerate, zip, map, filter})
"""Exact types `next` accepts."""
