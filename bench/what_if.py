"""Measures a year's what-if: 1,000 people on 200 rosters with rotations, 200 pipelines, 1,000 alarms."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from figures import Figure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PEOPLE, ROSTERS, ALARMS, DAYS = 1000, 200, 1000, 365
_YEAR_MS = DAYS * 24 * 3_600_000
_START_MS = 1_767_222_000_000  # 2026-01-01 00:00 in Stockholm


def plant(people: int, rosters: int, alarms: int) -> object:
    """Give the simulator of a plant: each roster's people take weekly turns, some with a night off."""
    from tocsin.gateway.binding import directory_of
    from tocsin.gateway.configuration import Configuration
    from tocsin.gateway.what_if import what_if_of

    each = people // rosters
    names = [f"person{number}" for number in range(people)]
    value = Configuration.model_validate(
        {
            "gateway": {"name": "bench", "timezone": "Europe/Stockholm"},
            "twilio_profiles": {
                "plant": {
                    "account_sid": "AC" + "0" * 32, "auth_token": "bench", "phone_number": "+15005550006",
                    "api_base": "emulator", "concurrent_calls": 10,
                }
            },
            "voice_profiles": {"phone": {"twilio_profile": "plant"}},
            "message_profiles": {"text": {"twilio_profile": "plant"}},
            "users": {
                name: {
                    "id": number,
                    "contacts": [
                        {"type": kind, "value": f"+46{700_000_000 + number}"} for kind in ("phone", "sms")
                    ],
                }
                for number, name in enumerate(names)
            },
            "schedules": {"days": {"days": ["mon-fri"], "from": "06:00", "to": "18:00"}},
            "rosters": {
                f"roster{number}": {
                    "rotations": [
                        {
                            "users": names[number * each : (number + 1) * each], "every": "1w",
                            "start": "2025-12-29T08:00",
                        }
                    ],
                    **({"schedule": "days"} if number % 10 == 0 else {}),
                }
                for number in range(rosters)
            },
            "pipelines": {
                f"pipeline{number}": {
                    "blocks": [
                        {"type": "notification", "id": "first", "roster": f"roster{number}"},
                        {"type": "delay", "for": "5m"},
                        {"type": "jump", "to": "first", "times": 3},
                    ]
                }
                for number in range(rosters)
            },
            "alarms": {
                f"Plant/Area {number % 20}/Alarm {number}": {
                    "priority": "High", "pipeline": f"pipeline{number % rosters}"
                }
                for number in range(alarms)
            },
        }
    )  # fmt: skip
    return what_if_of(value, directory_of(value))


def measure(folder: Path, *, short: bool) -> Iterator[Figure]:  # noqa: ARG001 every case is given a folder
    """Yield the seconds of processor time that a year's search for gaps takes, on its one thread."""
    from tocsin.pipelines.simulating.gaps import gaps

    size = (100, 20, 100) if short else (PEOPLE, ROSTERS, ALARMS)
    asked = plant(*size)
    began, used = time.perf_counter(), time.process_time()
    found = gaps(asked, _START_MS, _START_MS + _YEAR_MS)  # type: ignore[arg-type]  # the bench imports late
    seconds, used = time.perf_counter() - began, time.process_time() - used
    plants = f"{size[0]} people, {size[1]} rosters in rotation, {size[2]} alarms"
    note = f"{plants}; {seconds:.2g} s by the clock on the wall; {len(found)} gaps"
    yield Figure("what-if", "a year looked through for gaps, processor time", used, "s", most=5, note=note)
