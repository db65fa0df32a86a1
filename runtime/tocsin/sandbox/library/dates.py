"""`import datetime` and `import time`: moments and their text.

The present is the moment at which the turn began, on the gateway's clock: the same for the whole turn,
the same again when a recorded turn is replayed, and moved by a test that moves the clock. `monotonic` and
`perf_counter` go on, for measuring.

Left out: sleep (a caller would hear nothing; TwiML has Pause), utcnow and utcfromtimestamp (deprecated:
`now(dt.timezone.utc)`), tzinfo (a class to derive from), named zones (their files cannot be read
in here; `now()` is in the time zone the gateway is set to).
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any, Final

from tocsin.sandbox import formatting
from tocsin.sandbox.methods import framed
from tocsin.sandbox.namespaces import Namespace, TypeName

_ABSENT: Final = {
    "sleep": "time offers scripts no 'sleep': the caller would hear nothing; use <Pause length=\"2\"/> in the"
    " response",
}


class _Present:
    """The moment that is now, in seconds since 1970-01-01 UTC; None: the machine's own clock tells."""

    at: float | None = None


def set_present(at_ms: int | None) -> None:
    """Have scripts find this moment (ms UTC) to be now."""
    _Present.at = None if at_ms is None else at_ms / 1000


def _time() -> float:
    return time.time() if _Present.at is None else _Present.at


def _now(tz: dt.tzinfo | None = None) -> dt.datetime:
    return dt.datetime.fromtimestamp(_time(), tz)


def _today() -> dt.date:
    return dt.date.fromtimestamp(_time())  # noqa: DTZ012 - the gateway's zone is local to scripts


def _localtime(seconds: float | None = None) -> time.struct_time:
    return time.localtime(_time() if seconds is None else seconds)


def _gmtime(seconds: float | None = None) -> time.struct_time:
    return time.gmtime(_time() if seconds is None else seconds)


def _named(native: type, names: str, checked: dict[str, Any] | None = None) -> TypeName:
    found = {name: getattr(native, name) for name in names.split()}
    members = {name: framed(value) if callable(value) else value for name, value in found.items()}
    return TypeName(native, native, members | (checked or {}))


def _parsed(value: str, format: str) -> dt.datetime:  # noqa: A002 - the documented name
    return dt.datetime.strptime(value, formatting.pattern(format))  # noqa: DTZ007 - as the script asked


def _time_text(format: str, moment: Any = None) -> str:  # noqa: A002 - the documented name
    checked = formatting.pattern(format)
    return time.strftime(checked, _localtime() if moment is None else moment)


def datetime_namespace() -> Namespace:
    """Return the frozen `datetime` module."""
    moment = "combine fromisoformat fromordinal fromtimestamp max min"
    own = {"strptime": _parsed, "now": _now, "today": lambda: _now()}  # noqa: PLW0108 - today() takes nothing
    return Namespace(
        "datetime",
        {
            "UTC": dt.UTC,
            "date": _named(
                dt.date, "fromisocalendar fromisoformat fromordinal fromtimestamp max min", {"today": _today}
            ),
            "datetime": _named(dt.datetime, moment, own),
            "time": _named(dt.time, "fromisoformat max min"),
            "timedelta": _named(dt.timedelta, "max min"),
            "timezone": _named(dt.timezone, "utc"),
        },
    )


def time_namespace() -> Namespace:
    """Return the frozen `time` module."""
    own = {"gmtime": _gmtime, "localtime": _localtime, "strftime": _time_text, "time": _time}
    names = ("mktime", "monotonic", "perf_counter")
    return Namespace("time", {name: getattr(time, name) for name in names} | own, _ABSENT)
