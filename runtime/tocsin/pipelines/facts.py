"""What expressions may ask of an alarm and its run: the names, and their values in one decision. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.pipelines.turn import Turn

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

NAMES: Final[Mapping[str, str]] = {
    "priority": "the alarm's priority; priorities compare by how urgent they are: priority >= High",
    "path": "the alarm's path",
    "name": "the alarm's name",
    "label": "what is said of the alarm",
    "value": "the value it went active with, or the latest one it was raised with",
    "data": 'its associated data: data["key"], None where there is no such key',
    "state": '"active" or "cleared"',
    "acknowledged": "whether somebody has acknowledged it",
    "acknowledged_by": 'who has, or ""',
    "active_minutes": "how many minutes ago it went active",
    "hour": "the hour on the plant's wall clock, 0 to 23",
    "minute": "the minute, 0 to 59",
    "day": f"the day of the week: {', '.join(DAYS)}",
    "date": 'the date, such as "2026-12-24"',
    "people_told": "how many people know of the alarm since the pipeline began or started over",
    "round": "how often the pipeline has started over",
}
"""Every name, with what it means."""


def values(turn: Turn) -> dict[str, Any]:
    """Give the values of all names in a decision, and of the run's properties, which come second."""
    alarm, position = turn.alarm, turn.position
    local = datetime.fromtimestamp(turn.now_ms / 1000, UTC).astimezone(ZoneInfo(turn.world.timezone))
    return {
        **position.properties,
        "priority": alarm.priority,
        "path": alarm.path,
        "name": alarm.name,
        "label": alarm.label,
        "value": alarm.value,
        "data": alarm.data or {},
        "state": alarm.state,
        "acknowledged": alarm.acknowledged,
        "acknowledged_by": (alarm.acked_by or "") if alarm.acknowledged else "",
        "active_minutes": max(0, turn.now_ms - alarm.active_ms) / 60_000,
        "hour": local.hour,
        "minute": local.minute,
        "day": DAYS[local.weekday()],
        "date": f"{local:%Y-%m-%d}",
        "people_told": len(position.told),
        "round": position.series,
    }
