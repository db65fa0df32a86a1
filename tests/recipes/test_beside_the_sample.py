"""Each shipped recipe in a project that `tocsin new` made, beside the scripts that are there already."""

from __future__ import annotations

import pytest

from tocsin.config import shipped

RECIPES = shipped("user_scripts") / "recipes"
PUMP = "Plant/Pump 2/High level"
BEARING = "Plant/Pump 2/Bearing hot"
MAINS = "Plant/Power/Mains failure"
CREW, OFFICE = "+46701740609", "+46701740699"


@pytest.fixture
def beside(plant):
    """Copy a recipe into the project, as `tocsin new --recipe` does; the crew has a phone too."""
    plant.configure("rosters.operations.shared_phone", CREW)

    def copy(recipe):
        assert plant.saves(f"05_{recipe}.py", (RECIPES / f"{recipe}.py").read_text()) == []
        return plant

    return copy


@pytest.mark.parametrize("recipe", sorted(path.stem for path in RECIPES.glob("*.py")))
def test_the_ordinary_call_goes_as_before(beside, recipe):
    """The plant's own greeting and its own words afterwards are still heard."""
    plant = beside(recipe)
    alarm = plant.raises(PUMP, value=93)
    maria = plant.calls("maria").answers().hears("Pump 2 needs you").stays_silent().hears("Press 1")
    maria.presses("1").hears("PIN").presses("4711#").hears(
        "Acknowledged. Thank you, Maria. The key to Pump 2"
    )
    assert alarm.is_acknowledged(by="maria")


@pytest.mark.parametrize("recipe", sorted(path.stem for path in RECIPES.glob("*.py")))
def test_a_turn_that_is_answered_already_is_left_alone(plant, recipe):
    """Two recipes on one key do not both act on it."""
    plant.configure("voice_profiles.phone.pin", "none")
    plant.saves(
        "01_first.py",
        'if callAction in ("inbound", "ack") or Digits in ("0", "8"):\n'
        "    response = VoiceResponse()\n"
        '    response.gather(action=call.url("menu"), timeout=20).say("One before it has answered.")\n',
    )
    plant.saves(f"05_{recipe}.py", (RECIPES / f"{recipe}.py").read_text())
    alarm = plant.raises(MAINS)
    plant.phone("jon").dials().hears("One before it has answered.").hangs_up()
    for key in ("1", "8", "0"):
        maria = plant.calls("maria").answers().stays_silent().hears("Press 1").presses(key)
        maria.hears("One before it has answered.").hangs_up()
    assert alarm.is_not_acknowledged()


# ---- two people


@pytest.fixture
def crew(beside, phone):
    """The crew's phone, whose scripts ask for two people; calls in and hears the alarms after one PIN."""
    plant = beside("two_people")

    def dials(*alarms):
        raised = [plant.raises(path, value=93, priority="Critical") for path in alarms]
        line = phone(CREW).dials().hears("PIN").presses("4711#").hears(f"{len(raised)} alarm")
        return line.stays_silent().hears("Press 1"), raised

    return dials


def test_one_pin_leaves_a_critical_alarm_unacknowledged(crew):
    """Two acknowledge it; the sample's own script for acknowledgements does not get in before them."""
    line, (alarm,) = crew(PUMP)
    line.presses("1").hears("This takes two people. First person")
    line.presses("4711#").hears("Second person")
    assert alarm.is_not_acknowledged()
    line.presses("5822#").hears("Maria Lind and Jon Berg acknowledge: Pump 2 high level.").presses("1")
    line.hears("Acknowledged by Maria Lind and Jon Berg.")
    assert alarm.is_acknowledged(by="jon")


def test_the_next_alarm_takes_two_people_again(crew):
    """Who has left after the first one is not taken for present."""
    line, (pump, bearing) = crew(PUMP, BEARING)
    line.presses("1").hears("First person").presses("4711#").hears("Second").presses("5822#")
    line.hears("Press 1 to confirm").presses("1").hears("Acknowledged by Maria Lind and Jon Berg.")
    assert pump.is_acknowledged(by="jon")

    line.hears("Pump 2 bearing hot", "Press 1").presses("1").hears("First person")
    line.presses("5822#").hears("Second person").presses("5822#").hears("That was the same person.")
    line.presses("4711#").hears("Jon Berg and Maria Lind acknowledge: Pump 2 bearing hot.").presses("1")
    line.hears("Acknowledged by Jon Berg and Maria Lind.")
    assert bearing.is_acknowledged(by="maria")


def test_a_round_that_ended_without_the_last_key_counts_for_nothing(crew):
    """Whoever begins again begins with the first person."""
    line, (alarm,) = crew(PUMP)
    line.presses("1").hears("First person").presses("4711#").hears("Second").presses("5822#")
    line.hears("Press 1 to confirm").presses("9").hears("Nothing was acknowledged.")
    line.hears("Press 1").presses("1").hears("First person")
    line.presses("5822#").hears("Second person").presses("5822#").hears("That was the same person.")
    assert alarm.is_not_acknowledged()


# ---- the details by text


def test_the_details_come_to_the_phone_on_the_line(beside):
    """Where it is the person's own."""
    plant = beside("text_me")
    plant.raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1").presses("8")
    maria.hears("The details were sent to your phone.").gets_sms("High: Pump 2 high level (93) since 14:00")


def test_from_the_crews_phone_the_details_come_to_whoever_entered_a_pin(beside, phone):
    """The crew's phone gets no texts."""
    plant = beside("text_me")
    plant.raises(PUMP, value=93)
    crew = phone(CREW).dials().hears("PIN").presses("5822#").hears("1 alarm").stays_silent().hears("Press 1")
    crew.presses("8").hears("The details were sent to your phone.")
    phone("jon").gets_sms("Pump 2 high level")


def test_from_a_phone_of_nobodys_the_details_come_to_ones_own(beside, phone):
    """User number and PIN say whose that is."""
    plant = beside("text_me")
    plant.raises(PUMP, value=93)
    office = phone(OFFICE).dials().hears("user number").presses("1*4711#").hears("1 alarm")
    office.stays_silent().hears("Press 1").presses("8").hears("The details were sent to your phone.")
    phone("maria").gets_sms("Pump 2 high level")


# ---- a number that has gone


def test_a_note_for_somebody_who_has_left_is_not_called_sent(plant):
    """The recording is there all the same, and no script fails."""
    gone = (RECIPES / "handover_note.py").read_text().replace("+46701740607", OFFICE)
    plant.saves("05_handover_note.py", gone + 'print("went on")\n')
    plant.raises(PUMP, value=93)
    maria = plant.calls("maria").answers().stays_silent().hears("Press 1").presses("8")
    maria.hears("Speak your note after the tone").says("The spare switch is fitted.")
    maria.hears("Your note was recorded but could not be sent.")
