"""The REST API against descriptions nobody here wrote: Twilio's own OpenAPI file, Prism and schemathesis.

Prism is the command that PRISM names, or the one on the path, or the pinned one from npm.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import httpx2
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance
from tests.emulator import references
from tests.emulator.conftest import ACCOUNT, TOKEN
from tests.emulator.published_api import described, plain

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.serve import served

PHONE, NUMBER = "+46701234567", "+15005550006"
BASE = f"/2010-04-01/Accounts/{ACCOUNT}"
DOCUMENT = "<Response><Nonsense/><Record timeout='2' action='http://127.0.0.1:9/x'/></Response>"


async def visited(
    client: httpx2.AsyncClient, emulator: Emulator
) -> AsyncIterator[tuple[str, str, httpx2.Response]]:
    """Do one of everything the emulator offers; yields method, path and answer."""
    seen: dict[str, str] = {}

    async def ask(method: str, path: str, **data: Any) -> tuple[str, str, httpx2.Response]:
        answer = await client.request(method, f"{BASE}{path}", data=data or None)
        assert answer.status_code < 300, answer.text
        if answer.content and "json" in answer.headers["content-type"]:
            seen[path] = answer.json().get("sid", "")
        return method, path, answer

    emulator.put_phone(PHONE, {"steps": [{"wait": 4}, {"say": "pump two leaks"}]})
    call = {"To": PHONE, "From": NUMBER, "Twiml": DOCUMENT, "MachineDetection": "Enable", "Timeout": "30"}
    yield await ask("POST", "/Calls.json", **call)
    sid = seen["/Calls.json"]
    await emulator.advance(60)
    yield await ask("POST", "/Calls.json", To="+46702222222", From=NUMBER, Twiml=DOCUMENT)
    yield await ask("POST", f"/Calls/{seen['/Calls.json']}.json", Status="canceled")
    emulator.put_phone("+46703333333", {"answer": "auto"})
    yield await ask("POST", "/Calls.json", To="+46703333333", From=NUMBER, Twiml=DOCUMENT)
    talking = seen["/Calls.json"]
    await emulator.advance(4)
    under_way = f"/Calls/{talking}/Recordings"
    yield await ask("POST", f"{under_way}.json", RecordingChannels="dual", RecordingTrack="both")
    await emulator.advance(0.7)
    yield await ask("POST", f"{under_way}/Twilio.CURRENT.json", Status="paused")
    yield await ask("GET", f"{under_way}.json")
    yield await ask("POST", f"{under_way}/Twilio.CURRENT.json", Status="stopped")
    await emulator.advance(20)
    made = next(one for one in emulator.account(ACCOUNT).recordings.values() if one.call_sid == talking)
    yield await ask("DELETE", f"{under_way}/{made.sid}.json")
    yield await ask("POST", "/Messages.json", To=PHONE, From=NUMBER, Body="Pump 2")
    message = seen["/Messages.json"]
    yield await ask("GET", f"/Messages/{message}.json")
    await emulator.advance(9)
    yield await ask("POST", "/IncomingPhoneNumbers.json", PhoneNumber="+4646123456", VoiceUrl="http://p/x")
    number = seen["/IncomingPhoneNumbers.json"]
    yield await ask("POST", f"/IncomingPhoneNumbers/{number}.json", SmsUrl="http://p/y", SmsMethod="GET")
    recording = next(iter(emulator.account(ACCOUNT).recordings))
    note = emulator.account(ACCOUNT).notifications[0].sid
    for path in [
        "/Calls.json", "/Calls.json?PageSize=1&Status=completed", f"/Calls/{sid}.json", f"/Calls/{sid}/Events.json",
        f"/Calls/{sid}/Notifications.json", f"/Calls/{sid}/Notifications/{note}.json", f"/Calls/{sid}/Recordings.json",
        f"/Calls/{sid}/Recordings/{recording}.json", "/Messages.json", f"/Messages/{message}.json",
        f"/Messages/{message}/Media.json", "/Recordings.json", f"/Recordings/{recording}.json",
        "/IncomingPhoneNumbers.json", f"/IncomingPhoneNumbers/{number}.json", "/Usage/Records.json",
        "/Usage/Records/Daily.json", "/Usage/Records/ThisMonth.json?Category=calls", "/Notifications.json",
        f"/Notifications/{note}.json", "/Balance.json", ".json",
    ]:  # fmt: skip
        yield await ask("GET", path)
    yield await ask("POST", f"/Messages/{message}.json", Body="")
    for path in [
        f"/IncomingPhoneNumbers/{number}.json",
        f"/Messages/{message}.json",
        f"/Recordings/{recording}.json",
    ]:
        yield await ask("DELETE", path)
    yield await ask("DELETE", f"/Calls/{sid}.json")


async def test_every_answer_has_the_fields_twilio_describes_and_no_other(emulator: Emulator) -> None:
    """Each path and method, its status and its schema, with unknown fields refused."""
    whole = described()
    paths = {re.sub(r"\{\w+\}", "[^/]+", path).replace(".json", r"\.json"): path for path in whole["paths"]}
    transport = httpx2.ASGITransport(emulator.app)
    met: set[tuple[str, str]] = set()
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://twilio", auth=(ACCOUNT, TOKEN)
    ) as client:
        async for method, path, answer in visited(client, emulator):
            where = f"{BASE}{path.partition('?')[0]}"
            matching = [template for pattern, template in paths.items() if re.fullmatch(pattern, where)]
            template = min(matching, key=lambda one: one.count("{"))
            met.add((method, template))
            responses = whole["paths"][template][method.lower()]["responses"]
            assert str(answer.status_code) in responses, f"{method} {path}"
            if answer.status_code != 204:
                schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
                jsonschema_rs.validator_for(plain(schema, whole)).validate(answer.json())
    described_ = {
        (m.upper(), p) for p, item in whole["paths"].items() for m in item if m in ("get", "post", "delete")
    }
    missed = {(m, p) for m, p in described_ - met if "/Usage/Records/" not in p}
    assert missed == set()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


async def test_prism_finds_no_violation(tmp_path: Path) -> None:
    """Every request and answer through Prism's validating proxy over Twilio's description."""
    prism = references.prism()
    description = tmp_path / "twilio.json"
    description.write_text(json.dumps(described()))
    port = _free_port()
    emulator = Emulator(clock=VirtualClock(), auth_token=TOKEN, seed=1)
    async with served(emulator, port=0) as url:
        proxy = await asyncio.create_subprocess_exec(
            prism, "proxy", str(description), url, "--port", str(port),
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            assert proxy.stdout is not None
            while b"listening" not in (line := await asyncio.wait_for(proxy.stdout.readline(), 60)):
                assert line, "prism did not start"
            found = await _violations(f"http://127.0.0.1:{port}", emulator)
        finally:
            proxy.terminate()
            await proxy.communicate()
    assert found == []


async def _violations(through: str, emulator: Emulator) -> list[str]:
    """Visit everything through the proxy and collect what it objects to."""
    found: list[str] = []
    async with httpx2.AsyncClient(
        base_url=through, auth=(ACCOUNT, TOKEN), trust_env=False, timeout=30
    ) as client:
        wrong = await client.post(f"{BASE}/Calls.json", data={"To": PHONE, "From": NUMBER, "Method": "PATCH"})
        assert "Method" in wrong.headers.get("sl-violations", ""), "prism looks at nothing"
        async for method, path, answer in visited(client, emulator):
            violations = json.loads(answer.headers.get("sl-violations", "[]"))
            found += [f"{method} {path}: {one}" for one in violations]
    return found


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, Emulator]]:
    """An emulator on a port, served from a thread of its own, for clients that know no event loop."""
    made: list[tuple[str, Emulator]] = []
    ready, done = threading.Event(), threading.Event()

    async def serve() -> None:
        emulator = Emulator(clock=VirtualClock(), auth_token=TOKEN, seed=1)
        async with served(emulator, port=0) as url:
            made.append((url, emulator))
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    assert ready.wait(10)
    yield made[0]
    done.set()
    thread.join()


def _seeded(whole: dict[str, Any], sids: list[str]) -> dict[str, Any]:
    """Name this account in every path, and now and then something that exists."""
    for item in whole["paths"].values():
        for operation in (item.get(method, {}) for method in ("get", "post", "delete")):
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "AccountSid" and parameter["in"] == "path":
                    parameter["schema"] = {"type": "string", "enum": [ACCOUNT]}
                elif parameter["in"] == "path":
                    parameter["schema"] = {"type": "string", "enum": [ACCOUNT, *sids]}
    return whole


def test_schemathesis_finds_no_failure(running: tuple[str, Emulator]) -> None:
    """No request it can think of makes a server error or an answer of another shape than described."""
    url, _ = running
    sids = ["CA" + "0" * 32]
    with httpx2.Client(base_url=f"{url}{BASE}", auth=(ACCOUNT, TOKEN), trust_env=False) as client:
        for path, data in [
            ("/Calls.json", {"To": PHONE, "From": NUMBER, "Twiml": "<Response/>"}),
            ("/Messages.json", {"To": PHONE, "From": NUMBER, "Body": "x"}),
            ("/IncomingPhoneNumbers.json", {"PhoneNumber": "+4646123456"}),
        ]:
            sids.append(client.post(path, data=data).json()["sid"])
    schema = schemathesis.openapi.from_dict(_seeded(described(), sids))
    schema.config.update(base_url=url)
    checks = [not_a_server_error, content_type_conformance, response_schema_conformance]
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(), data=st.none())
        def try_it(case: Any, data: None) -> None:
            case.call_and_validate(base_url=url, auth=(ACCOUNT, TOKEN), checks=checks)

        try_it()
