"""The guide's plant is a real one: its tables load, and say what the guide says."""

import re
import tomllib
from pathlib import Path

from tests.people.plans import directory

from tocsin.people.crosschecks import crosscheck
from tocsin.people.gap_checks import empty_rosters
from tocsin.people.sections import HolidaysSection, RosterSection, ScheduleSection, UserSection
from tocsin.people.wall_clock import read_moment

GUIDE = Path(__file__).resolve().parents[2] / "docs/oncall.md"
ZONE = "Europe/Stockholm"


def tables():
    whole, wishes = (
        tomllib.loads(one)
        for one in re.findall(r"```toml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    )
    users = {"maria": wishes["users"]["maria"], "jon": {}, "eva": whole["users"]["eva"], "ola": {}}
    phone = {"type": "phone", "value": "+4670123456"}
    for number, user in enumerate(users.values()):
        user |= {"id": number, "contacts": [{**phone, "value": f"{phone['value']}{number}"}]}
    return {**whole, "users": users, "timezone": ZONE}


def test_the_guides_plant_is_without_fault():
    """Everything it shows is understood, and nothing is doubtful."""
    plan = tables()
    made = [
        {name: model.model_validate(one) for name, one in plan[key].items()}
        for key, model in (
            ("users", UserSection), ("rosters", RosterSection), ("schedules", ScheduleSection),
            ("holidays", HolidaysSection),
        )
    ]  # fmt: skip
    assert crosscheck(*made[:3], holidays=made[3]) == []
    assert list(empty_rosters(directory(plan), read_moment("2026-01-05T08:00", ZONE))) == []


def test_the_guides_year_is_as_it_says():
    """Evenings, an office day, the swap, Christmas, Eva's July, and Easter without an office."""
    people = directory(tables())

    def on(written):
        return people.on_call("evenings", read_moment(written, ZONE)).people

    assert on("2026-01-05T18:00") == ("maria", "ola")
    assert on("2026-01-06T18:00") == ("maria", "ola")
    assert on("2026-01-07T12:00") == ()
    assert (on("2026-03-09T18:00"), on("2026-03-16T18:00")) == (("jon", "ola"), ("maria", "ola"))
    assert on("2026-12-24T12:00") == ("ola",)
    assert "eva" not in {one for day in range(6, 31) for one in on(f"2026-07-{day:02}T18:00")}
    assert on("2026-04-03T12:00") == ("maria", "ola")
