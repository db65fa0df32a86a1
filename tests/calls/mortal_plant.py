"""A plant whose gateway dies at exact moments and is started again, and Twilio's end of the line to it."""

from __future__ import annotations

import contextlib
import http.server
import json
import secrets
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from tests.calls.commit_points import moments
from tests.faults.stand import Gateway, Nursery
from tests.plant import ACCOUNT, BASE, TOML, Caller, signed

PERSON = """
[users.{name}]
id = {id}
pin = "4711"
areas = ["{name}"]
contacts = [{{ type = "phone", value = "{number}" }}, {{ type = "sms", value = "{number}" }}]
"""
AUDITED = """
[message_profiles.text]
twilio_profile = "plant"
audit_profile = "plant"

[audit_profiles.plant]
retention_days = 3650
"""


def killed_at(*points: str) -> pytest.MarkDecorator:
    """Give a test the moments of each of these transactions, one transaction after the other.

    That is what shows that there is a test that dies at them.
    """
    return pytest.mark.parametrize("moments", [moments(point) for point in points], ids=points)


class Twilio:
    """Takes every text, call and change of a call, and counts."""

    def __init__(self) -> None:
        self.texts: Counter[str] = Counter()
        """By the number that was texted."""
        self.sids: dict[str, str] = {}
        """By number: of the last text to it."""
        self.changes: Counter[str] = Counter()
        """By call."""
        twilio = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
                body = json.dumps({"sid": twilio._asked(self.path, form)}).encode()
                self.send_response(201)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def _asked(self, path: str, form: Mapping[str, list[str]]) -> str:
        what = path.rpartition("/")[2].removesuffix(".json")
        if what == "Messages":
            (number,) = form["To"]
            self.texts[number] += 1
            self.sids[number] = f"SM{secrets.token_hex(16)}"
            return self.sids[number]
        if what == "Calls":
            return f"CA{secrets.token_hex(16)}"
        self.changes[what] += 1
        return what

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class MortalPlant:
    """A gateway that is started again whenever it died, and Twilio's end of the line to it."""

    def __init__(self, folder: Path, twilio: Twilio) -> None:
        self.folder = folder
        self.twilio = twilio
        self.orders = folder / "kill"
        self.deaths = 0
        self.tokens = True
        self._nursery = Nursery(folder, "tests.calls.killed_at")
        environ = {"TOCSIN_TEST_KILL": str(self.orders), "TOCSIN_TEST_TWILIO": twilio.url}
        self._gateway = Gateway(folder, self._nursery, environ)
        self._gateway.start()
        self.client = httpx2.Client(base_url=self._gateway.url, timeout=20)

    def stop(self) -> None:
        self.client.close()
        self._gateway.stop()
        self._nursery.close()

    def kill_at(self, moment: str, *, nth: int = 1, times: int = 1) -> None:
        """Have the process die when it reaches a moment for the nth time, and the next ones at the first."""
        self.orders.write_text(f"{moment} {nth} {times}")
        self.deaths = 0

    @contextlib.contextmanager
    def dying_at(self, moments: Sequence[str]) -> Iterator[None]:
        """Have the process die at the first of these moments, the next process at the next one, and so on."""
        self.orders.write_text("\n".join(f"{moment} 1 1" for moment in moments))
        self.deaths = 0
        yield
        assert self.orders.read_text() == "", f"not reached: {self.orders.read_text()}"
        assert self.deaths == len(moments)

    def deliver(self, target: str, body: str, headers: dict[str, str]) -> httpx2.Response:
        """Post until somebody answers, as Twilio does with the same token."""
        for _ in range(12):
            try:
                return self.client.post(target, content=body, headers=headers)
            except httpx2.TransportError:
                assert self._gateway.is_gone() == -9, self._gateway.tail()
                self.deaths += 1
                self._gateway.start()
        raise AssertionError("the gateway dies every time")

    async def post(
        self, path: str, fields: dict[str, str], *, token: str | None = None, **_: Any
    ) -> httpx2.Response:
        """Deliver one webhook, and again after its answer, as if the answer had been lost."""
        url = (path if path.startswith("http") else BASE + path).partition("#")[0]
        headers = signed(url, fields)
        if self.tokens or "turn=" not in url:
            headers["i-twilio-idempotency-token"] = token or secrets.token_hex(16)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        first = self.deliver(target, urlencode(fields), headers)
        again = self.deliver(target, urlencode(fields), headers)
        assert (again.status_code, again.text) == (first.status_code, first.text)
        return again

    def call_from(self, number: str) -> Caller:
        """Begin a call from a telephone."""
        return Caller(self, number, f"CA{secrets.token_hex(16)}")  # type: ignore[arg-type] # a line all the same

    def raise_alarm(self, path: str) -> str:
        token = (self.folder / ".tocsin" / "cli-token").read_text().strip()
        answer = self.client.post(
            "/api/v1/alarms",
            json={"path": path, "state": "active"},
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 202, answer.text
        episode: str = answer.json()["episode"]
        return episode

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with contextlib.closing(
            sqlite3.connect(f"file:{self.folder / '.tocsin' / 'tocsin.db'}?mode=ro", uri=True)
        ) as db:
            return db.execute(query, values).fetchall()

    def one(self, query: str, *values: object) -> Any:
        """Give the one value that a query finds."""
        ((value,),) = self.rows(query, *values)
        return value

    def journal(self, subject: str) -> Counter[str]:
        """Count what the journal says about something, by kind."""
        return Counter(
            kind for (kind,) in self.rows("select kind from ts_journal where subject = ?", subject)
        )


@contextlib.contextmanager
def mortal_plant(
    folder: Path, people: Iterable[tuple[str, str]], *, script: str = "", more: str = ""
) -> Iterator[MortalPlant]:
    """Run a plant of these people (username, number), each with an area of that name."""
    (folder / "twilio_scripts").mkdir(parents=True)
    toml = TOML.replace('project = "."', 'project = "."\naudit_profile = "plant"')
    persons = [PERSON.format(name=name, id=10 + n, number=number) for n, (name, number) in enumerate(people)]
    (folder / "tocsin.toml").write_text(toml + AUDITED + "".join(persons) + more)
    (folder / "twilio_scripts" / "more.py").write_text(script)
    twilio = Twilio()
    plant = MortalPlant(folder, twilio)
    try:
        yield plant
    finally:
        plant.stop()
        twilio.close()


def account_of(**fields: str) -> dict[str, str]:
    """Give the fields of a webhook of the plant's account."""
    return {"AccountSid": ACCOUNT, **fields}
