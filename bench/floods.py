"""A plant of fifty people under floods of alarms: gateway and emulator in one process, on one movable clock.

Everything is the product's: alarms come in over the REST interface, calls go out through Twilio's client,
phones answer, miss, hear and press. Only time is moved, and the real seconds of taking alarms are measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import httpx2

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.emulator.serve import served
from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import application
from tocsin.testing.network import TestNetwork

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

TOKEN: Final = "0123456789abcdef0123456789abcdef"
BASE: Final = "https://alarms.example.com"
ACCOUNT: Final = "AC" + "5e" * 16
NUMBER: Final = "+15005550006"
PEOPLE: Final = 50
CREW: Final = 3
START: Final = 1_767_225_600.0

_ORDINARY: Final = "calls_per_second = 1\nconcurrent_calls = 50"
"""What Twilio lets an approved account do unasked."""

SCRIPT: Final = """
if callAction in ("answer", "menu"):
    turn = VoiceResponse()
    told = f"{len(alarms)} alarms. The worst: {alarms[0].label}." if alarms else "No alarms."
    if alarms:
        turn.gather(action=call.url("pin"), timeout=60).say(told + " Enter your PIN to acknowledge them all.")
    turn.say("Goodbye.")
    response = turn
elif callAction == "pin":
    result = call.acknowledge(Digits)
    turn = VoiceResponse()
    turn.say("Acknowledged. Goodbye." if result.ok else "Nothing was acknowledged. Goodbye.")
    turn.hangup()
    response = turn
"""


def phone(person: int) -> str:
    """Return a person's number."""
    return f"+4670{person:07}"


def pin(person: int) -> str:
    """Return a person's PIN."""
    return str(46_071 + 37 * person)


def write_plant(folder: Path, *, people: int = PEOPLE, settings: str = "", step: str = "60s") -> Path:
    """Write a plant with an area, a roster of three and a pipeline for each of `people`.

    `step` is how long each of the three has before the next is told.
    """
    (folder / "twilio_scripts").mkdir(parents=True)
    (folder / "twilio_scripts" / "10_flood.py").write_text(SCRIPT)
    crew = min(CREW, people)
    parts = [
        f"""
[gateway]
name = "Riverside"
[twilio_profiles.plant]
account_sid = "{ACCOUNT}"
auth_token = "{TOKEN}"
external_hostname = "{BASE}"
phone_number = "{NUMBER}"
api_base = "emulator"
{settings or _ORDINARY}
[voice_profiles.phone]
twilio_profile = "plant"
project = "."
"""
    ]
    for one in range(people):
        areas = ", ".join(f'"Area {(one - step) % people}"' for step in range(crew))
        users = ", ".join(f'"p{(one + step) % people}"' for step in range(crew))
        parts.append(f"""
[users.p{one}]
id = {one}
pin = "{pin(one)}"
areas = [{areas}]
[[users.p{one}.contacts]]
type = "phone"
value = "{phone(one)}"
[rosters.r{one}]
users = [{users}]
[[pipelines.a{one}.blocks]]
id = "crew"
type = "notification"
roster = "r{one}"
profiles = ["phone"]
step = "{step}"
[[pipelines.a{one}.blocks]]
type = "delay"
for = "30s"
[[pipelines.a{one}.blocks]]
type = "jump"
to = "crew"
times = 5
""")
    (folder / "tocsin.toml").write_text("".join(parts))
    return folder


@dataclass(slots=True)
class Flooded:
    """What a flood led to: seconds each request took to be accepted (real), and the plant's own seconds.

    `longest_wait_s` is from active to acknowledged, `least_between_s` from one call to the next of one phone.
    """

    accepted_s: list[float] = field(default_factory=list)
    refused: int = 0
    first_call_s: float = 0.0
    calls: int = 0
    most_for_one: int = 0
    all_acknowledged_s: float | None = None
    longest_wait_s: float = 0.0
    least_between_s: float | None = None
    real_s: float = 0.0


class Stage:
    """A running plant."""

    def __init__(self, gateway: Gateway, emulator: Emulator, clock: VirtualClock) -> None:
        self.gateway = gateway
        self.emulator = emulator
        self.clock = clock
        token = (gateway.state / "cli-token").read_text().strip()
        self.http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=application(gateway)),
            base_url="http://plant",
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )

    def people_answer(self, share: float) -> None:
        """Let everybody answer with this chance, after 12 s, and talk for 40 s; the others let it ring."""
        for one in range(PEOPLE):
            steps = [{"hear": "PIN"}, {"wait": 30}, {"press": f"{pin(one)}#"}, {"hear": "Acknowledged"}]
            chances = {"no-answer": round(1 - share, 3)}
            persona = {"answer": "statistical", "after": 12, "steps": steps, "chances": chances}
            self.emulator.put_phone(phone(one), persona)

    async def raise_alarms(self, events: Sequence[dict[str, Any]], result: Flooded) -> None:
        """Report alarms, sixteen requests at a time; each is timed."""
        waiting = list(reversed(events))

        async def source() -> None:
            while waiting:
                event = waiting.pop()
                began = time.perf_counter()
                answer = await self.http.post("/api/v1/alarms", json=event)
                result.accepted_s.append(time.perf_counter() - began)
                result.refused += answer.status_code != 202

        await asyncio.gather(*(source() for _ in range(16)))

    def calls(self) -> dict[str, int]:
        """Count the calls that were placed, by number."""
        counted: dict[str, int] = {}
        for call in self.emulator.world.accounts.get(ACCOUNT).calls.values():
            counted[call.to] = counted.get(call.to, 0) + 1
        return counted


@contextlib.asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """Start emulator and gateway on one clock that stands still."""
    clock = VirtualClock(START)
    network = TestNetwork()
    emulator = Emulator(clock=clock, auth_token=TOKEN, seed=7, settle_s=0.0, transport=network)
    async with served(emulator, port=0) as url:
        gateway = Gateway(folder, clock=clock, dev=True, emulator_url=url, watch=False)
        await gateway.start()
        try:
            network.connect(application(gateway), [BASE])
            yield Stage(gateway, emulator, clock)
        finally:
            await gateway.stop()


async def flood(
    stage: Stage, seconds: Sequence[Sequence[dict[str, Any]]], *, most_s: float = 3600.0
) -> Flooded:
    """Report each second's alarms in that second of the plant; let time pass until all are acknowledged.

    At most `most_s` after the last of them.
    """
    result, began = Flooded(), time.perf_counter()
    start = stage.clock.now()
    board = stage.gateway.services.board
    for events in seconds:
        if events:
            await stage.raise_alarms(events, result)
        await stage.emulator.advance(1.0)
        if not result.first_call_s and stage.calls():
            result.first_call_s = stage.clock.now() - start
    quiet = stage.clock.now()
    while stage.clock.now() - quiet < most_s:
        # "Nobody was reached" is an alarm of the gateway's own and stays until somebody looks at it.
        if all(one.acked for one in board.open() if one.path.startswith("Area")):
            result.all_acknowledged_s = stage.clock.now() - start
            break
        await stage.emulator.advance(5.0)
    counted = stage.calls()
    result.calls, result.most_for_one = sum(counted.values()), max(counted.values(), default=0)
    began_s: dict[str, list[float]] = {}
    for call in sorted(
        stage.emulator.world.accounts.get(ACCOUNT).calls.values(), key=lambda one: one.created
    ):
        began_s.setdefault(call.to, []).append(call.created)
    between = [later - one for times in began_s.values() for one, later in pairwise(times)]
    result.least_between_s = min(between, default=None)
    known = (one for one in board.kept() if one.path.startswith("Area") and one.acked_ms is not None)
    result.longest_wait_s = max(((one.acked_ms or 0) - one.active_ms for one in known), default=0) / 1000
    result.real_s = time.perf_counter() - began
    return result
