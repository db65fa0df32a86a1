"""Every scenario of scenarios.toml, driven by the unmodified official clients over real sockets.

twilio-python and twilio-node drive the same scenarios to the same ends. The product beside the emulator
validates every webhook with Twilio's official RequestValidator; time is virtual.
"""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.emulator.clients import MAKERS
from tests.emulator.conftest import ACCOUNT, TOKEN
from tests.emulator.honest_product import HonestProduct

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.serve import listening

PHONE, NUMBER = "+46701234567", "+15005550006"
EVENTS = ["initiated", "ringing", "answered", "completed"]
SCENARIOS = tomllib.loads(Path(__file__).with_name("scenarios.toml").read_text())["scenario"]


class Door:
    """One address for a whole test run, behind which one scenario's application after the other is found."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


class Stage:
    """One scenario's product, emulator and client."""

    def __init__(self, product: HonestProduct, emulator: Emulator, base: str, client: Any) -> None:
        self.product, self.emulator, self.base, self.client = product, emulator, base, client

    def filled(self, value: Any) -> Any:
        """Put the product's address where the data names it."""
        if isinstance(value, str):
            return value.replace("{product}", self.base)
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        return [self.filled(one) for one in value] if isinstance(value, list) else value

    async def ask(self, chain: list[str], method: str, given: dict[str, Any]) -> Any:
        """Do one thing over REST."""
        return await self.client.ask(self.emulator.exchange.public_url, chain, method, self.filled(given))

    async def place(self, options: dict[str, Any]) -> str:
        """Place the call as a product does."""
        given = {"url": f"{self.base}/answer#rc=2&rp=all", "status_callback": f"{self.base}/status"}
        given |= {"to": PHONE, "from_": NUMBER, "status_callback_event": EVENTS, **options}
        kept = {key: value for key, value in given.items() if value not in ("", [])}
        return (await self.ask(["calls"], "create", kept))["sid"]

    async def act(self, sid: str, act: dict[str, Any]) -> None:
        """Let time pass, then do one thing over REST or at a phone."""
        await self.emulator.advance(act["after"])
        if "update" in act:
            await self.ask(["calls", sid], "update", act["update"])
        elif "record" in act:
            await self.ask(["calls", sid, "recordings"], "create", act["record"])
        elif "recording" in act:
            current = ["calls", sid, "recordings", "Twilio.CURRENT"]
            await self.ask(current, "update", {"status": act["recording"]})
        elif "phone" in act:
            phone = self.emulator.phone(act["phone"])
            if "dial" in act:
                phone.dial(act["dial"])
            elif "press" in act:
                phone.press(act["press"])
            elif "say" in act:
                phone.say(act["say"])
            elif "answer" in act:
                phone.answer()
            else:
                phone.hangup()
        await self.emulator.quiet()


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[tuple[tuple[Door, str], tuple[Door, str]]]:
    """A port for the products and one for the emulators, open for all scenarios."""
    product, emulator = Door(), Door()
    async with listening(product, port=0) as base, listening(emulator, port=0) as url:
        yield (product, base), (emulator, url)


@pytest.fixture(scope="module", params=sorted(MAKERS, reverse=True))
def client(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Each of the official clients in turn."""
    made = MAKERS[request.param]()
    yield made
    made.close()


@pytest.fixture
async def stage(doors: Any, client: Any) -> AsyncIterator[Stage]:
    """A product and an emulator behind their doors, and an official client pointed at the emulator."""
    (product_door, base), (emulator_door, url) = doors
    product = HonestProduct(TOKEN)
    product_door.app = product.app
    clock = VirtualClock()
    async with Emulator(clock=clock, auth_token=TOKEN, seed=1, settle_s=0.0, public_url=url) as emulator:
        emulator_door.app = emulator.app
        yield Stage(product, emulator, base, client)


def heard(emulator: Emulator, number: str = PHONE) -> list[str]:
    return [entry["text"] for entry in emulator.phone(number).transcript if entry["kind"] == "hear"]


def check(stage: Stage, sid: str, expect: dict[str, Any]) -> None:
    """Hold what happened against what the scenario expects; every key it names is looked at."""
    product, emulator = stage.product, stage.emulator
    call = emulator.account(ACCOUNT).calls[sid]
    said = "\n".join(heard(emulator))
    events = ("status", "amd", "delivery", "partial", "recording", "room")
    looked = {
        "status": lambda: call.status,
        "acknowledged": lambda: product.acknowledged,
        "told": lambda: [params["CallStatus"] for params in product.told("status")],
        "asked": lambda: [name for name, _ in product.asked if name not in events],
        "codes": lambda: [entry.code for entry in call.notifications],
        "heard": lambda: [part for part in expect["heard"] if part in said],
        "unheard": lambda: [part for part in expect["unheard"] if part not in said],
        "noted": lambda: [part for part in expect["noted"] if part in str(call.timeline)],
        "unsaid": lambda: [
            [number, part] for number, part in expect["unsaid"] if part not in heard(emulator, number)
        ],
        "texts": lambda: [e["text"] for e in emulator.phone(PHONE).transcript if e["kind"] == "sms-in"],
        "params": lambda: [
            [path, name, value]
            for path, name, value in stage.filled(expect["params"])
            if any(params.get(name, "") == value.replace("{sid}", sid) for params in product.told(path))
        ],
    }
    assert set(expect) <= set(looked), "the scenario expects something nobody looks at"
    for key, value in stage.filled(expect).items():
        assert looked[key]() == value, f"{key}\n" + "\n".join(map(str, call.timeline))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario["name"])
async def test_scenario(stage: Stage, scenario: dict[str, Any]) -> None:
    """The conversation goes as its data says, every webhook was validly signed, and nobody was left waiting."""
    emulator, product = stage.emulator, stage.product
    product.documents = stage.filled(scenario.get("documents", {}))
    product.types, product.statuses = scenario.get("types", {}), scenario.get("answers", {})
    emulator.put_phone(PHONE, scenario["phone"])
    for number, persona in scenario.get("phones", {}).items():
        emulator.put_phone(number, persona)
    emulator.faults.put(scenario.get("faults", []))
    emulator.add_number(ACCOUNT, NUMBER, **stage.filled(scenario.get("number", {})))

    if scenario.get("start") == "dial":
        sid = emulator.phone(PHONE).dial(NUMBER).sid
    else:
        sid = await stage.place(scenario.get("call", {}))
    for act in scenario.get("acts", []):
        await stage.act(sid, act)
    assert await emulator.run_calls(), "the call never ended"

    assert (emulator.internal_errors, product.unsigned) == ([], [])
    assert [phone.failures for phone in emulator.phones if phone.failures] == []
    check(stage, sid, scenario["expect"])


def test_there_are_enough_scenarios_and_none_is_told_twice() -> None:
    """Sixty and more conversations, each with a name of its own."""
    names = [scenario["name"] for scenario in SCENARIOS]
    assert len(set(names)) == len(names) >= 60
