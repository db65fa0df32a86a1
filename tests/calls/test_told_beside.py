"""What Twilio tells beside a call, of recordings, speech and dialled numbers, leaves the conversation alone."""

from __future__ import annotations

import json
import secrets

import pytest
from sqlalchemy import select
from tests.plant import ACCOUNT, JON, MARIA, open_line, write_project

from tocsin.calls.tables import turns

LOGGING = """
if callAction == "told":
    print(params.get("RecordingUrl"), params.get("UnstableSpeechResult"), CallStatus)
    session["told"] = session.get("told", 0) + 1
    if Digits == "fail":
        print(1 // 0)
    for alarm in alarms:
        heard(alarm)
"""


@pytest.fixture
async def line(tmp_path):
    """A gateway whose script writes down what it is told, and an alarm that stands."""
    folder = write_project(tmp_path / "plant", {"10.py": LOGGING}, more="\n[scripts]\nturns_per_call = 12\n")
    async with open_line(folder, watch=False) as line:
        await line.raise_alarm()
        yield line


def recording(caller):
    """Return what Twilio posts once a recording is there: of the call it names the SID alone."""
    return {
        "AccountSid": ACCOUNT,
        "CallSid": caller.sid,
        "RecordingSid": f"RE{secrets.token_hex(16)}",
        "RecordingUrl": "https://api.twilio.com/x",
        "RecordingStatus": "completed",
        "RecordingDuration": "4",
    }


TELLING = {
    "a recording": recording,
    "a transcription": lambda caller: caller.fields(TranscriptionStatus="completed", TranscriptionText="hm"),
    "speech that goes on": lambda caller: caller.fields(UnstableSpeechResult="well", SequenceNumber="3"),
    "a number dialled": lambda caller: caller.fields(
        CallSid="CA" + "d" * 32,
        ParentCallSid=caller.sid,
        To=JON,
        Direction="outbound-dial",
        CallStatus="ringing",
        CallbackSource="call-progress-events",
    ),
    "a conference": lambda caller: {
        "AccountSid": ACCOUNT,
        "CallSid": caller.sid,
        "ConferenceSid": "CF1",
        "StatusCallbackEvent": "participant-join",
    },
}


async def record(line):
    """Return the turns on record, the latest last."""
    await line.gateway.services.db.flush()
    return await line.gateway.services.db.read(
        lambda conn: conn.execute(select(turns).order_by(turns.c.id)).all()
    )


@pytest.mark.parametrize("what", TELLING)
@pytest.mark.parametrize("token", [None, ""])
async def test_the_next_key_means_what_the_caller_was_asked(line, what, token):
    """Nothing counts as heard before the phone comes back, and the default has not spoken in between."""
    maria = await line.call_from(MARIA).dials()
    await maria.presses("4711#")
    await maria.stays_silent()
    assert "Press 1" in maria.hears
    (call,) = line.gateway.ledger.at_hand()
    before = (dict(call.heard), call.heard_next, call.turns, call.said_goodbye)
    assert call.heard_next

    path = f"/main/system/twilio-voice/told/{call.id}?turn={call.turns + 1}"
    answer = await line.post(path, TELLING[what](maria), token=token)

    assert (answer.status_code, answer.text.count("<")) == (200, 2)
    assert "<Response/>" in answer.text
    assert (dict(call.heard), call.heard_next, call.turns, call.said_goodbye) == before
    assert json.loads(call.session)["told"] == 1
    await maria.presses("1")
    assert "Acknowledged" in maria.hears
    (told,) = [turn for turn in await record(line) if turn.action == "told"]
    assert told.answered == "beside"
    assert json.loads(told.log)


async def test_it_is_told_once_however_often_twilio_sends_it(line):
    """A repeat has no second effect."""
    maria = await line.call_from(MARIA).dials()
    (call,) = line.gateway.ledger.at_hand()

    for _ in range(3):
        await line.post(f"/main/system/twilio-voice/told/{call.id}", recording(maria), token="same")

    assert json.loads(call.session)["told"] == 1


async def test_speech_that_goes_on_uses_up_no_turns(line):
    """The budget of turns is the phone's; what is told beside it has one of its own."""
    maria = await line.call_from(MARIA).dials()
    (call,) = line.gateway.ledger.at_hand()

    for _ in range(20):
        told = maria.fields(UnstableSpeechResult="well", Stability="0.5")
        assert (await line.post(f"/main/system/twilio-voice/told/{call.id}", told)).status_code == 200

    assert json.loads(call.session)["told"] == 12
    await maria.presses("4711#")
    assert "1 alarm" in maria.hears


async def test_a_script_that_fails_beside_the_call_is_told_and_nobody_speaks(line):
    """The default would ask a phone that is not there."""
    maria = await line.call_from(MARIA).dials()
    (call,) = line.gateway.ledger.at_hand()

    answer = await line.post(
        f"/main/system/twilio-voice/told/{call.id}", {**recording(maria), "Digits": "fail"}
    )

    assert "<Response/>" in answer.text
    told = (await record(line))[-1]
    assert json.loads(told.failure)["kind"] == "exception"
    assert told.answered == "beside"


async def test_what_is_told_of_no_call_begins_none(line):
    """Nor does a text at an address of calls."""
    nobody = line.call_from(MARIA)

    for fields in (
        recording(nobody),
        {"AccountSid": ACCOUNT, "MessageSid": "SM1", "From": MARIA, "Body": "x"},
    ):
        answer = await line.post("/main/system/twilio-voice/told/0", fields)
        assert "<Response/>" in answer.text

    assert not line.gateway.ledger.at_hand()


async def test_it_does_not_end_the_call_of_a_gateway_that_was_started_anew(tmp_path):
    """What the phone was answered last is what counts, not what was told after that."""
    folder = write_project(tmp_path / "plant", {"10.py": LOGGING})
    async with open_line(folder, watch=False) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        (call,) = line.gateway.ledger.at_hand()
        await line.post(f"/main/system/twilio-voice/told/{call.id}", recording(maria))

    async with open_line(folder, watch=False) as line:
        maria.line = line
        again = await line.gateway.ledger.load(line.gateway.services, call.id)
        assert (again.said_goodbye, again.turns, again.told_beside) == (False, 1, 1)
        await maria.presses("4711#")
        assert "1 alarm" in maria.hears
