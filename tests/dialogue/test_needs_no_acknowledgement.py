"""An alarm whose rule asks for no acknowledgement: somebody is to hear it, and one person is enough."""

from __future__ import annotations

import pytest

from tocsin.web.api.history import of_episode
from tocsin.web.api.timeline import story

GATE = "Plant/Gate"


@pytest.fixture
def gate(told):
    """A gate that somebody ought to know is open."""
    told.configure("alarms", {GATE: {"priority": "High", "label": "Gate open", "ackMode": "Unused"}})
    return told


def story_of(plant, alarm):
    """Give the alarm's story in words, as a screen shows it."""
    database = plant.running.gateway.services.db
    plant.do(database.flush())
    episode = alarm.episode.id
    found = plant.do(database.read(lambda connection: of_episode(connection, episode)))
    return [one.text for one in story(found, name=str, moment=str)]


def test_who_hears_it_ends_it(gate, phone):
    """Maria proves with a key that she is there; Jon is left to sleep."""
    alarm = gate.raises(GATE)
    maria = phone("maria").answers().hears("Gate open", "No acknowledgement is needed")
    maria.presses("9").hears("Goodbye").is_hung_up()
    gate.waits(minutes=30)
    words = story_of(gate, alarm)
    assert [one for one in words if "needs no acknowledgement, and was heard" in one]
    assert not [one for one in words if "by None" in one]


def test_nobody_there_is_nobody_told(gate, phone):
    """A telephone that answers and stays silent has told nobody: the next person at once."""
    alarm = gate.raises(GATE)
    phone("maria").answers().hears("Gate open").is_hung_up(patience=60)
    phone("maria").gets_sms("Gate open")
    jon = phone("jon").answers(within=30).hears("Gate open")
    jon.presses("9").is_hung_up()
    assert not [one for one in story_of(gate, alarm) if "by None" in one]


def test_a_text_about_it_asks_for_no_answer(gate, phone):
    """It has no code, and says only what is wrong."""
    gate.raises(GATE)
    maria = phone("maria").answers().hears("Gate open").is_hung_up(patience=60).gets_sms("HIGH Gate open")
    assert "Reply" not in maria._texts[-1]
    phone("jon").answers(within=30).hears("Gate open").presses("9").is_hung_up()


def test_who_is_called_after_somebody_took_it_hears_who(told, phone):
    """Where the pipeline goes on after an acknowledgement, the telephone says which alarm it rings for."""
    block = {"type": "notification", "roster": "operations", "profiles": ["phone"]}
    blocks = [{"id": "first"} | block, {"type": "delay", "for": "5m"}]
    told.configure("pipelines", {"default": {"drop_out": ["cleared"], "blocks": blocks}})
    told.configure("alarms", {GATE: {"priority": "High", "label": "Gate open", "pipeline": "default"}})
    told.raises(GATE)
    maria = phone("maria").answers().hears("Press 1").presses("1").hears("PIN").presses("4711#")
    maria.hears("Acknowledged").is_hung_up()
    jon = phone("jon").answers(within=600)
    jon.hears("1 alarm is taken care of and still active: Gate open, by Maria Lind").is_hung_up()
