"""A saved configuration is live for the next call, over the files alone; what is wrong shows as a code."""

from __future__ import annotations

import asyncio
import errno
import os
import signal

import pytest
import structlog
from tests.plant import JON, MARIA, STRANGER, TOML, open_line, write_project

from tocsin.sandbox import nursery, pool
from tocsin.sandbox import sandbox as sandboxes
from tocsin.sandbox.lockdown.report import LockReport

GUEST = f"""
[users.guest]
id = 7
name = "Guest Engineer"
pin = "5820"
contacts = [{{ type = "phone", value = "{STRANGER}" }}]
"""
TELLING = "response = f\"<Response><Say>{user.name if user else 'nobody'}</Say></Response>\" if callAction == 'who' else ''"


async def ready(line, *, knows: bool = False):
    """Return status, codes and details of /readyz, with the token of the command line or without."""
    token = (line.gateway.state / "cli-token").read_text().strip()
    answer = await line.client.get("/readyz", headers={"authorization": f"Bearer {token}"} if knows else {})
    body = answer.json()
    return answer.status_code, body["codes"], body.get("details", {})


async def until(holds):
    """Wait until something saved has been noticed."""
    async with asyncio.timeout(10):
        while not holds():
            await asyncio.sleep(0.02)


@pytest.fixture
async def line(tmp_path):
    """A gateway whose files are watched, as `tocsin serve` does."""
    async with open_line(write_project(tmp_path / "plant", {"who.py": TELLING})) as found:
        await asyncio.sleep(0.1)  # until the watch looks
        yield found


async def save(line, text):
    """Save the plant's file and wait until it is in force."""
    before = line.gateway.configuration
    (line.gateway.folder / "tocsin.toml").write_text(text)
    await until(lambda: line.gateway.configuration is not before)


async def who_calls(line, number):
    caller = line.call_from(number)
    await caller.turn("/main/system/twilio-voice/who/0")
    return caller.hears


async def enter(line, number, pin):
    """Call in, enter a PIN, return what is said."""
    caller = await line.call_from(number).dials()
    await caller.presses(f"{pin}#")
    return caller.hears


async def test_a_new_person_and_a_new_phone_are_known_to_the_next_call(line):
    """Nobody restarts anything."""
    assert await who_calls(line, STRANGER) == "nobody"

    await save(line, TOML + GUEST)
    assert await who_calls(line, STRANGER) == "Guest Engineer"

    await save(line, TOML.replace(MARIA, STRANGER))
    assert await who_calls(line, STRANGER) == "Maria Lind"
    assert await who_calls(line, MARIA) == "nobody"


async def test_a_new_pin_counts_at_once_even_in_a_call_in_progress(line):
    """People and PINs are read live: the old one is wrong from now on."""
    await line.raise_alarm()
    maria = await line.call_from(MARIA).dials()

    await save(line, TOML.replace('pin = "4711"', 'pin = "8264"'))

    await maria.presses("4711#")
    assert "not recognised" in maria.hears
    assert "1 alarm, priority high." in await enter(line, MARIA, "8264")


async def test_a_broken_file_keeps_the_last_good_and_says_so(line):
    """With a code for everybody, with file and line for who may know, and in the log; mending ends it."""
    assert await ready(line) == (200, [], {})
    with structlog.testing.capture_logs() as logged:
        (line.gateway.folder / "tocsin.toml").write_text(TOML.replace("language", "x") + "\n[gatway]\n")
        await until(lambda: line.gateway.refused)

    assert await ready(line) == (503, ["config-refused"], {})
    status, codes, details = await ready(line, knows=True)
    assert (status, codes) == (503, ["config-refused"])
    assert 'gatway: unknown key; did you mean "gateway"?' in details["config-refused"]
    assert details["config-refused"].startswith("tocsin.toml:")
    (told,) = [one for one in logged if one["event"] == "configuration-refused"]
    assert any("gatway" in finding for finding in told["findings"])
    await line.raise_alarm()
    assert "not recognised" not in await enter(line, MARIA, "4711")

    await save(line, TOML)
    assert await ready(line) == (200, [], {})


async def test_a_new_address_waits_for_the_restart(line):
    """All else of the same save is in force at once."""
    text = TOML.replace("[gateway]", '[gateway]\nlisten = "127.0.0.1:9999"')
    with structlog.testing.capture_logs() as logged:
        await save(line, text.replace("Jon Berg", "Jon B. Berg"))

    assert line.gateway.at_restart == ("gateway.listen",)
    (told,) = [one for one in logged if one["event"] == "configuration-at-restart"]
    assert told["keys"] == ["gateway.listen"]
    assert await who_calls(line, JON) == "Jon B. Berg"
    assert (await ready(line))[0] == 200


async def test_the_emulator_is_no_telephone(tmp_path):
    """Outside development a gateway whose calls go nowhere is not ready."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        line.gateway.dev = False
        status, codes, details = await ready(line, knows=True)

    assert (status, codes) == (503, ["emulator"])
    assert "plant" in details["emulator"]


def no_memory(*_):
    raise OSError(errno.ENOMEM, "Cannot allocate memory")


async def test_a_sandbox_that_does_not_come_back_is_told_and_calls_are_answered(tmp_path, monkeypatch):
    """The shipped default answers in the gateway itself; once the sandbox runs again, scripts do."""
    monkeypatch.setattr(pool, "OUTAGE_S", 0.01)
    monkeypatch.setattr(pool, "_RESTARTS_S", (0.02,))
    folder = write_project(tmp_path / "plant", {"10.py": "response = '<Response><Say>mine</Say></Response>'"})
    async with open_line(folder) as line:
        sandbox = line.gateway.services.sandbox
        with monkeypatch.context() as patched:
            patched.setattr(nursery, "_execute", no_memory)
            os.kill(sandbox.stats()["zygote"], signal.SIGKILL)
            await until(lambda: sandbox.outage)
            status, codes, details = await ready(line, knows=True)
            assert "mine" not in (await line.call_from(MARIA).dials()).story()
        assert (status, codes) == (503, ["sandbox-down"])
        assert "the zygote has died" in details["sandbox-down"]

        await until(lambda: not sandbox.outage)
        assert await ready(line, knows=True) == (200, [], {})
        assert "mine" in (await line.call_from(MARIA).dials()).story()


async def test_without_a_lock_calls_are_answered_and_acknowledged(tmp_path, monkeypatch):
    """Project scripts never run; the shipped default does, in the gateway itself, and the code says why."""

    async def no_lock(_):
        return LockReport("linux", fault="this kernel has no seccomp")

    monkeypatch.setattr(sandboxes, "inspect", no_lock)
    folder = write_project(tmp_path / "plant", {"10.py": "response = '<Response><Say>mine</Say></Response>'"})
    async with open_line(folder) as line:
        episode = await line.raise_alarm()
        status, codes, details = await ready(line, knows=True)
        assert (status, codes) == (503, ["sandbox-not-locked"])
        assert "this kernel has no seccomp" in details["sandbox-not-locked"]

        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")

        assert maria.hears == "Acknowledged. Goodbye.", maria.story()
        assert "mine" not in maria.story()
        assert (await line.gateway.services.board.find(episode)).acked_by == "maria"
