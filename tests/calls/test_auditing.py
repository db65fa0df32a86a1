"""Calls and texts leave their rows in the audit profile: per person, episode and result, verified as a chain."""

from __future__ import annotations

import pytest
from tests.calls.asking import Twilio
from tests.plant import JON, MARIA, STRANGER, TOML, open_line, write_project

from tocsin.journal import audit

AUDITED = TOML.replace('project = "."', 'project = "."\naudit_profile = "plant"') + "[audit_profiles.plant]\n"


@pytest.fixture
async def line(tmp_path):
    """Give a gateway whose calls are audited, with a script that texts Jon."""
    texts = f"system.twilio.sendMessage('{JON}', 'Come') if callAction == 'text' else None"
    folder = write_project(tmp_path / "plant", {"text.py": texts})
    (folder / "tocsin.toml").write_text(AUDITED)
    async with open_line(folder, messenger=Twilio()) as found:
        yield found


async def rows(line, profile="plant"):
    db = line.gateway.services.db
    verdict = await db.read(lambda conn: audit.verify(conn, profile))
    assert verdict.findings == ()
    return await db.read(lambda conn: list(audit.export(conn, profile)))


async def test_an_acknowledgement_and_the_call_it_was_made_in_are_told(line):
    """Who, which episode, by which way, in which call, with what result; the number only masked."""
    episode = await line.raise_alarm()
    maria = await line.call_from(MARIA).dials()
    await maria.presses("4711#")
    await maria.stays_silent()
    await maria.presses("1")
    await maria.hangs_up()

    found = await rows(line)

    told = [(row["action"], row["result"], row["person"], row["episode_id"]) for row in found]
    assert told == [("acknowledge", "ok", "maria", episode), ("call", "acked", "maria", episode)]
    assert {row["via"] for row in found} == {"voice"}
    assert len({row["call_id"] for row in found}) == 1
    assert found[0]["personal"]["number"] == "+4670…67"
    assert found[1]["data"]["heard"] is True
    assert MARIA not in str(found)
    assert "4711" not in str([{**row, "personal": ""} for row in found])


async def test_a_call_told_of_twice_has_one_row(line):
    """Its end is recorded once, however often Twilio tells of it."""
    caller = await line.call_from(STRANGER).dials()
    await caller.hangs_up()
    await caller.hangs_up()

    (row,) = await rows(line)
    assert (row["action"], row["person"], row["episode_id"]) == ("call", None, None)


async def test_a_scripts_text_is_told_where_its_call_is(line):
    """The text has a row of its own, and its receipt another."""
    caller = line.call_from(MARIA)
    await caller.turn("/main/system/twilio-voice/text/0")
    fields = {
        "MessageSid": "SM" + "1".zfill(32),
        "AccountSid": "",
        "To": JON,
        "From": "",
        "MessageStatus": "delivered",
    }
    fields["AccountSid"] = caller.fields()["AccountSid"]
    for _ in range(2):
        assert (await line.post("/main/system/twilio-message/status/0", fields)).status_code == 204

    found = await rows(line)

    assert [(row["action"], row["result"], row["via"]) for row in found] == [
        ("text", "sent", "sms"), ("receipt", "delivered", "sms"),
    ]  # fmt: skip
    assert found[0]["message_id"] == found[1]["message_id"] is not None
    assert found[0]["personal"]["number"] == "+4670…21"


async def test_a_profile_without_an_audit_profile_leaves_no_rows(tmp_path):
    """The journal tells of the acknowledgement all the same."""
    async with open_line(write_project(tmp_path / "plant")) as line:
        await line.raise_alarm()
        maria = await line.call_from(MARIA).dials()
        await maria.presses("4711#")
        await maria.stays_silent()
        await maria.presses("1")
        await maria.hangs_up()

        assert await line.gateway.services.db.read(audit.profiles) == []
