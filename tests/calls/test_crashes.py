"""kill -9 in the middle of a turn, wherever something is committed: the repeated webhook has no second effect.

A real `tocsin serve` dies at an exact moment, is started again, and Twilio delivers the webhook again, as
it does. Whatever the moment, the caller ends up where a call without a crash would have ended.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import secrets
import sqlite3
import threading
from collections import Counter
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from tests.plant import BASE, TOML, Caller, signed
from tests.serving import served

PIN = [
    "before-booking", "inside-booking", "after-booking", "before-settle", "inside-settle", "after-settle",
]  # fmt: skip
ACKNOWLEDGEMENT = ["before-acknowledge", "inside-acknowledge", "after-acknowledge"]
TURN = ["before-end-of-turn", "inside-end-of-turn", "after-end-of-turn", "before-answer", "after-answer"]
MESSAGE = [
    "before-intent", "inside-intent", "after-intent", "after-twilio", "inside-message-settle",
    "after-message-settle",
]  # fmt: skip

SCRIPT = """
if callAction == "at once":
    result = call.acknowledge(pin=Digits)
    response = f"<Response><Say>{result.reason}</Say><Hangup/></Response>"
if callAction == "text":
    sent = system.twilio.sendMessage(From, "Pump 2 is back")
    response = f"<Response><Say>{'sent' if sent else 'not sent'}</Say><Hangup/></Response>"
"""
PERSON = """
[users.{name}]
id = {id}
pin = "4711"
areas = ["{name}"]
contacts = [{{ type = "phone", value = "{number}" }}]
"""
PEOPLE = {f"person{n}": f"+46701000{n:03}" for n in range(60)}


class Twilio(http.server.BaseHTTPRequestHandler):
    """Takes every text, and counts."""

    texts: ClassVar[Counter[str]] = Counter()

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
        self.texts[form["To"][0]] += 1
        body = json.dumps({"sid": f"SM{secrets.token_hex(16)}"}).encode()
        self.send_response(201)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


class MortalPlant:
    """A gateway that is started again whenever it died, and Twilio's end of the line to it."""

    def __init__(self, folder: Path, twilio: str) -> None:
        self.folder = folder
        self.orders = folder / "kill"
        self.deaths = 0
        self._environ = {"TOCSIN_TEST_KILL": str(self.orders), "TOCSIN_TEST_TWILIO": twilio}
        self._stack = contextlib.ExitStack()
        self.start()

    def start(self) -> None:
        self._stack.close()
        program = [str(Path(__file__).parent / "killed_at.py")]
        running = served(self.folder, dev=False, program=program, environ=self._environ)
        self.url, self.process = self._stack.enter_context(running)
        self.client = self._stack.enter_context(httpx2.Client(base_url=self.url, timeout=20))

    def stop(self) -> None:
        self._stack.close()

    def kill_at(self, moment: str, *, nth: int = 1, times: int = 1) -> None:
        """Have the process die when it reaches a moment for the nth time, and the next ones at the first."""
        self.orders.write_text(f"{moment} {nth} {times}")
        self.deaths = 0

    def deliver(self, target: str, body: str, headers: dict[str, str]) -> httpx2.Response:
        """Post until somebody answers, as Twilio does with the same token."""
        for _ in range(6):
            try:
                return self.client.post(target, content=body, headers=headers)
            except httpx2.TransportError:
                assert self.process.wait(10) == -9, (self.folder / "serve.log").read_text()
                self.deaths += 1
                self.start()
        raise AssertionError("the gateway dies every time")

    async def post(self, path, fields, *, token=None, **_):
        """Deliver one webhook, and again after its answer, as if the answer had been lost."""
        url = (path if path.startswith("http") else BASE + path).partition("#")[0]
        headers = signed(url, fields)
        if self.tokens or "turn=" not in url:
            headers["i-twilio-idempotency-token"] = secrets.token_hex(16)
        parts = urlsplit(url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        first = self.deliver(target, urlencode(fields), headers)
        again = self.deliver(target, urlencode(fields), headers)
        assert again.text == first.text
        return again

    tokens = True

    def raise_alarm(self, path: str) -> str:
        token = (self.folder / ".tocsin" / "cli-token").read_text().strip()
        answer = self.client.post(
            "/api/v1/alarms",
            json={"path": path, "state": "active"},
            headers={"authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 202, answer.text
        return answer.json()["episode"]

    def rows(self, query: str, *values: object) -> list[tuple]:
        with contextlib.closing(
            sqlite3.connect(f"file:{self.folder / '.tocsin' / 'tocsin.db'}?mode=ro", uri=True)
        ) as db:
            return db.execute(query, values).fetchall()


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """The plant of this file's people, each with alarms of their own."""
    folder = tmp_path_factory.mktemp("crashes") / "plant"
    (folder / "twilio_scripts").mkdir(parents=True)
    people = [PERSON.format(name=name, id=10 + n, number=PEOPLE[name]) for n, name in enumerate(PEOPLE)]
    (folder / "tocsin.toml").write_text(TOML + "".join(people))
    (folder / "twilio_scripts" / "more.py").write_text(SCRIPT)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Twilio)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    plant = MortalPlant(folder, f"http://127.0.0.1:{server.server_address[1]}")
    yield plant
    plant.stop()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def somebody(plant, request):
    """The next person nobody has called yet: (username, number)."""
    return next(_everybody)


_everybody = iter(PEOPLE.items())


async def acknowledge_by_phone(plant: MortalPlant, number: str) -> Caller:
    """Call in, mistype the PIN once, enter it, hear the alarm, press 1."""
    caller = Caller(plant, number, f"CA{secrets.token_hex(16)}")
    await caller.dials()
    assert "Enter your PIN" in caller.hears, caller.story()
    await caller.presses("0001#")
    assert "not recognised" in caller.hears, caller.story()
    await caller.presses("4711#")
    for _ in range(3):
        if "Press 1 to acknowledge" in caller.hears:
            break
        await caller.stays_silent()
    await caller.presses("1")
    return caller


CASES = [
    *((moment, 1, 1, True) for moment in PIN),
    *((moment, 2, 1, False) for moment in PIN),
    *((moment, 1, 2, True) for moment in ACKNOWLEDGEMENT),
    *((moment, 4, 1, True) for moment in TURN),
    *((moment, 7, 1, False) for moment in ("inside-end-of-turn", "before-answer")),
]


@pytest.mark.parametrize(("moment", "nth", "times", "tokens"), CASES)
async def test_a_call_is_the_same_with_and_without_a_crash(plant, somebody, moment, nth, times, tokens):
    """One wrong try, one person, one acknowledgement, and "acknowledged" is said once it is on disk."""
    name, number = somebody
    plant.orders.unlink(missing_ok=True)
    episode = plant.raise_alarm(name)
    plant.kill_at(moment, nth=nth, times=times)
    plant.tokens = tokens

    caller = await acknowledge_by_phone(plant, number)

    assert plant.deaths >= 1, f"{moment} was not reached {nth} times"
    assert caller.hears == "Acknowledged. Goodbye.", caller.story()
    assert plant.rows("select acked_by, acked_via from ts_episode where id = ?", episode) == [(name, "voice")]
    kinds = Counter(kind for (kind,) in plant.rows("select kind from ts_journal where subject = ?", episode))
    assert kinds["alarm.acknowledged"] == 1, kinds
    assert plant.rows("select count(*) from ts_pin_failure where subject = ?", f"user:{name}") == [(1,)]
    assert plant.rows("select count(*) from ts_pin_failure where subject = ?", f"number:{number}") == [(1,)]
    wrong = "select count(*) from ts_journal where kind = 'pin.wrong' and subject = ?"
    assert plant.rows(wrong, name) == [(1,)]
    assert plant.rows("select identified from ts_call where sid = ?", caller.sid) == [(name,)]


@pytest.mark.parametrize("moment", ["after-booking", "inside-settle", "after-settle", "after-acknowledge"])
async def test_a_pin_in_the_first_webhook_of_a_call(plant, somebody, moment):
    """Nothing of the call is on disk yet when its PIN is booked; the try is found again all the same."""
    name, number = somebody
    plant.orders.unlink(missing_ok=True)
    episode = plant.raise_alarm(name)
    plant.kill_at(moment)
    caller = Caller(plant, number, f"CA{secrets.token_hex(16)}")

    await caller.turn("/main/system/twilio-voice/at%20once/0", Digits="4711")

    assert plant.deaths == 1
    assert caller.hears == "ok"
    assert plant.rows("select acked_by from ts_episode where id = ?", episode) == [(name,)]
    assert plant.rows("select count(*) from ts_pin_failure where subject = ?", f"user:{name}") == [(0,)]
    assert plant.rows("select count(*) from ts_call where sid = ?", caller.sid) == [(1,)]


@pytest.mark.parametrize(("moment", "tokens"), list(zip(MESSAGE, [True, False] * 3, strict=True)))
async def test_a_text_is_sent_at_most_once(plant, somebody, moment, tokens):
    """A text whose end is unknown is not sent again: the script hears False, and the intent stays on record."""
    _, number = somebody
    plant.kill_at(moment)
    plant.tokens = tokens
    caller = Caller(plant, number, f"CA{secrets.token_hex(16)}")

    await caller.turn("/main/system/twilio-voice/text/0?turn=1")

    assert plant.deaths == 1
    asked = Twilio.texts[number]
    messages = plant.rows("select state from ts_message where number = ?", number)
    assert len(messages) == 1
    if moment in ("before-intent", "inside-intent"):
        assert (asked, messages, caller.hears) == (1, [("sent",)], "sent")
    elif moment == "after-intent":
        assert (asked, messages, caller.hears) == (0, [("intent",)], "not sent")
    elif moment == "after-message-settle":
        assert (asked, messages, caller.hears) == (1, [("sent",)], "sent")
    else:
        assert (asked, messages, caller.hears) == (1, [("intent",)], "not sent")
