"""Callers without end: signed webhooks of many kinds of calls over a few kept connections."""

from __future__ import annotations

import asyncio
import html
import itertools
import json
import random
import re
import secrets
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from tests.plant import ACCOUNT, BASE, JON, MARIA, NUMBER, TOKEN, write_project

from tocsin.telephony import signature

MENU = """
if callAction == "pumps":
    turn = VoiceResponse()
    if Digits == "1":
        session["chosen"] = session.get("chosen", 0) + 1
    turn.say("Pump " + str(len(params)) + " is running. You chose " + str(session.get("chosen", 0)))
    gather = turn.gather(action=call.url("pumps", again="1"), num_digits=1)
    gather.say("Press a key")
    print("asked", From)
    response = turn
elif callAction == "broken":
    nothing = {}
    response = nothing["no such key"]
elif callAction == "markup":
    response = "<Response><Say>unclosed</Response>"
elif callAction == "own":
    response = "<Response><Say>" + _words.GREETING + "</Say></Response>"
"""
WORDS = 'GREETING = "our own words"\n'

SCRIPTS = {"_words.py": WORDS, "10_menu.py": "import _words\n" + MENU}

HOSTILE = """
if callAction == "endless":
    while True:
        pass
elif callAction == "hungry":
    keep = []
    while True:
        keep.append("x" * 100000)
"""
"""The scripts of another project: one that kills its workers is made to wait, and good calls with it."""

HOSTILES_NUMBER = "+15005550009"

MORE = f"""
[twilio_profiles.other]
account_sid = "{ACCOUNT}"
auth_token = "{TOKEN}"
external_hostname = "{BASE}"
phone_number = "{HOSTILES_NUMBER}"
api_base = "emulator"

[voice_profiles.other]
twilio_profile = "other"
project = "other"
"""


def write_plant(folder: Path) -> Path:
    """Write both projects into a folder."""
    write_project(folder, SCRIPTS, more=MORE)
    (folder / "other" / "twilio_scripts").mkdir(parents=True)
    (folder / "other" / "twilio_scripts" / "10_hostile.py").write_text(HOSTILE)
    return folder


LANES = 48
"""Connections, each with one call at a time."""
MOST_TURNS = 8

_WAITS = re.compile(r'<(?:Gather|Redirect)[^>]*?(?:action="([^"]*)"[^>]*>|>([^<]*)<)')


class Connection(asyncio.Protocol):
    """One kept HTTP/1.1 connection, one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[tuple[int, str]] | None = None
        self._transport: asyncio.Transport

    @classmethod
    async def open(cls, port: int) -> Connection:
        _, made = await asyncio.get_running_loop().create_connection(cls, "127.0.0.1", port)
        return made

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment] # uvloop's is a transport by shape only

    async def request(self, data: bytes) -> tuple[int, str]:
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(data)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, mark, body = self._buffer.partition(b"\r\n\r\n")
        if not mark:
            return
        found = re.search(rb"(?i)content-length: *(\d+)", head)
        if len(body) < (int(found[1]) if found else 0):
            return
        self._buffer = b""
        assert self._answer is not None
        self._answer.set_result((int(head[9:12]), body.decode()))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("the gateway closed the connection"))

    def close(self) -> None:
        self._transport.close()


class Load:
    """All callers together, until so many turns have been taken."""

    def __init__(self, port: int, cli_token: str, *, total: int, seed: int, lost: float) -> None:
        self.turns = 0
        self.calls = 0
        self.kinds: Counter[str] = Counter()
        self.faults: list[str] = []
        self._port = port
        self._token = cli_token
        self._total = total
        self._dice = random.Random(seed)
        self._lost = lost
        self._pin_at_work = False
        self._rare = {"endless": 0.0, "hungry": 0.0, "pin": 0.0}
        self._alarms = itertools.count(1)

    async def run(self) -> None:
        """Call until the total is reached."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(LANES):
                tasks.create_task(self._lane())

    async def _lane(self) -> None:
        connection = await Connection.open(self._port)
        try:
            while self.turns < self._total:
                await self._call(connection)
        finally:
            connection.close()
            await asyncio.sleep(0.01)

    async def _call(self, connection: Connection) -> None:
        self.calls += 1
        kind = self._kind()
        self.kinds[kind] += 1
        caller = {"pin": MARIA, "wrong pin": JON}.get(kind, f"+1222{self._dice.randrange(10**7):07d}")
        called = HOSTILES_NUMBER if kind in ("endless", "hungry") else NUMBER
        phone = Phone(self, connection, caller, called)
        match kind:
            case "pumps":
                await phone.walk("pumps", self._dice.choice((1, 1, 2, 3)), keys="1")
            case "repeat":
                token = secrets.token_hex(16)
                first = await phone.turn("pumps", token=token, Digits="1")
                again = await phone.turn("pumps", token=token, Digits="1")
                if first != again:
                    self.faults.append(f"a repeat was answered {again!r} after {first!r}")
            case "default":
                await phone.walk("inbound", 2, keys="4711")
            case "pin" | "wrong pin":
                await self._with_pin(phone, "4711" if kind == "pin" else "0007")
            case "event":
                await phone.turn("own")
                await phone.event("amd", AnsweredBy="human")
            case _:
                await phone.turn(kind)
        if self._dice.random() >= self._lost:
            await phone.event(
                "status", CallStatus="completed", CallDuration="20", Duration="1", SequenceNumber="3"
            )

    def _kind(self) -> str:
        now = asyncio.get_running_loop().time()
        for kind, every_s in (("endless", 5.0), ("hungry", 7.0), ("pin", 1.5)):
            if now - self._rare[kind] > every_s and not (kind == "pin" and self._pin_at_work):
                self._rare[kind] = now
                return "wrong pin" if kind == "pin" and self._dice.random() < 0.15 else kind
        kinds = ("pumps", "default", "broken", "markup", "repeat", "own", "event", "unheard of")
        return self._dice.choices(kinds, (60, 12, 6, 4, 6, 6, 3, 3))[0]

    async def _with_pin(self, phone: Phone, pin: str) -> None:
        """Raise an alarm, acknowledge it by PIN as far as that is let, and clear it."""
        self._pin_at_work = True
        path = f"Plant/Soak {next(self._alarms)}/High level"
        event = {"path": path, "state": "active"}
        raised = await phone.ask_api("alarms", event, 202)
        await phone.walk("inbound", MOST_TURNS, keys=pin, then="1")
        await phone.ask_api("alarms", {**event, "state": "clear"}, 202)
        # With a wrong PIN, or when a worker was killed, it is still open: then somebody else takes it.
        said = await phone.ask_api(f"alarms/{raised['episode']}/acknowledge", {}, 200)
        self.kinds[f"PIN turn, then {said['outcome']}"] += 1
        self._pin_at_work = False

    def api_request(self, path: str, body: str) -> bytes:
        return (
            f"POST /api/v1/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Authorization: Bearer {self._token}\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        ).encode()


class Phone:
    """One call of one person."""

    def __init__(self, load: Load, connection: Connection, number: str, called: str) -> None:
        self._load = load
        self._connection = connection
        self._fields = {
            "CallSid": f"CA{secrets.token_hex(16)}",
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "Called": called,
            "CalledCountry": "US",
            "Caller": number,
            "CallerCity": "NEW YORK & <b>",
            "CallerCountry": "US",
            "From": number,
            "FromCity": "NEW YORK",
            "FromState": "NY",
            "To": called,
            "ToCountry": "US",
        }

    async def walk(self, action: str, most: int, *, keys: str, then: str = "") -> None:
        """Take turns along the URLs that the answers name, pressing `keys` first, then always `then`."""
        twiml = await self.turn(action)
        for _ in range(most - 1):
            found = _WAITS.search(twiml)
            if found is None:
                return
            is_gather = found[1] is not None
            url = html.unescape(found[1] if is_gather else found[2]).strip()
            twiml = await self.turn(url, **({"Digits": keys} if is_gather else {}))
            if is_gather and then:
                keys = then

    async def turn(self, where: str, *, token: str = "", **more: str) -> str:
        """Take one turn, at an action or at a URL that an answer named; return the TwiML."""
        self._load.turns += 1
        status, body = await self._post(where, {**self._fields, **more}, token or secrets.token_hex(16))
        if status != 200 or "<Response" not in body:
            self._load.faults.append(f"{where}: {status} {body[:200]}")
        if where == "own" and "our own words" not in body and "<Gather" not in body:
            self._load.faults.append(f"{where} was answered {body[:200]}")
        return body

    async def event(self, action: str, **more: str) -> None:
        status, body = await self._post(action, {**self._fields, **more}, secrets.token_hex(16))
        if status != 204:
            self._load.faults.append(f"{action}: {status} {body[:200]}")

    async def ask_api(self, path: str, body: dict[str, str], expected: int) -> dict[str, str]:
        status, said = await self._connection.request(self._load.api_request(path, json.dumps(body)))
        if status != expected:
            self._load.faults.append(f"{path}: {status} {said[:200]}")
        answer: dict[str, str] = json.loads(said)
        return answer

    async def _post(self, where: str, fields: dict[str, str], token: str) -> tuple[int, str]:
        url = (
            where.partition("#")[0]
            if where.startswith("http")
            else f"{BASE}/main/system/twilio-voice/{where}/0"
        )
        url = url.replace(" ", "%20")
        body = urlencode(fields)
        signed = signature.expected(url, list(fields.items()), TOKEN)
        return await self._connection.request(
            (
                f"POST {url.removeprefix(BASE)} HTTP/1.1\r\nHost: alarms.example.com\r\n"
                f"I-Twilio-Idempotency-Token: {token}\r\nX-Twilio-Signature: {signed}\r\n"
                "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
                f"Content-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        )
