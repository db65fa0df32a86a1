"""The control API: phones, faults, time and everything to read, and plain words for what is wrong."""

from __future__ import annotations

import asyncio
import json
import sys

import httpx2
import pytest
from tests.emulator.conftest import ACCOUNT, TOKEN
from tests.emulator.honest_product import HonestProduct

from tocsin.clock import ScaledClock, SystemClock, VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.records import CallOptions
from tocsin.emulator.serve import read_clock, served

PHONE, NUMBER = "+46701234567", "+15005550006"
CALL = {
    "To": PHONE,
    "From": NUMBER,
    "Url": "http://product/answer",
    "StatusCallback": "http://product/status",
}


async def test_a_manual_phone_is_answered_and_used_by_hand(
    control: httpx2.AsyncClient, rest: httpx2.AsyncClient, emulator: Emulator, product: HonestProduct
) -> None:
    """Ring, answer, keypad, hang up: state and transcript tell each of it."""
    assert (await control.get(f"/phones/{PHONE}")).json() == {
        "state": "idle",
        "failures": [],
        "transcript": [],
    }
    await rest.post("/Calls.json", data=CALL)
    await control.post("/clock/advance", json={"seconds": 1})
    assert (await control.get(f"/phones/{PHONE}")).json()["state"] == "ringing"
    assert (await control.post(f"/phones/{PHONE}/answer")).status_code == 200
    await emulator.quiet()
    shown = (await control.get(f"/phones/{PHONE}")).json()
    assert (shown["state"], shown["transcript"][-1]["text"]) == ("in-call", "Pump 2 high level.")
    await control.post(f"/phones/{PHONE}/press", json={"digits": "4711#"})
    await emulator.quiet()
    await control.post(f"/phones/{PHONE}/hangup")
    await emulator.quiet()

    shown = (await control.get(f"/phones/{PHONE}")).json()
    kinds = [entry["kind"] for entry in shown["transcript"]]
    assert kinds == ["ring", "answer", "hear", "press", "hear", "hangup"]
    assert all(set(entry) == {"at", "kind", "text"} for entry in shown["transcript"])
    assert (shown["state"], product.acknowledged) == ("idle", True)


async def test_what_cannot_be_done_now_is_409(control: httpx2.AsyncClient) -> None:
    """Answering an idle phone, pressing outside a call, calling a number nobody owns."""
    for action, body in [("answer", {}), ("press", {"digits": "1"}), ("say", {"text": "x"}), ("hangup", {})]:
        answer = await control.post(f"/phones/{PHONE}/{action}", json=body)
        assert answer.status_code == 409
        assert PHONE in answer.json()["error"]
    assert (await control.post(f"/phones/{PHONE}/dial", json={"to": "+4646"})).status_code == 409


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", f"/phones/{PHONE}", {"answer": "perhaps"}),
        ("PUT", f"/phones/{PHONE}", {"steps": [{"shout": "x"}]}),
        ("PUT", f"/phones/{PHONE}", {"steps": [{"press": "47a1"}]}),
        ("PUT", f"/phones/{PHONE}", {"steps": "hear"}),
        ("PUT", f"/phones/{PHONE}", {"after": -1}),
        ("PUT", f"/phones/{PHONE}", {"colour": "red"}),
        ("PUT", f"/phones/{PHONE}", {"chances": {"busy": 2}}),
        ("PUT", f"/phones/{PHONE}", []),
        ("PUT", "/phones/0701234567", {"answer": "auto"}),
        ("POST", f"/phones/{PHONE}/press", {}),
        ("POST", f"/phones/{PHONE}/dance", {}),
        ("PUT", "/faults", [{"fault": "gremlins"}]),
        ("PUT", "/limits", {"calls_per_second": 0}),
        ("PUT", "/limits", {"message_queue": 1.5}),
        ("PUT", "/limits", {"speed": 1}),
        ("PUT", "/limits", []),
        ("POST", "/clock/autojump", {"on": "yes"}),
        ("POST", "/replay", {"run": {}}),
        ("POST", "/replay", {"run": {"format": "another"}, "base": "http://127.0.0.1:9"}),
        ("POST", "/replay", {"run": {"format": "tocsin-emulator-run/1"}, "base": "http://127.0.0.1:9"}),
        ("GET", "/test?name=x;y", None),
        ("PUT", "/faults", {"fault": "busy"}),
        ("POST", "/clock/advance", {"seconds": "many"}),
        ("POST", "/clock/advance", {"seconds": -1}),
    ],
)
async def test_what_nobody_understands_is_400_in_one_sentence(
    control: httpx2.AsyncClient, method: str, path: str, body: object
) -> None:
    """Never a traceback, and the sentence names what is wrong."""
    answer = await control.request(method, path, json=body)

    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert len(answer.json()["error"]) > 10


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b"\xff", b'{"greeting": "a\\ud800"}'])
async def test_a_body_that_is_no_json_is_400(control: httpx2.AsyncClient, body: bytes) -> None:
    """As for any other wrong body: nested without end, not UTF-8, half a character."""
    answer = await control.put(f"/phones/{PHONE}", content=body)

    assert (answer.status_code, list(answer.json())) == (400, ["error"])
    assert (await control.get("/phones")).status_code == 200


async def test_every_webhook_can_be_read(control: httpx2.AsyncClient, rest: httpx2.AsyncClient) -> None:
    """URL, parameters, signature, status and milliseconds, and a choice by SID and kind."""
    await control.put(f"/phones/{PHONE}", json={"answer": "busy"})
    sid = (await rest.post("/Calls.json", data=CALL)).json()["sid"]
    await control.post("/clock/advance", json={"seconds": 5})

    hooks = (await control.get("/webhooks", params={"sid": sid})).json()
    assert [hook["params"]["CallStatus"] for hook in hooks] == ["busy"]
    assert {"url", "params", "signature", "status", "ms"} <= set(hooks[0])
    assert (await control.get("/webhooks", params={"kind": "voice"})).json() == []


async def test_events_are_streamed_as_they_happen() -> None:
    """Server-sent events over a real socket, from the ringing to the hang-up."""
    async with (
        served(emulator := Emulator(clock=VirtualClock(), auth_token=TOKEN), port=0) as url,
        httpx2.AsyncClient(base_url=url, trust_env=False, timeout=5) as client,
        client.stream("GET", "/events") as stream,
    ):
        lines = stream.aiter_lines()
        assert (await anext(lines)).startswith(":")
        emulator.put_phone(PHONE, {"answer": "busy"})
        data = CALL | {"Url": "", "Twiml": "<Response/>", "StatusCallback": ""}
        await client.post(f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", data=data, auth=(ACCOUNT, TOKEN))
        await client.post("/clock/advance", json={"seconds": 5})
        seen: list[str] = []
        while "busy" not in seen:
            line = await anext(lines)
            if line.startswith("data: "):
                seen.append(json.loads(line[6:])["status"])
    assert seen == ["initiated", "busy"]


async def test_a_run_is_exported_and_a_conversation_written_as_a_test(
    control: httpx2.AsyncClient, rest: httpx2.AsyncClient
) -> None:
    """Both are plain data and valid Python."""
    await control.put(f"/phones/{PHONE}", json={"steps": [{"hear": "PIN"}, {"press": "4711#"}]})
    await rest.post("/Calls.json", data=CALL)
    await control.post("/clock/advance", json={"seconds": 60})

    run = (await control.get("/export")).json()
    assert run["format"] == "tocsin-emulator-run/1"
    assert [call["status"] for call in run["calls"]] == ["completed"]
    assert TOKEN not in json.dumps(run)
    for path in (f"/phones/{PHONE}/test", "/test"):
        source = (await control.get(path, params={"alarm": ["Plant/Pump 2=93.5", "Plant/Pump 3"]})).text
        compile(source, "exported", "exec")
        assert ".presses('4711#')" in source
        assert "    plant.raises('Plant/Pump 2', value=93.5)\n    plant.raises('Plant/Pump 3')\n" in source


async def test_an_exported_run_is_put_to_the_product_again(
    control: httpx2.AsyncClient, rest: httpx2.AsyncClient, product: HonestProduct
) -> None:
    """`POST /replay` signs the recorded webhooks anew and tells which answers differ."""
    product.documents = {"answer": "<Response><Say>One</Say></Response>"}
    await control.put(f"/phones/{PHONE}", json={"answer": "auto"})
    await rest.post("/Calls.json", data=CALL)
    await control.post("/clock/advance", json={"seconds": 60})
    run = (await control.get("/export")).json()

    assert (await control.post("/replay", json={"run": run, "base": "http://product"})).json() == []
    product.documents = {"answer": "<Response><Say>Two</Say></Response>"}
    (found,) = (await control.post("/replay", json={"run": run, "base": "http://other:99"})).json()
    assert (found["url"], found["before"], found["now"]) == (
        "http://other:99/answer",
        "<Response><Say>One</Say></Response>",
        "<Response><Say>Two</Say></Response>",
    )


async def test_virtual_time_can_be_told_to_jump_by_itself(
    control: httpx2.AsyncClient, rest: httpx2.AsyncClient
) -> None:
    """Nobody advances it, and the call ends all the same; told to stop, it stands still again."""
    assert (await control.get("/clock")).json()["autojump"] is False
    assert (await control.post("/clock/autojump", json={"on": True})).json()["autojump"] is True
    await control.put(f"/phones/{PHONE}", json={"steps": [{"hear": "PIN"}, {"press": "4711#"}]})
    await rest.post("/Calls.json", data=CALL)
    async with asyncio.timeout(5):
        while (await control.get("/clock")).json()["live_calls"]:
            await asyncio.sleep(0.005)
    await control.post("/clock/autojump", json={"on": False})
    await rest.post("/Calls.json", data=CALL)
    await asyncio.sleep(0.05)
    assert (await control.get("/clock")).json()["live_calls"] == 1


async def test_a_clock_that_moves_by_itself_cannot_be_moved() -> None:
    """409 with the remedy."""
    async with Emulator(clock=SystemClock()) as emulator:
        transport = httpx2.ASGITransport(emulator.app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://twilio") as client:
            answer = await client.post("/clock/advance", json={"seconds": 1})
    assert answer.status_code == 409
    assert "--clock virtual" in answer.json()["error"]


async def test_a_manual_phone_stops_the_automatic_jump() -> None:
    """While a person could answer, time waits for the person; then it runs to the end of the call."""
    async with Emulator(clock=VirtualClock(), autojump=True, settle_s=0.0) as emulator:
        queue = emulator.events.subscribe()

        async def until(status: str) -> None:
            while (await asyncio.wait_for(queue.get(), 5)).get("status") != status:
                pass

        options = CallOptions(twiml="<Response><Pause length='5'/></Response>")
        emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, options)
        await until("ringing")
        before = emulator.clock.now()
        await asyncio.sleep(0.05)
        assert emulator.clock.now() == before
        emulator.phone(PHONE).answer()
        await until("in-progress")
        emulator.phone(PHONE).hangup()
        await until("completed")


@pytest.mark.parametrize(
    "text", ["", "sundial", "scaled:", "scaled:0", "scaled:x", "scaled:nan", "scaled:inf", "real:2"]
)
def test_a_clock_nobody_knows_is_refused(text: str) -> None:
    """With the three that there are."""
    with pytest.raises(ValueError, match="scaled"):
        read_clock(text)


async def test_the_emulator_runs_as_a_program_until_it_is_told_to_stop() -> None:
    """It says its address when the port is open, works, and ends cleanly on SIGTERM."""
    code = "from tocsin.emulator.serve import run; run(port=0, say=lambda url: print(url, flush=True))"
    program = await asyncio.create_subprocess_exec(sys.executable, "-c", code, stdout=asyncio.subprocess.PIPE)
    assert program.stdout is not None
    url = (await asyncio.wait_for(program.stdout.readline(), 20)).decode().strip()
    async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
        assert (await client.get("/clock")).json()["live_calls"] == 0
        answer = await client.post(
            f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json", data=CALL, auth=(ACCOUNT, TOKEN)
        )
        assert answer.status_code == 201
    program.terminate()
    assert await asyncio.wait_for(program.wait(), 10) == 0


async def test_scaled_time_passes_by_itself() -> None:
    """A ten-second call on a clock a thousand times as fast, without anybody moving it."""
    async with Emulator(clock=ScaledClock(0.001)) as emulator:
        queue = emulator.events.subscribe()
        emulator.put_phone(PHONE, {"answer": "auto"})
        options = CallOptions(twiml="<Response><Pause length='10'/></Response>")
        call = emulator.exchange.place(emulator.account(ACCOUNT), PHONE, NUMBER, options)
        while (await asyncio.wait_for(queue.get(), 5)).get("status") != "completed":
            pass
    assert call.duration is not None
    assert call.duration >= 10


async def test_a_test_of_any_address_is_python(
    control: httpx2.AsyncClient, rest: httpx2.AsyncClient, emulator: Emulator
) -> None:
    """Its name is made of what a name may have, also where a softphone was dialled."""
    emulator.put_phone(PHONE, {"answer": "auto"})
    emulator.put_phone("client:bob", {"steps": [{"hangup": True}]})
    dialling = "<Response><Dial><Client>bob</Client></Dial></Response>"
    await rest.post("/Calls.json", data=CALL | {"Url": "", "Twiml": dialling, "StatusCallback": ""})
    await emulator.run_calls()
    written = (await control.get("/test")).text

    compile(written, "test_it.py", "exec")
    assert "phone('client:bob')" in written
