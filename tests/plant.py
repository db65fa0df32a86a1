"""A small plant on disk and a gateway over it, for tests that speak to the gateway as Twilio does."""

from __future__ import annotations

import contextlib
import itertools
import re
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree

import httpx2

from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import application
from tocsin.telephony import signature

TOKEN = "0123456789abcdef0123456789abcdef"
ACCOUNT = "AC5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e5e"
BASE = "https://alarms.example.com"
NUMBER = "+15005550006"
MARIA = "+46701234567"
JON = "+46707654321"
STRANGER = "+12223334444"

TOML = f"""
[gateway]
name = "Riverside"
timezone = "Europe/Stockholm"

[twilio_profiles.plant]
account_sid = "{ACCOUNT}"
auth_token = "{TOKEN}"
external_hostname = "{BASE}"
phone_number = "{NUMBER}"
api_base = "emulator"

[voice_profiles.phone]
twilio_profile = "plant"
project = "."

[users.maria]
id = 1
name = "Maria Lind"
pin = "4711"
[[users.maria.contacts]]
type = "phone"
value = "{MARIA}"

[users.jon]
id = 2
name = "Jon Berg"
pin = "9163"
[[users.jon.contacts]]
type = "phone"
value = "{JON}"

[rosters.operations]
users = ["maria", "jon"]

[alarms."Plant/Pump 2/High level"]
priority = "High"
label = "Pump 2 high level"
"""


def write_project(folder: Path, scripts: dict[str, str] | None = None, *, more: str = "") -> Path:
    """Write the plant's configuration and scripts into a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "tocsin.toml").write_text(TOML + more)
    (folder / "twilio_scripts").mkdir(exist_ok=True)
    for name, source in (scripts or {}).items():
        (folder / "twilio_scripts" / name).write_text(source)
    return folder


def signed(url: str, fields: dict[str, str], *, token: str = TOKEN) -> dict[str, str]:
    """Return the headers Twilio would send with this form."""
    return {
        "content-type": "application/x-www-form-urlencoded; charset=UTF-8",
        "x-twilio-signature": signature.expected(url, list(fields.items()), token),
    }


class Line:
    """Twilio's end of the line: posts signed webhooks and reads the TwiML that comes back."""

    def __init__(self, gateway: Gateway, client: httpx2.AsyncClient) -> None:
        self.gateway = gateway
        self.client = client

    async def post(
        self, path: str, fields: dict[str, str], *, token: str | None = None, key: str = TOKEN
    ) -> httpx2.Response:
        """Post one webhook; `path` may be a whole URL as handed out in TwiML, its fragment is not sent."""
        url = (path if path.startswith("http") else BASE + path).partition("#")[0]
        headers = signed(url, fields, token=key)
        headers["i-twilio-idempotency-token"] = secrets.token_hex(16) if token is None else token
        if not headers["i-twilio-idempotency-token"]:
            del headers["i-twilio-idempotency-token"]
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return await self.client.post(target, content=urlencode(fields), headers=headers)

    def call_from(self, number: str) -> Caller:
        """Begin a call from a phone to the plant's number."""
        return Caller(self, number, f"CA{secrets.token_hex(16)}")

    async def raise_alarm(self, path: str = "Plant/Pump 2/High level", **more: Any) -> str:
        """Report an alarm as active and return its episode."""
        from tocsin.alarms import AlarmEvent

        (accepted,) = await self.gateway.services.board.report(
            [AlarmEvent(path=path, state="active", **more)]
        )
        assert accepted.episode is not None
        return accepted.episode


class Caller:
    """A person with a phone, in one call: hears what is said, presses keys, hangs up."""

    _sequence = itertools.count()

    def __init__(self, line: Line, number: str, sid: str) -> None:
        self.line = line
        self.number = number
        self.sid = sid
        self.twiml = ""
        self.status = 0
        self.transcript: list[str] = []

    def fields(self, **more: str) -> dict[str, str]:
        """Return the parameters every voice webhook of this call carries."""
        return {
            "CallSid": self.sid,
            "AccountSid": ACCOUNT,
            "From": self.number,
            "To": NUMBER,
            "CallStatus": "in-progress",
            "Direction": "inbound",
            "ApiVersion": "2010-04-01",
            **more,
        }

    async def turn(self, path: str, **more: str) -> str:
        """Take one turn and follow redirects as Twilio does, until something waits for the caller."""
        for _ in range(10):
            answer = await self.line.post(path, self.fields(**more))
            self.status, self.twiml = answer.status_code, answer.text
            assert answer.status_code == 200, answer.text
            assert answer.headers["content-type"].startswith("application/xml")
            root = ElementTree.fromstring(self.twiml)
            said = _spoken(root)
            self.transcript += [f"hears: {text}" for text in said]
            gather, redirect = root.find("Gather"), root.find("Redirect")
            if gather is not None or redirect is None:
                return " ".join(said)
            path, more = redirect.text or "", {}
        raise AssertionError(f"redirected without end: {self.twiml}")

    async def dials(self) -> Caller:
        """Call the plant."""
        self.transcript.append(f"{self.number} calls")
        await self.turn("/main/system/twilio-voice/inbound/0")
        return self

    @property
    def hears(self) -> str:
        """What was said in the last turn."""
        return " ".join(_spoken(ElementTree.fromstring(self.twiml)))

    async def presses(self, digits: str) -> Caller:
        """Press keys into the Gather that is waiting."""
        gather = self._gather()
        self.transcript.append(f"presses {digits}")
        finish = gather.get("finishOnKey", "#")
        await self.turn(gather.get("action") or "", Digits=digits.removesuffix(finish) if finish else digits)
        return self

    async def stays_silent(self) -> Caller:
        """Let the Gather time out and go on with what follows it."""
        self._gather()
        self.transcript.append("stays silent")
        redirect = ElementTree.fromstring(self.twiml).find("Redirect")
        assert redirect is not None, self.story()
        await self.turn(redirect.text or "")
        return self

    async def hangs_up(self, *, seconds: int = 20) -> Caller:
        """End the call; Twilio tells the gateway."""
        self.transcript.append("hangs up")
        fields = self.fields(
            CallStatus="completed",
            CallDuration=str(seconds),
            Duration=str(-(-seconds // 60)),
            SequenceNumber="3",
        )
        answer = await self.line.post("/main/system/twilio-voice/status/0", fields)
        assert answer.status_code == 204, answer.text
        return self

    @property
    def is_over(self) -> bool:
        """Whether the last answer ends the call."""
        root = ElementTree.fromstring(self.twiml)
        return root.find("Gather") is None and root.find("Redirect") is None

    def story(self) -> str:
        """Return the whole conversation so far."""
        return "\n".join(self.transcript)

    def _gather(self) -> ElementTree.Element:
        gather = ElementTree.fromstring(self.twiml).find("Gather")
        assert gather is not None, f"nobody is waiting for a key:\n{self.story()}\n{self.twiml}"
        return gather


def _spoken(root: ElementTree.Element) -> list[str]:
    return [re.sub(r"\s+", " ", "".join(say.itertext())).strip() for say in root.iter("Say")]


@contextlib.asynccontextmanager
async def open_line(folder: Path, **options: Any):
    """Start a gateway over a folder and yield the line to it."""
    gateway = Gateway(folder, **{"dev": True, "notify": False, **options})
    await gateway.start()
    transport = httpx2.ASGITransport(app=application(gateway))
    try:
        async with httpx2.AsyncClient(transport=transport, base_url="http://gateway.local") as client:
            yield Line(gateway, client)
    finally:
        await gateway.stop()
