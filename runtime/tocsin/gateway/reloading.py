"""What is asked of a changed configuration before it is taken over; pure but for the reading.

A file that is cut off between two tables is valid TOML, and would take everybody's PIN away for a moment:
so files are read until they rest, and what must not vanish by accident vanishes only with a restart.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tocsin.config import ConfigRefused
from tocsin.config.toml_files import read_folder
from tocsin.errors import Finding

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tocsin.config import Loaded
    from tocsin.gateway.configuration import Configuration

REST_S = 0.1
"""Two readings so far apart are equal when nobody is writing; real time, as editors know no other."""

MOST_READINGS = 30
"""A file that never rests is taken as it is after so many."""

_NEEDED = {
    "twilio_profiles": "Twilio profile",
    "voice_profiles": "voice profile",
    "users": "user",
    "rosters": "roster",
    "alarms": "alarm rule",
    "message_profiles": "message profile",
}
_AT_RESTART = {
    "gateway": ("listen", "database", "timezone"),  # times are told in the new zone at once; scripts wait
    "scripts": ("memory_mb", "log_kb", "host_calls", "lockdown"),
}


async def read_at_rest(
    folder: Path,
    before: Loaded[Configuration],
    read: Callable[[Path], tuple[Loaded[Configuration], list[Finding]]],
) -> tuple[Loaded[Configuration], list[Finding]]:
    """Read the configuration with `read` once nobody writes to it any more; raises ConfigRefused."""
    seen = await asyncio.to_thread(_texts, folder)
    for _ in range(MOST_READINGS):
        await asyncio.sleep(REST_S)
        now = await asyncio.to_thread(_texts, folder)
        if now == seen:
            break
        seen = now
    loaded, warnings = read(folder)
    if missing := vanished(before, loaded):
        raise ConfigRefused(missing)
    return loaded, warnings


def written_since(loaded: Loaded[Configuration]) -> bool:
    """Tell whether the TOML files are others than those that were read."""
    return _texts(loaded.folder) != (loaded.places.texts, [])


def _texts(folder: Path) -> tuple[list[tuple[str, str]], list[str]]:
    files, unread = read_folder(folder)
    return [(one.name, one.text) for one in files], [str(one) for one in unread]


def vanished(before: Loaded[Configuration], after: Loaded[Configuration]) -> list[Finding]:
    """Return a finding for each kind of thing of which there were some and are none."""
    found = []
    for table, what in _NEEDED.items():
        names = list(getattr(before.value, table))
        if names and not getattr(after.value, table):
            file, _ = before.places.line((table, names[0]))
            said = f"there is no {what} any more ({', '.join(names[:5])}); the file seems half saved"
            remedy = "save it whole; to really remove them, restart the gateway"
            found.append(Finding(file, None, f"{table}: {said}: {remedy}"))
    return found


def at_restart(started: Configuration, now: Configuration) -> tuple[str, ...]:
    """Return the keys whose change waits for a restart, held against what the process started with."""
    return tuple(
        f"{table}.{key}"
        for table, keys in _AT_RESTART.items()
        for key in keys
        if getattr(getattr(started, table), key) != getattr(getattr(now, table), key)
    )
