"""How long it takes to acknowledge, as a telephone lives through it: in the time that speaking takes.

Two people: one presses a key one second after it was named, enters the PIN one second after being asked for it
and needs 0.4 s per key of it. The other hears every prompt to its end and then acts as a telephone of the
emulator does that has been told what to press.
"""

from __future__ import annotations

import re

import pytest
from tests.dialogue import claims

from tocsin.emulator import speech

LABELS = (
    "Pump 2 high level",
    "Gearbox low oil pressure",
    "Boiler house gas detected",
    "Mains failure substation 3",
    "Inlet screen blocked",
)
KEY_S, REACTION_S = 0.4, 1.0
PHONE_S, SILENCE_S = 0.5, 0.3
PIN = "4711#"
LANGUAGES = {"en": "en-US", "sv": "sv-SE", "de": "de-DE"}


def moment(phone, kind):
    """Return when the last entry of a kind was made in the telephone's transcript."""
    return next(one["at"] for one in reversed(phone._telephone.transcript) if one["kind"] == kind)


def hears_named(plant, phone, key):
    """Listen until a sentence has named the key, however it goes on."""
    named = re.compile(rf"\b{key}\b")
    running, line = plant.running, phone._ear.line
    while not (found := named.search(line.speaking)):
        assert line.state == "in-call", plant.told()
        plant.do(running.step(running.clock.now() + 10))
    plant.waits(seconds=speech.seconds(line.speaking[: found.end()]))


def enters(plant, phone, keys, seconds):
    """Press keys that long after the last word."""
    plant.do(phone._ear.listen(lambda: False, SILENCE_S))
    plant.waits(seconds=seconds - SILENCE_S)
    phone.presses(keys)


def acknowledges(plant, phone, key, *, patient):
    """Press the key, enter the PIN, and listen until the line is dead; return the seconds since the answer."""
    if patient:
        enters(plant, phone, key, PHONE_S)
    else:
        hears_named(plant, phone, key)
        plant.waits(seconds=REACTION_S)
        phone.presses(key)
    enters(plant, phone, PIN, PHONE_S if patient else REACTION_S + KEY_S * len(PIN))
    acknowledged = plant.running.clock.now()
    phone.is_hung_up()
    return acknowledged - moment(phone, "answer")


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one in claims.tables()])
@pytest.mark.parametrize(("alarms", "key", "most_s"), [(1, "1", 25.0), (5, "2", 90.0)])
@pytest.mark.parametrize("patient", [False, True], ids=["attentive", "patient"])
def test_from_answering_to_the_acknowledgement(plant, capsys, language, alarms, key, most_s, patient):
    """One alarm with its PIN within 25 s, five within 90 s, PIN included."""
    plant.configure("users.maria.language", LANGUAGES[language])
    raised = [
        plant.raises(f"Plant/{label}", label=label, value=93.4, data={"unit": "%"})
        for label in LABELS[:alarms]
    ]
    maria = plant.calls("maria").answers()
    for label in LABELS[:alarms]:
        maria.hears(label)
    took_s = acknowledges(plant, maria, key, patient=patient)

    assert all(alarm.is_acknowledged(by="maria") for alarm in raised)
    who = "patient" if patient else "attentive"
    with capsys.disabled():
        print(f"\n{language}, {who}: {alarms} alarm(s) acknowledged {took_s:.1f} s after answering")
    assert took_s <= most_s, plant.told()


def test_the_first_word_comes_within_a_second_and_a_half(plant, phone, capsys):
    """Long enough to bring the telephone to the ear, short enough not to hang up again."""
    plant.raises(f"Plant/{LABELS[0]}", label=LABELS[0])
    maria = plant.calls("maria").answers().hears("alarm system")
    entries = maria._telephone.transcript
    answered = next(at for at, one in enumerate(entries) if one["kind"] == "answer")
    first = next(one for one in entries[answered:] if one["kind"] == "hear")
    took_s = first["at"] - entries[answered]["at"]
    with capsys.disabled():
        print(f"\nfirst word {took_s:.1f} s after answering (at most 1.5)")
    assert took_s <= 1.5
