"""`tocsin oncall --calendar`: a roster's shifts as an iCalendar file, from the project's files alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path


def write(project: Path, roster: str, at: str | None) -> None:
    """Print the calendar, from four weeks ago or from an instant on. Raises TocsinError, ConfigRefused."""
    from tocsin.clock import SystemClock
    from tocsin.gateway import binding, checks
    from tocsin.people import calendars
    from tocsin.people.wall_clock import read_moment

    directory = binding.directory_of(checks.read_beside(project)[0].value)
    if roster not in directory.rosters:
        known = ", ".join(directory.rosters) or "none"
        raise TocsinError(f'there is no roster "{roster}"; configured are: {known}')
    now_ms = SystemClock().now_ms()
    try:
        from_ms = calendars.usual_begin(now_ms) if at is None else read_moment(at, directory.timezone)
    except ValueError as error:
        raise TocsinError(f"--at {error}") from None
    to_ms = from_ms + calendars.DAYS * calendars.DAY_MS
    text = calendars.calendar(directory, roster, from_ms, to_ms, now_ms=now_ms)
    sys.stdout.buffer.write(text)
    sys.stdout.buffer.flush()
