"""The gateway's own alarms at three in the morning: what is wrong and what to do, in the person's language."""

from __future__ import annotations

import pytest

from tocsin.alarms import AlarmEvent
from tocsin.alarms.episode import Episode
from tocsin.calls.own_words import own_data
from tocsin.calls.phrasebook import Phrasebook
from tocsin.calls.phrases import PHRASES, placeholders, texts_of
from tocsin.channels.compose import Alarm, Hints, composed
from tocsin.telephony import gsm7

LANGUAGES = ["en-US", "sv-SE", "de-DE"]
OWN_KEYS = [key for key in PHRASES["en"] if key.startswith("own-")]
VALUES = {
    "alarm": "Pump 2 high level", "count": 1, "person": "maria", "name": "maria", "roster": "operations",
    "at": "2026-03-09 08:00",
}  # fmt: skip
ROSTER = {
    "en-US": "Nobody is on call on roster night; put somebody on call",
    "sv-SE": "Ingen har jour i jourlistan night; sätt in någon",
    "de-DE": "Niemand auf der Liste night hat Bereitschaft; jemanden eintragen",
}


def values_of(key):
    """Give the values that a phrase wants."""
    forms = PHRASES["en"][key]
    wanted = {name for text in texts_of(forms) for name in placeholders(text)}
    return {name: VALUES[name] for name in wanted | (set() if isinstance(forms, str) else {"count"})}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("key", OWN_KEYS)
def test_what_is_wrong_and_what_to_do_fit_into_one_text_uncut(key, language):
    """Beside site, time, code and how to answer; what is wrong comes first, what to do behind a semicolon."""
    book = Phrasebook()
    said = book.phrase(language, key, **values_of(key))
    hints = Hints(book.phrase(language, "text-hint-one-pin", code="47"), "", "")
    text = composed("Riverside", [Alarm("High", said, "03:08", code="47")], hints=hints).text
    assert said in text
    assert gsm7.segments(text) == 1
    wrong, do = said.split("; ")
    assert wrong
    assert not do.endswith(".")


def empty(plant, language):
    """Let Maria, who has this language, be texted of a roster that is empty."""
    plant.configure("users.maria.language", language).tells_people()
    event = AlarmEvent(
        path="System/Gateway/Roster/night",
        state="active",
        priority="High",
        label="nobody is on call on roster night",
        pipeline="texts",
        data=own_data("roster-empty", roster="night"),
    )
    board = plant.running.gateway.services.board
    plant.do(board.report([event]))
    return board


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_texted_listed_and_answered_in_the_persons_language(plant, phone, language):
    """From the text to the answer the alarm has one name."""
    board = empty(plant, language)
    maria = phone("maria").gets_sms(ROSTER[language])
    maria.sends_sms("?").gets_sms(ROSTER[language])
    maria.sends_sms("47 4711").gets_sms(f"47 {ROSTER[language]}")
    (alarm,) = board.kept()
    assert (alarm.acked_by, alarm.label) == ("maria", "nobody is on call on roster night")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_spoken_in_the_persons_language(plant, phone, language):
    """The default script reads it as it reads any alarm."""
    empty(plant, language)
    phone("maria").gets_sms(ROSTER[language]).dials().presses("4711#").hears(ROSTER[language]).hangs_up()


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("Plant/Pump 2", own_data("disk")),
        ("System/Gateway/x", {"own": "disk"}),
        ("System/Gateway/x", {"own": {"key": 1, "values": {}}}),
        ("System/Gateway/x", {"own": {"key": "number", "values": {}}}),
        ("System/Gateway/x", {"own": {"key": "number", "values": {"person": ["maria"]}}}),
        ("System/Gateway/x", None),
    ],
)
def test_an_alarm_from_outside_is_called_by_its_label(path, data):
    """Whatever a source sends as data."""
    event = AlarmEvent(path=path, state="active", label="Pump 2")
    one = Episode(
        id="e",
        path=event.path,
        name="x",
        priority="High",
        active_ms=0,
        label=event.label or "",
        data=data or {},
    )
    assert Phrasebook().name("sv-SE", one) == "Pump 2"
    assert Phrasebook().alarm("sv-SE", one, 0)["name"] == "Pump 2"
