"""The guide's example of acknowledging, copied into a project as it stands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

GUIDE = (Path(__file__).parents[2] / "docs" / "scripting.md").read_text(encoding="utf-8")
PUMP = "Plant/Pump 2/High level"
BEARING = "Plant/Pump 2/Bearing hot"


@pytest.fixture
def copied(plant):
    """The plant with the first example of "Acknowledging" among its scripts."""
    (example, *_) = re.findall(
        r"^```python\n(.*?)^```", GUIDE.partition("## Acknowledging")[2], re.MULTILINE | re.DOTALL
    )
    plant.configure("voice_profiles.phone.pin", {"default": "to-acknowledge", "Critical": "none"})
    plant.configure(("alarms", BEARING, "ackNotesReqd"), value=True)
    assert plant.saves("05_acknowledge.py", example) == []
    return plant


def test_only_what_the_key_meant_is_acknowledged(copied):
    """Two alarms were heard; 1 is for the second of them."""
    pump, mains = copied.raises(PUMP, value=93), copied.raises("Plant/Power/Mains failure", priority="Low")
    maria = copied.calls("maria").answers().stays_silent().hears("Alarm 1 of 2").presses("4")
    maria.hears("Alarm 2 of 2", "Mains failure").presses("1").hears("PIN").presses("4711#")
    maria.hears("Acknowledged.", "1 alarm is still open")
    assert mains.is_acknowledged(by="maria")
    assert pump.is_not_acknowledged()

    maria.stays_silent().presses("1").hears("Acknowledged. Wear a life jacket.").is_hung_up()
    assert pump.is_acknowledged(by="maria")


def test_a_wrong_pin_and_a_missing_note_are_left_to_the_default(copied):
    """It asks for them, and the note is kept."""
    bearing = copied.raises(BEARING, value=85)
    maria = copied.calls("maria").answers().stays_silent().hears("Press 1").presses("1").hears("needs a note")
    maria.presses("2").hears("PIN").presses("1111#").hears("not recognised").presses("4711#")
    maria.hears("Acknowledged. Wear a life jacket.").is_hung_up()
    assert bearing.episode.note == "Fixed remotely"


def test_somebody_who_was_quicker_is_named(copied):
    """And the call ends."""
    alarm = copied.raises(PUMP, value=93, priority="Critical")
    maria = copied.calls("maria").answers().stays_silent().hears("Press 1")
    jon = copied.calls("jon").answers().stays_silent().hears("Press 1").presses("1")
    jon.hears("Acknowledged. Wear a life jacket.").is_hung_up()
    maria.presses("1").hears("Too late: Jon Berg is on the way.").is_hung_up()
    assert alarm.is_acknowledged(by="jon")
