"""A PIN that was typed is nowhere to be found afterwards: not in records, logs, sessions, TwiML or URLs."""

from __future__ import annotations

from pathlib import Path

from tests.plant import MARIA, open_line, write_project

LEAKING = """
if callAction == "pin":
    print("typed", Digits)
    session["last"] = Digits
    session["spelled"] = " ".join(Digits)
    call.identify(Digits)
    response = f"<Response><Say>You typed {Digits}, that is {' '.join(Digits)}</Say></Response>"
"""
IN_A_URL = """
if callAction == "pin":
    response = f"<Response><Redirect>/main/system/twilio-voice/ack/0?pin={Digits}</Redirect></Response>"
"""
IN_CALL_URL = """
if callAction == "pin":
    call.identify(Digits)
    response = "<Response><Redirect>" + call.url("ack", pin=Digits) + "</Redirect></Response>"
"""
IN_A_TEXT = """
if callAction == "pin":
    call.identify(Digits)
    system.twilio.sendMessage(From, "my PIN is " + Digits)
"""


def on_disk(folder: Path) -> bytes:
    """Return everything the gateway has written."""
    return b"".join(path.read_bytes() for path in (folder / ".tocsin").rglob("*") if path.is_file())


async def test_a_typed_pin_is_not_on_disk(tmp_path, capsys):
    """Parameters, script log, session and TwiML are kept with PIN#1 in place of the PIN."""
    folder = write_project(tmp_path / "plant", {"10.py": LEAKING})
    async with open_line(folder) as line:
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/pin/0", Digits="4711")
        assert "You typed 4711" in maria.hears
    written = on_disk(folder)

    assert b"PIN#1" in written
    assert b"4711" not in written
    assert b"4 7 1 1" not in written
    assert "4711" not in "".join(capsys.readouterr())


async def test_a_pin_that_is_still_being_said_is_not_on_disk(tmp_path):
    """Twilio tells what it has understood so far, before the last word is said."""
    folder = write_project(tmp_path / "plant")
    async with open_line(folder) as line:
        partial = {"UnstableSpeechResult": "4 7 1 1", "StableSpeechResult": "4711"}
        maria = await line.call_from(MARIA).dials()
        await line.post("/main/system/twilio-voice/pin/0", maria.fields(**partial))
    written = on_disk(folder)

    assert b"PIN#1" in written
    assert b"4711" not in written
    assert b"4 7 1 1" not in written


async def test_a_pin_in_a_url_is_refused(tmp_path):
    """A script that would send the PIN through a URL fails, and the default answers."""
    for source in (IN_A_URL, IN_CALL_URL):
        async with open_line(write_project(tmp_path / "plant", {"10.py": source})) as line:
            maria = line.call_from(MARIA)
            await maria.turn("/main/system/twilio-voice/pin/0", Digits="4711")
            assert "4711" not in maria.twiml


async def test_a_pin_in_a_text_is_refused(tmp_path):
    """sendMessage does not carry a PIN out."""
    folder = write_project(tmp_path / "plant", {"10.py": IN_A_TEXT})
    async with open_line(folder) as line:
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/pin/0", Digits="4711")
    assert b"4711" not in on_disk(folder)


async def test_a_key_that_is_no_pin_leaves_the_record_readable(tmp_path):
    """A single key given as a PIN is no PIN: counters and numbers in session and record stay what they are."""
    script = """
session["count"] = 1
session["seen"] = {"1": [1, 2]}
if callAction == "pin":
    session["typed"] = int(Digits)
    call.identify(Digits)
    response = f"<Response><Say>{session['count']} {session['seen']['1'][0]}</Say></Response>"
"""
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/pin/0", Digits="1")
        await maria.turn("/main/system/twilio-voice/pin/0", Digits="4711")
        await maria.turn("/main/system/twilio-voice/pin/0", Digits="1")
        assert maria.hears == "1 1"
    assert b"4711" not in on_disk(tmp_path / "plant")


async def test_a_pin_in_a_note_is_not_on_disk(tmp_path):
    """Notes go into the journal and the audit, which nobody can mend."""
    script = """
if callAction == "pin":
    result = call.acknowledge(pin=Digits, note=f"by phone, keys {Digits}")
    response = f"<Response><Say>{result.reason}</Say></Response>"
"""
    folder = write_project(tmp_path / "plant", {"10.py": script})
    async with open_line(folder) as line:
        episode = await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        assert maria.hears == "ok"
        assert (await line.gateway.services.board.find(episode)).note == "by phone, keys PIN#1"
    assert b"4711" not in on_disk(folder)


async def kept_of(line):
    """Return what is on record of the calls and their turns."""

    def work(conn):
        return [
            *conn.exec_driver_sql("select session from ts_call").scalars(),
            *conn.exec_driver_sql("select params || given || log || failure || twiml from ts_turn").scalars(),
        ]

    await line.gateway.services.db.flush()
    return "".join(await line.gateway.services.db.read(work))


async def test_a_pin_that_is_known_for_one_later_is_hidden_in_what_was_kept(tmp_path):
    """A script may keep what was typed and ask whose it is a turn later: nothing of it is left from then on."""
    script = """
if callAction == "typed":
    session["typed"] = Digits
    print("typed", Digits)
    response = "<Response><Say>Press 1</Say></Response>"
if callAction == "confirm":
    response = f"<Response><Say>{call.identify(session['typed']).reason}</Say></Response>"
"""
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = line.call_from(MARIA)
        await maria.turn("/main/system/twilio-voice/typed/0", Digits="4711")
        await maria.turn("/main/system/twilio-voice/confirm/0", Digits="1")
        assert maria.hears == "ok"
        kept = await kept_of(line)

    assert "4711" not in kept
    assert kept.count("PIN#1") >= 3


async def test_what_was_typed_in_a_turn_that_failed_counts_as_a_pin(tmp_path, capsys):
    """The script may have failed before it came to ask; one key or a long number is left readable."""
    script = """
if callAction == "first-pin":
    print("typed", Digits)
    {}[Digits]
"""
    async with open_line(write_project(tmp_path / "plant", {"10.py": script})) as line:
        maria = line.call_from(MARIA)
        for digits in ("4711", "1", "123456789"):
            await maria.turn("/main/system/twilio-voice/first-pin/0", Digits=digits)
        kept = await kept_of(line)

    assert "4711" not in kept
    assert '"Digits":"1"' in kept
    assert "123456789" in kept
    assert "4711" not in "".join(capsys.readouterr())
