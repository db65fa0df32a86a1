"""What the author of a story reads when it goes otherwise."""

from __future__ import annotations

import pytest
from tests.plant import JON

from tocsin.testing.stand import WrongUse

HIGH = "Plant/Pump 2/High level"
QUESTION = (
    '<Gather action="../menu/0" numDigits="1" timeout="20"><Say>Pump 2 needs you. Press 1.</Say></Gather>'
)


def test_what_was_not_heard_is_put_under_what_was(answering, phone, told):
    """Sentence, whole conversation, the marks, and a pointer to the first letter that differs."""
    answering(QUESTION)
    jon = phone("jon").dials()

    sentence = 'jon (+46707654321) was expected to hear "pump 3 needs", and the line has been silent for 6 s'
    sentence += "; the gateway waits for keys"
    assert told(lambda: jon.hears("pump 3 needs")).splitlines() == [
        sentence,
        "",
        "    0:00.0  author     saves     10_talk.py",
        "    0:00.0  jon        calls     +15005550006",
        "    0:00.0  turn       inbound   answered by the project's scripts",
        "    0:00.0  jon        answers",
        '>   0:00.0  jon        hears     "Pump 2 needs you."',
        '>   0:01.8  jon        hears     "Press 1."',
        f"> {sentence}",
        "> heard     Pump 2 needs you.",
        "> expected  pump 3 needs",
        ">                ^",
    ]


def test_only_what_was_listened_to_is_marked(answering, phone, told):
    """What was said before the last key has nothing to do with the failure."""
    answering(QUESTION, then="<Say>Thank you.</Say>")
    jon = phone("jon").dials().hears("Press 1").presses("1")

    shown = told(lambda: jon.hears("Bye")).splitlines()
    assert [line for line in shown if line.startswith(">")] == [
        '>   0:02.9  jon        hears     "Thank you."',
        '> jon (+46707654321) was expected to hear "Bye", and the call ended first',
    ]


def test_a_text_that_must_not_be_heard(answering, phone, told):
    """The sentence that held it is shown."""
    answering(QUESTION)
    jon = phone("jon").dials()

    shown = told(lambda: jon.does_not_hear("Pump 3", "Pump 2"))
    assert shown.startswith('jon (+46707654321) was expected not to hear "Pump 2"\n')
    assert "> heard     Pump 2 needs you.\n" in shown


def test_a_call_that_goes_on(answering, phone, told):
    """Expected to end, it waits."""
    answering(QUESTION)

    shown = told(lambda: phone("jon").dials().is_hung_up())
    assert "was expected to be hung up on, and the gateway still waits for this phone" in shown


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (
            lambda jon: jon.presses("1"),
            "cannot press 1: the gateway does not listen for keys or words, and the",
        ),
        (lambda jon: jon.is_hung_up().says("yes"), 'cannot say "yes": it is in no call'),
        (lambda jon: jon.is_hung_up().hangs_up(), "cannot do that: +46707654321 is idle"),
        (lambda jon: jon.is_hung_up().stays_silent(), "cannot stay silent: it is in no call"),
        (lambda jon: jon.answers(within=5), "was expected to ring within 5 s, and it is idle"),
        (lambda jon: jon.dials("+15005550999"), "cannot do that: +15005550999 is no Twilio number"),
    ],
)
def test_what_a_phone_cannot_do_now(answering, phone, told, step, sentence):
    """A key into nothing, a word to nobody."""
    answering("<Say>All is well, and there is nothing to be asked of anybody today.</Say>")
    jon = phone("jon").dials()

    assert sentence in told(lambda: step(jon))


@pytest.mark.parametrize(
    ("ringing", "step", "sentence"),
    [
        (False, lambda maria: maria.is_hung_up(), "to be hung up on, and it has been in no call"),
        (True, lambda maria: maria.is_hung_up(), "to be hung up on, and it still rings"),
        (False, lambda maria: maria.does_not_hear("PIN"), 'not to hear "PIN", and it has been in no call'),
        (True, lambda maria: maria.does_not_hear("PIN"), 'not to hear "PIN", and it has been in no call'),
    ],
)
def test_a_phone_that_was_in_no_call_heard_nothing_and_was_not_hung_up_on(
    plant, told, ringing, step, sentence
):
    """Neither one that never rang nor one that still rings."""
    maria = plant.calls("maria").rings() if ringing else plant.phone("maria")

    assert f"maria (+46701234567) was expected {sentence}" in told(lambda: step(maria))


@pytest.mark.parametrize("then", ["<Pause length='2'/>", "<Pause length='5'/>"])
@pytest.mark.parametrize("around", ["{}", "<Gather action='../menu/0'>{}</Gather>"])
def test_a_pause_between_two_sentences_is_no_end_of_speech(answering, phone, told, around, then):
    """What must not be heard is listened for until the gateway waits for an answer or hangs up."""
    answering(around.format(f"<Say>Welcome.</Say>{then}<Say>The code is 4711.</Say>"))
    jon = phone("jon").dials().hears("Welcome")

    assert 'was expected not to hear "the code"' in told(lambda: jon.does_not_hear("the code"))


def test_listening_for_what_must_not_be_heard_leaves_time_to_answer(answering, phone):
    """The question is still open when the listener is sure."""
    answering(QUESTION, then="<Say>Thank you.</Say>")

    phone("jon").dials().does_not_hear("Pump 3").presses("1").hears("Thank you").is_hung_up()


def test_a_value_of_nothing_is_shown(plant):
    """0 is a value."""
    plant.raises(HIGH, value=0)

    assert "value 0" in plant.told()


def test_whoever_a_script_dials_is_part_of_the_story(plant, phone):
    """Also an address that is no telephone number; the end of the story does not stumble over it."""
    plant.configure("scripts.verbs", ["Client"])
    source = 'if callAction == "inbound":\n    d = Dial(timeout=5)\n    d.client("bob")\n'
    assert (
        plant.saves("10_talk.py", source + "    r = VoiceResponse()\n    r.append(d)\n    response = r\n")
        == []
    )
    phone("jon").dials().is_hung_up(patience=30)

    assert phone("client:bob").unexpected() != []


def test_keys_are_those_of_a_keypad(answering, phone, told):
    """A letter is none of them."""
    answering(QUESTION)
    jon = phone("jon").dials()

    assert "cannot do that: keys are of 0-9, *, # and A-D, not 'x'" in told(lambda: jon.presses("x"))


def test_a_text_that_does_not_come(plant, phone, told):
    """What came instead is put beside it, and counts as unread."""
    source = f'system.twilio.sendMessage("{JON}", "Pump 2 is high")\nresponse = "<Response/>"\n'
    plant.saves("10_talk.py", source)
    phone("maria").dials()
    jon = phone("jon")

    shown = told(lambda: jon.gets_sms("Pump 2 is low"))
    assert 'was expected to get an SMS with "Pump 2 is low" within 60 s' in shown
    assert "> heard     Pump 2 is high\n> expected  Pump 2 is low\n>                     ^" in shown
    assert jon.unexpected() == ['jon (+46707654321) got the SMS "Pump 2 is high"']


def test_an_alarm_that_is_otherwise(plant, told):
    """Who acknowledged it, or that nobody did."""
    alarm = plant.raises(HIGH)
    assert told(lambda: alarm.is_acknowledged(by="maria")).startswith(
        f"{HIGH} was expected to be acknowledged by maria, and nobody acknowledged it"
    )
    assert f"{HIGH} was expected to be shelved, and it is not" in told(alarm.is_shelved)

    plant.calls("jon").answers().stays_silent().hears("Press 1").presses("1").presses("9163#")
    assert f"acknowledged by maria; jon acknowledged it\n\n    0:00.0  alarm      active    {HIGH}" in told(
        lambda: alarm.is_acknowledged(by="maria")
    )
    assert "jon acknowledged it" in told(alarm.is_not_acknowledged)


def test_script_log_and_failures_stand_between_what_was_heard(plant, phone, told):
    """With file, line, message and the line itself, where they happened."""
    plant.saves("10_talk.py", 'print("who calls?", From)\ntotal = 1 / 0\n')
    maria = phone("maria").dials().hears("PIN")

    shown = told(lambda: maria.hears("Welcome to Riverside"))
    assert (
        "turn       inbound   answered by the default script, because a script failed\n"
        "            log: 10_talk.py:1: who calls? +46701234567\n"
        "            FAILED: 10_talk.py:2: ZeroDivisionError: division by zero\n"
        "                    total = 1 / 0\n"
    ) in shown


def test_loud_log_lines_of_the_gateway_are_part_of_the_story(answering, phone, told):
    """An action it does not know, an address out of reach."""
    answering("<Redirect>/main/system/twilio-voice/menu/nobody</Redirect>", then="<Say>Here.</Say>")
    jon = phone("jon").dials().hears("Here")

    assert "gateway    warning   unknown-call" in told(lambda: jon.hears("There"))


def test_a_script_failure_that_did_not_happen(plant, phone, told):
    """The story expects one, and there is none like it."""
    plant.saves("10_talk.py", "total = 1 / 0\n")
    phone("maria").dials()

    assert 'no script failed with "20_menu.py"' in told(lambda: plant.script_fails("20_menu.py"))
    assert plant.script_fails("10_talk.py:1: ZeroDivisionError")


@pytest.mark.parametrize(
    ("use", "sentence"),
    [
        (lambda plant: plant.calls("peter"), 'there is no user "peter"; defined are: maria, jon'),
        (lambda plant: plant.calls("jon", profile="fax"), "there is no voice profile 'fax'; defined: phone"),
        (lambda plant: plant.at("noon"), '"noon" is no time; write "03:10" or "2026-01-05 03:10"'),
        (lambda plant: plant.waits(1).at("2026-01-01 03:10"), "time does not go back to 2026-01-01 03:10"),
        (lambda plant: plant.waits(1).configure("scripts.cpu_ms", 1), "the story has begun"),
        (lambda plant: plant.configure("scripts.cpu", 1).waits(1), "the configuration has no key 'cpu'"),
        (
            lambda plant: plant.configure("voice_profiles.phone.pin", "sometimes").waits(1),
            "the configuration does not take what this story sets for voice_profiles.phone.pin: ",
        ),
        (lambda plant: plant.phone("+46 70 123 45 67"), '"+46 70 123 45 67" is no telephone number'),
        (lambda plant: plant.script("10.py", project="other"), "no voice profile uses the project 'other'"),
    ],
)
def test_wrong_use_is_one_sentence_with_the_remedy(plant, use, sentence):
    """And no matter of the gateway."""
    with pytest.raises(WrongUse) as caught:
        use(plant)
    assert sentence in str(caught.value)
