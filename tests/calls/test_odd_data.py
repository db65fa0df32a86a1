"""Whatever a source sends and whatever a script keeps, the next turn is answered and the PIN acknowledges."""

from __future__ import annotations

import pytest
from tests.plant import MARIA, open_line, write_project

from tocsin.calls.system_functions import Logger


def nested(levels: int) -> dict[str, object]:
    """Make data of so many levels."""
    data: dict[str, object] = {"bottom": 1}
    for _ in range(levels):
        data = {"d": data}
    return data


ODD = {
    "a number beyond 64 bits": {"value": 2**70},
    "no number": {"value": float("nan")},
    "infinity": {"value": float("inf")},
    "a control character": {"value": "high\x0b"},
    "a long text": {"value": "x" * 70_000},
    "a character XML has not": {"label": "Pump\ufffe"},
    "data that lies deep": {"data": nested(100)},
    "data that lies very deep": {"data": nested(480)},
    "data that lies as deep as JSON goes": {"data": nested(900)},
    "odd data": {"data": {"deep": [2**80, {"n": "\x00"}]}},
}
POISON = {
    "a huge number": "session['n'] = 2 ** 70",
    "half a character": "session['x'] = '\\ud83d'",
    "half a character in a key": "session['\\ud83d'] = 1",
    "another kind of session": "session = 7",
}


@pytest.mark.parametrize("what", ODD)
async def test_an_odd_alarm_is_read_out_and_acknowledged(tmp_path, what):
    """One alarm of an odd source must not silence the telephone for everybody."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        episode = await line.raise_alarm(**ODD[what])
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")

        assert maria.hears == "Acknowledged. Goodbye.", maria.story()
        assert (await line.gateway.services.board.find(episode)).acked_by == "maria"


@pytest.mark.parametrize("what", POISON)
async def test_a_script_cannot_poison_its_own_call(tmp_path, what):
    """What a session cannot hold fails the turn that put it there, and no later one."""
    script = f"if callAction == 'inbound':\n    {POISON[what]}\n    response = '<Response/>'"
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = await line.call_from(MARIA).dials()
        assert "alarm system" in maria.hears

        await maria.turn("/main/system/twilio-voice/pin/0")
        assert "PIN" in maria.hears


async def test_a_session_may_be_set_anew(tmp_path):
    """`session = {...}` keeps what it says."""
    script = """
seen = session.get("seen", 0) + 1
session = {"seen": seen}
response = f"<Response><Say>{seen}</Say></Response>"
"""
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = await line.call_from(MARIA).dials()
        await maria.turn("/main/system/twilio-voice/menu/0")
        assert maria.hears == "2"


async def test_heard_and_acknowledge_in_one_turn_acknowledge_nothing_unheard(tmp_path):
    """What is marked in this turn counts as heard when the phone comes back, and the rest not at all."""
    script = """
if callAction == "menu":
    heard(alarms[0])
    result = call.acknowledge(pin="4711")
    response = f"<Response><Say>{result.reason}</Say></Response>"
"""
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        await line.raise_alarm()
        await line.raise_alarm("Plant/Other")
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/menu/0")
        assert maria.hears == "nothing_open"
        assert not any(one.acked for one in line.gateway.services.board.open())


async def test_two_turns_at_once_keep_both_what_they_say(tmp_path):
    """Turns of one call follow one another, so that neither loses the other's session."""
    import asyncio

    script = "session[callAction] = 1\ncall.identify('0000')\nresponse = f'<Response><Say>{len(session)}</Say></Response>'"
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/first/0")
        await asyncio.gather(
            *(line.post(f"/main/system/twilio-voice/{name}/0", maria.fields()) for name in ("left", "right"))
        )
        await maria.turn("/main/system/twilio-voice/last/0")
        assert maria.hears == "4"


async def test_shelving_needs_the_pin_of_the_alarm_that_is_shelved(tmp_path):
    """A rule for Critical alarms counts for shelving them too."""
    more = '\n[alarms."Plant/Chlorine"]\npriority = "Critical"\n'
    script = "response = f'<Response><Say>{call.shelve(60).reason}</Say></Response>'"
    folder = write_project(tmp_path / "plant", {"10.py": script}, more=more)
    toml = (folder / "tocsin.toml").read_text()
    pin = 'project = "."\npin = { default = "none", Critical = "to-acknowledge" }\n'
    (folder / "tocsin.toml").write_text(toml.replace('project = "."\n', pin))
    async with open_line(folder) as line:
        await line.raise_alarm("Plant/Chlorine")
        maria = await line.call_from(MARIA).dials()
        assert maria.hears == "pin_required"


async def test_a_webhook_of_the_same_token_is_the_same_webhook_for_the_account(tmp_path):
    """Twilio's token is its own; whatever leg the repeat names, nothing happens twice, restarts included."""
    script = "session['n'] = session.get('n', 0) + 1\nresponse = f'<Response><Say>{session[\"n\"]}</Say></Response>'"
    folder = write_project(tmp_path / "plant", {"10.py": script})
    path = "/main/system/twilio-voice/answer/0"
    async with open_line(folder) as line:
        first = await line.post(path, line.call_from(MARIA).fields(), token="same")
        other = await line.post(path, line.call_from(MARIA).fields(), token="same")
        assert other.text == first.text
    async with open_line(folder) as line:
        again = await line.post(path, line.call_from(MARIA).fields(), token="same")
        assert again.text == first.text


async def test_a_call_that_ended_before_its_first_turn_answers_nothing(tmp_path):
    """Events may overtake turns."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        maria = line.call_from(MARIA)
        await maria.hangs_up()
        await maria.turn("/main/system/twilio-voice/inbound/0")
        assert maria.is_over
        assert maria.hears == ""


@pytest.mark.parametrize("said", ["4 7 1 1", "4711.", "4-7-1-1", "4711#"])
async def test_a_pin_may_be_said_in_any_way(tmp_path, said):
    """Speech recognition writes digits as it likes; all of it is the same PIN, and none of it is kept."""
    script = "if callAction == 'pin':\n    response = f'<Response><Say>{call.identify(SpeechResult).reason}</Say></Response>'"
    folder = write_project(tmp_path / "plant", {"10.py": script})
    async with open_line(folder) as line:
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/pin/0", SpeechResult=said)
        assert maria.hears == "ok"
    kept = b"".join(one.read_bytes() for one in (folder / ".tocsin").iterdir() if one.is_file())
    assert said.encode() not in kept
    assert b"4711" not in kept


def test_a_logged_object_shows_no_address_in_memory():
    """Neither as the message nor as the logger's name: the log is shown to people."""
    said = []
    Logger(len, lambda level, text: said.append((level, text))).warn(print)
    Logger("mine", lambda level, text: said.append((level, text))).info(lambda: 1)

    assert said[0] == ("warning", "<built-in function len>: <built-in function print>")
    assert said[1][1].startswith("mine: <function ")
    assert "0x" not in said[1][1]
