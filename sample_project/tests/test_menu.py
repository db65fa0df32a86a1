"""20_menu.py: key 8 tells the details of the alarm that was read last."""

import pytest

PUMP = "Plant/Pump 2/High level"
MAINS = "Plant/Power/Mains failure"
NOTE = "The spare float switch hangs behind the door of the pump house."


@pytest.fixture
def maria(plant):
    """Maria, who has picked up and heard the worst alarm read; no PIN is needed here."""
    plant.configure("voice_profiles.phone.pin", "none")
    plant.at("15:10").raises(PUMP, value=93, priority="Critical")

    def called():
        return plant.calls("maria").answers().stays_silent().hears("Pump 2 high level")

    return called


def test_key_8_tells_since_when_how_much_and_the_note(maria):
    """As often as one likes."""
    phone = maria().presses("8")
    phone.hears("active since 15:10", "The last value is 93 percent", NOTE, "8 to hear this again")
    phone.presses("8").hears(NOTE)


def test_the_other_keys_stay_the_defaults(plant, maria):
    """3 repeats and 1 acknowledges, also after the details."""
    alarm = plant.raises("Plant/Pump 2/Bearing hot", value=85)
    phone = maria().presses("8").hears(NOTE)
    phone.presses("3").hears("Pump 2 high level")
    phone.presses("1").hears("Acknowledged.")
    assert alarm.is_not_acknowledged()


def test_an_alarm_without_note_and_value_says_so(plant):
    """Nothing is made up."""
    plant.configure("voice_profiles.phone.pin", "none")
    plant.raises("Plant/Intake/Screen blocked")
    phone = plant.calls("maria").answers().stays_silent().hears("Intake screen blocked").presses("8")
    phone.hears("There is no note").does_not_hear("last value")


def test_key_8_in_the_greeting_is_not_about_an_alarm_yet(plant):
    """None has been read; what follows is the reading."""
    plant.raises(PUMP, value=93)
    phone = plant.calls("maria").answers().hears("Pump 2 needs you").presses("8")
    phone.hears("Pump 2 high level.", "Press 1 to acknowledge")


def test_key_6_still_raises_an_alarm(plant, phone):
    """What the call offers by a key is what the key does."""
    plant.configure("voice_profiles.phone.raise_alarm", {"path": "Plant/Power/Mains failure"})
    plant.raises(PUMP, value=93)
    maria = phone("maria").dials().hears("Enter your PIN").presses("4711#").hears("1 alarm").stays_silent()
    maria.hears("Press 6 to raise an alarm").presses("6").hears("Press 6 again to raise").hangs_up()
