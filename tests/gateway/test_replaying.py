"""A replayed turn is judged as a real one: the same limits, and the same check of what it would answer."""

from __future__ import annotations

import asyncio
from xml.etree import ElementTree

import pytest
from tests.plant import MARIA, open_line, write_project

from tocsin.errors import TocsinError
from tocsin.gateway.replaying import replayed
from tocsin.telephony.attempt import placed

GREETING = "response = '<Response><Say>Good evening</Say></Response>'\n"
EXPENSIVE = "response = '<Response><Dial>+19005550123</Dial></Response>'\n"
ENDLESS = "while True:\n    pass\n"


async def recorded(folder):
    """Let the plant answer one call, and return its CallSid."""
    async with open_line(folder, watch=False) as line:
        caller = await line.call_from(MARIA).dials()
        return caller.sid


async def test_twiml_that_may_not_leave_is_a_failure_that_says_why(tmp_path):
    """The real turn would have been answered by the default; a bare difference would not tell."""
    folder = write_project(tmp_path / "plant", {"10.py": GREETING})
    sid = await recorded(folder)
    (same,) = await replayed(folder, sid, None)
    assert (same["failure"], same["differs"]) == ("", False)

    (folder / "twilio_scripts" / "10.py").write_text(EXPENSIVE)
    (step,) = await replayed(folder, sid, None)

    assert step["differs"]
    assert "[scripts].dial" in step["failure"]


async def test_scripts_that_cannot_be_read_are_told_and_not_left_out(tmp_path):
    """No difference would be told of a script that did not run."""
    folder = write_project(tmp_path / "plant", {"10.py": GREETING})
    sid = await recorded(folder)
    tried = tmp_path / "tried"
    tried.mkdir()
    with pytest.raises(TocsinError, match=f"there are no scripts in {tried}"):
        await replayed(folder, sid, tried)

    (tried / "10.py").write_text(GREETING)
    (tried / "20.py").write_bytes(b"# p\xe5 svenska\n")
    with pytest.raises(TocsinError, match=rf"^{tried}/20\.py: line 1 is not UTF-8"):
        await replayed(folder, sid, tried)

    (tried / "20.py").write_text("# på svenska\n")
    (step,) = await replayed(folder, sid, tried)
    assert (step["failure"], step["differs"]) == ("", False)


async def test_a_replayed_turn_has_the_time_the_configuration_gives(tmp_path):
    """A script too slow for a call is too slow for a replay."""
    folder = write_project(
        tmp_path / "plant", {"10.py": GREETING}, more="\n[scripts]\ncpu_ms = 1900\nturn_ms = 700\n"
    )
    sid = await recorded(folder)

    (folder / "twilio_scripts" / "10.py").write_text(ENDLESS)
    (step,) = await replayed(folder, sid, None)

    assert step["failure"]
    assert step["took_ms"] < 1500


async def test_a_moment_that_the_caller_waited_is_no_turn_to_run_again(tmp_path):
    """tocsin said that itself; the turn that was waited for is replayed once, and differs in nothing."""

    class Slow:
        async def send(self, number, text, *, profile, message_id):
            await asyncio.sleep(1)
            return placed("SM1")

    text = "sent = system.twilio.sendMessage(From, 'hello')\nresponse = f'<Response><Say>{sent}</Say></Response>'\n"
    folder = write_project(tmp_path / "plant", {"10.py": text}, more="\n[scripts]\nturn_ms = 700\n")
    async with open_line(folder, watch=False, messenger=Slow()) as line:
        maria = line.call_from(MARIA)
        waited = await line.post("/main/system/twilio-voice/inbound/0", maria.fields())
        assert "One moment" in waited.text
        await asyncio.sleep(0.5)
        again = ElementTree.fromstring(waited.text).find("Redirect").text
        assert "True" in (await line.post(again, maria.fields())).text

    (step,) = await replayed(folder, maria.sid, None)

    assert (step["failure"], step["differs"]) == ("", False)
