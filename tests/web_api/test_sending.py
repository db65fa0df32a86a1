"""A plant's programs send texts and have people called."""

import asyncio

import pytest
from sqlalchemy import select
from tests.web_api.conftest import JON, MARIA

from tocsin.calls.services import NoTurn
from tocsin.calls.tables import messages
from tocsin.db import NotStored
from tocsin.journal import entries
from tocsin.telephony.attempt import Attempt
from tocsin.web.tables import answered

TEXT = "Pump 2 runs dry, please look."
MESSAGES, CALLS = "/api/v1/messages", "/api/v1/calls"


async def rows(services, table):
    """Give the rows of a table."""
    return await services.db.read(lambda c: [dict(row) for row in c.execute(select(table)).mappings()])


async def journal(services, kind):
    """Give (kind, person) of entries."""
    found = await services.db.read(lambda c: entries(c, kind=kind))
    assert not any(number in f"{entry.data}" for entry in found for number in (MARIA, JON))
    return [(entry.kind, entry.person) for entry in found]


async def test_a_text_to_a_number(api, twilio, services):
    """`sent` is true once Twilio has named it; it is on record with whose number it is and who asked."""
    answer = await api.post(MESSAGES, json={"number": MARIA, "message": TEXT})

    assert answer.status_code == 200
    assert answer.json() == {"sent": True, "sid": f"SM{1:032}", "error": None, "results": None}
    assert twilio.sent == [(MARIA, TEXT)]
    (row,) = await rows(services, messages)
    assert (row["state"], row["sid"], row["person"], row["profile"]) == (
        "sent",
        f"SM{1:032}",
        "maria",
        "text",
    )
    assert await journal(services, "message.*") == [("message.requested", "hmi"), ("message.sent", "hmi")]


async def test_a_text_is_sent_as_it_can_be_kept(api, twilio, services):
    """What a text cannot hold on either database goes neither onto record nor to Twilio; lines stay."""
    answer = await api.post(MESSAGES, json={"number": MARIA, "message": "Pump 2\x00\nruns dry"})

    assert answer.json()["sent"] is True
    (row,) = await rows(services, messages)
    assert twilio.sent == [(MARIA, row["body"])] == [(MARIA, "Pump 2\nruns dry")]


async def test_a_text_to_a_roster_reaches_who_is_on_call(api, twilio, services, clock):
    """One result per person on call now who can be texted; numbers are masked."""
    answer = await api.post(MESSAGES, json={"roster": "operations", "message": TEXT, "by": "jon"})

    sids = [f"SM{1 + twilio.sent.index((number, TEXT)):032}" for number in (MARIA, JON)]  # sent side by side
    assert answer.json() == {
        "sent": True, "sid": None, "error": None,
        "results": [
            {"person": "maria", "number": "+4670…67", "sent": True, "sid": sids[0], "error": None},
            {"person": "jon", "number": "+4670…21", "sent": True, "sid": sids[1], "error": None},
        ],
    }  # fmt: skip
    assert len(twilio.sent) == 2
    assert [person for _, person in await journal(services, "message.requested")] == ["jon", "jon"]


async def test_what_twilio_did_not_take_was_not_sent(api, twilio):
    """A refusal and an unknown end are both `sent: false`, each with its sentence."""
    twilio.next = [Attempt("refused", why="21610: unsubscribed"), Attempt("unknown", why="timeout")]

    answer = (await api.post(MESSAGES, json={"roster": "operations", "message": TEXT})).json()

    assert (answer["sent"], answer["error"]) == (False, "not sent to maria, jon")
    assert {one["error"] for one in answer["results"]} == {  # side by side: whose is which is chance
        "21610: unsubscribed",
        "nobody knows whether Twilio took it, and it is not sent again: timeout",
    }


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
        (MESSAGES, {"message": TEXT, "number": "0701234567"}, 422, "write it like +46701234567"),
        (MESSAGES, {"message": " ", "number": MARIA}, 422, "$.message"),
        (MESSAGES, {"message": "x" * 1601, "number": MARIA}, 422, "<= 1600"),
        (MESSAGES, {"message": TEXT, "roster": "night"}, 404, "configured are: operations, maintenance, office"),
        (MESSAGES, {"message": TEXT, "roster": "office"}, 409, "nobody on call now has a contact of type sms"),
        (MESSAGES, {"message": TEXT, "number": MARIA, "by": "nobody"}, 404, "no user 'nobody'"),
        (CALLS, {"number": "+0701234567"}, 422, "'+0701234567' is not an E.164 number"),
        (CALLS, {}, 422, "either a user or a number"),
        (CALLS, {"user": "maria", "message": "a", "action": "answer"}, 422, "not both"),
        (CALLS, {"user": "maria", "action": "no/way"}, 422, "$.action"),
        (CALLS, {"user": "maria", "action": "status"}, 422, "no script is reached by the action 'status'"),
        (CALLS, {"user": "maria", "action": "amd"}, 422, "choose another name"),
        (CALLS, {"user": "maria", "action": "fallback"}, 422, "choose another name"),
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
    assert answer.json()["detail"] == "nobody is on call now: roster maintenance is off by its schedule days"


async def test_the_same_key_sends_once(api, twilio):
    """However often it comes, also at once, also after the answer: one text, one answer."""
    headers, body = {"idempotency-key": "plc-1"}, {"number": MARIA, "message": TEXT}
    answers = await asyncio.gather(*(api.post(MESSAGES, json=body, headers=headers) for _ in range(5)))
    answers.append(await api.post(MESSAGES, json=body, headers=headers))

    assert {answer.text for answer in answers} == {answers[0].text}
    assert len(twilio.sent) == 1
    other = await api.post(MESSAGES, json={**body, "message": "else"}, headers=headers)
    assert (other.status_code, other.json()["type"]) == (409, "urn:tocsin:problem:key-reused")


async def test_a_repeat_after_the_shift_gets_the_answer_of_the_first(api, twilio, clock):
    """Whose answer was lost must not learn that nobody is on call, and text somebody else."""

    async def on():
        return (await api.get("/api/v1/oncall")).json()["rosters"][1]["on"]

    headers, body = {"idempotency-key": "plc-3"}, {"roster": "maintenance", "message": TEXT}
    while not await on():
        await clock.advance(3600)
    first = await api.post(MESSAGES, json=body, headers=headers)
    while await on():
        await clock.advance(3600)
    again = await api.post(MESSAGES, json=body, headers=headers)

    assert (first.status_code, again.text) == (200, first.text)
    assert again.headers["idempotency-replayed"] == "true"
    assert twilio.sent == [(JON, TEXT)]


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
    assert [row["status"] for row in await rows(services, answered)] == [200]


async def test_a_key_is_given_back_although_that_cannot_be_written(api, twilio, services, monkeypatch):
    """The disk is full from just after the key was claimed: the repeat that was asked for is not refused."""
    headers, body = {"idempotency-key": "plc-1"}, {"number": MARIA, "message": TEXT}
    write = services.db.write

    async def full(work):
        if await rows(services, answered):
            raise NotStored("not stored: the disk of the database is full; free some space")
        return await write(work)

    monkeypatch.setattr(services.db, "write", full)
    refused = await api.post(MESSAGES, json=body, headers=headers)
    assert (refused.status_code, refused.headers["retry-after"], twilio.sent) == (503, "5", [])
    monkeypatch.undo()

    answers = [await api.post(MESSAGES, json=body, headers=headers) for _ in range(2)]
    assert [one.json()["sent"] for one in answers] == [True, True]
    assert twilio.sent == [(MARIA, TEXT)]


async def test_what_cannot_be_written_down_is_not_sent(api, twilio, services, monkeypatch):
    """The intent is on disk before Twilio hears of it, or it never does."""

    async def full(_):
        raise NotStored("not stored: the disk of the database is full; free some space")

    monkeypatch.setattr(services.db, "write", full)
    for path, body in ((MESSAGES, {"number": MARIA, "message": TEXT}), (CALLS, {"user": "maria"})):
        answer = await api.post(path, json=body)
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert (twilio.sent, twilio.called) == ([], [])


async def test_a_call_to_a_user(api, twilio, services):
    """At the first phone, answered by the scripts; it can be traced; the phone is not rung twice at once."""
    answer = await api.post(CALLS, json={"user": "1"})

    call = answer.json()["call"]
    assert answer.json() == {"call": call, "placed": True, "sid": f"CA{1:032}", "error": None}
    ((number, request),) = twilio.called
    assert (number, "twiml" in request) == (MARIA, False)
    assert request["url"].endswith(f"/main/system/twilio-voice/answer/{call}#rc=2&rp=all")
    assert await journal(services, "call.*") == [("call.requested", "hmi")]
    trace = (await api.get(f"{CALLS}/{call}")).json()
    assert (trace["call"]["number"], trace["call"]["person"], trace["turns"]) == ("+4670…67", "maria", [])

    again = await api.post(CALLS, json={"number": MARIA, "message": "The dam gate is stuck."})
    assert (again.status_code, again.json()["type"]) == (409, "urn:tocsin:problem:in-call")
    assert again.json()["detail"] == f"+4670…67 is in a call already: {call}"


async def test_a_spoken_message_needs_no_script(api, twilio):
    """It goes along with the request, said twice in the callee's language, whatever characters it has."""
    await api.post(CALLS, json={"number": JON, "message": "Tank 3 < 10 % & falling."})

    ((_, request),) = twilio.called
    said = '<Say language="en-US" voice="Polly.Joanna-Neural">Tank 3 &lt; 10 % &amp; falling.</Say>'
    assert request["twiml"].count(said) == 2
    assert {"url", "fallback_url", "machine_detection"} & request.keys() == set()
    assert request["status_callback"].startswith("http://127.0.0.1:8088/main/system/twilio-voice/status/")


async def test_a_call_that_twilio_refuses_is_on_record(api, twilio):
    """`placed: false` with Twilio's words, and the call is listed as failed."""
    twilio.next = [Attempt("refused", why="21211: not a valid number"), Attempt("unknown", why="timeout")]

    answers = [(await api.post(CALLS, json={"number": to})).json() for to in (MARIA, "+12223334444")]

    assert [(one["placed"], one["sid"], one["error"]) for one in answers] == [
        (False, None, "21211: not a valid number"),
        (False, None, "timeout"),
    ]
    listed = (await api.get(f"{CALLS}?state=ended")).json()["calls"]
    assert [(one["id"], one["outcome"]) for one in listed] == [(answers[0]["call"], "failed-provider")]
    live = (await api.get(f"{CALLS}?state=live")).json()["calls"]
    assert [one["id"] for one in live] == [answers[1]["call"]]  # its phone may ring


async def test_calls_are_listed_newest_first_in_pages(api, clock):
    """`next` leads through everything once; by user, by direction."""
    placed = []
    for number in (MARIA, "+12223334441", "+12223334442"):
        placed.append((await api.post(CALLS, json={"number": number})).json()["call"])
        await clock.advance(1)
    first = (await api.get(f"{CALLS}?limit=2")).json()
    rest = (await api.get(f"{CALLS}?limit=2&before={first['next']}")).json()

    assert [one["id"] for one in first["calls"] + rest["calls"]] == placed[::-1]
    assert rest["next"] is None
    assert [one["id"] for one in (await api.get(f"{CALLS}?user=1")).json()["calls"]] == placed[:1]
    assert (await api.get(f"{CALLS}?direction=inbound")).json()["calls"] == []
    for query in ("state=lost", "limit=0", "before=x", "direction=up"):
        assert (await api.get(f"{CALLS}?{query}")).status_code == 422
    assert (await api.get(f"{CALLS}?user=nobody")).status_code == 404


async def test_what_has_no_turn_at_its_account_is_not_asked_for(api, twilio, services, surroundings):
    """A text says so in its answer; a call is refused for now. Both may be asked for again with their key."""

    class Busy:
        async def taken(self, channel, account, number, intend_in, *, patience_s):
            raise NoTurn(f"the {channel} had no turn within {patience_s:g} s")

    surroundings.turns = Busy()
    text = await api.post(MESSAGES, json={"number": MARIA, "message": TEXT})
    call = await api.post(CALLS, json={"user": "maria"}, headers={"idempotency-key": "plc-2"})

    assert (text.status_code, text.json()["error"]) == (200, "the sms had no turn within 60 s")
    assert (call.status_code, call.json()["type"]) == (503, "urn:tocsin:problem:no-turn")
    assert (twilio.sent, twilio.called) == ([], [])
    assert await journal(services, "message.*") == [("message.given-up", "hmi")]

    surroundings.turns = None
    again = await api.post(CALLS, json={"user": "maria"}, headers={"idempotency-key": "plc-2"})
    assert again.json()["placed"] is True
