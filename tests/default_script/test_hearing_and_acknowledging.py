"""The default script as a person on call meets it: it rings, it reads, keys and a PIN are pressed."""

from __future__ import annotations

import pytest
from tests.default_script.phone import Phone, Plant, alarm

HIGH_LEVEL = "Pump 2 high level"
LOW_OIL = "Gearbox low oil"


def test_one_alarm_is_heard_and_acknowledged_with_a_pin():
    """The ordinary call: greeting, alarm, 1, PIN, acknowledged, goodbye."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = Phone(plant).answers()
    assert maria.hears("Riverside pumping station", "Maria Lind", "1 alarm, priority High")
    maria.stays_silent()
    assert maria.hears("Pump 2 high level. Value 93.", "Press 1 to acknowledge")
    maria.presses("1")
    assert maria.hears("Enter your PIN, then hash")
    assert not plant.acknowledged
    maria.presses("4711#")
    assert maria.hears("Acknowledged. Goodbye")
    assert maria.over
    assert plant.acknowledged == {"id-of-pump-2-high-level": "maria"}


def test_the_first_word_comes_after_one_second():
    """Phones need a moment from ear to ear, so the call opens with a pause of one second."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)])).answers()
    assert maria.verb("Pause").get("length") == "1"


def test_the_voice_and_language_of_the_call_are_used():
    """Every sentence names the call's language and its voice."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)]), language="en-GB", voice="Polly.Amy").answers()
    said = maria.verb("Gather").find("Say")
    assert said is not None
    assert said.attrib == {"language": "en-GB", "voice": "Polly.Amy"}


def test_a_language_without_phrases_is_spoken_to_in_english():
    """An English sentence is never read out by a Finnish voice."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)]), language="fi-FI", voice="Polly.Suvi-Neural").answers()
    said = maria.verb("Gather").find("Say")
    assert said is not None
    assert said.attrib == {"language": "en-US"}


def test_several_alarms_are_read_one_by_one_and_acknowledged_together():
    """Silence goes on to the next alarm; 2 acknowledges all that was heard."""
    plant = Plant([alarm(HIGH_LEVEL, priority="Critical"), alarm(LOW_OIL)])
    maria = Phone(plant).answers()
    assert maria.hears("2 alarms, the highest priority is Critical")
    maria.stays_silent()
    assert maria.hears("Alarm 1 of 2, critical.", HIGH_LEVEL)
    assert not maria.hears(LOW_OIL)
    maria.stays_silent()
    assert maria.hears("Alarm 2 of 2, high.", LOW_OIL, "2 for all that you have heard")
    maria.presses("2").presses("4711#")
    assert maria.hears("2 alarms acknowledged. Goodbye")
    assert len(plant.acknowledged) == 2


def test_all_means_all_that_was_heard():
    """An alarm that nobody has read out stays open, and is read next."""
    plant = Plant([alarm(HIGH_LEVEL), alarm(LOW_OIL)])
    maria = Phone(plant).answers().stays_silent().presses("2").presses("4711#")
    assert maria.hears("Acknowledged.", "1 alarm is still open")
    assert list(plant.acknowledged) == ["id-of-pump-2-high-level"]
    maria.stays_silent()
    assert maria.hears(LOW_OIL)
    maria.presses("1")
    assert maria.hears("Acknowledged. 2 acknowledged in this call, none open. Goodbye")


def test_a_key_pressed_in_the_greeting_acknowledges_nothing():
    """The alarm had not been heard, so the key only shortens the greeting."""
    plant = Plant([alarm(HIGH_LEVEL)], pin_policy="none")
    maria = Phone(plant).answers().presses("1")
    assert maria.hears(HIGH_LEVEL)
    assert not plant.acknowledged
    maria.presses("1")
    assert maria.hears("Acknowledged. Goodbye")


def test_an_impatient_second_key_does_not_acknowledge_the_next_alarm():
    """The key that cuts off "Acknowledged" was not meant for an alarm that nobody has read out yet."""
    plant = Plant([alarm(HIGH_LEVEL), alarm(LOW_OIL)], pin_policy="none")
    maria = Phone(plant).answers().stays_silent().presses("1").presses("1")
    assert maria.hears(LOW_OIL)
    assert list(plant.acknowledged) == ["id-of-pump-2-high-level"]


def test_keys_repeat_and_step_through_the_alarms():
    """3 repeats, 4 goes on and round the end, star goes back."""
    maria = Phone(Plant([alarm(HIGH_LEVEL), alarm(LOW_OIL), alarm("Door open")])).answers().stays_silent()
    for key, expected in (
        ("3", HIGH_LEVEL),
        ("4", LOW_OIL),
        ("*", HIGH_LEVEL),
        ("4", LOW_OIL),
        ("4", "Door open"),
        ("4", HIGH_LEVEL),
    ):
        assert maria.presses(key).hears(expected)


def test_the_pagerduty_preset_uses_its_own_keys():
    """4 acknowledges one, 6 all, star repeats."""
    plant = Plant([alarm(HIGH_LEVEL)], pin_policy="none")
    maria = Phone(plant, digits="pagerduty").answers().stays_silent()
    assert maria.hears("Press 4 to acknowledge, star to repeat")
    maria.presses("*").presses("4")
    assert maria.hears("Acknowledged")


def test_no_pin_is_asked_where_the_profile_needs_none():
    """The gateway decides whether a PIN is needed; the script only asks when told to."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)], pin_policy="none")).answers().stays_silent().presses("1")
    assert maria.hears("Acknowledged. Goodbye")
    assert not maria.heard_so_far("your PIN")


def test_nothing_is_told_before_the_pin_where_it_is_needed_to_hear():
    """Whoever picks up hears the site and the question, and neither name, count nor alarm."""
    plant = Plant([alarm(HIGH_LEVEL)], pin_policy="to-hear")
    maria = Phone(plant).answers()
    assert maria.hears("Riverside pumping station", "Enter your PIN, then hash")
    assert not maria.hears(HIGH_LEVEL)
    assert not maria.hears("1 alarm")
    maria.presses("4711#")
    assert maria.hears("1 alarm, priority High")
    maria.stays_silent().presses("1")
    assert maria.hears("Acknowledged. Goodbye")


def test_a_pin_corrected_with_star_counts_from_the_star():
    """Star clears what was typed before it."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)])).answers().stays_silent().presses("1").presses("47*4711#")
    assert maria.hears("Acknowledged")


def test_values_are_spoken_without_computer_digits():
    """93.4000001 is 93.4 to a listener; an alarm without a value has no such sentence."""
    maria = (
        Phone(Plant([alarm(HIGH_LEVEL, value=93.4000001), alarm(LOW_OIL, value=None)]))
        .answers()
        .stays_silent()
    )
    assert maria.hears("Value 93.4.")
    assert not maria.stays_silent().hears("Value")


def test_an_alarm_that_has_cleared_is_said_to_be_normal():
    """It still waits for an acknowledgement, and the caller should know why nothing is wrong any more."""
    maria = Phone(Plant([alarm(HIGH_LEVEL, state="Cleared")])).answers().stays_silent()
    assert maria.hears("has returned to normal", "Press 1 to acknowledge")


def test_markup_in_a_name_is_spoken_as_text():
    """A label is data, never TwiML."""
    maria = Phone(Plant([alarm("</Say><Dial>+46</Dial>")])).answers().stays_silent()
    assert maria.hears("</Say><Dial>+46</Dial>")
    assert maria.verbs() == ["Gather", "Redirect"]


def test_pass_is_asked_once_and_then_done():
    """5 asks, 5 again passes the alarms on; they stay open."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = Phone(plant).answers().stays_silent().presses("5")
    assert maria.hears("Press 5 again")
    assert plant.passed == 0
    maria.presses("*")
    assert maria.hears("Press 1 to acknowledge")
    maria.presses("5").presses("5")
    assert maria.hears("Passed on", "Goodbye")
    assert plant.passed == 1
    assert not plant.acknowledged


def test_shelving_asks_for_the_time_and_the_pin():
    """7 asks for how long; the PIN decides; the end says so without the word acknowledged."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = Phone(plant).answers().stays_silent().presses("7").presses("2").presses("4711#")
    assert maria.hears("Shelved for 60 minutes. Goodbye")
    assert plant.shelved == [("id-of-pump-2-high-level", 60)]
    assert not maria.heard_so_far("acknowledged.")


def test_nine_ends_the_call_and_names_what_is_left():
    """The last words say that the alarm is still open."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)])).answers().stays_silent().presses("9")
    assert maria.hears("1 alarm is still open. Goodbye")
    assert maria.over


def test_somebody_who_calls_in_gives_the_pin_first():
    """A number on the display proves nobody, so even a known phone hears nothing before the PIN."""
    plant = Plant([alarm(HIGH_LEVEL)], called=None)
    maria = Phone(plant, id="0", direction="inbound").answers("inbound")
    assert maria.hears("Enter your PIN")
    assert not maria.hears(HIGH_LEVEL)
    maria.presses("4711#")
    assert maria.hears("1 alarm")
    maria.stays_silent().presses("1")
    assert maria.hears("Acknowledged. Goodbye")


def test_somebody_who_calls_in_while_all_is_well_is_told_so():
    """After the PIN, because even that nothing is wrong is the plant's business."""
    maria = Phone(Plant([], called=None), id="0", direction="inbound").answers("inbound").presses("4711#")
    assert maria.hears("nothing to acknowledge. Goodbye")


@pytest.mark.parametrize("action", ["note", "someone-elses-idea"])
def test_an_unknown_action_begins_anew(action):
    """A caller is never left with silence, whatever a script invented and no longer answers."""
    assert Phone(Plant([alarm(HIGH_LEVEL)])).answers(action).hears("Riverside pumping station", "1 alarm")
    assert (
        Phone(Plant([alarm(HIGH_LEVEL)]), id="0", direction="inbound").answers(action).hears("Enter your PIN")
    )


def test_a_voicemail_box_gets_the_site_and_a_number_twice_and_no_alarm():
    """Anybody may listen to it."""
    maria = Phone(Plant([alarm(HIGH_LEVEL)])).answers("voicemail")
    assert maria.transcript[-1].count("Riverside pumping station") == 2
    assert maria.hears("1 5 0 0 5 5 5 0 0 0 6")
    assert not maria.hears(HIGH_LEVEL)
    assert maria.over
