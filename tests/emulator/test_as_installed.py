"""`tocsin serve` and `tocsin emulator` as two programs, with a proxy between them that trusts nobody.

The proxy is what Twilio would reach in a real installation: it holds every webhook against Twilio's official
RequestValidator and passes it on. Alarms come in over the gateway's API, calls are placed by the unmodified
client, phones are worked over the control API. Scaled time, no fake part.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from tests.emulator.clients import PythonClient
from tests.emulator.test_command import started
from tests.emulator.test_gateway_scenarios import OURS, PUMP, SCENARIOS
from tests.plant import ACCOUNT, BASE, MARIA, NUMBER, TOKEN, TOML, write_project
from tests.serving import served
from twilio.request_validator import RequestValidator

from tocsin.emulator.serve import listening
from tocsin.people.pins import PinKey

TOLD = ("PIN right", "PIN wrong, then right", "silence where the PIN is asked for", "hang-up in Gather")
TOLD += ("barge-in: the alarm is acknowledged while it is read", "busy", "every callback comes twice")
TOLD += ("voicemail hears nothing but where to call back", "a turn with a wrong signature is turned away")
QUIET = """
[pipelines.quiet]
[[pipelines.quiet.blocks]]
type = "delay"
for = "24h"
"""


class Proxy:
    """In front of the gateway: validates, passes on, keeps a tally."""

    def __init__(self) -> None:
        self.gateway = ""
        self.base = ""
        self.seen: list[tuple[str, bool, int]] = []
        self._client = httpx2.AsyncClient(trust_env=False, timeout=20)
        self.app = Starlette(routes=[Route("/{path:path}", self._pass_on, methods=["GET", "POST"])])

    async def _pass_on(self, request: Request) -> Response:
        body = await request.body()
        query = request.scope["query_string"].decode()
        target = request.scope["raw_path"].decode() + (f"?{query}" if query else "")
        form = dict(parse_qsl(body.decode(), keep_blank_values=True))
        signature = request.headers.get("x-twilio-signature", "")
        genuine = RequestValidator(TOKEN).validate(self.base + target, form, signature)
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        answer = await self._client.request(
            request.method, self.gateway + target, content=body, headers=headers
        )
        self.seen.append((target, genuine, answer.status_code))
        kept = {"content-type": answer.headers["content-type"]} if "content-type" in answer.headers else {}
        return Response(answer.content, answer.status_code, kept)

    async def aclose(self) -> None:
        await self._client.aclose()


class Installation:
    """Both programs and everything that speaks to them."""

    def __init__(self, proxy: Proxy, folder: Path, gateway: str, emulator: str) -> None:
        self.proxy, self.emulator_url = proxy, emulator
        token = (folder / ".tocsin" / "cli-token").read_text().strip()
        bearer = {"authorization": f"Bearer {token}"}
        self.api = httpx2.AsyncClient(base_url=f"{gateway}/api/v1", headers=bearer, trust_env=False)
        self.control = httpx2.AsyncClient(base_url=emulator, trust_env=False, timeout=20)
        self.client = PythonClient()

    async def report(self, state: str) -> str:
        answer = await self.api.post("/alarms", json={"path": PUMP, "state": state, "value": 93})
        assert answer.status_code == 202, answer.text
        return str(answer.json()["episode"])

    async def calm(self, episode: str) -> None:
        """Leave nothing open for the next scenario to be read."""
        await self.report("clear")
        answer = await self.api.post(f"/alarms/{episode}/acknowledge", json={"by": "jon"})
        assert answer.status_code == 200, answer.text

    async def place(self) -> str:
        voice = f"{self.proxy.base}/main/system/twilio-voice"
        given = {
            "to": MARIA, "from_": NUMBER, "url": f"{voice}/answer/{OURS}", "timeout": 25,
            "fallback_url": f"{voice}/fallback/{OURS}", "status_callback": f"{voice}/status/{OURS}",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "machine_detection": "DetectMessageEnd", "async_amd": "true",
            "async_amd_status_callback": f"{voice}/amd/{OURS}",
        }  # fmt: skip
        made = await self.client.ask(self.emulator_url, ["calls"], "create", given, account=ACCOUNT)
        return str(made["sid"])

    async def ended(self) -> None:
        """Wait for the last call and its last callback."""
        async with asyncio.timeout(30):
            while (await self.control.get("/clock")).json()["live_calls"]:
                await asyncio.sleep(0.01)
        for _ in range(50):
            hooks = (await self.control.get("/webhooks")).json()
            if all(one["status"] is not None or one["error"] for one in hooks):
                return
            await asyncio.sleep(0.02)

    async def aclose(self) -> None:
        self.client.close()
        await self.api.aclose()
        await self.control.aclose()


@contextlib.contextmanager
def installed(folder: Path, proxy: str, emulator: str) -> Iterator[str]:
    """Write a plant that keeps every rule of a real one, and serve it."""
    text = TOML.replace(BASE, proxy).replace('api_base = "emulator"', f'api_base = "{emulator}"')
    text = text.replace(f'auth_token = "{TOKEN}"', 'auth_token = { env = "PLANT_TOKEN" }')
    text = text.replace('priority = "High"', 'priority = "High"\npipeline = "quiet"')
    write_project(folder, {})
    key = PinKey.load(folder / ".tocsin")
    for pin in ("4711", "9163"):
        text = text.replace(f'pin = "{pin}"', f'pin = "{key.hash_pin(pin)}"')
    (folder / "tocsin.toml").write_text(text + QUIET)
    with served(folder, dev=False, environ={"PLANT_TOKEN": TOKEN}) as (gateway, _):
        yield gateway


@pytest.fixture(scope="module")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """Both programs, once for all scenarios."""
    folder, proxy = tmp_path_factory.mktemp("installed") / "plant", Proxy()
    async with listening(proxy.app, port=0) as proxy.base:
        with (
            started("--clock", "scaled:0.02", "--auth-token", TOKEN) as (emulator, _),
            installed(folder, proxy.base, emulator) as proxy.gateway,
        ):
            made = Installation(proxy, folder, proxy.gateway, emulator)
            yield made
            await made.aclose()
    await proxy.aclose()


@pytest.mark.parametrize(
    "scenario",
    [one for one in SCENARIOS if one["name"].startswith(TOLD)],
    ids=lambda scenario: scenario["name"],
)
async def test_scenario(installation: Installation, scenario: dict[str, Any]) -> None:
    """As it goes in one process, it goes between programs. How far a cut sentence got depends on real time."""
    control, proxy, expect = installation.control, installation.proxy, scenario["expect"]
    episode = await installation.report("active")
    await control.put(f"/phones/{MARIA}", json=scenario["phone"])
    await control.put("/faults", json=scenario.get("faults", []))
    before, told = len(proxy.seen), len((await control.get(f"/phones/{MARIA}")).json()["transcript"])
    sid = await installation.place()
    await installation.ended()

    phone = (await control.get(f"/phones/{MARIA}")).json()
    heard = " ".join(one["text"] for one in phone["transcript"][told:] if one["kind"] == "hear").lower()
    shown = await installation.client.ask(
        installation.emulator_url, ["calls", sid], "fetch", {}, account=ACCOUNT
    )
    alarm = (await installation.api.get(f"/alarms/{episode}")).json()
    await installation.calm(episode)
    story = "\n".join(map(str, phone["transcript"][told:]))
    assert phone["failures"] == [], story
    assert shown["status"] == expect.get("status", "completed")
    assert [part for part in expect.get("heard", []) if part.lower() not in heard] == []
    assert bool(alarm["acked"]) is bool(expect["acknowledged"])
    forged = [target for target, genuine, _ in proxy.seen[before:] if not genuine]
    assert len(forged) == expect.get("unsigned", 0)
    assert [
        status for _, genuine, status in proxy.seen[before:] if genuine and status not in (200, 204)
    ] == []


def test_the_scenarios_told_here_are_there() -> None:
    """A renamed scenario would silently no longer be run between programs."""
    assert sum(one["name"].startswith(TOLD) for one in SCENARIOS) == len(TOLD)
