"""Instants in a query: on the plant's wall clock, with an offset, or in milliseconds since 1970."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from tocsin.alarms import plain
from tocsin.people.wall_clock import moment
from tocsin.web.api.operations import QueryParameter
from tocsin.web.api.problems import Refused

_MILLIS: Final = re.compile(r"[0-9]{1,14}", re.ASCII)
_DATED: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_LATEST_MS: Final = 253_402_300_799_000  # the end of the year 9999, where the calendar ends
LONGEST_PATH: Final = 512
_DAY: Final = r"(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?"
_MINUTE: Final = r"T([01][0-9]|2[0-3]):[0-5][0-9](Z|[+-]0[0-9]:[0-5][0-9])?"
_INSTANT: Final = rf"^([0-9]{{1,14}}|(19[89][0-9]|2[0-9]{{3}})-({_DAY})T{_TIME})$"
"""What the document promises to understand; a little more is understood."""

WHEN: Final = {
    "type": ["string", "null"],
    "pattern": rf"^(19[89][0-9]|2[0-9]{{3}})-({_DAY})({_MINUTE})?$",
    "examples": ["2026-12-24T08:00"],
}
"""A time in a body, to the minute: on the roster's wall clock, or with an offset; JSON Schema."""

AT: Final = QueryParameter(
    "at",
    "An instant: 2026-03-29T02:30 on the plant's wall clock, with an offset, or milliseconds"
    " since 1970. Now where absent.",
    {"type": "string", "pattern": _INSTANT, "examples": ["2026-03-29T02:30"]},
)


def instant(text: str, timezone: str) -> int:
    """Read `2026-03-29T02:30`, with an offset or on the plant's wall clock, or milliseconds since 1970."""
    at_ms = int(text) if _MILLIS.fullmatch(text) else _dated(text, timezone)
    if not 0 <= at_ms <= _LATEST_MS:
        raise Refused(
            "invalid",
            f"at={plain(text)[:40]!r} is no instant; write it like 2026-03-29T02:30, 2026-03-29T00:30Z"
            " or in milliseconds since 1970",
        )
    return at_ms


def _dated(text: str, timezone: str) -> int:
    if not _DATED.fullmatch(text):
        return -1
    try:
        # A plus sign that was not percent-encoded arrives as a blank.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if found.tzinfo is None and 1970 <= found.year < 9999:
            # As rosters read it: in the hour that is missing, the jump over it.
            minute = found.replace(second=0, microsecond=0)
            local = (minute - datetime(1970, 1, 1)) // timedelta(minutes=1)  # noqa: DTZ001  a wall clock's
            return moment(local, timezone) + (found - minute) // timedelta(milliseconds=1)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(timezone))
        return int((found - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    except (ValueError, OverflowError):
        return -1
