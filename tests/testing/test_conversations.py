"""What a phone can do in a story, against a gateway that answers by real scripts."""

from __future__ import annotations

import pytest
from tests.plant import JON, MARIA, NUMBER

HIGH = "Plant/Pump 2/High level"
GATHER = '<Gather action="../menu/0" numDigits="1" timeout="4">'


def test_an_alarm_is_acknowledged_by_the_default_script(plant, phone):
    """The whole conversation, and both kinds of knowing that it worked."""
    alarm = plant.raises(HIGH, value=93)
    assert alarm.is_not_acknowledged()
    maria = plant.calls("maria")
    assert maria is phone("maria") is phone(MARIA)

    maria.answers().stays_silent().hears("Pump 2 high level", "Press 1").presses("1")
    maria.hears("enter your pin").presses("4711#").hears("Acknowledged").is_hung_up()

    assert alarm.is_acknowledged(by="maria")
    assert alarm.episode.acked_via == "voice"
    assert plant.clears(HIGH).find_episode(alarm.episode.id).state == "cleared"


def test_a_text_may_reach_across_sentences_and_differ_in_case_and_blanks(answering, phone):
    """A person hears neither capitals nor where a sentence ends; the order counts."""
    answering("<Say>Pump 2 runs.  All is well. Goodbye.</Say><Hangup/>")

    jon = phone("jon").dials().hears("PUMP 2", "runs. all  is", "Goodbye").is_hung_up()
    jon.does_not_hear("Pump 3")


def test_keys_wait_until_somebody_listens(answering, phone):
    """A key pressed into a greeting would be lost; a person waits for the question."""
    answering(f"<Say>Welcome.</Say>{GATHER}<Say>Press a key.</Say></Gather>", then="<Say>Thank you.</Say>")

    phone("jon").dials().presses("1").hears("Thank you")


def test_what_was_said_before_a_key_is_not_heard_after_it(answering, phone, told):
    """Else a story would pass that the caller never lived through."""
    answering(f"{GATHER}<Say>Press a key.</Say></Gather>", then="<Say>Thank you.</Say>")
    jon = phone("jon").dials().hears("Press a key").presses("1")

    assert "the call ended first" in told(lambda: jon.hears("Press a key"))


def test_words_are_spoken_to_a_gather_that_takes_speech(answering, phone):
    """As typed text."""
    answering(
        '<Gather action="../menu/0" input="speech"><Say>What is it?</Say></Gather>', then="<Say>I see.</Say>"
    )

    jon = phone("jon").dials().hears("What is it?").says("the pump is leaking").hears("I see.")
    assert jon.is_hung_up()


def test_silence_lasts_until_the_gateway_has_waited_enough(answering, phone):
    """Then it goes on with what follows the Gather; a number of seconds is just that."""
    answering(f"{GATHER}<Say>Press a key.</Say></Gather><Say>Nobody there? Goodbye.</Say>")

    jon = phone("jon").dials().stays_silent().does_not_hear("Press a key").hears("Nobody there?")
    assert jon.is_hung_up()
    phone("maria").dials().stays_silent(seconds=3).hears("Press a key").hangs_up()


def test_a_dialled_phone_rings_and_both_hear_each_other(answering, phone):
    """A script that dials a colleague: the colleague's phone is one of the story's."""
    answering(f"<Say>One moment.</Say><Dial><Number>{MARIA}</Number></Dial>")
    jon = phone("jon").dials().hears("One moment")

    maria = phone("maria").answers()
    jon.stays_silent(seconds=1)
    maria.hangs_up()
    jon.is_hung_up()


@pytest.mark.parametrize(
    ("becomes", "status"), [("is_busy", "busy"), ("is_unreachable", "failed"), ("declines", "busy")]
)
def test_a_call_that_nobody_takes_ends_as_told(plant, phone, becomes, status):
    """Busy, switched off, declined."""
    if becomes == "declines":
        plant.calls("jon").declines()
    else:
        getattr(phone("jon"), becomes)()
        plant.calls("jon")
        plant.waits(seconds=5)

    assert [call.status for call in plant.running.emulator.calls] == [status]


def test_a_phone_that_nobody_answers_rings_until_the_network_gives_up(plant):
    """The profile's ring_seconds, in no time."""
    jon = plant.calls("jon").rings().does_not_answer()

    assert [call.status for call in plant.running.emulator.calls] == ["no-answer"]
    assert jon.is_hung_up()


def test_a_machine_hears_the_voicemail_text(plant, phone):
    """Detection is asynchronous: the gateway sends the call elsewhere by REST, while time stands still."""
    plant.raises(HIGH)
    jon = phone("jon").has_voicemail("This is Jon. Leave a message.")
    plant.calls("jon")
    plant.waits(minutes=2)

    assert [call.answered_by for call in plant.running.emulator.calls] == ["machine_end_beep"]
    assert "voicemail" in plant.told()
    assert jon.unexpected() == []


def test_texts_are_expected_one_by_one(plant, phone):
    """A script sends two; each is read once, in the order in which they came."""
    plant.saves(
        "10_talk.py",
        'if callAction == "inbound":\n'
        f'    system.twilio.sendMessage("{JON}", "Pump 2 is high")\n'
        f'    system.twilio.sendMessage("{JON}", "Pump 2 is very high")\n'
        '    response = "<Response><Say>Texted.</Say></Response>"\n',
    )
    phone("maria").dials().hears("Texted")

    jon = phone("jon").gets_sms("pump 2 is high").gets_sms("very high")
    assert jon.unexpected() == []


def test_an_sms_to_the_plant_reaches_the_gateway(plant, phone):
    """It is a signed webhook like any other."""
    phone("jon").sends_sms("help me")

    (asked,) = [one for one in plant.running.emulator.webhooks if one.kind == "message-inbound"]
    assert (asked.params["Body"], asked.params["To"], asked.status) == ("help me", NUMBER, 200)


def test_time_is_the_plants_and_only_moves_forward(plant):
    """A time of day is the next one; stories begin on a Monday afternoon."""
    assert f"{plant.now:%a %H:%M %Z}" == "Mon 14:00 CET"
    assert f"{plant.at('03:10').now:%a %H:%M}" == "Tue 03:10"
    assert f"{plant.at('2026-01-06 04:00').waits(minutes=30, seconds=30).now:%H:%M:%S}" == "04:30:30"


def test_a_story_may_begin_at_any_time(plant):
    """Said before anything happens, it costs nothing."""
    assert f"{plant.at('2027-07-01 03:10').now:%Y-%m-%d %H:%M %Z}" == "2027-07-01 03:10 CEST"


def test_stories_know_nothing_of_each_other(plant, riverside):
    """What the story before saved, raised and acknowledged is not there."""
    assert plant.script("10_talk.py") == ""
    assert plant.running.gateway.services.board.open() == ()
    assert (riverside / "twilio_scripts" / "10_talk.py").read_text() == ""
    plant.saves("20_more.py", "print(callAction)\n")
    assert not (riverside / "twilio_scripts" / "20_more.py").exists()


def test_nor_do_files_of_a_story_stay(plant):
    """The one after it finds the scripts of the project again."""
    assert not (plant.running.gateway.folder / "twilio_scripts" / "20_more.py").exists()


def test_a_script_finds_the_plants_time_not_the_machines(plant, phone):
    """What greets at night is tried out by moving the plant's clock; its zone is the gateway's."""
    source = (
        "import datetime\nimport time\n"
        "now = datetime.datetime.now()\n"
        "first = datetime.datetime.fromtimestamp(time.time())\n"
        "utc = datetime.datetime.now(datetime.timezone.utc)\n"
        "response = f\"<Response><Say>{now:%H:%M} {time.strftime('%H:%M')} {first:%H:%M}"
        ' {utc:%H:%M} {datetime.date.today()}</Say></Response>"\n'
    )
    plant.configure("gateway.timezone", "Europe/Stockholm").at("2026-07-01 03:10")
    assert plant.saves("10_talk.py", source) == []

    phone("jon").dials().hears("03:10 03:10 03:10 01:10 2026-07-01")
