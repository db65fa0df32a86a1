"""`import datetime` and `import time`: moments and their text.

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


def _named(native: type, names: str, checked: dict[str, Any] | None = None) -> TypeName:
    found = {name: getattr(native, name) for name in names.split()}
    members = {name: framed(value) if callable(value) else value for name, value in found.items()}
    return TypeName(native, native, members | (checked or {}))


def _parsed(value: str, format: str) -> dt.datetime:  # noqa: A002 - the documented name
    return dt.datetime.strptime(value, formatting.pattern(format))  # noqa: DTZ007 - as the script asked


def _time_text(format: str, moment: Any = None) -> str:  # noqa: A002 - the documented name
    checked = formatting.pattern(format)
    return time.strftime(checked) if moment is None else time.strftime(checked, moment)


def datetime_namespace() -> Namespace:
    """Return the frozen `datetime` module."""
    moment = "combine fromisoformat fromordinal fromtimestamp max min now today"
    return Namespace(
        "datetime",
        {
            "UTC": dt.UTC,
            "date": _named(dt.date, "fromisocalendar fromisoformat fromordinal fromtimestamp max min today"),
            "datetime": _named(dt.datetime, moment, {"strptime": _parsed}),
            "time": _named(dt.time, "fromisoformat max min"),
            "timedelta": _named(dt.timedelta, "max min"),
            "timezone": _named(dt.timezone, "utc"),
        },
    )


def time_namespace() -> Namespace:
    """Return the frozen `time` module."""
    names = "gmtime localtime mktime monotonic perf_counter time"
    return Namespace(
        "time", {name: getattr(time, name) for name in names.split()} | {"strftime": _time_text}, _ABSENT
    )
