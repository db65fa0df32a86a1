"""kill -9 wherever a text that came in commits something: it has one effect, and one answer.

Each transaction has three deaths in a row: before it, inside it, and after it. Twilio delivers the text again
each time, and once more after its answer.
"""

from __future__ import annotations

import re
import secrets
from collections import Counter
from xml.etree import ElementTree

import pytest
from tests.calls.commit_points import moments as moments_of
from tests.calls.mortal_plant import account_of, killed_at, mortal_plant
from tests.plant import NUMBER, STRANGER

PEOPLE = {name: f"+46703000{n:03}" for n, name in enumerate(("tank", "well", "leak", "pump", "gate"))}
SWEDISH = """
[users.sven]
id = 99
language = "sv-SE"
areas = ["sven"]
contacts = [{ type = "sms", value = "+46703000099" }]
"""
SVEN = "+46703000099"


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """The plant of this file's people, each for one story, with alarms of their own."""
    folder = tmp_path_factory.mktemp("texts") / "plant"
    with mortal_plant(folder, PEOPLE.items(), more=SWEDISH) as plant:
        yield plant


async def texts(plant, number, body, moments=()):
    """Write to the plant, which dies at these moments; give what is answered."""
    sid = f"SM{secrets.token_hex(16)}"
    fields = account_of(From=number, To=NUMBER, Body=body, MessageSid=sid, NumMedia="0")
    with plant.dying_at(moments):
        answer = await plant.post("/main/system/twilio-message/inbound/0", fields)
    assert answer.status_code == 200, answer.text
    message = ElementTree.fromstring(answer.text).find("Message")
    said = "" if message is None else "".join(message.itertext())
    assert on_record(plant, sid) == [body_of(body), *([said] if said else [])]
    return said


def on_record(plant, sid):
    """Give the texts on record of one that came in: it, and its answers."""
    query = "select text.body from ts_message text join ts_message came on came.sid = ?"
    query += " where text.id in (came.id, 're-' || came.id) order by text.direction"
    return [body for (body,) in plant.rows(query, sid)]


def body_of(body):
    """Give a text as it is stored."""
    return re.sub(r"\d{4,}", "PIN#", body)


async def code_of(plant, name):
    """Raise a person's alarm and let them ask what is open; give its episode and its code."""
    episode = plant.raise_alarm(name)
    listed = await texts(plant, PEOPLE[name], "?")
    return episode, re.search(r"MEDIUM (\d+) ", listed)[1]


def wrong_tries(plant, number):
    """Count the wrong tries of a telephone."""
    return plant.one("select count(*) from ts_pin_failure where subject = ?", f"number:{number}")


def audited(plant, number, action):
    """Count the rows of the audit about the texts of a telephone, by their result."""
    query = "select result from ts_audit where action = ? and message_id in"
    query += " (select id from ts_message where number = ?)"
    return Counter(result for (result,) in plant.rows(query, action, number))


@killed_at("text-done")
async def test_an_acknowledgement_with_a_note_by_text(plant, moments):
    """One acknowledgement, one note, and no wrong try, wherever the PIN, the change or the answer was lost."""
    number = PEOPLE["tank"]
    episode, code = await code_of(plant, "tank")
    deaths = ["after-settle", *moments, "before-answer", "after-answer"]

    said = await texts(plant, number, f"{code} 4711 n valve closed", deaths)

    assert said.startswith(f"Acknowledged: {code} tank.")
    query = "select acked_by, acked_via, note from ts_episode where id = ?"
    assert plant.rows(query, episode) == [("tank", "sms", "valve closed")]
    assert plant.journal(episode)["alarm.acknowledged"] == 1
    assert audited(plant, number, "acknowledge") == {"ok": 1}
    assert wrong_tries(plant, number) == 0


@pytest.mark.parametrize("moments", [[*moments_of("booking"), *moments_of("settle")]], ids=["wrong"])
async def test_a_wrong_pin_by_text(plant, moments):
    """It counts once, however often its check was cut off."""
    number = PEOPLE["well"]
    episode, code = await code_of(plant, "well")

    said = await texts(plant, number, f"{code} 0001", moments)

    assert "not recognised" in said
    assert wrong_tries(plant, number) == 1
    assert plant.journal("well")["pin.wrong"] == 1
    assert plant.rows("select acked_by from ts_episode where id = ?", episode) == [(None,)]


@killed_at("text-said")
async def test_an_answer_that_only_informs(plant, moments):
    """It counts once among those after which nothing is answered any more."""
    number = PEOPLE["leak"]

    said = await texts(plant, number, "help", moments)

    assert said
    assert plant.one("select replies from ts_text_dialogue where number = ?", number) == 1


@killed_at("text-listed")
async def test_a_list_of_what_is_open(plant, moments):
    """Each alarm has one code, which the next list shows as well."""
    number = PEOPLE["pump"]
    plant.raise_alarm("pump")

    said = await texts(plant, number, "?", moments)

    (code,) = [code for (code,) in plant.rows("select code from ts_text_code where number = ?", number)]
    assert f"MEDIUM {code} pump" in said
    assert plant.one("select replies from ts_text_dialogue where number = ?", number) == 1
    assert await texts(plant, number, "?") == said


@killed_at("text-locked")
async def test_a_pin_that_is_not_taken_any_more_by_text(plant, moments):
    """After five wrong ones the right one is not looked at, and counts no further."""
    number = PEOPLE["gate"]
    episode, code = await code_of(plant, "gate")
    for wrong in range(5):
        await texts(plant, number, f"{code} 000{wrong}")
    before = audited(plant, number, "pin")

    await texts(plant, number, f"{code} 4711", moments)

    assert audited(plant, number, "pin") - before == {"locked": 1}
    assert wrong_tries(plant, number) == 5
    assert plant.rows("select acked_by from ts_episode where id = ?", episode) == [(None,)]


@killed_at("text-opting")
async def test_opting_out(plant, moments):
    """It is taken once, and said."""
    said = await texts(plant, SVEN, "stopp", moments)

    assert said
    assert plant.rows("select state from ts_contact_state where number = ?", SVEN) == [("opted-out",)]
    assert plant.journal("sven")["contact.opted-out"] == 1
    assert audited(plant, SVEN, "text") == {"stop": 1}


@killed_at("text-unanswered")
async def test_a_text_of_a_stranger(plant, moments):
    """It is on record once, and nothing is answered."""
    assert await texts(plant, STRANGER, "47 4711", moments) == ""
    assert audited(plant, STRANGER, "text") == {"unknown-number": 1}
