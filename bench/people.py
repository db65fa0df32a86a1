"""What asking for people costs: a thousand of them on two hundred rosters, over a year of rotations.

    PYTHONPATH=runtime .venv/bin/python bench/people.py

Every roster has two weekly rotations with their own hours, a night schedule made of others, holidays, a
second line, and an exception a month. Processor time is counted, as others share the machine.
"""

from __future__ import annotations

import random
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.figures import Figure, quantile

from tocsin.people import Directory
from tocsin.people.gap_checks import empty_rosters
from tocsin.people.sections import HolidaysSection, RosterSection, ScheduleSection, UserSection

PEOPLE = 1000
ROSTERS = 200
ZONE = "Europe/Stockholm"
START = datetime(2026, 1, 5, 8, tzinfo=ZoneInfo(ZONE))
DAY_MS = 86_400_000
START_MS = int(START.timestamp() * 1000)


def directory() -> Directory:
    """Make the people anew, with nothing worked out yet."""
    users = {f"p{n}": UserSection.model_validate({"id": n}) for n in range(PEOPLE)}
    schedules = {
        "days": {"days": ["mon-fri"], "from": "07:00", "to": "16:00", "holidays": ["plant"]},
        "nights": {"none_of": ["days"]},
    }
    rosters = {f"r{n}": RosterSection.model_validate(_roster(n)) for n in range(ROSTERS)}
    return Directory.of(
        users,
        rosters,
        {name: ScheduleSection.model_validate(one) for name, one in schedules.items()},
        holidays={"plant": HolidaysSection.model_validate({"country": "SE", "dates": ["12-24", "12-31"]})},
        timezone=ZONE,
    )


def _roster(number: int) -> dict[str, object]:
    crew = [f"p{(number * 5 + place) % PEOPLE}" for place in range(10)]
    overrides = []
    for month in range(12):
        begin = START + timedelta(days=30 * month + number % 20)
        end = begin + timedelta(days=2)
        overrides.append(
            {
                "from": f"{begin:%Y-%m-%dT%H:%M}",
                "to": f"{end:%Y-%m-%dT%H:%M}",
                "replace": {crew[month % 5]: crew[9]},
            }
        )
    return {
        "users": crew[8:],
        "rotations": [
            {"users": crew[:4], "every": "1w", "start": "2026-01-05T08:00", "schedule": "days"},
            {"users": crew[4:8], "every": "1w", "start": "2026-01-05T16:00", "schedule": "nights"},
        ],
        "overrides": overrides,
    }


def main() -> None:
    """Print the figures beside their targets."""
    for figure in [*instants(), *year()]:
        print(figure.line())


def instants() -> list[Figure]:
    """Ask at random instants of the year: the first time of a week, and again."""
    people = directory()
    chance = random.Random(7)
    asked = [
        (f"r{chance.randrange(ROSTERS)}", START_MS + chance.randrange(365 * DAY_MS)) for _ in range(20_000)
    ]
    people.on_call(*asked[0])  # imports the holidays
    cold = [_took_ms(lambda one=one: people.on_call(*one)) for one in asked[:2000]]
    warm = [_took_ms(lambda one=one: people.on_call(*one)) for one in asked[:2000] for _ in range(3)]
    median, note = quantile(cold, 0.5), f"99 % {quantile(cold, 0.99):.3f} ms"
    return [
        Figure("people", "who is on call, week not asked for yet, median", median, "ms", most=1, note=note),
        Figure("people", "who is on call, week asked for before, 99 %", quantile(warm, 0.99), "ms", most=1),
    ]  # fmt: skip


def year() -> list[Figure]:
    """Look through a whole year of all rosters."""
    people = directory()
    began = time.process_time_ns()
    gaps = people.gaps(START_MS + DAY_MS, START_MS + 366 * DAY_MS)
    all_ms = (time.process_time_ns() - began) / 1e6
    assert not gaps
    people = directory()
    check_ms = _took_ms(lambda: list(empty_rosters(people, START_MS + DAY_MS)))
    return [
        Figure("people", "gaps of a year, 200 rosters", all_ms, "ms", most=5000),
        Figure("people", "check of a saved configuration, 200 rosters", check_ms, "ms"),
    ]


def _took_ms(work: object) -> float:
    began = time.process_time_ns()
    work()  # type: ignore[operator]
    return (time.process_time_ns() - began) / 1e6


if __name__ == "__main__":
    main()
