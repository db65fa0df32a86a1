"""A whole call whose script reads the plant: through the locked worker, over the running gateway's own tags."""

from __future__ import annotations

import itertools
import random

import pytest
from tests.plant import ACCOUNT, JON, MARIA, NUMBER, STRANGER, open_line, write_project

TELLING = """
if callAction == "status-of-plant":
    alarms_now = ", ".join([one.getLabel() for one in system.alarm.queryStatus(priority=["High"])])
    table = system.tag.readBlocking(["[System]Gateway/Twilio/UserStatistics"])[0].value
    calls = "; ".join([f"{row['username']} {row['callsReceived']} {row['callsSent']}" for row in table])
    on_call = [user.get("username") for user in system.user.getScheduledUsers()]
    rosters = system.roster.getRosters()
    pipelines = system.alarm.listPipelines()
    response = f"<Response><Say>{alarms_now}. {calls}. {on_call[0]}. {rosters['operations'][1]}. {pipelines}.</Say></Response>"
elif callAction == "refused":
    try:
        system.alarm.queryStatus(priority=["Urgent"])
    except Exception as error:
        response = f"<Response><Say>{error}</Say></Response>"
"""
COUNTERS = """
if callAction == "counters":
    names = ["CallMinutesReceived", "CallMinutesSent", "CallsReceived", "CallsSent", "MessagesReceived", "MessagesSent"]
    values = system.tag.readBlocking([f"System/Gateway/Twilio/{name}" for name in names])
    response = f"<Response><Say>{[one.value for one in values]}</Say></Response>"
"""


@pytest.fixture
async def line(tmp_path):
    """Give a gateway whose scripts tell what they read."""
    folder = write_project(tmp_path / "plant", {"10_telling.py": TELLING, "20_counters.py": COUNTERS})
    async with open_line(folder) as found:
        yield found


async def hears(line, action, number=MARIA):
    caller = line.call_from(number)
    return await caller.turn(f"/main/system/twilio-voice/{action}/0")


async def test_a_script_tells_a_caller_how_things_stand(line):
    """Alarms, counters, who is on call, rosters and pipelines, in one turn of a real worker."""
    await line.raise_alarm()

    said = await hears(line, "status-of-plant")

    assert said == "Pump 2 high level. maria 0 0; jon 0 0. maria. jon. []."


async def test_a_question_that_cannot_be_answers_with_a_sentence(line):
    """An error in the script, which it may catch."""
    assert "priority is one of Diagnostic, Low, Medium, High, Critical" in await hears(line, "refused")


async def test_the_counters_after_a_storm_of_events(line):
    """Calls and texts, each event several times and in any order: the tags say what there was, no more."""
    calls = [
        (MARIA, "inbound", 2), (MARIA, "outbound-api", 3), (JON, "outbound-api", 1), (STRANGER, "inbound", 9),
    ]  # fmt: skip
    posts = []
    for place, (number, way, minutes) in enumerate(calls):
        far, near = ("From", "To") if way == "inbound" else ("To", "From")
        common = {
            "CallSid": f"CA{place:032}",
            "AccountSid": ACCOUNT,
            "Direction": way,
            far: number,
            near: NUMBER,
        }
        for sequence, status in enumerate(["initiated", "ringing", "completed"]):
            ended = {"Duration": str(minutes), "CallDuration": "61"} if status == "completed" else {}
            fields = {**common, "CallStatus": status, "SequenceNumber": str(sequence), **ended}
            posts.append(("/main/system/twilio-voice/status/0", fields))
    for place, number in enumerate([MARIA, JON, STRANGER]):
        sid = {"MessageSid": f"SM{place:032}", "AccountSid": ACCOUNT}
        inbound = {**sid, "From": number, "To": NUMBER, "Body": "ok"}
        posts.append(("/main/system/twilio-message/inbound/0", inbound))
        sid = {"MessageSid": f"SM{place + 5:032}", "AccountSid": ACCOUNT}
        for status in ("queued", "sent", "delivered"):
            out = {**sid, "From": NUMBER, "To": number, "MessageStatus": status}
            posts.append(("/main/system/twilio-message/status/0", out))
    told = list(itertools.chain.from_iterable(itertools.repeat(posts, 3)))
    random.Random(4).shuffle(told)
    for path, fields in told:
        assert (await line.post(path, fields)).status_code in (200, 204)

    assert await hears(line, "counters", STRANGER) == "[2, 4, 1, 2, 2, 2]"
