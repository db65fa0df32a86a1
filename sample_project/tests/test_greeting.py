"""10_greeting.py: what somebody hears who picks up, and how the call goes on from there."""

PUMP = "Plant/Pump 2/High level"
MAINS = "Plant/Power/Mains failure"


def test_the_pump_is_named_and_acknowledged_with_the_plants_own_words(plant):
    """Greeting, reading, key, wrong PIN, right PIN, thanks."""
    alarm = plant.raises(PUMP, value=93.4)
    maria = plant.calls("maria")

    maria.answers()
    maria.hears("Good afternoon, Maria Lind. This is Riverside pumping station.")
    maria.hears("Pump 2 needs you: it reports 93.4 percent.")
    maria.stays_silent()
    maria.hears("Pump 2 high level.", "Press 1 to acknowledge")
    maria.presses("1").hears("Enter your PIN")
    maria.presses("1111#").hears("not recognised")
    assert alarm.is_not_acknowledged()

    maria.presses("4711#")
    maria.hears("Acknowledged. Thank you, Maria. The key to Pump 2 is in the box at the gate. Goodbye.")
    maria.is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_several_alarms_are_counted(plant):
    """The worst one is named, the others are a number."""
    plant.raises(PUMP, value=93)
    plant.raises("Plant/Pump 2/Bearing hot", value=85)

    maria = plant.calls("maria").answers()
    maria.hears("Pump 2 needs you: it reports 93 percent.", "2 alarms are open")


def test_what_is_about_no_machine_is_left_to_the_default(plant):
    """A script answers only for what it cares about."""
    plant.raises(MAINS)

    maria = plant.calls("maria").answers()
    maria.hears("This is the alarm system of Riverside pumping station, calling Maria Lind.")
    maria.does_not_hear("needs you")


def test_nothing_is_said_of_the_plant_before_a_pin_that_is_needed_to_hear(plant):
    """The default asks for it."""
    plant.configure("voice_profiles.phone.pin", "to-hear")
    plant.raises(PUMP, value=93)

    plant.calls("maria").answers().hears("Enter your PIN").does_not_hear("Pump 2")


def test_somebody_who_calls_in_is_asked_for_the_pin(plant, phone):
    """The greeting is for those whom the plant has called."""
    alarm = plant.raises(PUMP, value=93)

    jon = phone("jon").dials().hears("Enter your PIN").does_not_hear("Pump 2")
    jon.presses("5822#").hears("1 alarm").stays_silent().hears("Press 1 to acknowledge").presses("1")
    jon.hears("Acknowledged. Thank you, Jon.")
    assert alarm.is_acknowledged(by="jon")


def test_a_greeting_that_was_saved_meanwhile_is_for_the_next_call(plant):
    """The call in progress keeps the scripts it began with."""
    plant.raises(PUMP, value=93)
    plant.saves("20_menu.py", plant.script("20_menu.py").replace("The last value is", "It shows"))
    maria = plant.calls("maria").answers()
    plant.saves("20_menu.py", plant.script("20_menu.py").replace("It shows", "It reads"))

    maria.stays_silent().presses("8").hears("It shows 93 percent.").hangs_up()
    plant.calls("maria").answers().stays_silent().presses("8").hears("It reads 93 percent.")


def test_a_greeting_that_does_not_compile_changes_nothing(plant):
    """Calls go on with the last good scripts, and the author is told where the fault is."""
    plant.raises(PUMP, value=93)

    (finding,) = plant.saves("10_greeting.py", "class Greeting:\n    pass\n")
    assert (finding.file, finding.line) == ("twilio_scripts/10_greeting.py", 1)
    plant.calls("maria").answers().hears("Pump 2 needs you")
