"""A call that met a voicemail box: its owner finds a way back, by telephone or by text, in their language."""

from __future__ import annotations

import pytest

HIGH = "Plant/Pump 2/High level"

BACK = {
    "en-US": "Call back 1 5 0 0 5 5 5 0 0 0 6, or answer the text message.",
    "sv-SE": "Ring tillbaka till 1 5 0 0 5 5 5 0 0 0 6, eller svara på sms:et.",
    "de-DE": "Rufen Sie zurück unter 1 5 0 0 5 5 5 0 0 0 6, oder antworten Sie auf die SMS.",
}


@pytest.fixture
def called(plant):
    """The plant, in which people are called, and texted where a call told nobody."""
    block = {"id": "first", "type": "notification", "roster": "operations"}
    return plant.configure(("pipelines", "texts", "blocks"), [block])


def heard(phone):
    """Give all that was said into a telephone."""
    return [one["text"] for one in phone._telephone.transcript if one["kind"] == "hear"]


@pytest.mark.parametrize("language", sorted(BACK))
def test_the_box_is_told_the_number_and_the_text_twice_and_no_detail(called, phone, language):
    """Whoever listens to it learns where to call, and nothing of the plant."""
    called.configure("users.maria.language", language).tells_people()
    called.raises(HIGH, value=93)
    maria = phone("maria").has_voicemail()
    called.waits(minutes=2)
    said = " ".join(heard(maria))
    assert said.count(BACK[language]) == 2
    assert "ump 2" not in said


def test_whoever_calls_back_hears_the_alarm_and_acknowledges_it(called, phone):
    """The number is known, so the PIN is enough; whoever was called meanwhile is left alone."""
    called.tells_people()
    alarm = called.raises(HIGH, value=93)
    maria = phone("maria").has_voicemail().gets_sms("Pump 2 high level", within=120)
    jon = phone("jon").rings(within=120)
    maria.dials().hears("PIN").presses("4711#").hears("Pump 2 high level").presses("1").hears("Acknowledged")
    maria.hangs_up()
    jon.is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_whoever_answers_the_text_has_acknowledged_too(called, phone):
    """The text has code and answer; the next person's telephone stops ringing."""
    called.tells_people()
    alarm = called.raises(HIGH, value=93)
    maria = phone("maria").has_voicemail().gets_sms("Reply 47 and PIN to ack", within=120)
    jon = phone("jon").rings(within=120)
    maria.sends_sms("47 4711").gets_sms("Acknowledged: 47 Pump 2 high level. 1 other stopped.")
    jon.is_hung_up()
    assert alarm.is_acknowledged(by="maria")


def test_where_no_answer_can_come_back_the_text_names_the_number_the_box_was_told(called, phone):
    """An Indian telephone: calling back is the only way, and both say so."""
    called.configure("users.maria.contacts", [
        {"type": "phone", "value": "+46701234567"}, {"type": "sms", "value": "+919812345678"},
    ]).tells_people()  # fmt: skip
    called.raises(HIGH, value=93)
    maria = phone("maria").has_voicemail()
    phone("+919812345678").gets_sms("Call +15005550006 to ack", within=120)
    said = " ".join(heard(maria))
    assert "Call back 1 5 0 0 5 5 5 0 0 0 6." in said
    assert "answer the text" not in said


def test_whoever_wants_no_texts_is_not_told_of_one(called, phone):
    """The box says only what there is."""
    called.configure("users.maria.opt_out", ["sms"]).tells_people()
    called.raises(HIGH, value=93)
    maria = phone("maria").has_voicemail()
    called.waits(minutes=1)
    assert "answer the text" not in " ".join(heard(maria))
