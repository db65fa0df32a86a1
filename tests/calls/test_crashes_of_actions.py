"""kill -9 wherever else a call commits something: what a key asked for is done once, and said once it is done.

Each transaction has three deaths in a row: before it, inside it, and after it. Twilio delivers the webhook
again each time, and once more after its answer.
"""

from __future__ import annotations

import asyncio
import json

import pytest
from tests.calls.mortal_plant import account_of, killed_at, mortal_plant
from tests.plant import NUMBER

SCRIPT = """
if callAction in ("shelving", "passing", "raising", "giving up", "who"):
    who = call.identify(Digits)
    result = who
    if callAction == "shelving":
        result = call.shelve(30)
    elif callAction == "passing":
        result = call.passOn()
    elif callAction == "raising":
        result = call.raiseAlarm()
    elif callAction == "giving up":
        result = call.giveUp()
    response = f"<Response><Say>{who.reason}, {result.reason}</Say><Hangup/></Response>"
if callAction == "text":
    system.twilio.sendMessage(From, "Pump 2 is back")
"""
MORE = """
[users.third]
id = 99
pin = "5823"
contacts = [{ type = "phone", value = "+46702000099" }]

[rosters.well]
users = ["well", "jon", "third"]

[pipelines.well]
[[pipelines.well.blocks]]
id = "first"
type = "notification"
roster = "well"
profiles = ["phone"]
step = "10m"

[alarms.well]
pipeline = "well"

[alarms.leak]
label = "Leak"

[voice_profiles.phone.raise_alarm]
path = "leak"
"""
PEOPLE = {
    name: f"+46702000{n:03}"
    for n, name in enumerate(("tank", "well", "leak", "pump", "gate", "lift", "mill", "weir", "lock"))
}
VOICE = "/main/system/twilio-voice"


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """The plant of this file's people, each for one story, with alarms of their own."""
    folder = tmp_path_factory.mktemp("actions") / "plant"
    with mortal_plant(folder, PEOPLE.items(), script=SCRIPT, more=MORE) as plant:
        yield plant


async def asks(plant, number, action, moments):
    """Call, enter the PIN and ask for something, all in a first webhook that is killed at these moments."""
    caller = plant.call_from(number)
    with plant.dying_at(moments):
        await caller.turn(f"{VOICE}/{action}/0", Digits="4711")
    assert plant.rows("select count(*) from ts_call where sid = ?", caller.sid) == [(1,)]
    return caller


def effects(plant, caller):
    """Give what was asked for in a call, its PINs left out, and what came of each."""
    query = "select name, result from ts_effect where call_id = (select id from ts_call where sid = ?)"
    query += " and ordinal % 2 = 1 order by id"
    return [(name, json.loads(result)["reason"]) for name, result in plant.rows(query, caller.sid)]


@killed_at("shelve")
async def test_an_alarm_is_shelved_once(plant, moments):
    """It is set aside, and the journal says so once."""
    episode = plant.raise_alarm("tank")

    caller = await asks(plant, PEOPLE["tank"], "shelving", moments)

    assert caller.hears == "ok, ok"
    assert plant.one("select shelved_until_ms from ts_episode where id = ?", episode) is not None
    assert plant.journal(episode)["alarm.shelved"] == 1
    assert effects(plant, caller) == [("call.shelve", "ok")]


@killed_at("pass-on")
async def test_an_alarm_is_passed_on_once(plant, moments):
    """The next person is told now, and not the one after them, as if it had been passed on twice."""
    episode = plant.raise_alarm("well")

    caller = await asks(plant, PEOPLE["well"], "passing", moments)

    assert caller.hears == "ok, ok"
    assert plant.one("select passed from ts_call where sid = ?", caller.sid) == 1
    told = plant.rows("select person, count(*) from ts_notice where episode_id = ? group by 1", episode)
    assert sorted(told) == [("jon", 1), ("well", 1)]
    assert effects(plant, caller) == [("call.passOn", "ok")]


@killed_at("raise")
async def test_an_alarm_is_raised_once(plant, moments):
    """There is one, it is told of once, and whoever raised it hears that they did."""
    caller = await asks(plant, PEOPLE["leak"], "raising", moments)

    assert caller.hears == "ok, ok"
    episode = plant.one("select id from ts_episode where path = 'leak'")
    assert plant.journal(episode)["alarm.raised"] == 1
    assert plant.rows("select result from ts_audit where action = 'raise'") == [("ok",)]


@killed_at("give-up")
async def test_nobody_being_there_is_noted_once(plant, moments):
    """The script that takes nobody to be there hears that it was noted."""
    caller = await asks(plant, PEOPLE["pump"], "giving%20up", moments)

    assert caller.hears == "ok, ok"
    assert effects(plant, caller) == [("call.giveUp", "ok")]


@killed_at("locked-entry")
async def test_a_pin_that_is_not_taken_any_more_counts_no_further(plant, moments):
    """After five wrong ones the right one is not looked at, however often it is delivered."""
    number = PEOPLE["gate"]
    caller = plant.call_from(number)
    for wrong in range(5):
        await caller.turn(f"{VOICE}/who/0?turn={wrong + 1}", Digits=f"000{wrong}")
    assert caller.hears == "wrong_pin, wrong_pin"

    caller = await asks(plant, number, "who", moments)

    assert caller.hears == "locked, locked"
    assert plant.one("select count(*) from ts_pin_failure where subject = ?", f"number:{number}") == 5
    query = "select count(*) from ts_effect where call_id = (select id from ts_call where sid = ?)"
    assert plant.one(f"{query} and ordinal % 2 = 0", caller.sid) == 1


@killed_at("over-budget")
async def test_a_call_beyond_its_budget_ends_once(plant, moments):
    """It has one outcome, and one row in the audit."""
    caller = plant.call_from(PEOPLE["lift"])
    await caller.turn(f"{VOICE}/giving%20up/0?turn=100", Digits="4711")

    with plant.dying_at(moments):
        await caller.turn(f"{VOICE}/giving%20up/0?turn=101", Digits="4711")

    assert caller.is_over
    assert "ok" not in caller.hears
    call_id, outcome = plant.rows("select id, outcome from ts_call where sid = ?", caller.sid)[0]
    assert outcome is not None
    assert plant.rows("select action, result from ts_audit where call_id = ?", call_id) == [("call", outcome)]


@killed_at("call-status")
async def test_the_end_of_a_call_is_taken_once(plant, moments):
    """One event, one outcome, one row in the audit, and its minute counts once."""
    number = PEOPLE["mill"]
    caller = await plant.call_from(number).dials()

    with plant.dying_at(moments):
        await caller.hangs_up()

    call_id, outcome = plant.rows("select id, outcome from ts_call where sid = ?", caller.sid)[0]
    assert outcome is not None
    assert plant.one("select count(*) from ts_call_status where sid = ?", caller.sid) == 1
    assert plant.rows("select action, result from ts_audit where call_id = ?", call_id) == [("call", outcome)]
    assert plant.one("select call_minutes_received from ts_number_count where number = ?", number) == 1


@killed_at("machine")
async def test_a_machine_is_sent_to_the_voicemail_text_once(plant, moments):
    """Who answered is on record, and Twilio is asked once to let the machine hear its text."""
    caller = await plant.call_from(PEOPLE["weir"]).dials()

    with plant.dying_at(moments):
        fields = caller.fields(AnsweredBy="machine_end_beep")
        answer = await plant.post(f"{VOICE}/amd/0", fields)

    assert answer.status_code == 204
    assert plant.one("select answered_by from ts_call where sid = ?", caller.sid) == "machine_end_beep"
    async with asyncio.timeout(10):
        while not plant.twilio.changes[caller.sid]:
            await asyncio.sleep(0.02)
    assert plant.twilio.changes[caller.sid] == 1


@killed_at("text-status")
async def test_how_a_text_fares_is_taken_once(plant, moments):
    """One event is on record, and the text counts once."""
    number = PEOPLE["lock"]
    await plant.call_from(number).turn(f"{VOICE}/text/0")
    sid = plant.twilio.sids[number]
    fields = account_of(From=NUMBER, To=number, MessageSid=sid, MessageStatus="delivered")

    with plant.dying_at(moments):
        answer = await plant.post("/main/system/twilio-message/status/0", fields)

    assert answer.status_code == 204
    assert plant.rows("select status from ts_message_status where sid = ?", sid) == [("delivered",)]
    assert plant.one("select messages_sent from ts_number_count where number = ?", number) == 1
