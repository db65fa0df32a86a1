"""A plant's programs send texts and have people called."""

import asyncio

import pytest
from sqlalchemy import select
from tests.web_api.conftest import JON, MARIA

from tocsin.db import NotStored
from tocsin.telephony.attempt import Attempt
from tocsin.web.tables import answered

TEXT = "Pump 2 runs dry, please look."
MESSAGES, CALLS = "/api/v1/messages", "/api/v1/calls"


async def test_a_text_to_a_number(api, twilio):
    """`sent` is true once Twilio has named it; who asked is the token, and whose number it is is known."""
    answer = await api.post(MESSAGES, json={"number": MARIA, "message": TEXT})

    assert answer.status_code == 200
    assert answer.json() == {"sent": True, "sid": f"SM{1:032}", "error": None, "results": None}
    assert twilio.sent == [(MARIA, TEXT, "hmi", "maria")]


async def test_a_text_to_a_roster_reaches_who_is_on_call(api, twilio, clock):
    """One result per person on call now who can be texted; numbers are masked."""
    answer = await api.post(MESSAGES, json={"roster": "operations", "message": TEXT, "by": "jon"})

    assert answer.json() == {
        "sent": True, "sid": None, "error": None,
        "results": [
            {"person": "maria", "number": "+4670…67", "sent": True, "sid": f"SM{1:032}", "error": None},
            {"person": "jon", "number": "+4670…21", "sent": True, "sid": f"SM{2:032}", "error": None},
        ],
    }  # fmt: skip
    assert twilio.sent == [(MARIA, TEXT, "jon", "maria"), (JON, TEXT, "jon", "jon")]


async def test_what_twilio_did_not_take_was_not_sent(api, twilio):
    """A refusal and an unknown end are both `sent: false`, each with its sentence."""
    twilio.next = [Attempt("refused", why="21610: unsubscribed"), Attempt("unknown", why="timeout")]

    answer = (await api.post(MESSAGES, json={"roster": "operations", "message": TEXT})).json()

    assert (answer["sent"], answer["error"]) == (False, "not sent to maria, jon")
    assert [one["error"] for one in answer["results"]] == [
        "21610: unsubscribed",
        "nobody knows whether Twilio took it, and it is not sent again: timeout",
    ]


async def test_texts_and_calls_need_the_scope_send(api, db, clock, services):
    """A token that only reads sends nothing."""
    from tocsin.web.tokens import create_in

    reader = db.write_now(lambda c: create_in(c, "reader", ["read"], now_ms=clock.now_ms()))
    for path, body in ((MESSAGES, {"number": MARIA, "message": TEXT}), (CALLS, {"user": "maria"})):
        answer = await api.post(path, json=body, headers={"authorization": f"Bearer {reader}"})
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:tocsin:problem:scope-missing")


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        (MESSAGES, {"message": TEXT}, 422, "either a number or a roster"),
        (MESSAGES, {"message": TEXT, "number": MARIA, "roster": "office"}, 422, "either a number or a roster"),
        (MESSAGES, {"message": TEXT, "number": "0701234567"}, 422, "$.number"),
        (MESSAGES, {"message": " ", "number": MARIA}, 422, "$.message"),
        (MESSAGES, {"message": "x" * 1601, "number": MARIA}, 422, "<= 1600"),
        (MESSAGES, {"message": TEXT, "roster": "night"}, 404, "configured are: operations, maintenance, office"),
        (MESSAGES, {"message": TEXT, "roster": "office"}, 409, "nobody on call now has a contact of type sms"),
        (MESSAGES, {"message": TEXT, "number": MARIA, "by": "nobody"}, 404, "no user 'nobody'"),
        (CALLS, {}, 422, "either a user or a number"),
        (CALLS, {"user": "maria", "message": "a", "action": "answer"}, 422, "not both"),
        (CALLS, {"user": "maria", "action": "no/way"}, 422, "$.action"),
        (CALLS, {"user": "nobody"}, 404, "no user 'nobody', neither as id nor as username"),
        (CALLS, {"user": "jon"}, 422, "jon has no contact of type phone"),
    ],
)  # fmt: skip
async def test_what_cannot_be_sent_is_said(api, twilio, path, body, status, words):
    """One clear sentence, and nothing leaves."""
    answer = await api.post(path, json=body)

    assert (answer.status_code, words in answer.json()["detail"]) == (status, True), answer.text
    assert (twilio.sent, twilio.called) == ([], [])


async def test_a_roster_that_is_off(api, clock):
    """Outside its schedule nobody is texted, and the answer says so."""
    while (await api.get("/api/v1/oncall")).json()["rosters"][1]["on"]:
        await clock.advance(3600)

    answer = await api.post(MESSAGES, json={"roster": "maintenance", "message": TEXT})

    assert answer.status_code == 409
    assert answer.json()["detail"] == "nobody is on call now in the roster 'maintenance'"


async def test_the_same_key_sends_once(api, twilio):
    """However often it comes, also at once, also after the answer: one text, one answer."""
    headers, body = {"idempotency-key": "plc-1"}, {"number": MARIA, "message": TEXT}
    answers = await asyncio.gather(*(api.post(MESSAGES, json=body, headers=headers) for _ in range(5)))
    answers.append(await api.post(MESSAGES, json=body, headers=headers))

    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(twilio.sent) == 1
    other = await api.post(MESSAGES, json={**body, "message": "else"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "urn:tocsin:problem:key-reused")


async def test_a_key_whose_request_never_ended_sends_nothing(api, twilio, services, monkeypatch):
    """After a crash between sending and noting it nobody knows; a repeat says so and sends nothing."""

    class Crash(BaseException):
        pass

    async def dies(*_, **__):
        raise Crash

    headers, body = {"idempotency-key": "plc-1"}, {"number": MARIA, "message": TEXT}
    monkeypatch.setattr(twilio, "send", dies)
    with pytest.raises(Crash):
        await api.post(MESSAGES, json=body, headers=headers)
    monkeypatch.undo()

    again = await api.post(MESSAGES, json=body, headers=headers)

    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:end-unknown")
    assert twilio.sent == []


async def test_a_refused_request_gives_its_key_back(api, twilio, services, monkeypatch):
    """Not stored, or refused: the same request with the same key may be tried again."""
    headers, body = {"idempotency-key": "plc-1"}, {"number": MARIA, "message": TEXT}

    async def full(*_, **__):
        raise NotStored("not stored: the disk of the database is full; free some space")

    monkeypatch.setattr(twilio, "send", full)
    refused = await api.post(MESSAGES, json=body, headers=headers)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    monkeypatch.undo()

    assert (await api.post(MESSAGES, json=body, headers=headers)).json()["sent"] is True
    rows = await services.db.read(lambda c: c.execute(select(answered.c.status)).scalars().all())
    assert rows == [200]


async def test_a_call_to_a_user(api, twilio):
    """At the first phone, by the scripts' action `answer`; in a call already, it is refused."""
    answer = await api.post(CALLS, json={"user": "1"})

    assert answer.json() == {"call": "call-1", "placed": True, "sid": f"CA{1:032}", "error": None}
    assert twilio.called == [
        {"number": MARIA, "by": "hmi", "person": "maria", "action": "answer", "message": ""}
    ]
    again = await api.post(CALLS, json={"number": MARIA, "message": "The dam gate is stuck."})
    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:in-call")


async def test_a_gateway_without_a_part_says_so(services, app, api, monkeypatch):
    """503 names what this gateway runs without."""
    from dataclasses import replace

    import httpx2
    from starlette.applications import Starlette

    from tocsin.web.api import routes

    bare = Starlette(routes=routes(replace(services, runs=None)))
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(bare), base_url="http://plant", headers=api.headers
    ) as client:
        answer = await client.get("/api/v1/runs")
    assert (answer.status_code, answer.json()["detail"]) == (503, "this gateway runs without pipelines")
