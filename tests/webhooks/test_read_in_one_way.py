"""What a webhook says is read in one way only, and whose call it is stands where no script writes."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from urllib.parse import parse_qsl, urlencode

import pytest
import structlog
from tests.plant import ACCOUNT, BASE, MARIA, STRANGER, TOKEN, open_line, write_project

from tocsin.clock import VirtualClock
from tocsin.telephony import signature
from tocsin.telephony.attempt import placed

TELLING = """
if callAction == "keep":
    session["kept"] = "theirs"
response = "<Response><Say>" + call.id + " " + str(session) + " " + Digits + "</Say></Response>"
"""


@pytest.fixture
async def line(tmp_path):
    """A gateway whose script says which call it takes a webhook for."""
    async with open_line(write_project(tmp_path / "plant", {"10.py": TELLING}), watch=False) as line:
        yield line


async def get(line, path, fields):
    """Ask as Twilio does for a URL with method GET."""
    url = f"{BASE}{path}?{urlencode(fields)}"
    headers = {"x-twilio-signature": signature.expected(url, [], TOKEN)}
    return await line.client.get(url.removeprefix(BASE), headers=headers)


async def post_json(line, path, body):
    """Post JSON as Twilio does, its hash in the signed URL."""
    raw = body.encode()
    url = f"{BASE}{path}?bodySHA256={hashlib.sha256(raw).hexdigest()}"
    headers = {"x-twilio-signature": signature.expected(url, [], TOKEN), "content-type": "application/json"}
    return await line.client.post(url.removeprefix(BASE), content=raw, headers=headers)


@pytest.mark.parametrize("query", ["Digits=1&Digits=2", "Digits=7", "Digits=%", "Digits=%FF"])
async def test_a_url_that_can_be_read_in_two_ways_is_refused(line, query):
    """Twice with different values, against the body, or not decodable at all."""
    fields = line.call_from(MARIA).fields(Digits="1")

    answer = await line.post(f"/main/system/twilio-voice/answer/0?{query}", fields)

    assert answer.status_code == 400


async def test_the_same_value_twice_is_one_value(line):
    """A script that hands a key on in a URL, and the caller who presses it again, do not collide."""
    fields = line.call_from(MARIA).fields(Digits="1")

    answer = await line.post("/main/system/twilio-voice/answer/0?Digits=1&Digits=1&turn=2&wait=0", fields)

    assert answer.status_code == 200


async def test_a_json_member_named_twice_is_refused(line):
    """Readers differ in which of the two they take."""
    fields = line.call_from(MARIA).fields(Digits="1")
    good = json.dumps(fields)
    path = "/main/system/twilio-voice/answer/0"

    assert (await post_json(line, path, good)).status_code == 200
    twice = await post_json(line, path, good[:-1] + ', "CallSid": "CA1"}')
    assert twice.status_code == 400
    assert "twice" in twice.text


@pytest.mark.parametrize("ref", ["0", "theirs"])
@pytest.mark.parametrize("method", ["POST", "GET"])
@pytest.mark.parametrize("name", ["ParentCallSid", "CallSid"])
async def test_a_url_cannot_say_whose_call_it_is(line, name, method, ref):
    """Somebody who can write a URL into TwiML does not get into another person's call, by either method."""
    victim, other = line.call_from(MARIA), line.call_from(STRANGER)
    kept = await line.post("/main/system/twilio-voice/keep/0", victim.fields())
    theirs = re.search(r"<Say>(\S+)", kept.text)[1]
    path = f"/main/system/twilio-voice/look/{theirs if ref == 'theirs' else ref}"

    if method == "POST":
        answer = await line.post(f"{path}?{name}={victim.sid}", other.fields())
    else:
        answer = await get(line, path, [(name, victim.sid), *other.fields().items()])

    assert answer.status_code == 200 if (method, name) != ("GET", "CallSid") else 400
    assert theirs not in answer.text
    assert "'kept'" not in answer.text


async def test_a_url_cannot_say_who_answered(line):
    """A GET that calls a mailbox a person changes nothing of what machine detection found."""
    caller = line.call_from(MARIA)
    await caller.turn("/main/system/twilio-voice/keep/0", AnsweredBy="machine_start")

    fields = [("AnsweredBy", "human"), *caller.fields().items()]
    answer = await get(line, "/main/system/twilio-voice/look/0", fields)

    assert answer.status_code == 200
    (call,) = line.gateway.ledger.at_hand()
    assert call.answered_by == "machine_start"


TOLD = ("ts_call_status", "ts_message", "ts_message_status", "ts_number_count", "ts_contact_state")


async def rows(line):
    """Return what is on record of events, texts, counts and stopped texts."""
    await line.gateway.services.db.flush()
    return await line.gateway.services.db.read(
        lambda conn: {table: conn.exec_driver_sql(f"select * from {table}").fetchall() for table in TOLD}
    )


@pytest.mark.parametrize(
    "url",
    [
        "twilio-message/inbound/0?MessageSid=SM1&Body=ALL",
        "twilio-message/inbound/0?MessageSid=SM1&Body=STOP&OptOutType=STOP",
        "twilio-message/inbound/0-fallback?MessageSid=SM1&Body=ALL",
        "twilio-message/status/0?MessageSid=SM1&MessageStatus=delivered",
    ],
)
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_calls_webhook_is_no_text(line, url, method):
    """Sent to an address of texts, with the rest of one in the URL, it does nothing in its caller's name."""
    caller = await line.call_from(MARIA).dials()
    before = await rows(line)
    path, _, query = f"/main/system/{url}".partition("?")

    if method == "POST":
        answer = await line.post(f"{path}?{query}", caller.fields())
    else:
        answer = await get(line, path, [*parse_qsl(query), *caller.fields().items()])

    assert answer.status_code == (400 if method == "POST" else 405)
    assert await rows(line) == before


async def test_a_url_tells_no_event_of_a_call(line):
    """How a call ended, and how many minutes it cost, stands in the body that Twilio posts."""
    caller = await line.call_from(MARIA).dials()
    path = "/main/system/twilio-voice/status/0"

    asked = await get(line, path, caller.fields(CallStatus="completed", Duration="4000"))
    posted = await line.post(
        f"{path}?Duration=4000&ErrorCode=13224&SequenceNumber=9", caller.fields(CallStatus="completed")
    )

    assert (asked.status_code, asked.headers["allow"], posted.status_code) == (405, "POST", 204)
    told = await rows(line)
    (event,) = told["ts_call_status"]
    assert event.sequence == 0
    assert "4000" not in event.params
    assert "ErrorCode" not in event.params
    (counts,) = told["ts_number_count"]
    assert counts.call_minutes_received == 0


@pytest.mark.parametrize(
    "query", [f"AccountSid={ACCOUNT}", "AnsweredBy=machine_start", "CallStatus=completed"]
)
async def test_what_a_url_says_of_the_call_itself_is_no_parameter(line, query):
    """Neither which account it is nor how it stands: a body without it has none."""
    name = query.partition("=")[0]
    fields = (await line.call_from(MARIA).dials()).fields()
    fields.pop(name, None)

    answer = await line.post(f"/main/system/twilio-voice/answer/0?{query}", fields)
    await line.gateway.services.db.flush()

    if name == "AccountSid":
        assert answer.status_code == 403
        return
    rows = await line.gateway.services.db.read(
        lambda conn: conn.exec_driver_sql("select params from ts_turn order by id").fetchall()
    )
    assert len(rows) == 2
    assert name not in json.loads(rows[-1][0])


async def test_a_get_gives_all_it_says_to_the_script_and_repeats_none_of_it(tmp_path):
    """Its URL holds what was pressed; the URL that asks for patience must not."""

    class Slow:
        async def send(self, number, text, *, profile, message_id):
            import asyncio

            await asyncio.sleep(4)
            return placed(f"SM{secrets.token_hex(16)}")

    script = f'system.twilio.sendMessage("{MARIA}", "a word")\nresponse = "<Response/>"\n'
    quick = "\n[scripts]\nturn_ms = 600\n"
    folder = write_project(tmp_path / "plant", {"10.py": script}, more=quick)
    async with open_line(folder, watch=False, messenger=Slow()) as line:
        caller = line.call_from(MARIA)
        answer = await get(line, "/main/system/twilio-voice/pin/0", caller.fields(Digits="4711"))

    assert answer.status_code == 200
    assert "One moment" in answer.text
    assert "4711" not in answer.text
    assert "wait=1" in answer.text


async def test_a_get_reaches_the_script_with_its_parameters(line):
    """Twilio can be told to ask by GET; everything is in the URL then."""
    answer = await get(line, "/main/system/twilio-voice/menu/0", line.call_from(MARIA).fields(Digits="8"))

    assert answer.status_code == 200
    assert " 8</Say>" in answer.text


async def test_an_unknown_message_action_is_no_text(line):
    """It is answered and told; only what comes in under inbound is kept."""
    fields = {"AccountSid": ACCOUNT, "From": MARIA, "To": "+15005550006", "Body": "hello"}

    for path, status in (("foo/0", 204), ("inbound/0", 200), ("inbound/0-fallback", 200)):
        answer = await line.post(
            f"/main/system/twilio-message/{path}", {**fields, "MessageSid": f"SM{secrets.token_hex(16)}"}
        )
        assert answer.status_code == status
    kept = await line.gateway.services.db.read(
        lambda conn: conn.exec_driver_sql(
            "select count(*) from ts_message where direction = 'inbound'"
        ).scalar()
    )
    assert kept == 2


async def test_strangers_cannot_fill_the_log(tmp_path):
    """Three refused signatures a minute are told; the next line says how many were not."""
    clock = VirtualClock()
    async with open_line(write_project(tmp_path / "plant"), watch=False, clock=clock) as line:
        with structlog.testing.capture_logs() as logged:
            for _ in range(50):
                answer = await line.post(
                    "/main/system/twilio-voice/answer/0", line.call_from(STRANGER).fields(), key="wrong"
                )
                assert answer.status_code == 403
            await clock.advance(60)
            await line.post("/main/system/twilio-voice/answer/0", line.call_from(STRANGER).fields(), key="no")

    told = [one for one in logged if one["event"] == "signature-refused"]
    assert [one["untold"] for one in told] == [0, 0, 0, 47]
