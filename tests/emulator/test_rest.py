"""The REST API: fields, refusals, lists in pages, and who may ask."""

from __future__ import annotations

import httpx2
import pytest
from tests.emulator.conftest import ACCOUNT, TOKEN

from tocsin.emulator import Emulator

CALL = {"To": "+46701234567", "From": "+15005550006", "Url": "http://product/answer"}


async def test_a_created_call_is_queued_with_a_recognisably_fake_sid(rest: httpx2.AsyncClient) -> None:
    """201, status queued, and a SID that says it is none of Twilio's."""
    answer = await rest.post("/Calls.json", data=CALL)

    body = answer.json()
    assert (answer.status_code, body["status"], body["direction"]) == (201, "queued", "outbound-api")
    assert body["sid"].startswith("CAfa4efa4e")
    assert len(body["sid"]) == 34
    assert (await rest.get(f"/Calls/{body['sid']}.json")).json()["to"] == "+46701234567"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21201),
        ({"From": ""}, 21213),
        ({"To": "0701234567"}, 21211),
        ({"To": "+4670 123"}, 21211),
        ({"To": "+15005550006"}, 21211),
        ({"From": "abc"}, 21212),
        ({"Url": ""}, 21205),
        ({"Url": "ftp://product/x"}, 21205),
        ({"Url": "", "Twiml": "<Response>" + " " * 4000}, 32018),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"Timeout": "abc"}, 21208),
        ({"Method": "PATCH"}, 20001),
        ({"SendDigits": "1" * 33}, 21206),
        ({"To": "+15005550001"}, 21217),
        ({"To": "+15005550002"}, 21214),
        ({"To": "+15005550003"}, 21215),
        ({"To": "+15005550004"}, 21216),
        ({"From": "+15005550001"}, 21212),
    ],
)
async def test_a_wrong_call_is_refused_with_twilios_code(
    rest: httpx2.AsyncClient, emulator: Emulator, change: dict[str, str], code: int
) -> None:
    """Every refusal has the four fields the official libraries read, and places no call."""
    answer = await rest.post("/Calls.json", data=CALL | change)

    assert answer.status_code == 400
    body = answer.json()
    assert set(body) == {"code", "message", "more_info", "status"}
    assert (body["code"], body["status"]) == (code, 400)
    assert body["more_info"].endswith(str(code))
    assert emulator.calls == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"To": ""}, 21604),
        ({"From": ""}, 21603),
        ({"Body": ""}, 21602),
        ({"Body": "x" * 1601}, 21617),
        ({"To": "12"}, 21211),
        ({"From": "+"}, 21212),
        ({"StatusCallback": "nowhere"}, 21609),
        ({"To": "+15005550001"}, 21211),
        ({"To": "+15005550002"}, 21612),
        ({"To": "+15005550003"}, 21408),
        ({"To": "+15005550004"}, 21610),
        ({"To": "+15005550009"}, 21614),
        ({"From": "+15005550007"}, 21606),
        ({"From": "+15005550008"}, 21611),
    ],
)
async def test_a_wrong_message_is_refused_with_twilios_code(
    rest: httpx2.AsyncClient, change: dict[str, str], code: int
) -> None:
    """Validation and Twilio's magic numbers, as documented for test credentials."""
    data = {"To": "+46701234567", "From": "+15005550006", "Body": "Pump 2"} | change

    assert (await rest.post("/Messages.json", data=data)).json()["code"] == code


async def test_credentials_are_the_token_or_an_api_key(rest: httpx2.AsyncClient) -> None:
    """A missing header, a wrong token and another account's SID are 401 with code 20003."""
    key = "SK" + "1" * 32
    assert (await rest.get("/Calls.json", auth=(key, "secret"))).status_code == 200
    for auth in [(ACCOUNT, "wrong"), ("AC" + "0" * 32, TOKEN), (key, "")]:
        answer = await rest.get("/Calls.json", auth=auth)
        assert (answer.status_code, answer.json()["code"]) == (401, 20003)
    rest.auth = None
    assert (await rest.get("/Calls.json")).status_code == 401


async def test_registered_api_keys_are_the_only_ones(emulator: Emulator, rest: httpx2.AsyncClient) -> None:
    """Once a key is registered, others no longer open the account."""
    key = "SK" + "1" * 32
    emulator.world.accounts.api_keys[key] = "right"

    assert (await rest.get("/Calls.json", auth=(key, "right"))).status_code == 200
    assert (await rest.get("/Calls.json", auth=(key, "wrong"))).status_code == 401
    assert (await rest.get("/Calls.json", auth=("SK" + "2" * 32, "right"))).status_code == 401


async def test_lists_come_in_pages_newest_first(rest: httpx2.AsyncClient) -> None:
    """Following next_page_uri visits every call once; the links are relative and keep the filters."""
    sids = [(await rest.post("/Calls.json", data=CALL)).json()["sid"] for _ in range(5)]

    seen: list[str] = []
    url: str | None = "/Calls.json?To=%2B46701234567&PageSize=2"
    while url:
        page = (await rest.get(url.removeprefix(f"/2010-04-01/Accounts/{ACCOUNT}"))).json()
        seen += [call["sid"] for call in page["calls"]]
        url = page["next_page_uri"]
        assert url is None or url.startswith("/2010-04-01/")
    assert seen == sids[::-1]


async def test_calls_are_found_by_their_ends_status_and_times(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """To, From, Status and StartTime filters; a date means that day in UTC."""
    emulator.put_phone("+46701111111", {"answer": "busy"})
    await rest.post("/Calls.json", data=CALL | {"To": "+46701111111"})
    await emulator.run_calls()
    await emulator.advance(2 * 86_400)
    await rest.post("/Calls.json", data=CALL)
    await emulator.quiet()

    async def found(**fields: str) -> list[str]:
        return [call["to"] for call in (await rest.get("/Calls.json", params=fields)).json()["calls"]]

    assert await found(Status="busy") == ["+46701111111"]
    assert await found(To="+46701234567") == ["+46701234567"]
    assert await found(From="+46709999999") == []
    assert await found(StartTime="2026-01-01") == ["+46701111111"]
    assert await found(**{"StartTime>": "2026-01-02T00:00:00Z"}) == ["+46701234567"]
    assert await found(**{"StartTime<": "2026-01-01"}) == ["+46701111111"]
    assert (await rest.get("/Calls.json", params={"StartTime": "soon"})).json()["code"] == 20001


async def test_unknown_things_are_404_with_a_body(rest: httpx2.AsyncClient) -> None:
    """Code 20404 for an unknown SID, path, or method."""
    for path in ("/Calls/CA" + "0" * 32 + ".json", "/Nothing.json", "/Recordings/RE1.json"):
        answer = await rest.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, 20404)
    assert (await rest.put("/Calls.json")).json()["code"] == 20004


async def test_only_live_calls_can_be_changed_and_only_ended_ones_deleted(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """21220 on an ended call, 20009 on a live one; canceling works before the answer only."""
    sid = (await rest.post("/Calls.json", data=CALL)).json()["sid"]
    await emulator.advance(1)
    assert (await rest.delete(f"/Calls/{sid}.json")).json()["code"] == 20009
    assert (await rest.post(f"/Calls/{sid}.json", data={"Url": "http://product/x"})).json()["code"] == 21220
    assert (await rest.post(f"/Calls/{sid}.json", data={"Status": "canceled"})).status_code == 200
    await emulator.run_calls()
    assert (await rest.get(f"/Calls/{sid}.json")).json()["status"] == "canceled"
    assert (await rest.post(f"/Calls/{sid}.json", data={"Status": "completed"})).json()["code"] == 21220
    assert (await rest.delete(f"/Calls/{sid}.json")).status_code == 204
    assert (await rest.get(f"/Calls/{sid}.json")).status_code == 404


async def test_numbers_can_be_bought_set_up_and_given_back(rest: httpx2.AsyncClient) -> None:
    """An account has Twilio's test number from the start; voice_url is what a later call in uses."""
    numbers = (await rest.get("/IncomingPhoneNumbers.json")).json()["incoming_phone_numbers"]
    assert [number["phone_number"] for number in numbers] == ["+15005550006"]

    made = (await rest.post("/IncomingPhoneNumbers.json", data={"PhoneNumber": "+4646123456"})).json()
    changed = await rest.post(
        f"/IncomingPhoneNumbers/{made['sid']}.json",
        data={"VoiceUrl": "http://product/inbound", "VoiceMethod": "GET"},
    )
    assert (changed.json()["voice_url"], changed.json()["voice_method"]) == ("http://product/inbound", "GET")
    assert (await rest.delete(f"/IncomingPhoneNumbers/{made['sid']}.json")).status_code == 204
    assert (await rest.get("/IncomingPhoneNumbers.json", params={"PhoneNumber": "+4646"})).json()[
        "incoming_phone_numbers"
    ] == []


async def test_usage_begins_with_the_account(rest: httpx2.AsyncClient) -> None:
    """However long ago the days asked for are, there are no records from before, and none from the future."""
    for dates in ({"StartDate": "0001-01-01", "EndDate": "2000-01-01"}, {"StartDate": "2999-01-01"}):
        answer = await rest.get("/Usage/Records/Daily.json", params=dates)
        assert (answer.status_code, answer.json()["usage_records"]) == (200, [])


async def test_a_recording_is_begun_only_in_a_call_and_changed_only_while_it_runs(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """21220 for a call that rings or a recording that has ended, 20404 where nothing is recorded."""
    emulator.put_phone("+46701234567", {"answer": "auto"})
    twiml = {"Url": "", "Twiml": "<Response><Pause length='60'/></Response>"}
    sid = (await rest.post("/Calls.json", data=CALL | twiml)).json()["sid"]
    path = f"/Calls/{sid}/Recordings"
    assert (await rest.post(f"{path}.json")).json()["code"] == 21220
    await emulator.advance(10)
    stop = {"Status": "stopped"}
    assert (await rest.post(f"{path}/Twilio.CURRENT.json", data=stop)).json()["code"] == 20404
    made = (await rest.post(f"{path}.json")).json()
    assert (made["status"], made["duration"], made["source"]) == (
        "in-progress",
        None,
        "StartCallRecordingAPI",
    )
    assert (await rest.get(f"/Recordings/{made['sid']}.wav")).status_code == 404
    await emulator.advance(5)
    assert (await rest.post(f"{path}/{made['sid']}.json", data=stop)).json()["status"] == "stopped"
    await emulator.advance(2)
    done = (await rest.get(f"/Recordings/{made['sid']}.json")).json()
    assert (done["status"], done["duration"]) == ("completed", "5")
    sound = await rest.get(f"/Recordings/{made['sid']}.wav")
    assert (sound.headers["content-type"], len(sound.content)) == ("audio/x-wav", 44 + 5 * 16_000)
    assert (await rest.post(f"{path}/{made['sid']}.json", data=stop)).json()["code"] == 21220
    assert (await rest.post(f"{path}/{made['sid']}.json")).json()["code"] == 20001


async def test_usage_counts_billed_minutes_and_segments(rest: httpx2.AsyncClient, emulator: Emulator) -> None:
    """Every minute begun counts; a call nobody answered counts nothing."""
    emulator.put_phone("+46701234567", {"answer": "auto"})
    emulator.put_phone("+46701111111", {"answer": "busy"})
    for to in ("+46701234567", "+46701111111"):
        await rest.post(
            "/Calls.json",
            data={"To": to, "From": CALL["From"], "Twiml": '<Response><Pause length="61"/></Response>'},
        )
    await rest.post("/Messages.json", data={"To": "+46701234567", "From": CALL["From"], "Body": "å" * 161})
    await emulator.run_calls()

    records = (await rest.get("/Usage/Records.json")).json()["usage_records"]
    usage = {record["category"]: (record["count"], record["usage"]) for record in records}
    assert usage["calls-outbound"] == ("1", "2")
    assert usage["calls-inbound"] == ("0", "0")
    assert usage["sms-outbound"] == ("1", "2")
    today = (await rest.get("/Usage/Records/Today.json", params={"Category": "calls"})).json()[
        "usage_records"
    ]
    assert [(record["category"], record["count"]) for record in today] == [("calls", "1")]
    assert (await rest.get("/Balance.json")).json()["currency"] == "USD"


async def test_credentials_outside_ascii_are_wrong_credentials(emulator: Emulator) -> None:
    """401 and 20003, as for any others."""
    transport = httpx2.ASGITransport(emulator.app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://twilio") as client:
        given = [(b"Authorization", "Basic é".encode("latin-1"))]
        answer = await client.get(f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", headers=given)

    assert (answer.status_code, answer.json()["code"]) == (401, 20003)
