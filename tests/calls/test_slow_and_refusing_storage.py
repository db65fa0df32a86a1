"""A database that refuses, and one that takes its time: nothing is claimed that is not on disk, nobody waits in silence."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit
from xml.etree import ElementTree

import httpx2
import pytest
from tests.plant import MARIA, Caller, Line, open_line, signed, write_project
from tests.serving import ROOT, served

from tocsin.db import writer
from tocsin.telephony.attempt import placed

QUICK = "[scripts]\nturn_ms = 700\n"
PIN_AND_ALL = """
if callAction == "ack":
    result = call.acknowledge(pin=Digits)
    response = f"<Response><Say>{result.reason}</Say></Response>"
if callAction == "remember":
    session["n"] = session.get("n", 0) + 1
    response = f"<Response><Say>turn {session['n']}</Say></Response>"
if callAction == "text":
    response = f"<Response><Say>{system.twilio.sendMessage(From, 'hello')}</Say></Response>"
"""
VOICE = "/main/system/twilio-voice"


@pytest.fixture
def refusing(monkeypatch):
    """A held database is refused at once."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 30)
    monkeypatch.setattr(writer, "PROBE_S", 0.02)


@pytest.fixture
def patient(monkeypatch):
    """A held database is waited for."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 60_000)


class Held:
    """Another program that keeps the gateway's database to itself, until it lets go."""

    def __init__(self, folder: Path) -> None:
        self._other = sqlite3.connect(folder / ".tocsin" / "tocsin.db", isolation_level=None)
        self._other.execute("BEGIN IMMEDIATE")

    def let_go(self) -> None:
        self._other.close()


@contextlib.contextmanager
def held(line: Line):
    """Hold the database of a gateway."""
    other = Held(line.gateway.folder)
    try:
        yield other
    finally:
        other.let_go()


async def fetch(caller: Caller, path: str, **more: str) -> str:
    """Post one webhook and follow nothing; return what is said."""
    answer = await caller.line.post(path, caller.fields(**more))
    assert answer.status_code == 200
    caller.twiml = answer.text
    return caller.hears


async def follow(caller: Caller) -> str:
    """Do what "one moment" asks for: pause, then fetch the same turn again, without the keys."""
    root = ElementTree.fromstring(caller.twiml)
    assert [verb.tag for verb in root] == ["Say", "Pause", "Redirect"], caller.twiml
    assert root.find("Pause").get("length") == "2"
    return await fetch(caller, root.find("Redirect").text)


def query_of(caller: Caller) -> dict[str, list[str]]:
    return parse_qs(urlsplit(ElementTree.fromstring(caller.twiml).find("Redirect").text).query)


async def acknowledgements(line: Line, episode: str) -> list[str]:
    """Return who acknowledged, one name per record."""
    said = "select person from ts_journal where kind = 'alarm.acknowledged' and subject = ?"
    return await line.gateway.services.db.read(
        lambda conn: [row[0] for row in conn.exec_driver_sql(said, (episode,))]
    )


async def wrong_tries(line: Line) -> int:
    return await line.gateway.services.db.read(
        lambda conn: conn.exec_driver_sql(
            "select count(*) from ts_pin_failure where subject = 'user:maria'"
        ).scalar_one()
    )


async def recovered(line: Line) -> None:
    """Wait until the database takes writes again."""
    async with asyncio.timeout(10):
        while not line.gateway.services.db.health.ok:
            await asyncio.sleep(0.01)


async def at_the_alarm(line: Line) -> Caller:
    """Call in, enter the PIN and hear the alarm."""
    maria = await line.call_from(MARIA).dials()
    await maria.presses("4711#")
    await maria.stays_silent()
    assert "Press 1 to acknowledge" in maria.hears, maria.story()
    return maria


async def test_a_refused_acknowledgement_is_not_claimed(tmp_path, refusing):
    """The caller hears that it could not be recorded, the alarm stays open, and the next try can succeed."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        episode = await line.raise_alarm()
        maria = await at_the_alarm(line)
        with held(line):
            await maria.presses("1")

            assert "That could not be recorded. The alarm stays open." in maria.hears, maria.story()
            assert not (await line.gateway.services.board.find(episode)).acked
            assert [one.id for one in line.gateway.services.board.open()] == [episode]
        await recovered(line)
        await maria.presses("1")

        assert maria.hears == "Acknowledged. Goodbye.", maria.story()
        assert await acknowledgements(line, episode) == ["maria"]


async def test_a_pin_that_cannot_be_counted_is_not_looked_at(tmp_path, refusing):
    """Guessing is not free while the database refuses; afterwards the try has not counted either."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        with held(line):
            await maria.presses("4711#")

            assert "could not be recorded" in maria.hears, maria.story()
            assert "Pump 2" not in maria.hears
        await recovered(line)
        assert await wrong_tries(line) == 0


async def test_a_call_begins_and_ends_while_the_database_refuses(tmp_path, refusing):
    """Greeting, events and texts are answered; an event is to be told again once it can be kept."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        with held(line):
            maria = await line.call_from(MARIA).dials()
            assert "Enter your PIN" in maria.hears
            final = maria.fields(CallStatus="completed", SequenceNumber="3")
            status = await line.post(f"{VOICE}/status/0", final)
            text = await line.post(
                "/main/system/twilio-message/inbound/0",
                {"AccountSid": maria.fields()["AccountSid"], "MessageSid": "SM1", "Body": "hi"},
            )
            assert (status.status_code, text.status_code) == (503, 503)
            assert status.headers["retry-after"] == "5"
        await recovered(line)
        assert (await line.post(f"{VOICE}/status/0", final)).status_code == 204


async def test_a_database_that_is_gone_answers_calls_all_the_same(tmp_path, refusing):
    """Not even the call can be looked up: the caller hears a sentence, and events are to be told again."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        await line.raise_alarm()
        for file in (tmp_path / "plant" / ".tocsin").glob("tocsin.db*"):
            file.rename(file.with_name(f"away-{file.name}"))
        maria = line.call_from(MARIA)

        assert "Alarms that are not acknowledged stay open" in await fetch(maria, f"{VOICE}/inbound/0")
        for action in ("status", "amd"):
            answer = await line.post(f"{VOICE}/{action}/0", maria.fields(AnsweredBy="human"))
            assert answer.status_code == 503


async def test_a_slow_acknowledgement_is_waited_for(tmp_path, patient):
    """ "One moment", a pause, the same turn: the caller hears the true result, and it happened once."""
    async with open_line(write_project(tmp_path / "plant", more=QUICK)) as line:
        episode = await line.raise_alarm()
        maria = await at_the_alarm(line)
        gather = ElementTree.fromstring(maria.twiml).find("Gather")
        await fetch(maria, gather.get("action"), Digits="1")
        with held(line) as other:
            await fetch(maria, ElementTree.fromstring(maria.twiml).find("Redirect").text)
            for wait in ("1", "2"):
                assert maria.hears == "One moment."
                assert query_of(maria)["wait"] == [wait]
                if wait == "1":
                    await follow(maria)
            other.let_go()
            while maria.hears == "One moment.":
                await follow(maria)

        assert maria.hears == "Acknowledged. Goodbye.", maria.twiml
        assert await acknowledgements(line, episode) == ["maria"]


@pytest.mark.parametrize(("digits", "said", "tries"), [("4711", "ok", 0), ("0001", "wrong_pin", 1)])
async def test_a_slow_pin_is_entered_once(tmp_path, patient, digits, said, tries):
    """The keys are not typed again: the turn that is asked for again has those it had, and the try counts once."""
    async with open_line(write_project(tmp_path / "plant", {"10.py": PIN_AND_ALL}, more=QUICK)) as line:
        episode = await line.raise_alarm()
        maria = line.call_from(MARIA)
        await fetch(maria, f"{VOICE}/remember/0")
        with held(line) as other:
            assert await fetch(maria, f"{VOICE}/ack/0", Digits=digits) == "One moment."
            other.let_go()
            await follow(maria)
            while maria.hears == "One moment.":
                await follow(maria)

        assert maria.hears == said
        assert await wrong_tries(line) == tries
        assert await acknowledgements(line, episode) == ["maria"] * (said == "ok")


async def test_after_three_moments_it_counts_as_not_recorded(tmp_path, patient):
    """Patience ends; what settles later is on record once, and was never claimed."""
    async with open_line(write_project(tmp_path / "plant", {"10.py": PIN_AND_ALL}, more=QUICK)) as line:
        episode = await line.raise_alarm()
        maria = line.call_from(MARIA)
        await fetch(maria, f"{VOICE}/remember/0")
        with held(line):
            heard = [await fetch(maria, f"{VOICE}/ack/0", Digits="4711")]
            while heard[-1] == "One moment.":
                heard.append(await follow(maria))

            assert heard == ["One moment."] * 3 + ["not_recorded"]
        await line.gateway.services.db.flush()
        async with asyncio.timeout(10):
            while not (await line.gateway.services.board.find(episode)).acked:
                await asyncio.sleep(0.01)

        assert await acknowledgements(line, episode) == ["maria"]


async def test_a_turn_whose_own_commit_is_slow(tmp_path, patient):
    """A changed session is on disk before the answer leaves; the script does not run again for it."""
    async with open_line(write_project(tmp_path / "plant", {"10.py": PIN_AND_ALL}, more=QUICK)) as line:
        maria = line.call_from(MARIA)
        assert await fetch(maria, f"{VOICE}/remember/0") == "turn 1"
        with held(line) as other:
            assert await fetch(maria, f"{VOICE}/remember/0") == "One moment."
            assert await follow(maria) == "One moment."
            other.let_go()
            while maria.hears == "One moment.":
                await follow(maria)

        assert maria.hears == "turn 2"
        assert await fetch(maria, f"{VOICE}/remember/0") == "turn 3"


async def test_however_many_steps_are_slow_the_caller_waits_three_times(tmp_path):
    """A step that begins when patience is over is told as not recorded, and is carried out all the same."""

    class Stuck:
        def __init__(self) -> None:
            self.go, self.texts = asyncio.Event(), []

        async def send(self, number, text, *, profile, message_id):
            self.texts.append(text)
            if text == "0":
                await asyncio.sleep(2)  # until the caller has waited for it twice
            else:
                await self.go.wait()
            return placed(f"SM{text}")

    texts = """
sent = [system.twilio.sendMessage(From, str(n)) for n in range(4)]
response = f"<Response><Say>{sent}</Say></Response>"
"""
    twilio = Stuck()
    folder = write_project(tmp_path / "plant", {"10.py": texts}, more="[scripts]\nturn_ms = 1000\n")
    async with open_line(folder, messenger=twilio) as line:
        maria = line.call_from(MARIA)
        heard = [await fetch(maria, f"{VOICE}/text/0")]
        while heard[-1] == "One moment." and len(heard) < 9:
            heard.append(await follow(maria))

        assert heard == ["One moment."] * 3 + ["[True, False, False, False]"]
        twilio.go.set()
        async with asyncio.timeout(10):
            while len(twilio.texts) < 4:
                await asyncio.sleep(0.01)
    assert twilio.texts == ["0", "1", "2", "3"]


async def test_a_slow_text_is_sent_once(tmp_path):
    """Twilio takes its time with a text: the caller waits for the truth, and it is sent once."""

    class Slow:
        def __init__(self) -> None:
            self.go, self.sent = asyncio.Event(), 0

        async def send(self, number, text, *, profile, message_id):
            self.sent += 1
            await self.go.wait()
            return placed("SM1")

    twilio = Slow()
    folder = write_project(tmp_path / "plant", {"10.py": PIN_AND_ALL}, more=QUICK)
    async with open_line(folder, messenger=twilio) as line:
        maria = line.call_from(MARIA)
        assert await fetch(maria, f"{VOICE}/text/0") == "One moment."
        assert await follow(maria) == "One moment."
        twilio.go.set()
        assert await follow(maria) == "True"
        assert twilio.sent == 1


def test_killed_while_the_caller_waits(tmp_path):
    """A new process is asked for a turn that the old one left waiting: it does it once, under its first name."""
    folder = write_project(tmp_path / "plant", {"10.py": PIN_AND_ALL}, more=QUICK)
    database = folder / ".tocsin" / "tocsin.db"
    maria = Caller(None, MARIA, "CA" + "7" * 32)

    def post(client: httpx2.Client, url: str, **more: str) -> str:
        url = (url if url.startswith("http") else f"https://alarms.example.com{url}").partition("#")[0]
        fields = maria.fields(**more)
        headers = signed(url, fields) | {"i-twilio-idempotency-token": os.urandom(8).hex()}
        parts = urlsplit(url)
        answer = client.post(f"{parts.path}?{parts.query}", content=urlencode(fields), headers=headers)
        maria.twiml = answer.text
        return maria.hears

    with served(folder) as (address, process), httpx2.Client(base_url=address, timeout=20) as client:
        token = (folder / ".tocsin" / "cli-token").read_text().strip()
        raised = {"path": "Plant/Pump 2/High level", "state": "active"}
        client.post("/api/v1/alarms", json=raised, headers={"authorization": f"Bearer {token}"})
        post(client, f"{VOICE}/remember/0")
        other = Held(folder)
        assert post(client, f"{VOICE}/ack/0", Digits="4711") == "One moment."
        process.send_signal(signal.SIGKILL)
        process.wait()
        other.let_go()
    with served(folder) as (address, _), httpx2.Client(base_url=address, timeout=20) as client:
        step = query_of(maria)["step"]
        assert step[0].startswith("token:")
        post(client, ElementTree.fromstring(maria.twiml).find("Redirect").text, Digits="4711")
        while maria.hears == "One moment.":
            assert query_of(maria)["step"] == step
            post(client, ElementTree.fromstring(maria.twiml).find("Redirect").text)
        assert maria.hears == "ok"
    with contextlib.closing(sqlite3.connect(database)) as db:
        kinds = [kind for (kind,) in db.execute("select kind from ts_journal")]
        assert kinds.count("alarm.acknowledged") == 1
        assert db.execute("select distinct key from ts_effect").fetchall() == [(step[0],)]


def test_a_full_disk(tmp_path):
    """On a disk that is really full no acknowledgement is claimed that is not there; with room it goes on."""
    unshare, mount = shutil.which("unshare"), shutil.which("mount")
    if not unshare or not mount:
        pytest.skip("unshare and mount are needed for a disk of one's own")
    folder = write_project(tmp_path / "plant")
    (folder / ".tocsin").mkdir()
    here = Path(__file__).parent / "on_a_full_disk.py"
    inside = 'mount -t tmpfs -o size=2m none "$1" && shift && exec "$@"'
    words = [folder / ".tocsin", sys.executable, here, folder]
    done = subprocess.run(
        [unshare, "--user", "--map-root-user", "--mount", "sh", "-c", inside, "sh", *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'runtime'}:{ROOT}"},
    )
    if done.stderr.startswith(("mount:", "unshare:")):
        pytest.skip(f"no disk of one's own here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])

    assert "could not be recorded" in told["while_full"], told
    assert told["acknowledged_while_full"] is False
    assert told["health"] is False
    assert told["afterwards"] == "Acknowledged. Goodbye."
    assert told["acknowledged"] == "maria"
    assert told["records"] == 1
