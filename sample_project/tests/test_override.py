"""30_override.py: the plant's own words after an acknowledgement, and nothing else."""

import pytest

PUMP = "Plant/Pump 2/High level"
BEARING = "Plant/Pump 2/Bearing hot"


@pytest.fixture
def without_pin(plant):
    """A plant where nobody is asked for a PIN."""
    return plant.configure("voice_profiles.phone.pin", "none")


def test_an_alarm_of_the_night_is_acknowledged_with_a_warning(without_pin):
    """The dark is spoken of only where it is dark."""
    without_pin.at("03:10").raises(PUMP, value=93)
    maria = without_pin.calls("maria").answers().stays_silent().hears("Press 1").presses("1")
    maria.hears("It is dark out there: tell the control room before you go. Goodbye.").is_hung_up()


def test_by_day_nobody_is_warned_of_the_dark(without_pin):
    """The key box is mentioned all the same."""
    without_pin.raises(PUMP, value=93)
    maria = without_pin.calls("maria").answers().stays_silent().hears("Press 1").presses("1")
    maria.hears("The key to Pump 2 is in the box at the gate.").does_not_hear("dark").is_hung_up()


def test_while_more_is_open_the_default_goes_on(without_pin):
    """The key box can wait until the last one is acknowledged."""
    first = without_pin.raises(PUMP, value=93)
    second = without_pin.raises(BEARING, value=85)
    maria = without_pin.calls("maria").answers().stays_silent().hears("Alarm 1 of 2").presses("1")
    maria.hears("Acknowledged.", "1 alarm is still open").does_not_hear("key")
    assert first.is_acknowledged(by="maria")
    assert second.is_not_acknowledged()

    maria.stays_silent().presses("1").hears("Acknowledged. Thank you, Maria. The key to Pump 2")
    assert second.is_acknowledged(by="maria")


def test_a_wrong_pin_counts_once_although_two_scripts_ask_about_it(plant):
    """This script and the default both acknowledge in the same turn; there are three tries, not two."""
    alarm = plant.raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1").presses("1")
    maria.hears("Enter your PIN").presses("1111#").hears("not recognised")
    maria.presses("2222#").hears("not recognised").presses("4711#").hears("Acknowledged. Thank you, Maria.")
    assert alarm.is_acknowledged(by="maria")


def test_shelving_with_a_pin_is_none_of_this_scripts_business(plant):
    """The PIN was asked for something else."""
    alarm = plant.raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1").presses("7").hears("1 for")
    maria.presses("1").hears("Enter your PIN").presses("4711#").hears("Shelved for 15 minutes")
    assert alarm.is_shelved()
    assert alarm.is_not_acknowledged()
