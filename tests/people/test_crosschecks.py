"""What must hold between people, rosters and schedules, as the user reads it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field

from tocsin.config import Section, in_order, load
from tocsin.people import PinKey
from tocsin.people.crosschecks import crosscheck, stale_pins
from tocsin.people.sections import RosterSection, ScheduleSection, UserSection


class Root(Section):
    users: dict[str, UserSection] = Field(default_factory=dict)
    rosters: dict[str, RosterSection] = Field(default_factory=dict)
    schedules: dict[str, ScheduleSection] = Field(default_factory=dict)


GOOD = """\
[users.maria]
id = 1
pin = "4718"
[[users.maria.contacts]]
type = "phone"
value = "+46701234567"
[users.jon]
id = 2
[[users.jon.contacts]]
type = "sms"
value = "+46707654321"
[schedules.days]
days = ["mon-fri"]
from = "06:00"
to = "18:00"
[rosters.operations]
users = ["maria", "jon"]
schedule = "days"
"""


def told(folder: Path, text: str, **more) -> list[str]:
    (folder / "tocsin.toml").write_text(text)
    loaded = load(folder, Root, environ={"PIN": "4718"})
    value = loaded.value
    faults = crosscheck(value.users, value.rosters, value.schedules, **{"on_emulator": True, **more})
    return [f"{one.severity[0]} {one}" for one in in_order(loaded.places, faults)]


def test_a_good_configuration_has_no_fault(tmp_path: Path) -> None:
    """The reference for all that follows."""
    assert told(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            '"+46701234567"',
            '"0701234567"',
            (
                'e tocsin.toml:6: users.maria.contacts[0].value: "0701234567" is not an E.164 number; '
                "write it as +46701234567"
            ),
        ),
        (
            '"+46701234567"',
            '"+46 (0)70-123 45 67"',
            (
                'e tocsin.toml:6: users.maria.contacts[0].value: "+46 (0)70-123 45 67" is not an E.164 number; '
                "write it as +46701234567"
            ),
        ),
        (
            '"+46701234567"',
            '"call Maria"',
            (
                'e tocsin.toml:6: users.maria.contacts[0].value: "call Maria" is not an E.164 number; '
                "write it with + and country code, like +46701234567"
            ),
        ),
        (
            "id = 2",
            "id = 1",
            "e tocsin.toml:8: users.jon.id: 1 is also the id of users.maria; give one of them another, such as 2",
        ),
        (
            '"phone"',
            '"phnoe"',
            (
                "e tocsin.toml:5: users.maria.contacts[0].type: there is no way to reach people called "
                '"phnoe"; did you mean "phone"?'
            ),
        ),
        (
            '"phone"\nvalue = "+46701234567"',
            '"email"\nvalue = "maria"',
            (
                'e tocsin.toml:6: users.maria.contacts[0].value: "maria" is not an e-mail address; '
                "write it like maria@example.com"
            ),
        ),
        (
            '"maria", "jon"]',
            '"maria",\n "john"]',
            'e tocsin.toml:18: rosters.operations.users[1]: there is no user "john"; did you mean "jon"?',
        ),
        (
            '"maria", "jon"]',
            '"maria", "jon", "maria"]',
            'e tocsin.toml:17: rosters.operations.users[2]: "maria" stands in this roster twice; remove one',
        ),
        (
            'schedule = "days"',
            'schedule = "weekend"',
            'e tocsin.toml:18: rosters.operations.schedule: there is no schedule "weekend"; defined are: days',
        ),
        (
            'schedule = "days"',
            'shared_phone = "070"',
            (
                'e tocsin.toml:18: rosters.operations.shared_phone: "070" is not an E.164 number; '
                "write it with + and country code, like +46701234567"
            ),
        ),
        (
            "id = 2",
            "id = 2\npin = { env = 'PIN' }",
            (
                "e tocsin.toml:9: users.jon.pin: is the PIN of users.maria too, so roster operations cannot tell "
                "them apart; give one of them another"
            ),
        ),
        (
            "+46707654321",
            "+46701234567",
            (
                "w tocsin.toml:11: users.jon.contacts[0].value: is also a number of users.maria, so only the PIN tells "
                "who speaks; if they share the phone, make it the shared_phone of a roster"
            ),
        ),
        (
            '"4718"',
            '"1234"',
            "w tocsin.toml:3: users.maria.pin: is too easy to guess: its digits are in sequence; choose another",
        ),
        (
            '"maria", "jon"]',
            "]",
            "w tocsin.toml:17: rosters.operations.users: has nobody in it, so its alarms reach nobody; add users",
        ),
        (
            '[[users.jon.contacts]]\ntype = "sms"\nvalue = "+46707654321"\n',
            "",
            (
                'w tocsin.toml:14: rosters.operations.users[1]: "jon" has no contact, so cannot be reached; '
                "add [[users.jon.contacts]]"
            ),
        ),
    ],
)
def test_each_fault_is_told_with_place_and_remedy(tmp_path: Path, old: str, new: str, said: str) -> None:
    """One change to the good configuration, one line."""
    assert old in GOOD
    assert told(tmp_path, GOOD.replace(old, new, 1)) == [said]


@pytest.mark.parametrize(
    ("key", "name", "said"),
    [
        ('""', "Eva Holm", 'users."": a username is printable text'),
        ('"ev\\na"', "Eva Holm", "a username is printable text"),
        ("eva", " ", "users.eva.name: nobody can say this name"),
        ("eva", "Eva\\tHolm", "users.eva.name: nobody can say this name"),
    ],
)
def test_a_person_has_a_name_that_can_be_said(tmp_path: Path, key: str, name: str, said: str) -> None:
    """Records show one, calls greet by the other."""
    found = told(tmp_path, GOOD + f'[users.{key}]\nid = 3\nname = "{name}"\n')
    assert any(said in one and one.startswith("e ") for one in found), found


def test_a_pin_in_the_open_needs_the_emulator(tmp_path: Path) -> None:
    """A real phone number must not be guarded by a PIN that everybody who sees the file knows."""
    assert told(tmp_path, GOOD, on_emulator=False) == [
        (
            "e tocsin.toml:3: users.maria.pin: a PIN in the open is accepted only while every Twilio profile talks to "
            "the emulator; run `tocsin pin set maria`"
        )
    ]


def test_a_number_without_country_is_read_by_the_other_numbers_or_the_time_zone(tmp_path: Path) -> None:
    """People's numbers tell the country, else the plant's clock, and only then a number rented anywhere."""
    alone = '[users.maria]\nid = 1\ncontacts = [{ type = "sms", value = "020 7946 0958" }]\n'
    (by_numbers,) = told(tmp_path, alone, numbers=["+442079460000"], timezone="Europe/Stockholm")
    assert by_numbers.endswith("write it as +442079460958")
    (by_zone,) = told(tmp_path, alone, timezone="Europe/London", own_numbers=["+15005550006"])
    assert by_zone.endswith("write it as +442079460958")
    (by_rented,) = told(tmp_path, alone, timezone="UTC", own_numbers=["+442079460000"])
    assert by_rented.endswith("write it as +442079460958")
    (unknown,) = told(tmp_path, alone)
    assert unknown.endswith("write it with + and country code, like +46701234567")


def test_a_shared_phone_may_be_several_peoples_contact(tmp_path: Path) -> None:
    """Then the PIN decides, and nobody need be warned."""
    text = GOOD.replace("+46707654321", "+46701234567") + 'shared_phone = "+46701234567"\n'
    assert told(tmp_path, text) == []


def test_a_shared_phone_alone_reaches_nobody(tmp_path: Path) -> None:
    """People ring in from it; what rings are contacts."""
    text = GOOD.replace('[[users.jon.contacts]]\ntype = "sms"\nvalue = "+46707654321"\n', "")
    (said,) = told(tmp_path, text + 'shared_phone = "+46700000000"\n')
    assert 'rosters.operations.users[1]: "jon" has no contact, so cannot be reached' in said


def test_people_with_one_number_need_different_pins_even_in_different_rosters(tmp_path: Path) -> None:
    """Otherwise a call from that number has two faces."""
    text = GOOD.replace("+46707654321", "+46701234567").replace('"maria", "jon"', '"maria"')
    text = text.replace("id = 2", 'id = 2\npin = "4718"') + '[rosters.other]\nusers = ["jon"]\n'
    assert [line for line in told(tmp_path, text) if line.startswith("e")] == [
        (
            "e tocsin.toml:9: users.jon.pin: is the PIN of users.maria too, so the number +46701234567 cannot tell "
            "them apart; give one of them another"
        )
    ]


CREW = "+46700000000"
SAME = GOOD.replace("id = 2", 'id = 2\npin = "4718"')


@pytest.mark.parametrize(
    "text",
    [
        SAME.replace('"maria", "jon"]', f'"maria"]\nshared_phone = "{CREW}"')
        + f'[rosters.night]\nusers = ["jon"]\nshared_phone = "{CREW}"\n',
        SAME.replace("+46701234567", CREW).replace('"maria", "jon"]', f'"jon"]\nshared_phone = "{CREW}"'),
        SAME.replace('"maria", "jon"]', f'"jon"]\nscript = "crew.py"\nshared_phone = "{CREW}"'),
    ],
    ids=["of two rosters", "owner and crew", "whomever a script names"],
)
def test_people_at_one_shared_phone_need_different_pins(tmp_path: Path, text: str) -> None:
    """The PIN alone says there who acknowledges, whatever brought them to that phone."""
    (said,) = [line for line in told(tmp_path, text) if line.startswith("e")]
    assert "users.jon.pin: is the PIN of users.maria too, so the number +46700000000 cannot tell" in said


def test_whoever_stands_in_needs_a_pin_of_their_own(tmp_path: Path) -> None:
    """A stand-in answers the crew's phone as the absent person would."""
    away = 'id = 1\naway = [{ from = "2026-07-01", to = "2026-08-01", instead = "jon" }]'
    text = SAME.replace("id = 1", away).replace('"maria", "jon"]', '"maria"]')
    (said,) = [line for line in told(tmp_path, text) if line.startswith("e")]
    assert "is the PIN of users.maria too, so roster operations cannot tell them apart" in said


def test_channels_add_ways_to_reach_people(tmp_path: Path) -> None:
    """A channel profile's name is a type of contact."""
    text = GOOD.replace('type = "sms"\nvalue = "+46707654321"', 'type = "siren"\nvalue = "gate 3"')
    assert told(tmp_path, text, channels=["siren"]) == []


def test_a_pin_set_with_another_key_is_pointed_out(tmp_path: Path) -> None:
    """Moving people.toml without .tocsin/pin.key would lock everybody out, silently."""
    here, there = PinKey(b"k" * 32, b"s" * 16), PinKey(b"l" * 32, b"s" * 16)
    users = {
        name: UserSection.model_validate({"id": number, "pin": key.hash_pin("4718")})
        for number, (name, key) in enumerate({"maria": here, "jon": there}.items())
    }
    (fault,) = stale_pins(users, here)
    assert fault.path == ("users", "jon", "pin")
    assert fault.severity == "warning"
    assert fault.message.endswith("run `tocsin pin set jon`")
