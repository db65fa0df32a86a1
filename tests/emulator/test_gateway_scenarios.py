"""Every scenario of gateway_scenarios.toml: the real gateway, its scripts in locked workers, and the emulator.

Calls are placed by the gateway itself, through the unmodified twilio-python it uses, and once more by
twilio-node. Every webhook the gateway gets is held against Twilio's official RequestValidator on its way.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx2
import pytest
from tests.emulator.clients import NodeClient
from tests.plant import ACCOUNT, BASE, MARIA, NUMBER, write_project
from twilio.request_validator import RequestValidator

from tocsin.testing.harmless import AUTH_TOKEN
from tocsin.testing.plugin import plant, tocsin_stand  # noqa: F401  fixtures are found by name

SCENARIOS = tomllib.loads(Path(__file__).with_name("gateway_scenarios.toml").read_text())["scenario"]
PUMP = "Plant/Pump 2/High level"
VOICE = f"{BASE}/main/system/twilio-voice"
OURS = "0#rc=2&rp=all"
MORE = """
[alarms."Plant/Pump 3/Low flow"]
priority = "Medium"
label = "Pump 3 low flow"
"""


@pytest.fixture(scope="session")
def riverside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all scenarios, so that its workers are made once."""
    return write_project(tmp_path_factory.mktemp("scenarios") / "riverside", {}, more=MORE)


@pytest.fixture
def project(riverside: Path) -> Path:
    return riverside


class Witness:
    """Stands between emulator and gateway, lets everything pass, and checks what passes."""

    def __init__(self, running: Any) -> None:
        self.unsigned: list[str] = []
        self.seen = 0
        self._validator = RequestValidator(AUTH_TOKEN)
        self._deliver = running.network.handle_async_request
        running.network.handle_async_request = self._witnessed

    async def _witnessed(self, request: httpx2.Request) -> httpx2.Response:
        self.seen += 1
        body = request.read().decode()
        form = dict(parse_qsl(body, keep_blank_values=True))
        if not self._validator.validate(str(request.url), form, request.headers["x-twilio-signature"]):
            self.unsigned.append(str(request.url))
        return await self._deliver(request)


class ByGateway:
    """Calls are placed as the product places them."""

    def place(self, plant: Any, _: dict[str, Any]) -> str:  # noqa: F811
        running = plant.running
        maria = running.gateway.services.directory.users["maria"]
        plant.do(running.place(maria, MARIA, "phone", 1))
        return running.emulator.calls[-1].sid if running.emulator.calls else ""


class ByNode:
    """Calls are placed by twilio-node, as a colleague's program might; the gateway answers them all the same."""

    def __init__(self) -> None:
        self._client = NodeClient()

    def place(self, plant: Any, options: dict[str, Any]) -> str:  # noqa: F811
        given = {
            "to": MARIA, "from_": NUMBER, "url": f"{VOICE}/answer/{OURS}", "timeout": 25,
            "fallback_url": f"{VOICE}/fallback/{OURS}", "status_callback": f"{VOICE}/status/{OURS}",
            "status_callback_event": ["initiated", "ringing", "answered", "completed"],
            "machine_detection": "DetectMessageEnd", "async_amd": "true",
            "async_amd_status_callback": f"{VOICE}/amd/{OURS}",
        }  # fmt: skip
        made = plant.do(self.ask(plant, ["calls"], "create", given | options))
        plant.do(plant.running.emulator.quiet())
        return made["sid"]

    async def ask(self, plant: Any, chain: list[str], verb: str, given: dict[str, Any]) -> Any:  # noqa: F811
        emulator = plant.running.emulator
        with emulator.hold():
            return await self._client.ask(
                emulator.exchange.public_url, chain, verb, given, token=AUTH_TOKEN, account=ACCOUNT
            )

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def node() -> Iterator[ByNode]:
    made = ByNode()
    yield made
    made.close()


def act(plant: Any, sid: str, one: dict[str, Any]) -> None:  # noqa: F811
    """Let time pass, then do one thing: at a phone, at the plant, in an editor, over REST."""
    running = plant.running
    plant.waits(seconds=one.get("after", 0))
    if "save" in one:
        plant.saves(one["save"]["file"], one["save"]["source"])
    elif "raise" in one:
        plant.raises(one["raise"])
    elif "clear" in one:
        plant.clears(one["clear"])
    elif "acknowledge" in one:
        board, (episode, *_) = running.gateway.services.board, running.gateway.services.board.open()
        plant.do(board.acknowledge([episode.id], by=one["acknowledge"], via="console", note=""))
    elif "update" in one:
        call = running.emulator.account(ACCOUNT).calls[sid]
        leg = running.emulator.exchange.legs[call.sid]
        assert leg is not None
        plant.do(rest(running, f"Calls/{sid}.json", one["update"]))
    else:
        if "put" in one:
            running.emulator.put_phone(one["phone"], one["put"])
        for name in ("press", "say", "dial", "sms", "answer", "hangup"):
            if name in one:
                given = () if name in ("answer", "hangup") else (one[name],)
                plant.do(deed(running.emulator, one["phone"], name, *given))


async def deed(emulator: Any, number: str, name: str, *given: str) -> Any:
    """Do one thing at a phone and let what follows from it settle."""
    done = getattr(emulator.phone(number), name)(*given)
    await emulator.quiet()
    return done


async def rest(running: Any, path: str, data: dict[str, str]) -> None:
    """Ask the emulator something as anybody with the account's token may."""
    url = f"{running.emulator.exchange.public_url}/2010-04-01/Accounts/{ACCOUNT}/{path}"
    async with httpx2.AsyncClient(auth=(ACCOUNT, AUTH_TOKEN), trust_env=False) as client:
        assert (await client.post(url, data=data)).status_code == 200


def heard(emulator: Any, number: str = MARIA) -> list[str]:
    return [one["text"] for one in emulator.phone(number).transcript if one["kind"] == "hear"]


def outcome(plant: Any) -> str | None:  # noqa: F811
    """Return the outcome of the one call that the gateway has on record."""
    from tocsin.calls import store

    rows = plant.do(plant.running.gateway.services.db.read(lambda conn: store.recent(conn, 10)))
    return rows[0]["outcome"] if rows else None


def check(plant: Any, witness: Witness, sid: str, expect: dict[str, Any]) -> None:  # noqa: F811
    """Hold what happened against what the scenario expects; every key it names is looked at."""
    running = plant.running
    emulator, board = running.emulator, running.gateway.services.board
    # On a machine with much else to do a turn may say "one moment" first; it is told apart in tests of its own.
    turns = [turn for turn in plant.do(running.turns()) if turn.answered != "one-moment"]
    call = emulator.account(ACCOUNT).calls.get(sid)
    said = " ".join(heard(emulator))
    hooks = [one for one in emulator.webhooks if one.sid == sid]
    acked = [one.acked_by for one in plant.do(board.listing()) if one.acked]
    looked = {
        "status": lambda: call.status,
        "calls": lambda: len(emulator.calls),
        "acknowledged": lambda: acked,
        "open": lambda: sum(not one.acked for one in board.open()),
        "heard": lambda: [part for part in expect["heard"] if part.lower() in said.lower()],
        "unheard": lambda: [part for part in expect["unheard"] if part.lower() not in said.lower()],
        "actions": lambda: [turn.action for turn in turns],
        "answered": lambda: sorted({turn.answered for turn in turns}),
        "failures": lambda: [
            part for part in expect["failures"] if any(part in turn.fault for turn in turns)
        ],
        "told": lambda: [one.params["CallStatus"] for one in hooks if "/status/" in one.url],
        "codes": lambda: [entry.code for entry in call.notifications],
        "texts": lambda: [e["text"] for e in emulator.phone(MARIA).transcript if e["kind"] == "sms-in"],
        "outcome": lambda: outcome(plant),
        "answered_by": lambda: call.answered_by,
        "unsigned": lambda: len(witness.unsigned),
        "refused": lambda: [one.status for one in hooks if one.status not in (200, 204)],
        "fields": lambda: [
            [action, name, value]
            for action, name, value in expect["fields"]
            if any(f"/{action}/" in one.url and one.params.get(name, "") == value for one in hooks)
        ],
    }  # fmt: skip
    assert set(expect) <= set(looked), "the scenario expects something nobody looks at"
    for key, value in expect.items():
        assert looked[key]() == value, f"{key}\n{plant.told()}"


def placements() -> Iterator[Any]:
    """Give each scenario once for each way its call can be placed."""
    for scenario in SCENARIOS:
        ways = scenario.get("ways", ["gateway", "twilio-node"])
        for way in ["phone"] if scenario.get("start") == "dial" else ways:
            yield pytest.param(scenario, way, id=f"{scenario['name']}, placed by {way}")


@pytest.mark.parametrize(("scenario", "way"), list(placements()))
def test_scenario(
    plant: Any,  # noqa: F811
    request: pytest.FixtureRequest,
    scenario: dict[str, Any],
    way: str,
) -> None:
    """The conversation with the real gateway goes as its data says, every webhook validly signed."""
    for key, value in scenario.get("configure", {}).items():
        plant.configure(key, value)
    running, emulator = plant.running, plant.running.emulator
    witness = Witness(running)
    for name, source in scenario.get("scripts", {}).items():
        assert plant.saves(name, source) == []
    for path in scenario.get("alarms", [PUMP]):
        plant.raises(path, value=93)
    emulator.put_phone(MARIA, scenario["phone"])
    for number, persona in scenario.get("phones", {}).items():
        emulator.put_phone(number, persona)
    emulator.faults.put(scenario.get("faults", []))

    if way == "phone":
        sid = plant.do(deed(emulator, MARIA, "dial", NUMBER)).sid
    elif way == "gateway":
        sid = ByGateway().place(plant, {})
    else:
        sid = request.getfixturevalue("node").place(plant, scenario.get("call", {}))
    for one in scenario.get("acts", []):
        act(plant, sid, one)
    assert plant.do(emulator.run_calls()), f"the call never ended\n{plant.told()}"
    plant.waits(seconds=scenario.get("afterwards", 5))

    assert emulator.internal_errors == []
    assert [phone.failures for phone in emulator.phones if phone.failures] == [], plant.told()
    assert len(witness.unsigned) == scenario["expect"].get("unsigned", 0), witness.unsigned
    expect = dict(scenario["expect"])
    if way == "twilio-node" and "outcome" in expect and not plant.do(running.turns()):
        expect["outcome"] = None  # nobody heard of a call that tocsin did not place and nobody answered
    check(plant, witness, sid, expect)


def test_there_are_enough_scenarios_and_none_is_told_twice() -> None:
    """Forty and more conversations with the real gateway, each with a name of its own."""
    names = [scenario["name"] for scenario in SCENARIOS]
    assert len(set(names)) == len(names) >= 40
