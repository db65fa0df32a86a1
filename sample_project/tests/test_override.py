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


def test_what_became_critical_meanwhile_is_not_called_acknowledged(without_pin):
    """Only what is acknowledged is thanked for; the other one is told as it is now."""
    pump = without_pin.raises(PUMP, value=93)
    bearing = without_pin.raises(BEARING, value=85)
    maria = without_pin.calls("maria").answers().stays_silent().hears("Alarm 1 of 2").presses("4")
    maria.hears("Alarm 2 of 2")
    without_pin.raises(BEARING, value=99, priority="Critical")

    maria.presses("2").hears("now has priority critical.", "Acknowledged.", "1 alarm is still open.")
    maria.does_not_hear("Thank you, Maria", "Goodbye")
    assert pump.is_acknowledged(by="maria")
    assert bearing.is_not_acknowledged()


def test_what_takes_one_person_more_is_not_thanked_for(without_pin):
    """The default says how many are missing."""
    block = {"type": "notification", "roster": "operations", "profiles": ["phone"], "must_acknowledge": 2}
    without_pin.configure("pipelines.default.blocks", [block])
    alarm = without_pin.raises(PUMP, value=93)

    maria = without_pin.calls("maria").answers().stays_silent().hears("Press 1").presses("1")
    maria.hears("One more person has to acknowledge.").does_not_hear("Thank you, Maria")
    assert alarm.is_not_acknowledged()


def test_the_note_that_a_rule_asks_for_is_asked_for_and_kept(without_pin):
    """Nothing is acknowledged without it."""
    alarm = without_pin.configure(("alarms", PUMP, "ackNotesReqd"), value=True).raises(PUMP, value=93)
    maria = without_pin.calls("maria").answers().stays_silent().hears("Press 1").presses("1")
    maria.hears("This alarm needs a note.")
    assert alarm.is_not_acknowledged()

    maria.presses("1").hears("Acknowledged.")
    assert alarm.is_acknowledged(by="maria")
    assert alarm.episode.note == "On my way"


def test_the_note_is_kept_where_a_pin_comes_after_it(plant):
    """The plant's words follow all the same."""
    alarm = plant.configure(("alarms", PUMP, "ackNotesReqd"), value=True).raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1").presses("1").hears("note")
    maria.presses("3").hears("Enter your PIN").presses("4711#").hears("Acknowledged. Thank you, Maria.")
    assert alarm.is_acknowledged(by="maria")
    assert alarm.episode.note == "False alarm"


def test_where_another_script_has_answered_nothing_is_acknowledged(without_pin):
    """A script that comes first, such as one that wants two people, has the say."""
    without_pin.saves(
        "05_first.py",
        'if callAction == "ack":\n'
        "    response = VoiceResponse()\n"
        '    response.gather(input="dtmf", action=call.url("menu")).say("Whoever is second, press a key.")\n',
    )
    alarm = without_pin.raises(PUMP, value=93)
    maria = without_pin.calls("maria").answers().stays_silent().hears("Press 1").presses("1")
    maria.hears("Whoever is second, press a key.")
    assert alarm.is_not_acknowledged()
