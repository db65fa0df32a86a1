"""Rows of the table of outcomes that no other story lives through: machines that fax, providers, receipts."""

from __future__ import annotations

import pytest
from tests.notifying.conftest import with_texts
from tests.notifying.test_blocks import acknowledges
from tests.plant import ACCOUNT, BASE, TOKEN, write_project

HIGH, BY_TEXT, BY_CALL = "Plant/Pump 2/High level", "Plant/Pump 2/Low level", "Plant/Power/Mains failure"
MORE = f"""
[throttles.calls]
pause = "0s"
[twilio_profiles.second]
account_sid = "AC00000000000000000000000000000002"
auth_token = "{TOKEN}"
external_hostname = "{BASE}"
phone_number = "+15005550010"
api_base = "emulator"
[voice_profiles.backup]
twilio_profile = "second"
[[pipelines.texts.blocks]]
type = "notification"
roster = "operations"
profiles = ["text"]
step = "5m"
[[pipelines.calls.blocks]]
type = "notification"
roster = "operations"
profiles = ["phone"]
step = "5m"
[alarms."{BY_TEXT}"]
pipeline = "texts"
label = "Pump 2 low level"
[alarms."{BY_CALL}"]
pipeline = "calls"
label = "Mains failure"
"""


@pytest.fixture(scope="session")
def rows_folder(tmp_path_factory):
    """One folder, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("rows") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()) + MORE)
    return folder


@pytest.fixture
def project(rows_folder):
    return rows_folder


def fails(told, fault, *, match="*", times=None):
    """Let something go wrong at the provider from now on."""
    told.running.emulator.faults.put([{"match": match, "fault": fault, "times": times}])


def test_a_fax_is_nobody(told, phone):
    """A text, the next person at once, and the same number once more after three minutes."""
    alarm = told.raises(HIGH)
    fails(told, "fax", match={"to": phone("maria").number}, times=1)
    maria = phone("maria")
    maria.gets_sms("Pump 2 high level", within=60)
    phone("jon").answers(within=60).hears("Pump 2 high level", "Press 1").presses("9").is_hung_up()
    told.waits(minutes=2)
    assert alarm.is_not_acknowledged()
    acknowledges(maria.answers(within=240), 4711)
    assert alarm.is_acknowledged(by="maria")


def test_a_failed_provider_is_left_for_the_second(told, phone):
    """The same person by the second account, half a minute after the first took nothing; nobody else is told."""
    told.configure("voice_profiles.phone.failover", "backup")
    fails(told, "503", match={"method": "POST", "path": f"{ACCOUNT}/Calls.json"})
    alarm = told.raises(BY_CALL)
    acknowledges(phone("maria").answers(within=90), 4711)
    assert alarm.is_acknowledged(by="maria")


def test_where_every_provider_fails_people_are_texted_and_the_next_is_tried(told, phone):
    """No call can be placed at all: Maria gets a text, then Jon; once calls can go out again, somebody rings."""
    fails(told, "503", match={"method": "POST", "path": "/Calls.json"})
    alarm = told.raises(HIGH)
    phone("maria").gets_sms("Pump 2 high level", within=120)
    phone("jon").gets_sms("Pump 2 high level", within=240)
    told.running.emulator.faults.put([])
    acknowledges(phone("maria").answers(within=600), 4711)
    assert alarm.is_acknowledged(by="maria")


def test_a_text_that_is_delivered_leaves_time_to_answer_it(told, phone):
    """Where only texts are sent, the next person is told after the step timer, and not before."""
    told.raises(BY_TEXT)
    phone("maria").gets_sms("Pump 2 low level", within=10)
    told.waits(minutes=4)
    phone("jon").gets_sms("Pump 2 low level", within=90)


@pytest.mark.parametrize("fault", ["undelivered 30003", "message failed 30007"])
def test_a_text_that_does_not_arrive_tells_the_next_person_now(told, phone, fault):
    """The carrier says so: Jon is texted at once, not after five minutes."""
    fails(told, fault, match={"to": phone("maria").number})
    told.raises(BY_TEXT)
    phone("jon").gets_sms("Pump 2 low level", within=30)


def test_a_text_of_which_nothing_is_heard_tells_the_next_person_after_two_minutes(told, phone):
    """Neither delivered nor not: the same text is not sent again, Jon is texted."""
    fails(told, "callback lost")
    told.raises(BY_TEXT)
    phone("maria").gets_sms("Pump 2 low level", within=10)
    faults = [("callback lost", "*"), ("500", {"method": "GET"})]
    told.running.emulator.faults.put([{"match": m, "fault": f, "times": None} for f, m in faults])
    told.waits(seconds=100)
    phone("jon").gets_sms("Pump 2 low level", within=60)
    told.waits(minutes=2)
