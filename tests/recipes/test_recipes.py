"""Each shipped recipe in a conversation, alone with the default script behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.default_script.phone import Phone, Plant, alarm

from tocsin.config import shipped

RECIPES = shipped("user_scripts") / "recipes"
HIGH_LEVEL = "Pump 2 high level"


@pytest.fixture
def call():
    """Answer a call with one recipe in the project."""

    def begin(recipe, plant, action="answer", **facts):
        return Phone(plant, [RECIPES / f"{recipe}.py"], **facts).answers(action)

    return begin


@pytest.mark.parametrize("recipe", sorted(RECIPES.glob("*.py")), ids=lambda path: path.stem)
def test_every_recipe_says_what_it_does_and_leaves_the_ordinary_call_alone(recipe):
    """It opens with a comment, and the alarm is acknowledged as ever."""
    assert recipe.read_text().startswith("# ")
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = Phone(plant, [recipe]).answers().stays_silent().presses("1").presses("4711#")
    assert maria.hears("Acknowledged. Goodbye")
    assert plant.acknowledged


def test_every_recipe_has_a_test_here():
    """A recipe without a conversation is not shipped."""
    told = Path(__file__).read_text()
    assert [path.stem for path in RECIPES.glob("*.py") if path.stem not in told] == []


@pytest.fixture
def hours(tmp_path):
    """The after-hours recipe with its opening days changed, as its user would."""

    def change(days):
        text = (RECIPES / "after_hours.py").read_text()
        assert "OPEN_DAYS = (0, 1, 2, 3, 4)" in text
        text = text.replace("OPEN_DAYS = (0, 1, 2, 3, 4)", f"OPEN_DAYS = {days}")
        script = tmp_path / "after_hours.py"
        script.write_text(text.replace("OPENS, CLOSES = 6, 18", "OPENS, CLOSES = 0, 24"))
        return Phone(Plant([alarm(HIGH_LEVEL)], called=None), [script], id="0", direction="inbound")

    assert (RECIPES / "after_hours.py").exists()
    return change


def test_after_hours_a_caller_hears_whom_to_call(hours):
    """And then the call ends by itself."""
    caller = hours("()").answers("inbound")
    assert caller.hears("We are here Monday to Friday, 6 to 18", "the fire brigade at 1 1 2")
    assert caller.stays_silent().over


def test_after_hours_somebody_on_call_goes_on_to_the_pin(hours):
    """Star leads to the default, which asks once, without the message again."""
    caller = hours("()")
    caller.answers("inbound").presses("*")
    assert caller.hears("Enter your PIN")
    caller.presses("4711#")
    assert caller.hears("1 alarm")


def test_in_working_hours_the_default_answers(hours):
    """The recipe has nothing to say."""
    assert hours("(0, 1, 2, 3, 4, 5, 6)").answers("inbound").hears("Enter your PIN")


def test_a_handover_note_is_recorded_and_texted(call):
    """ "handover_note": the call goes on afterwards."""
    plant = Plant([alarm(HIGH_LEVEL)])
    maria = call("handover_note", plant).stays_silent().presses("8")
    assert maria.hears("Speak your note after the tone")
    record = maria.verb("Record")
    assert record.get("maxLength") == "60"
    maria.goes_to(record.get("action"), RecordingUrl="https://api.twilio.com/RE1", RecordingDuration="7")
    assert maria.heard_so_far("Your note was sent")
    assert plant.texts == [
        (
            "+46701740607",
            "Riverside pumping station: note by Maria Lind about Pump 2 high level: https://api.twilio.com/RE1",
        )
    ]
    assert maria.log == ["note of 7 s about Pump 2 high level: https://api.twilio.com/RE1"]
    assert maria.hears(HIGH_LEVEL, "Press 1 to acknowledge")


def test_a_handover_note_that_cannot_be_sent_is_not_called_sent(call):
    """The recording is there all the same."""
    maria = call("handover_note", Plant([alarm(HIGH_LEVEL)], broken=True)).stays_silent().presses("8")
    maria.goes_to(maria.verb("Record").get("action"), RecordingUrl="https://api.twilio.com/RE1")
    assert maria.heard_so_far("recorded but could not be sent")


def test_the_lead_is_asked_before_being_connected(call):
    """ "dial_the_lead": pressing 1 connects, anything else does not."""
    maria = call("dial_the_lead", Plant([alarm(HIGH_LEVEL)])).stays_silent().presses("0")
    dial = maria.verb("Dial")
    number = dial.find("Number")
    assert number.text == "+46701740606"
    action = dial.get("action")

    maria.goes_to(number.get("url"))
    assert maria.hears("has a call for you about Pump 2 high level. Press 1 to accept")
    accept = maria.verb("Gather").get("action")
    maria.goes_to(accept, Digits="1")
    assert maria.verbs() == []
    maria.goes_to(accept, Digits="5")
    assert maria.verbs() == ["Hangup"]

    maria.over = False  # that was the lead's part of the call
    maria.goes_to(action, DialCallStatus="no-answer")
    assert maria.heard_so_far("The lead did not answer")
    assert maria.hears("Press 1 to acknowledge")


@pytest.fixture
def marias():
    """A plant that knows Maria's phone."""

    class Known(Plant):
        def user_getUser(self, _username):
            contact = {"type": "phone", "value": "+46701234567"}
            return {"id": 1, "properties": {"username": "maria"}, "roles": [], "contacts": [contact]}

    return Known


def test_the_details_are_texted_to_the_phone_on_the_line(call, marias):
    """ "text_me": worst first, one line each, and eight at most."""
    plant = marias([alarm(HIGH_LEVEL), *(alarm(f"Valve {number}", value=None) for number in range(9))])
    maria = call("text_me", plant).stays_silent().presses("8")
    ((number, text),) = plant.texts
    assert number == "+46701234567"
    assert text.startswith(
        "Riverside pumping station\nHigh: Pump 2 high level (93.0) since 03:10\nHigh: Valve 0 since"
    )
    assert text.endswith("and 2 more")
    assert maria.heard_so_far("The details were sent to your phone")


def test_details_that_twilio_did_not_take_are_not_called_sent(call, marias):
    """The result decides the sentence."""
    maria = call("text_me", marias([alarm(HIGH_LEVEL)], broken=True)).stays_silent().presses("8")
    assert maria.heard_so_far("could not be sent")


@pytest.fixture
def crew(call):
    """A crew phone on which a critical alarm was heard and 1 pressed."""
    plant = Plant([alarm("Mains failure", priority="Critical")], called=None, pin_policy="to-acknowledge")
    plant.called = "maria"
    return call("two_people", plant).stays_silent().presses("1"), plant


def test_two_people_acknowledge_a_critical_alarm_together(crew):
    """ "two_people": both PINs, the read-back, and 1."""
    phone, plant = crew
    assert phone.hears("This takes two people")
    phone.presses("4711#")
    assert phone.hears("Second person")
    phone.presses("5822#")
    assert phone.hears("Maria Lind and Jon Berg acknowledge: Mains failure. Press 1 to confirm.")
    assert not plant.acknowledged
    phone.presses("1")
    assert phone.heard_so_far("Acknowledged by Maria Lind and Jon Berg.")
    assert plant.acknowledged == {"id-of-mains-failure": "jon"}


def test_what_changes_while_two_people_type_is_not_called_unrecorded(crew):
    """ "two_people": an alarm that has returned to normal meanwhile is not acknowledged, and they hear why."""
    phone, plant = crew
    phone.presses("4711#").presses("5822#")
    plant.call_acknowledge = lambda *_: {"reason": "nothing_open", "changed": ["id-of-mains-failure"]}
    phone.presses("1")
    assert phone.heard_so_far("Nothing was acknowledged: it has changed meanwhile.")
    assert not phone.heard_so_far("recorded")


def test_the_same_person_twice_is_not_two_people(crew):
    """Nor is a wrong PIN; three of either end the call."""
    phone, plant = crew
    phone.presses("4711#").presses("4711#")
    assert phone.hears("That was the same person")
    phone.presses("9999#").presses("9999#")
    assert phone.hears("Nothing was acknowledged. The alarm stays open. Goodbye")
    assert not plant.acknowledged


def test_without_the_last_key_nothing_is_acknowledged(crew):
    """Reading back is no formality."""
    phone, plant = crew
    phone.presses("4711#").presses("5822#").presses("9")
    assert phone.heard_so_far("Nothing was acknowledged")
    assert not plant.acknowledged


def test_a_crew_member_calling_in_hears_how_things_stand(call):
    """ "status_hotline": no PIN, and star goes on."""
    plant = Plant([alarm("Mains failure", priority="Critical"), alarm(HIGH_LEVEL)])
    maria = Phone(plant, [RECIPES / "status_hotline.py"], direction="inbound")
    maria.answers("inbound")
    assert maria.hears(
        "1 of priority Critical, 1 of priority High. Mains failure. Pump 2 high level. To acknowledge, press star"
    )
    maria.presses("*")
    assert maria.hears("Enter your PIN")


def test_a_quiet_plant_is_said_to_be_quiet(call):
    """That is the answer most callers want."""
    maria = call("status_hotline", Plant([]), "inbound", direction="inbound")
    assert maria.hears("All is well. There is no open alarm")
    assert maria.stays_silent().over


@pytest.mark.parametrize("facts", [{"called": None}, {"pin_policy": "to-hear"}])
def test_the_hotline_tells_nothing_to_strangers(call, facts):
    """The default asks for a PIN."""
    maria = call("status_hotline", Plant([alarm(HIGH_LEVEL)], **facts), "inbound", direction="inbound")
    assert maria.hears("Enter your PIN")
    assert not maria.heard_so_far(HIGH_LEVEL)
