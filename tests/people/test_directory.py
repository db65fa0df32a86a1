"""Asking for people: by name, id and number, by roster, and by what they may acknowledge."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from tocsin.config import Secret
from tocsin.people import Directory, Shift, User
from tocsin.people.sections import RosterSection, ScheduleSection, UserSection

HASH = "hash:1:0badcafe:" + "a" * 43


def section(number: int, *phones: str, **more) -> UserSection:
    contacts = [{"type": "phone", "value": phone} for phone in phones]
    return UserSection.model_validate({"id": number, "contacts": contacts, **more})


@pytest.fixture
def plant() -> Directory:
    return Directory.of(
        {
            "maria": section(1, "+46701234567", "+46701234568", name="Maria Lind", pin=HASH, areas=["*"]),
            "jon": section(2, "+46707654321", pin="4718", areas=["Plant/Pump 2", "Gate*/door ?"]),
            "eva": section(3),
        },
        {
            "operations": RosterSection.model_validate(
                {"users": ["maria", "jon"], "schedule": "days", "shared_phone": "+46700000000"}
            ),
            "always": RosterSection.model_validate({"users": ["jon"]}),
        },
        {"days": ScheduleSection.model_validate({"days": ["mon-fri"], "from": "06:00", "to": "18:00"})},
    )


def test_people_are_found_by_name_id_and_number(plant: Directory) -> None:
    """A shared phone finds its whole crew, and belongs to nobody alone."""
    maria, jon = plant.users["maria"], plant.users["jon"]
    assert plant.by_id(1) is maria
    assert plant.by_id(9) is None
    assert plant.by_number("+46701234568") == (maria,)
    assert plant.by_number("+46700000000") == (maria, jon)
    assert plant.by_number("+1") == ()
    assert plant.owner("+46707654321") is jon
    assert plant.owner("+46700000000") is None
    assert maria.name == "Maria Lind"
    assert plant.users["eva"].name == "eva"
    assert (maria.pin_hash, maria.pin_literal, jon.pin_hash, jon.pin_literal) == (HASH, None, None, "4718")
    assert not plant.users["eva"].has_pin
    with pytest.raises(TypeError):
        plant.users["x"] = maria  # type: ignore[index]


def test_whoever_is_on_call_may_be_at_the_crews_phone() -> None:
    """Stand-ins of absent people and people whom a script has named are on call, so they are known there."""
    phone = "+46700000000"
    away = [{"from": "2026-07-01", "to": "2026-08-01", "instead": "jon"}]
    users = {"maria": section(1, away=away), "jon": section(2), "eva": section(3)}
    day = {"day": RosterSection.model_validate({"users": ["maria"], "shared_phone": phone})}
    directory = Directory.of(users, day)
    assert directory.on_call("day", 1_783_684_800_000).people == ("jon",)  # 2026-07-10
    assert [one.username for one in directory.by_number(phone)] == ["maria", "jon"]

    script = {"users": ["eva"], "shared_phone": phone, "script": "crew.py"}
    directory = Directory.of(users, {"calculated": RosterSection.model_validate(script)})
    assert [one.username for one in directory.by_number(phone)] == ["eva"]
    directory.calculated = {"calculated": ("maria", "gone")}
    assert [one.username for one in directory.by_number(phone)] == ["eva", "maria", "jon"]


def test_a_pin_is_never_shown(plant: Directory) -> None:
    """Not in the repr of a user, a section or the directory."""
    shown = repr((plant.users["jon"], plant.users["maria"], section(2, pin="4718")))
    assert "4718" not in shown
    assert HASH not in shown


def test_a_roster_gives_who_is_on_call_at_an_instant(plant: Directory) -> None:
    """In calling order; without a schedule, always."""
    monday_noon, sunday_noon = 1_772_449_200_000, 1_772_362_800_000
    assert plant.on_call("operations", monday_noon).people == ("maria", "jon")
    assert plant.on_call("operations", sunday_noon).people == ()
    assert plant.on_call("always", sunday_noon) == Shift(("jon",))
    assert plant.roster("nights") is None
    assert plant.on_call("nights", sunday_noon) == Shift((), "there is no roster nights any more")


@pytest.mark.parametrize(
    ("area", "path", "covered"),
    [
        ("*", "anything/at all", True),
        ("Plant/Pump 2", "Plant/Pump 2", True),
        ("Plant/Pump 2", "Plant/Pump 2/High level", True),
        ("Plant/Pump 2/", "plant/pump 2/High level", True),
        ("Plant/Pump 2", "Plant/Pump 21", False),
        ("Plant/Pump 2", "Other/Plant/Pump 2", False),
        ("Plant/*/Level", "Plant/Pump 2/Level/High", True),
        ("Plant/Pump ?", "Plant/Pump 12", False),
        ("[default]Plant", "[default]Plant/Pump", True),
        ("[default]Plant", "dPlant", False),
        ("Plant.*", "PlantX", False),
        ("****", "a\nb", True),
        ("", "Plant", False),
        ("a*b*c", "a-b-b-c-c/below", True),
        ("a*b*c", "a-c-b", False),
        ("*a" * 20 + "*b", "a" * 2000, False),
        ("*/Level", "Plant/Level/Level/x", True),
    ],
)
def test_an_area_covers_a_path_and_all_below_it(area: str, path: str, covered: bool) -> None:
    """Only `*` and `?` are wild: brackets and dots stand in many plants' paths."""
    user = User(username="x", id=1, name="x", areas=("Nowhere", area))
    assert Directory([user]).may(user, path) is covered


def test_nobody_without_an_area_may_anything() -> None:
    """An empty list is none, not all."""
    user = User(username="x", id=1, name="x", areas=())
    assert not Directory([user]).may(user, "Plant")


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"language": "sv_se"}, '"sv_se" is not a language as BCP 47 writes it; write "sv-SE"'),
        (
            {"language": "swedish please"},
            '"swedish please" is not a language; write it like "en-US" or "sv-SE"',
        ),
        ({"pin": "123"}, "must be 4 to 8 digits or a hash; `tocsin pin set NAME` writes one"),
        ({"pin": "12a4"}, "must be 4 to 8 digits or a hash; `tocsin pin set NAME` writes one"),
        ({"pin": "hash:1:short"}, "must be 4 to 8 digits or a hash; `tocsin pin set NAME` writes one"),
        ({"pin": Secret("٤٧١١")}, "must be 4 to 8 digits or a hash; `tocsin pin set NAME` writes one"),
    ],
)
def test_a_section_says_what_it_wants(keys: dict, said: str) -> None:
    """Never with the PIN in the sentence."""
    with pytest.raises(ValidationError) as refused:
        UserSection.model_validate({"id": 1, **keys})
    (error,) = refused.value.errors()
    assert said in str(error["ctx"]["error"])
