"""What `import` gives a script: frozen namespaces of chosen functions, never the real modules.

`namespaces` builds them; `PRELOAD` and `preload` prepare a process that will soon be unable to open
files. Nothing here may hand out a module, a class of the standard library or an object with state that
outlives one call.
"""

from __future__ import annotations

import importlib
import sys
import time
import warnings
from typing import TYPE_CHECKING, Any, Final

from tocsin.sandbox.library import chance, dates, documents, mathematics, patterns

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.sandbox.namespaces import Namespace

OFFERED: Final = ("datetime", "html", "json", "math", "random", "re", "time", "urllib.parse")
"""What a message names as allowed, in the order in which it names them."""

PRELOAD: Final = (
    "_strptime",  # datetime.strptime imports it at its first call
    "calendar",  # as does _strptime, at its own
    "encodings.ascii",
    "encodings.idna",
    "encodings.latin_1",
    "encodings.unicode_escape",
    "encodings.utf_8",
    "encodings.utf_16",
    "linecache",  # traceback and warnings look for it when something goes wrong
    "locale",
    "stringprep",
    "traceback",
    "unicodedata",  # the parser asks for it at the first identifier that is not ASCII
    "warnings",
)
"""Modules CPython imports by itself at some later moment, when files can no longer be opened."""


def namespaces(iterate: Callable[[Any], Any]) -> dict[str, Namespace]:
    """Return what a script may import by name; `iterate` is the guard for iteration."""
    urllib = documents.urllib_namespace()
    return {
        "datetime": dates.datetime_namespace(),
        "html": documents.html_namespace(),
        "json": documents.json_namespace(),
        "math": mathematics.namespace(iterate),
        "random": chance.namespace(iterate),
        "re": patterns.namespace(),
        "time": dates.time_namespace(),
        "urllib": urllib,
        "urllib.parse": urllib.members["parse"],
    }


def preload() -> None:
    """Make this process ready for a lockdown: nothing that scripts do may need a file afterwards.

    Imports PRELOAD, reads the time zone, silences warnings (they would look for source lines) and turns
    the interpreter's own limit on digits on, should the environment have turned it off.
    """
    for name in PRELOAD:
        importlib.import_module(name)
    time.tzset()
    time.strptime(time.strftime("%Y", time.localtime()), "%Y")
    warnings.simplefilter("ignore")
    sys.set_int_max_str_digits(sys.int_info.default_max_str_digits)
