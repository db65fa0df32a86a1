"""A webhook delivered twice is one turn: the same answer, and nothing happens a second time."""

from __future__ import annotations

import asyncio

import pytest
from tests.plant import MARIA, open_line, write_project

COUNTING = """
session["turns"] = session.get("turns", 0) + 1
response = f"<Response><Say>turn {session['turns']}</Say></Response>"
"""
WAITING = """
result = call.identify("0000")
response = f"<Response><Say>{result.reason} {callAction}</Say></Response>"
"""


@pytest.fixture
async def line(tmp_path):
    """A gateway whose one script counts the turns of a call in its session."""
    async with open_line(write_project(tmp_path / "plant", {"count.py": COUNTING})) as line:
        yield line


async def test_the_same_idempotency_token_gets_the_same_answer(line):
    """Twilio repeats a webhook with the token of the first try; the script does not run again."""
    caller = line.call_from(MARIA)
    path = "/main/system/twilio-voice/answer/0"

    first = await line.post(path, caller.fields(), token="one")
    again = await line.post(path, caller.fields(), token="one")
    other = await line.post(path, caller.fields(), token="two")

    assert "turn 1" in first.text
    assert again.text == first.text
    assert "turn 2" in other.text


async def test_without_a_token_the_turn_number_tells_a_repeat(line):
    """Where no token is sent, CallSid and the turn in the URL say which webhook it is."""
    caller = line.call_from(MARIA)
    path = "/main/system/twilio-voice/answer/0?turn=7"

    first = await line.post(path, caller.fields(), token="")
    again = await line.post(path, caller.fields(), token="")

    assert "turn 1" in first.text
    assert again.text == first.text


async def test_without_token_and_turn_every_webhook_is_a_turn(line):
    """Nothing tells a repeat from a new turn, so nothing is held back."""
    caller = line.call_from(MARIA)
    path = "/main/system/twilio-voice/answer/0"

    await line.post(path, caller.fields(), token="")

    assert "turn 2" in (await line.post(path, caller.fields(), token="")).text


async def test_a_repeat_of_a_running_turn_waits_for_its_answer(tmp_path):
    """Two deliveries at once are one turn; the PIN in it counts as one try."""
    async with open_line(write_project(tmp_path / "plant", {"ask.py": WAITING})) as line:
        caller = line.call_from(MARIA)
        path = "/main/system/twilio-voice/answer/0"

        first, second = await asyncio.gather(
            *(line.post(path, caller.fields(), token="same") for _ in range(2))
        )

        assert "wrong_pin answer" in first.text
        assert second.text == first.text


async def test_a_repeat_is_known_after_a_restart(tmp_path):
    """What had an effect is on disk before the answer leaves, so a new process knows the webhook."""
    folder = write_project(tmp_path / "plant", {"count.py": COUNTING})
    path = "/main/system/twilio-voice/answer/0"
    async with open_line(folder) as line:
        caller = line.call_from(MARIA)
        first = await line.post(path, caller.fields(), token="one")
    async with open_line(folder) as line:
        again = await line.post(path, caller.fields(), token="one")
        following = await line.post(path, caller.fields(), token="two")

    assert again.text == first.text
    assert "turn 2" in following.text


async def test_a_turn_after_the_end_hangs_up(line):
    """A webhook that arrives after the call's last status runs nothing."""
    caller = await line.call_from(MARIA).dials()
    await caller.hangs_up()

    answer = await line.post("/main/system/twilio-voice/menu/0", caller.fields())

    assert "<Hangup/>" in answer.text
    assert "turn" not in answer.text


async def test_two_first_webhooks_at_once_are_one_call(line):
    """Two webhooks of a leg nobody knows yet, each looking for it on disk, end up in the same call."""
    caller = line.call_from(MARIA)
    path = "/main/system/twilio-voice/answer/0"

    answers = await asyncio.gather(*(line.post(path, caller.fields()) for _ in range(4)))

    assert all("turn" in answer.text for answer in answers)
    assert len(line.gateway.ledger) == 1
