"""The main story in each language: told, asked, answered in the person's own words."""

from __future__ import annotations

import pytest

from tocsin.telephony import gsm7

STORIES = {
    "en-GB": (
        "Reply 47 and PIN to ack",
        "ack 47",
        "Send your PIN for 47.",
        "Acknowledged: 47 Pump 2 high level.",
    ),
    "sv-SE": ("Svara 47 och PIN för att kvittera", "Kvittera 47", "47", "Kvitterat: 47 Pump 2 high level."),
    "de-DE": ("47 und PIN quittiert", "47 quittieren", "47", "Quittiert: 47 Pump 2 high level."),
}


@pytest.mark.parametrize("language", STORIES)
def test_told_asked_and_answered(plant, phone, language):
    """One segment each, in the alphabet of SMS."""
    hint, answer, asked, done = STORIES[language]
    plant.configure("users.maria.language", language).tells_people()
    alarm = plant.raises("Plant/Pump 2/High level", value=93)
    maria = phone("maria").gets_sms(hint)
    maria.sends_sms(answer).gets_sms(asked).sends_sms("4711").gets_sms(done)
    assert alarm.is_acknowledged(by="maria")
    transcript = plant.running.emulator.phone(maria.number).transcript
    texts = [one["text"] for one in transcript if one["kind"] == "sms-in"]
    assert [(gsm7.encoding(one), gsm7.segments(one)) for one in texts] == [("GSM-7", 1)] * 3


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [("sv-SE", "hjälp", "47"), ("sv-SE", "47 vidare", "47 Pump 2 high level"), ("de-DE", "Hilfe", "47"),
     ("de-DE", "weiter 47", "47 Pump 2 high level")],
)  # fmt: skip
def test_words_of_the_language_do_what_the_english_ones_do(plant, phone, language, text, said):
    """Help, and passing an alarm on."""
    plant.configure("users.maria.language", language).tells_people()
    plant.raises("Plant/Pump 2/High level")
    phone("maria").gets_sms("Pump 2 high level").sends_sms(text).gets_sms(said)
    if "47" in text:
        phone("jon").gets_sms("Pump 2 high level", within=10)
