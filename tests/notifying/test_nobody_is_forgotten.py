"""Alarms that looked as if nobody had to be told of them any more: as phones live through it."""

from __future__ import annotations

import pytest
from sqlalchemy import update
from tests.notifying.last_resort import all_told, happened, nobody_answers, write_with_last_resort
from tests.plant import JON, MARIA

from tocsin.alarms import AlarmEvent
from tocsin.pipelines import retention
from tocsin.pipelines.tables import runs

KEEPS, TAKEN, TEXTS = "Plant/Keeps calling", "Plant/Told when taken", "Plant/By text"
INFORMS, MANUAL = "Plant/Fuel delivery overdue", "Plant/Fuel low"
DAY_MS = 24 * 3_600_000
MORE = f"""
[alarms."{KEEPS}"]
pipeline = "keeps"
[pipelines.keeps]
drop_out = ["acknowledged"]
[[pipelines.keeps.blocks]]
type = "notification"
roster = "operations"

[alarms."{TAKEN}"]
ackPipeline = "texts"
[alarms."{TEXTS}"]
pipeline = "texts"
[alarms."{INFORMS}"]
ackMode = "Unused"
[[pipelines.texts.blocks]]
type = "notification"
roster = "operations"
profiles = ["text"]
at_once = true
"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """One folder, so that its workers are made once."""
    return write_with_last_resort(tmp_path_factory.mktemp("forgotten") / "riverside", MORE)


@pytest.fixture
def project(folder):
    return folder


def test_an_alarm_that_needs_no_acknowledgement_is_told_as_stubbornly_as_any_other(told):
    """Nobody answers for two hours: the same calls, redials and texts; the last resort once for each time."""
    nobody_answers(told)
    told.raises(INFORMS)
    told.waits(hours=2)
    informed, in_the_end = all_told(told), happened(told)
    told.clears(INFORMS).waits(hours=1)
    told.raises(MANUAL)
    told.waits(hours=2)
    asked = all_told(told)[len(informed) :]
    assert len(asked) > 20
    assert _called(informed) == _called(asked)
    assert in_the_end["run.nobody-reached"] == in_the_end["last-resort.rung"] == 2


def _called(found):
    """Leave out what was on its way at the end."""
    return [one for one in found if one[2] in {"no-answer", "delivered"}]


def test_an_alarm_that_has_cleared_rings_the_last_resort_where_its_pipeline_goes_on(told):
    """drop_out = ["acknowledged"]: nobody has, so what the run says is done. Acknowledged, it is over."""
    nobody_answers(told)
    alarm = told.raises(KEEPS)
    told.waits(seconds=2).clears(KEEPS).waits(minutes=30)
    rung = happened(told)["last-resort.rung"]
    assert (happened(told)["run.nobody-reached"], rung) == (1, 3)
    told.do(told.running.gateway.services.board.acknowledge([alarm.episode.id], by="jon", via="api"))
    told.waits(minutes=30)
    assert happened(told)["last-resort.rung"] == rung


def test_the_last_resort_is_left_alone_once_the_run_has_ended_with_the_alarm(told):
    """It rang because nobody could be reached; the alarm clears, which is the end of its pipeline."""
    nobody_answers(told)
    told.raises("Plant/Lamp")
    told.waits(minutes=60)
    rung = happened(told)["last-resort.rung"]
    assert rung > 0
    told.clears("Plant/Lamp").waits(minutes=30)
    assert happened(told)["last-resort.rung"] == rung


def test_an_alarm_that_a_source_reports_below_the_path_of_the_gateways_own_is_told(told, phone):
    """Ignition's own system tags live there; only what the gateway itself raises rings nobody."""
    board = told.running.gateway.services.board
    told.do(board.report([AlarmEvent("System/Gateway/Health/disk", "active")]))
    told.waits(minutes=5)
    assert all_told(told) == []
    cpu = AlarmEvent("System/Gateway/Performance/CPU Usage", "active", source="api:scada")
    told.do(board.report([cpu]))
    phone("maria").answers(within=5).hears("CPU Usage")


def test_what_somebody_has_cancelled_stays_cancelled_when_old_runs_are_removed(told):
    """The alarm is still active after 91 days: its run is kept, for it alone knows."""
    nobody_answers(told)
    alarm = told.raises("Plant/Lamp")
    told.waits(seconds=2)
    gateway, before_ms = told.running.gateway, told.now_ms - 90 * DAY_MS
    told.do(gateway.notifying.runs.cancel(f"{alarm.episode.id}.active", "maria"))
    told.waits(minutes=5)
    known = all_told(told)

    def grow_old(connection):
        connection.execute(update(runs).values(ended_ms=before_ms - DAY_MS))
        return retention.prune_in(connection, before_ms=before_ms)

    gateway.services.db.write_now(grow_old)
    told.waits(minutes=5)
    assert all_told(told) == known


@pytest.mark.parametrize("path", [TEXTS, TAKEN])
def test_a_text_that_was_lost_is_sent_anew_also_where_it_tells_of_an_acknowledgement(told, path):
    """The provider answers 500 twice and sends nothing: an ackPipeline's texts are about acknowledged alarms."""
    emulator, board = told.running.emulator, told.running.gateway.services.board
    for number in (MARIA, JON):
        emulator.put_phone(number, {"answer": "manual"})
    lost = {"match": {"path": "/Messages.json", "method": "POST"}, "times": 2}
    if path == TEXTS:
        emulator.faults.add("500", **lost)
        told.raises(path)
    else:
        alarm = told.raises(path)
        told.waits(seconds=1)
        emulator.faults.add("500", **lost)
        told.do(board.acknowledge([alarm.episode.id], by="jon", via="api"))
    told.waits(seconds=90)
    texts = [(person, outcome) for person, channel, outcome in all_told(told) if channel == "sms"]
    assert texts == [("maria", "delivered"), ("jon", "delivered")]
