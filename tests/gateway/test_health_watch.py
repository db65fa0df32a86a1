"""What keeps the gateway from working well is an alarm of its own: told to who looks after it, over when it is over."""

from __future__ import annotations

import shutil
from collections import namedtuple

import pytest
from tests.notifying.conftest import with_texts
from tests.plant import write_project

from tocsin.alarms.rules import OWN, Rules, raised
from tocsin.calls.phrases import PHRASES
from tocsin.config import ConfigRefused
from tocsin.gateway import checks
from tocsin.gateway.health_watch import ALARMS, HEALTH, HealthWatch, failures_of, wanted
from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name

ADMINS = """
[pipelines.admins]
[[pipelines.admins.blocks]]
id = "first"
type = "notification"
roster = "operations"
profiles = ["text"]
"""
DISK = "The disk is nearly full; free some space"


def with_admins(toml):
    """Let the gateway's own alarms be texted."""
    return with_texts(toml).replace("[gateway]", '[gateway]\nown_alarms = "admins"') + ADMINS


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    folder = write_project(tmp_path_factory.mktemp("health") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_admins(file.read_text()))
    return folder


@pytest.fixture
def project(riverside):
    return riverside


@pytest.fixture
def disk(monkeypatch):
    """A disk whose free bytes the test sets."""
    usage = namedtuple("usage", "free")  # noqa: PYI024  what the standard library answers with
    free = [10**12]
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(free[0]))
    return free


def health(plant):  # noqa: F811
    """Give the gateway's alarms about its own health, with their states."""
    found = plant.running.gateway.services.board.kept()
    return {one.path.removeprefix(HEALTH): one.state for one in found if one.path.startswith(HEALTH)}


def test_a_full_disk_is_texted_acknowledged_and_over_when_there_is_room(plant, phone, disk):  # noqa: F811
    """What is wrong and what to do, with a code like any alarm; a hiccup of a minute wakes nobody."""
    plant.tells_people()
    assert plant.running.gateway.services is not None
    disk[0] = 1024
    plant.waits(seconds=70)
    assert health(plant) == {}
    maria = phone("maria").gets_sms(f"HIGH {DISK}", within=90)
    maria.sends_sms("47 4711").gets_sms(f"Acknowledged: 47 {DISK}.")
    disk[0] = 10**12
    plant.waits(minutes=2)
    assert health(plant) == {}


def test_calls_that_nobody_takes_are_told_by_text_and_over_when_they_are_taken(plant, phone):  # noqa: F811
    """Beside the alarm that cannot be called about; in Swedish, as Maria wants it."""
    plant.configure("users.maria.language", "sv-SE").tells_people()
    faults = plant.running.emulator.faults
    faults.add("429", match={"path": "/Calls.json", "method": "POST"}, times=None)
    plant.raises("Plant/Pump 2/High level", value=93)
    phone("maria").gets_sms("Twilio tar inte emot samtal eller sms; kontrollera statussidan", within=400)
    assert health(plant) == {"provider": "active"}
    faults.put([])
    phone("jon").answers(within=600).hears("Pump 2 high level").hangs_up()
    plant.waits(minutes=3)
    assert health(plant) in ({}, {"provider": "cleared"})


def test_without_a_pipeline_they_are_listed_and_nobody_is_woken(plant, phone, disk):  # noqa: F811
    """Whoever is called about something else hears of it."""
    plant.configure("gateway.own_alarms", None).tells_people()
    disk[0] = 1024
    plant.waits(minutes=4)
    assert health(plant) == {"disk": "active"}
    assert phone("maria").unexpected() == []


def test_whoever_stopped_texts_is_told_of_to_who_looks_after_it(plant, phone, disk):  # noqa: F811
    """It stands until somebody has taken note of it, and is over then."""
    plant.tells_people()
    phone("jon").sends_sms("STOP").gets_sms("unsubscribed").answers(within=60).is_hung_up()
    maria = phone("maria").gets_sms("LOW jon wants no more texts; ask whether that is meant")
    maria.sends_sms("47 4711").gets_sms("Acknowledged")
    contacts = [
        one.path
        for one in plant.running.gateway.services.board.kept()
        if one.path.startswith(f"{OWN}Contact/")
    ]
    assert contacts == []


def test_a_script_that_fails_is_told_once_and_forgotten_in_time(plant, phone, monkeypatch):  # noqa: F811
    """What failed before this gateway began is none of its business; ten minutes stand for the hour here."""
    monkeypatch.setattr("tocsin.gateway.health_watch.FORGOTTEN_LOOKS", 10)
    plant.tells_people()
    plant.waits(minutes=3)
    assert health(plant) == {}
    plant.saves("10_broken.py", "response = 1 // 0")
    phone("maria").dials().hears("PIN").hangs_up()
    plant.waits(minutes=3)
    assert health(plant) == {"script-failed": "active"}
    phone("maria").gets_sms("LOW A call script failed, the default answered; look at the log")
    plant.waits(minutes=12)
    assert health(plant) in ({}, {"script-failed": "cleared"})


def test_a_reason_counts_when_it_is_there_twice():
    """It is raised once, cleared once, and nothing is done for a reason that no person can mend."""
    assert wanted({"disk"}, set(), set(), set()) == []
    (event,) = wanted({"disk", "emulator"}, {"disk", "emulator"}, set(), set())
    assert (event.path, event.state, event.priority) == (f"{HEALTH}disk", "active", "High")
    assert wanted({"disk"}, {"disk"}, {"disk"}, {"disk"}) == []
    (event,) = wanted(set(), {"disk"}, {"disk"}, {"disk"})
    assert event.state == "clear"


@pytest.fixture
def watch_of(board, clock, disk, tmp_path):
    """Make watches of gateways that share a board, each with reasons of its own."""

    def watch(codes):
        return HealthWatch(board, clock, codes=lambda: codes, failures=lambda: 0, state=tmp_path)

    return watch


async def test_of_two_gateways_each_clears_what_it_has_raised(board, watch_of):
    """What keeps the one from working well is told once, and is over when that one is well again."""
    told = []
    board.subscribe(lambda change: told.append((change.kind, change.episode.path)))
    reasons = ["provider"]
    here, there = watch_of(reasons), watch_of([])
    for _ in range(10):
        await there.look()
        await here.look()
    assert told == [("active", f"{HEALTH}provider")]
    reasons.clear()
    await there.look()
    await here.look()
    assert told[1:] == [("cleared", f"{HEALTH}provider")]


async def test_what_was_raised_before_a_restart_is_over_after_it(board, watch_of):
    """Whatever an earlier process raised and is well by now."""
    earlier = watch_of(["provider", "texts-late"])
    await earlier.look()
    await earlier.look()
    now = watch_of(["provider"])
    await now.look()
    active = {one.path for one in board.kept() if one.state == "active"}
    assert active == {f"{HEALTH}provider"}


@pytest.mark.parametrize("code", sorted(ALARMS))
def test_every_reason_can_be_said(code):
    """In each language that is shipped."""
    assert all(f"own-{code}" in phrases for phrases in PHRASES.values())


def test_failed_scripts_are_counted_whatever_they_failed_of():
    """As the sandbox counts them, and the calls what the sandbox does not see."""
    stats = {"turns": 9, "failed_cpu": 2, "failed_exception": 1, "domains": {}}
    assert failures_of(stats, {}) == 3
    assert failures_of(stats, {"twiml": 2}) == 5


@pytest.mark.parametrize(
    "source",
    ["response = '<Response><Say>Hi'", "response = '<Response><Dial>+15550001111</Dial></Response>'"],
    ids=["broken", "to a number that is not allowed"],
)
def test_twiml_that_is_refused_is_a_script_that_fails(plant, phone, source):  # noqa: F811
    """The script itself came to its end, and its author has to be told all the same."""
    plant.tells_people()
    plant.saves("10_broken.py", source)
    phone("maria").dials().hears("PIN").hangs_up()
    plant.waits(minutes=3)
    assert health(plant) == {"script-failed": "active"}
    phone("maria").gets_sms("LOW A call script failed, the default answered; look at the log")
    assert dict(plant.running.gateway.conversation.failures) == {"twiml": 1}
    plant.script_fails("TwiML")


def test_only_the_gateways_own_alarms_take_its_pipeline():
    """And those that name one keep it."""
    rules = Rules({}, {"admins", "default"}, own_pipeline="admins")

    def taken(path, pipeline=None):
        from tocsin.alarms import AlarmEvent

        event = AlarmEvent(path=path, state="active", pipeline=pipeline)
        return raised(event, rules, episode_id="e", now_ms=1)[0].fresh.pipeline

    assert taken(f"{HEALTH}disk") == "admins"
    assert taken(f"{HEALTH}disk", "default") == "default"
    assert taken("Plant/Pump 2") is None


def test_a_pipeline_that_does_not_exist_is_refused(tmp_path):
    """With file, key and what there is."""
    folder = write_project(tmp_path / "plant")
    file = folder / "tocsin.toml"
    file.write_text(with_admins(file.read_text()).replace('own_alarms = "admins"', 'own_alarms = "admin"'))
    with pytest.raises(ConfigRefused) as refused:
        checks.read(folder)
    assert 'gateway.own_alarms: there is no pipeline "admin"; did you mean "admins"?' in str(refused.value)
