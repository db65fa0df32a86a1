"""Faults of the service: what a product meets when Twilio itself has a bad day."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from tests.emulator.conftest import ACCOUNT, TOKEN
from tests.emulator.honest_product import HonestProduct

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.faults import KINDS, BadFault, parse
from tocsin.emulator.serve import served

CALL = {"To": "+46701234567", "From": "+15005550006", "Url": "http://product/answer"}


@pytest.mark.parametrize(("fault", "code"), [("429", 20429), ("503", 20503), ("500", 20500)])
async def test_a_refusal_places_nothing_and_is_used_up(
    rest: httpx2.AsyncClient, emulator: Emulator, fault: str, code: int
) -> None:
    """Twilio's body for it, the next request works again."""
    emulator.faults.put([{"match": "Calls.json", "fault": fault}])
    assert (await rest.post("/Calls.json", data=CALL)).json()["code"] == code
    assert emulator.calls == []
    assert (await rest.post("/Calls.json", data=CALL)).status_code == 201


async def test_the_dangerous_500_comes_after_the_call_was_placed(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """The product hears of an error, the phone rings all the same."""
    emulator.faults.put([{"fault": "500 after placing", "times": 1}])
    assert (await rest.post("/Calls.json", data=CALL)).status_code == 500
    assert len(emulator.calls) == 1


async def test_connections_break_before_and_after() -> None:
    """`reset` cuts the socket without a byte; only the one `after` placed a call. `hang` outlasts the client."""
    auth = (ACCOUNT, TOKEN)
    async with (
        served(emulator := Emulator(clock=VirtualClock(), seed=1), port=0) as url,
        httpx2.AsyncClient(
            base_url=f"{url}/2010-04-01/Accounts/{ACCOUNT}", auth=auth, trust_env=False
        ) as client,
    ):
        emulator.faults.put([{"fault": "connection reset before"}, {"fault": "connection reset after"}])
        for placed in (0, 1):
            with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
                await client.post("/Calls.json", data=CALL)
            assert len(emulator.calls) == placed

        emulator.faults.put([{"fault": "hang 1"}, {"fault": "hang after 1"}])
        for placed in (1, 2):
            with pytest.raises(httpx2.ReadTimeout):
                await client.post("/Calls.json", data=CALL, timeout=0.1)
            assert len(emulator.calls) == placed

        emulator.faults.put([{"fault": "truncated response"}])
        answer = await client.post("/Calls.json", data=CALL)
        with pytest.raises(ValueError):
            answer.json()


async def test_lists_can_lag_behind(rest: httpx2.AsyncClient, emulator: Emulator) -> None:
    """`list lags n s` hides the newest calls and messages, while a fetch by SID finds them."""
    emulator.faults.put([{"fault": "list lags 10 s"}])
    sid = (await rest.post("/Calls.json", data=CALL)).json()["sid"]
    await rest.post("/Messages.json", data=CALL | {"Body": "x"})

    assert (await rest.get("/Calls.json")).json()["calls"] == []
    assert (await rest.get("/Messages.json")).json()["messages"] == []
    assert (await rest.get(f"/Calls/{sid}.json")).status_code == 200
    await emulator.advance(11)
    assert len((await rest.get("/Calls.json")).json()["calls"]) == 1


@pytest.mark.parametrize(
    ("fault", "status"),
    [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed"), ("machine", "completed")],
)
async def test_a_fault_by_number_decides_one_call(
    emulator: Emulator, rest: httpx2.AsyncClient, fault: str, status: str
) -> None:
    """The persona of the phone counts again for the next call."""
    emulator.put_phone(CALL["To"], {"answer": "auto"})
    emulator.faults.put([{"match": CALL["To"], "fault": fault}])
    call = CALL | {"Url": "", "Twiml": "<Response/>", "MachineDetection": "Enable"}
    for _ in range(2):
        await rest.post("/Calls.json", data=call)
        await emulator.run_calls()

    assert [made.status for made in emulator.calls] == [status, "completed"]
    assert emulator.calls[0].answered_by == ("machine_start" if fault == "machine" else "")
    assert emulator.calls[1].answered_by == "human"


async def test_calls_per_second_queue_the_surplus() -> None:
    """Three calls at once on one call per second: the last leaves the queue after two seconds, queue_time says so."""
    async with Emulator(clock=VirtualClock(), calls_per_second=1, auth_token=TOKEN) as emulator:
        transport = httpx2.ASGITransport(emulator.app)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://twilio", auth=(ACCOUNT, TOKEN)
        ) as client:
            path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json"
            for _ in range(3):
                await client.post(path, data=CALL | {"Url": "", "Twiml": "<Response/>"})
            await emulator.advance(1.6)
            calls = (await client.get(path)).json()["calls"]
    assert [call["status"] for call in calls] == ["queued", "ringing", "busy"] or [
        call["status"] for call in calls
    ] == ["queued", "queued", "ringing"]
    assert [call["queue_time"] for call in calls] == ["2000", "1000", "0"]


def test_faults_are_named_in_plain_words() -> None:
    """Word order, hyphens and case do not matter; figures are seconds or codes."""
    assert parse({"fault": "Lost callback"}).kind == parse({"fault": "callback-lost"}).kind == "callback-lost"
    assert parse({"fault": "late callback 45 s"}).value == 45
    assert parse({"fault": "list lags 7 s"}).left is None
    assert [parse({"fault": words}).kind for words in ("hang 500", "hang 503 s", "hang after 500")] == [
        "hang", "hang", "hang-after",
    ]  # fmt: skip
    assert parse({"fault": "busy", "times": None}).left is None
    assert {"busy", "429", "500-after", "reset-before", "wrong-signature"} <= KINDS


@pytest.mark.parametrize(
    "given",
    [
        {"fault": "gremlins"}, {"match": "x"}, "busy", {"fault": "busy", "times": 0}, {"fault": "busy", "often": 2},
        {"fault": "busy", "match": 7}, {"fault": "busy", "value": "much"},
        {"fault": "callback lost", "match": {"evnt": "completed"}}, {"fault": "busy", "match": {"event": "completed"}},
        {"fault": "list lags", "match": {"sid": "CA1"}},
    ],
)  # fmt: skip
def test_a_fault_nobody_understands_is_refused_in_one_sentence(given: object) -> None:
    """And nothing of the list comes into force."""
    with pytest.raises(BadFault) as refusal:
        parse(given)
    assert "\n" not in str(refusal.value)


async def test_a_match_by_parts_needs_every_part(emulator: Emulator, rest: httpx2.AsyncClient) -> None:
    """Method and path together."""
    emulator.faults.put([{"match": {"method": "POST", "path": "Calls"}, "fault": "503", "times": None}])
    statuses = [
        (await rest.get("/Calls.json")).status_code,
        (await rest.post("/Messages.json", data=CALL | {"Body": "x"})).status_code,
        (await rest.post("/Calls.json", data=CALL)).status_code,
        (await rest.post("/Calls.json", data=CALL)).status_code,
    ]
    assert statuses == [200, 201, 503, 503]


async def test_time_goes_on_while_a_request_hangs(emulator: Emulator, rest: httpx2.AsyncClient) -> None:
    """A hung request is the client's problem, not the clock's: an hour passes at once beside it."""
    emulator.faults.put([{"fault": "hang 30"}])
    request = asyncio.create_task(rest.post("/Calls.json", data=CALL))
    await asyncio.sleep(0)
    before = emulator.clock.now()
    async with asyncio.timeout(10):
        await emulator.advance(3600)

    assert emulator.clock.now() - before == 3600
    assert not request.done()
    request.cancel()


async def test_a_list_can_lag_for_one_number_only(rest: httpx2.AsyncClient, emulator: Emulator) -> None:
    """The number that is asked for decides."""
    emulator.faults.put([{"match": CALL["To"], "fault": "list lags 60 s"}])
    await rest.post("/Calls.json", data=CALL)
    await rest.post("/Calls.json", data=CALL | {"To": "+46702222222"})

    async def listed(number: str) -> int:
        return len((await rest.get("/Calls.json", params={"To": number})).json()["calls"])

    assert (await listed(CALL["To"]), await listed("+46702222222")) == (0, 1)


async def test_faults_can_be_put_back_as_they_were_shown(emulator: Emulator) -> None:
    """Figure and times left included."""
    emulator.faults.put(
        [{"fault": "callback late 45 s", "times": 3}, {"fault": "list lags 7 s"}, {"fault": "busy"}]
    )
    shown = emulator.faults.listing()
    emulator.faults.put(shown)
    assert emulator.faults.listing() == shown


async def test_callbacks_held_back_all_arrive(
    rest: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct
) -> None:
    """However many are out of order, and whatever becomes of the last one."""
    emulator.put_phone(CALL["To"], {"answer": "auto"})
    emulator.faults.put(
        [{"fault": "callback out of order", "times": 2}, {"match": "completed", "fault": "callback lost"}]
    )
    told = {"StatusCallback": "http://product/status", "Url": "", "Twiml": "<Response/>"}
    events = {"StatusCallbackEvent": ["initiated", "ringing", "answered", "completed"]}
    await rest.post("/Calls.json", data=CALL | told | events)
    await emulator.run_calls()

    assert [params["SequenceNumber"] for params in product.told("status")] == ["2", "0", "1"]


async def test_a_phone_answered_by_hand_is_a_person_to_machine_detection(
    rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """Also where it would have rung out by itself."""
    emulator.put_phone(CALL["To"], {"answer": "no-answer"})
    await rest.post(
        "/Calls.json", data=CALL | {"Url": "", "Twiml": "<Response/>", "MachineDetection": "Enable"}
    )
    await emulator.advance(2)
    emulator.phone(CALL["To"]).answer()
    await emulator.run_calls()

    assert (emulator.calls[0].status, emulator.calls[0].answered_by) == ("completed", "human")


@pytest.mark.parametrize(
    ("path", "fault"), [("callback", "callback lost"), ("/status", "callback lost"), ("calls.json", "busy")]
)
async def test_what_has_no_path_of_its_own_is_found_where_it_is_listed(
    rest: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct, path: str, fault: str
) -> None:
    """A call in its list, a callback at its URL or by its name."""
    emulator.put_phone(CALL["To"], {"answer": "auto"})
    emulator.faults.put([{"match": {"path": path}, "fault": fault}])
    told = {"StatusCallback": "http://product/status", "Url": "", "Twiml": "<Response/>"}
    await rest.post("/Calls.json", data=CALL | told)
    await emulator.run_calls()

    assert emulator.faults.listing() == []
    assert [params["CallStatus"] for params in product.told("status")] == (
        ["busy"] if fault == "busy" else []
    )
