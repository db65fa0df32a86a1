"""A script is saved while a call is in progress: that call keeps its version, the next one has the new."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import httpx2
from tests.plant import BASE, JON, MARIA, Caller, signed, write_project
from tests.serving import served

GREETING = """
session["turns"] = session.get("turns", 0) + 1
response = f"<Response><Say>This is version VERSION, turn {session['turns']}.</Say><Pause/></Response>"
"""
BROKEN = "response = (\n"


class Wire:
    """Twilio's end of the line to a gateway in its own process."""

    def __init__(self, folder: Path, url: str, client: httpx2.AsyncClient) -> None:
        self.folder, self.url, self.client = folder, url, client

    async def post(self, path, fields, **_):
        url = (path if path.startswith("http") else BASE + path).partition("#")[0]
        parts = urlsplit(url)
        headers = signed(url, fields) | {"i-twilio-idempotency-token": secrets.token_hex(8)}
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        return await self.client.post(self.url + target, content=urlencode(fields), headers=headers)

    async def ready(self) -> tuple[int, dict]:
        """Ask for readiness as somebody who may know the details."""
        token = (self.folder / ".tocsin" / "cli-token").read_text().strip()
        answer = await self.client.get(f"{self.url}/readyz", headers={"authorization": f"Bearer {token}"})
        return answer.status_code, answer.json()

    async def new_call_hears(self, words: str) -> Caller:
        """Call anew until the words are heard; a saved script is live in a moment, also where others keep the machine busy."""
        until = time.monotonic() + 5
        while True:
            caller = await Caller(self, JON, f"CA{secrets.token_hex(16)}").dials()
            if words in caller.hears or time.monotonic() > until:
                assert words in caller.hears
                return caller


@contextlib.asynccontextmanager
async def wire(folder: Path):
    with served(folder, dev=False) as (url, _):
        async with httpx2.AsyncClient(timeout=10) as client:
            yield Wire(folder, url, client)


async def test_a_call_keeps_its_version(tmp_path):
    """Through a save, through one that cannot run, and through a restart, while new calls have the saved one."""
    folder = write_project(tmp_path / "plant", {"10_greeting.py": GREETING.replace("VERSION", "one")})
    script = folder / "twilio_scripts" / "10_greeting.py"
    async with wire(folder) as line:
        maria = await Caller(line, MARIA, f"CA{secrets.token_hex(16)}").dials()
        assert maria.hears == "This is version one, turn 1."

        script.write_text(GREETING.replace("VERSION", "two"))
        await line.new_call_hears("version two, turn 1")
        await maria.turn("/main/system/twilio-voice/menu/0")
        assert maria.hears == "This is version one, turn 2."

        script.write_text(BROKEN)
        async with asyncio.timeout(5):
            while "scripts-refused" not in (await line.ready())[1]["codes"]:
                await asyncio.sleep(0.02)
        status, body = await line.ready()
        assert status == 503
        assert "twilio_scripts/10_greeting.py:1: " in body["details"]["scripts-refused"]
        stranger = await line.client.get(f"{line.url}/readyz")
        assert "details" not in stranger.json()
        assert await line.new_call_hears("version two")
        logged = [json.loads(one) for one in (folder / "serve.log").read_text().splitlines()]
        (told,) = [one for one in logged if one["event"] == "scripts-finding"]
        assert (told["file"], told["line"], told["level"]) == ("twilio_scripts/10_greeting.py", 1, "error")

    script.write_text(GREETING.replace("VERSION", "three"))
    async with wire(folder) as line:
        maria.line = line
        await maria.turn("/main/system/twilio-voice/menu/0")
        assert maria.hears == "This is version one, turn 3."
        await line.new_call_hears("version three")
        assert (await line.ready())[1]["codes"] == ["emulator"]
