"""Rosters on which at times nobody is on call: found when a configuration is saved, and looked for hourly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tocsin.config import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.config.loading import DataPath
    from tocsin.people.directory import Directory
    from tocsin.people.on_call import Gap
    from tocsin.people.user import Roster

YEAR_MS: Final = 366 * 24 * 60 * 60 * 1000
"""So far a saved configuration is looked ahead: every holiday and every turn of the clocks is in it."""


def empty_rosters(directory: Directory, now_ms: int) -> Iterator[Fault]:
    """Find the rosters that within a year have nobody on call, unless that is meant so.

    A roster that never has anybody is for `roster_checks` to tell.
    """
    to_ms = now_ms + YEAR_MS
    for name, roster in directory.rosters.items():
        if roster.may_be_empty or not roster.usernames:
            continue
        gaps = directory.gaps(now_ms, to_ms, rosters=[name])
        if gaps:
            yield Fault(_key(roster), _sentence(gaps, _zone(directory, roster), now_ms, to_ms), "warning")


def described(gap: Gap, directory: Directory, now_ms: int) -> str:
    """Say from when to when nobody is on call, on the roster's own wall clock; an end of 0 is none."""
    roster = directory.roster(gap.roster)
    return _between(gap, directory.timezone if roster is None else _zone(directory, roster), now_ms, 0)


def _sentence(gaps: Sequence[Gap], zone: str, now_ms: int, to_ms: int) -> str:
    first, more = gaps[0], len(gaps) - 1
    again = f", and {more} time{'s' if more > 1 else ''} more within a year" if more else ""
    return (
        f"nobody is on call {_between(first, zone, now_ms, to_ms)}{again} ({first.why}); "
        "add people for it, or, if it is meant so, say may_be_empty = true"
    )


def _between(gap: Gap, zone: str, now_ms: int, open_end_ms: int) -> str:
    begin = "now" if gap.from_ms <= now_ms else _written(gap.from_ms, zone)
    return f"from {begin} on" if gap.to_ms == open_end_ms else f"from {begin} to {_written(gap.to_ms, zone)}"


def _written(at_ms: int, zone: str) -> str:
    at = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(ZoneInfo(zone))
    return f"{at:%a %Y-%m-%d %H:%M}"


def _zone(directory: Directory, roster: Roster) -> str:
    return roster.timezone or directory.timezone


def _key(roster: Roster) -> DataPath:
    """Return the key that a reader would change first."""
    key = "schedule" if roster.schedule is not None else "rotations" if roster.rotations else "users"
    return ("rosters", roster.name, key)
