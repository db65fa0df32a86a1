"""Alarms that several people have to acknowledge: whoever has, by whatever way, is left alone."""

from __future__ import annotations

import pytest
from tests.notifying.test_blocks import acknowledges, pipelines_folder  # noqa: F401  a fixture is found by name

from tocsin.web.api.history import of_episode
from tocsin.web.api.timeline import story


@pytest.fixture
def project(pipelines_folder):  # noqa: F811
    return pipelines_folder


@pytest.fixture
def crew_told(told):
    """Maria, Jon and Eva are called at once, and two of them have to acknowledge."""
    block = {"type": "notification", "roster": "everybody", "profiles": ["phone"], "at_once": True}
    told.configure("pipelines.several.blocks", [block | {"must_acknowledge": 2}])
    told.configure("twilio_profiles.plant.concurrent_calls", 3)
    return told.configure("voice_profiles.phone.pin", "none")


def acknowledged(told, alarm, by):
    """Somebody acknowledges on a screen."""
    told.do(told.running.gateway.services.board.acknowledge([alarm.episode.id], by=by, via="api"))


def why(told, alarm):
    (waiting,) = told.do(told.running.gateway.notifying.runs.waiting(alarm.episode.id))
    return waiting["why"]


def test_a_call_that_is_queued_for_whoever_has_acknowledged_is_not_placed(crew_told, phone):
    """Jon misses his call and acknowledges on the screen: his telephone does not ring again."""
    alarm = crew_told.raises("Stories/several")
    maria, jon, eva = (phone(one).rings(within=5) for one in ("maria", "jon", "eva"))
    jon.declines()
    crew_told.waits(seconds=5)
    acknowledged(crew_told, alarm, "jon")
    assert why(crew_told, alarm).startswith("jon has acknowledged, 1 more must; waiting for maria and eva")
    maria.does_not_answer()
    crew_told.waits(seconds=20)
    eva.answers().hears("Press 1").presses("1").hears("Acknowledged").is_hung_up()
    assert alarm.is_acknowledged(by="eva")
    crew_told.waits(minutes=10)


def test_a_telephone_that_rings_for_whoever_has_acknowledged_stops(crew_told, phone):
    """Jon acknowledges on the screen while his telephone rings; the others' go on ringing."""
    alarm = crew_told.raises("Stories/several")
    maria, jon, eva = (phone(one).rings(within=5) for one in ("maria", "jon", "eva"))
    acknowledged(crew_told, alarm, "jon")
    jon.is_hung_up()
    maria.answers().hears("Press 1").presses("1").hears("Acknowledged").is_hung_up()
    assert alarm.is_acknowledged(by="maria")
    eva.is_hung_up()


def test_whoever_is_not_the_last_one_hears_how_many_more_it_takes(crew_told, phone):
    """Two have to acknowledge: Maria is the first and hears so, Eva is the second and does not."""
    alarm = crew_told.raises("Stories/several")
    maria, jon, eva = (phone(one).rings(within=5) for one in ("maria", "jon", "eva"))
    maria.answers().hears("Press 1").presses("1").hears("Acknowledged. One more person has to").is_hung_up()
    assert alarm.is_not_acknowledged()
    eva.answers().hears("Press 1").presses("1").hears("Acknowledged. Goodbye").is_hung_up()
    assert alarm.is_acknowledged(by="eva")
    jon.is_hung_up()


def test_whoever_is_on_the_line_hears_that_it_is_done(crew_told, phone):
    """Jon is being told of it while he acknowledges on the screen: he is not asked for it once more."""
    alarm = crew_told.raises("Stories/several")
    jon = phone("jon").answers(within=5).hears("Press 1")
    acknowledged(crew_told, alarm, "jon")
    jon.presses("3").hears("already acknowledged by Jon").is_hung_up()
    assert alarm.is_not_acknowledged()
    phone("maria").answers(within=60).hears("Press 1").presses("1").hears("Acknowledged").is_hung_up()
    assert alarm.is_acknowledged(by="maria")
    phone("eva").is_hung_up()


def test_a_text_is_an_answer_too(told, phone):
    """Maria acknowledges by text while her telephone rings: it stops, and Jon is told now."""
    block = {"type": "notification", "roster": "operations", "profiles": ["phone", "text"]}
    told.configure("pipelines.several.blocks", [block | {"must_acknowledge": 2}])
    told.configure("message_profiles.text.pin", "none")
    alarm = told.raises("Stories/several")
    maria = phone("maria").gets_sms("several", within=5).rings(within=5)
    maria.sends_sms("ok").gets_sms("waits for more people to acknowledge").is_hung_up()
    maria.sends_sms("47").gets_sms("47 waits for more people to acknowledge")
    phone("jon").gets_sms("several", within=10)
    acknowledges(phone("jon").answers(within=10), 9163)
    assert alarm.is_acknowledged(by="jon")
    told.waits(minutes=10)


def story_of(told, alarm):
    """Give the alarm's story in words, as a screen shows it."""
    database = told.running.gateway.services.db
    told.do(database.flush())
    episode = alarm.episode.id
    found = told.do(database.read(lambda connection: of_episode(connection, episode)))
    return [one.text for one in story(found, name=str, moment=str)]


def test_the_story_says_who_has_and_who_has_not(told, phone):
    """Maria does her part in her call and is nowhere said not to have; Jon misses his."""
    told.configure("voice_profiles.phone.pin", "none")
    alarm = told.raises("Stories/several")
    jon = phone("jon").rings(within=5)
    phone("maria").answers(within=5).hears("Press 1").presses("1").hears("Acknowledged").is_hung_up()
    jon.does_not_answer(within=60)
    jon.does_not_answer(within=90)
    told.waits(minutes=10)
    words = story_of(told, alarm)

    assert "maria acknowledged it by telephone, 1 of 2; it waits for 1 more" in words
    assert "The call with maria is over: acknowledged" in words
    assert not [one for one in words if "maria" in one and "not acknowledge" in one]
    assert "TOO FEW HAVE ACKNOWLEDGED (1 of 2 people has acknowledged)" in words
    assert why(told, alarm).startswith(
        "1 of 2 people has acknowledged (maria has, jon has not); the last resort is called"
    )
