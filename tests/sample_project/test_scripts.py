"""The sample plant's scripts, each in a conversation, with the default script behind them."""

from __future__ import annotations

import pytest
from tests.default_script.phone import AT_0310, Phone, Plant, alarm

from tocsin.config import shipped

SCRIPTS = sorted((shipped("sample_project") / "twilio_scripts").glob("[0-9]*.py"))
MODULES = [shipped("sample_project") / "twilio_scripts" / "_plant.py"]
NOTE = "The spare float switch hangs behind the door of the pump house."
AFTERNOON = [AT_0310[0] + 12 * 3_600_000, 3600]


def high_level(**more):
    return alarm(
        "Pump 2 high level",
        **{"data": {"equipment": "Pump 2", "unit": "percent"}, "notes": NOTE, "activeAt": AFTERNOON, **more},
    )


def mains_failure():
    return alarm("Mains failure", priority="Critical", value=None)


@pytest.fixture
def maria():
    def called(*alarms, **facts):
        plant = Plant(list(alarms), **facts)
        return Phone(plant, SCRIPTS, modules=MODULES).answers(), plant

    return called


def test_the_greeting_names_the_pump_and_its_level(maria):
    """10_greeting.py, and the default goes on from there to PIN and acknowledgement."""
    phone, plant = maria(high_level())
    assert phone.hears(
        "Good afternoon, Maria Lind. This is Riverside pumping station. Pump 2 needs you: it reports 93 percent."
    )
    phone.stays_silent()
    assert phone.hears("Pump 2 high level.", "Press 1 to acknowledge")
    phone.presses("1")
    assert phone.hears("Enter your PIN")
    phone.presses("4711#")
    assert phone.hears(
        "Acknowledged. Thank you, Maria. The key to Pump 2 is in the box at the gate. Goodbye."
    )
    assert plant.acknowledged == {"id-of-pump-2-high-level": "maria"}
    assert phone.log == ["1 acknowledged"]


def test_the_greeting_leaves_what_is_about_no_machine_to_the_default(maria):
    """A script answers only for what it cares about."""
    phone, _ = maria(mains_failure())

    assert phone.hears(
        "This is the alarm system of Riverside pumping station, calling Maria Lind. 1 alarm, priority Critical"
    )


def test_the_greeting_says_nothing_of_the_plant_before_a_pin_that_is_needed_to_hear(maria):
    """The default asks for it."""
    phone, _ = maria(high_level(), pin_policy="to-hear")

    assert phone.hears("Enter your PIN")
    assert not phone.hears("Pump 2")


def test_key_6_tells_the_details_and_the_other_keys_stay(maria):
    """20_menu.py answers for one key and leaves the rest to the default."""
    phone, plant = maria(high_level(), mains_failure(), pin_policy="none")
    phone.stays_silent().presses("6")
    assert phone.hears("active since 15:10", "The last value is 93 percent", NOTE, "6 to hear this again")
    assert phone.presses("6").hears(NOTE)
    assert phone.presses("3").hears("Alarm 1 of 2")
    assert phone.presses("4").hears("Mains failure")
    phone.presses("6")
    assert phone.hears("There is no note")
    assert not phone.hears("last value")
    phone.presses("1")
    assert list(plant.acknowledged) == ["id-of-mains-failure"]


def test_key_6_in_the_greeting_is_not_about_an_alarm_yet(maria):
    """None has been read."""
    phone, _ = maria(high_level())

    assert phone.presses("6").hears("Pump 2 high level.", "Press 1 to acknowledge")


def test_an_alarm_of_the_night_is_acknowledged_with_a_warning(maria):
    """30_override.py speaks of the dark only where it is dark."""
    phone, _ = maria(high_level(activeAt=AT_0310), pin_policy="none")
    phone.stays_silent().presses("1")

    assert phone.hears("It is dark out there: tell the control room before you go. Goodbye.")


def test_while_more_is_open_the_default_goes_on(maria):
    """The key box can wait."""
    phone, plant = maria(high_level(), mains_failure(), pin_policy="none")
    phone.stays_silent().presses("1")
    assert phone.hears("Acknowledged.", "1 alarm is still open")
    phone.stays_silent().presses("1")
    assert phone.hears("Acknowledged. Thank you, Maria. It is dark")
    assert len(plant.acknowledged) == 2


def test_what_is_not_acknowledged_is_told_by_the_default(maria):
    """A wrong PIN counts once although two scripts ask about it; a broken record is called one."""
    phone, plant = maria(high_level())
    phone.stays_silent().presses("1").presses("1111#")
    assert phone.hears("not recognised")
    plant.broken = True
    phone.presses("4711#")
    assert phone.hears("That could not be recorded")
    assert not phone.heard_so_far("Acknowledged.")


def test_shelving_with_a_pin_is_none_of_the_override_s_business(maria):
    """The PIN was asked for something else."""
    phone, plant = maria(high_level())
    phone.stays_silent().presses("7").presses("1").presses("4711#")

    assert phone.hears("Shelved for 15 minutes")
    assert not plant.acknowledged
