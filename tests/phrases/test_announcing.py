"""Where no webhook can come in, alarms are announced in the language of whoever is called."""

from __future__ import annotations

from functools import partial
from zoneinfo import ZoneInfo

import pytest

from tocsin.alarms import Episode
from tocsin.calls.own_words import own_data
from tocsin.calls.phrasebook import Phrasebook
from tocsin.channels.announcing import document, sentences

STOCKHOLM = ZoneInfo("Europe/Stockholm")
AT_0310 = 1_767_233_400_000  # 2026-01-01 03:10 at the plant
SAID = {
    "en-GB": "This is the alarm system of Riverside. Alarm flood in Plant 23. 6 alarms. "
    "Priority high: Pump 0, active since 03:10.",
    "sv-SE": "Larmsystemet för Riverside. Larmflod i Plant 23. 6 larm. "
    "Prioritet hög: Pump 0, aktivt sedan klockan 03:10.",
    "de-DE": "Alarmsystem Riverside. Alarmflut in Plant 23. 6 Alarme. "
    "Priorität hoch: Pump 0, aktiv seit 03:10 Uhr.",
}
MORE = {"en-GB": "And 1 more.", "sv-SE": "Och 1 till.", "de-DE": "Und 1 weiterer."}


@pytest.mark.parametrize("language", SAID)
def test_alarms_are_announced_in_each_language(language: str) -> None:
    """How many, the most urgent by name with its time, and how many were left out."""
    episodes = [Episode(f"e{n}", f"Plant/Pump {n}", f"Pump {n}", "High", AT_0310) for n in range(6)]
    said = sentences(
        episodes,
        say=partial(Phrasebook().phrase, language),
        called=partial(Phrasebook().name, language),
        site="Riverside",
        timezone=STOCKHOLM,
        flood="Plant 23",
    )

    assert " ".join(said[:4]) == SAID[language]
    assert said[-1] == MORE[language]


def test_an_alarm_of_the_gateway_s_own_is_announced_in_words_of_the_language() -> None:
    """What is wrong and what to do, as in a conversation."""
    data = own_data("disk")
    disk = Episode(
        "e1", "System/Gateway/Disk", "Disk", "High", AT_0310, label="The disk is nearly full", data=data
    )
    book = Phrasebook()
    said = sentences(
        [disk],
        say=partial(book.phrase, "sv-SE"),
        called=partial(book.name, "sv-SE"),
        site="R",
        timezone=STOCKHOLM,
    )

    assert "Disken är nästan full; frigör utrymme" in said[-1]


def test_the_voice_of_the_call_announces_them() -> None:
    """The document names language and voice, as the default script does."""
    announced = document(["Ett larm."], language="sv-SE", voice="Polly.Elin-Neural")
    assert '<Say language="sv-SE" voice="Polly.Elin-Neural">Ett larm.</Say>' in announced
