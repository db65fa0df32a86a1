"""Each text is taken once, from people who are known, and answered truthfully whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sqlite3
from xml.etree import ElementTree

import pytest
from sqlalchemy import select
from tests.plant import ACCOUNT, JON, MARIA, NUMBER, STRANGER, open_line, write_project
from tests.texting.conftest import texting

from tocsin.calls import statistics
from tocsin.calls.replying import replies
from tocsin.calls.tables import messages
from tocsin.db import writer
from tocsin.journal.audit import export
from tocsin.people import tries

pytestmark = pytest.mark.anyio

INBOUND = "/main/system/twilio-message/inbound/0"
AUDITED = "\n[audit_profiles.plant]\nretention_days = 30\n"
_sids = itertools.count()


@pytest.fixture
def anyio_backend():
    return "asyncio"


def project(folder, *, pin="to-acknowledge", edit=lambda toml: toml):
    """Write the plant, with texts that are audited."""
    path = write_project(folder / "plant")
    file = path / "tocsin.toml"
    toml = texting(file.read_text(), pin=pin) + AUDITED
    toml = toml.replace("[message_profiles.text]\n", '[message_profiles.text]\naudit_profile = "plant"\n')
    file.write_text(edit(toml))
    return path


@pytest.fixture
async def line(tmp_path):
    async with open_line(project(tmp_path)) as opened:
        yield opened


async def texts(line, body, *, number=MARIA, sid=None, status=200, **more):
    """Post one text as Twilio does; give what is answered."""
    fields = {
        "MessageSid": sid or f"SM{next(_sids):032}",
        "AccountSid": ACCOUNT,
        "From": number,
        "To": NUMBER,
    }
    answer = await line.post(INBOUND, {**fields, "Body": body, "NumMedia": "0", **more})
    assert answer.status_code == status, answer.text
    if status != 200:
        return ""
    assert answer.headers["content-type"].startswith("application/xml")
    message = ElementTree.fromstring(answer.text).find("Message")
    return "" if message is None else "".join(message.itertext())


async def stored(line, *conditions):
    """Give the texts on record, oldest first."""

    def read(conn):
        query = select(messages).where(*conditions).order_by(messages.c.at_ms, messages.c.direction)
        return [dict(row) for row in conn.execute(query).mappings()]

    return await line.gateway.services.db.read(read)


async def audited(line):
    """Give action and result of each row of the audit."""
    rows = await line.gateway.services.db.read(lambda conn: list(export(conn, "plant")))
    return [(row["action"], row["result"], row["person"]) for row in rows]


async def wrong_tries(line, number=MARIA):
    """Give how many tries the telephone has left."""
    services = line.gateway.services
    now_ms = services.clock.now_ms()
    found = await services.db.read(lambda conn: tries.standing(conn, tries.telephone(number), now_ms))
    return 5 - found.tries_left


async def test_a_text_without_a_right_signature_does_nothing(line):
    """Anybody can write a number into From."""
    await line.raise_alarm()
    answer = await line.post(
        INBOUND, {"AccountSid": ACCOUNT, "From": MARIA, "To": NUMBER, "Body": "?"}, key="no"
    )
    assert answer.status_code == 403
    assert await stored(line) == []


async def test_a_text_that_comes_twice_has_one_effect_and_the_same_answer(line):
    """Also at the same moment; it is one text on record with one answer, and one acknowledgement."""
    episode = await line.raise_alarm()
    assert await texts(line, "?") == "1 open: HIGH 47 Pump 2 high level. Reply code to ack, ? help."
    first, second = await asyncio.gather(
        texts(line, "47 4711", sid="SMtwice"), texts(line, "47 4711", sid="SMtwice")
    )
    third = await texts(line, "47 4711", sid="SMtwice")
    assert {first, second, third} == {"Acknowledged: 47 Pump 2 high level."}
    assert len(await stored(line, messages.c.direction == "inbound")) == 2
    assert [row["body"] for row in await stored(line, messages.c.direction == "outbound")][1:] == [first]
    found = await line.gateway.services.board.find(episode)
    assert (found.acked_by, found.acked_via) == ("maria", "sms")
    assert (await audited(line)).count(("acknowledge", "ok", "maria")) == 1


async def test_a_repeat_gets_the_same_document_so_that_its_receipts_are_taken(line):
    """Where the first answer was lost Twilio sends the second, and tells how it fares at the address in that."""
    await line.raise_alarm()
    text = {"AccountSid": ACCOUNT, "From": MARIA, "To": NUMBER}
    asked = {**text, "MessageSid": f"SM{next(_sids):032}", "Body": "?", "NumMedia": "0"}
    first, again = [await line.post(INBOUND, asked) for _ in range(2)]
    assert again.text == first.text

    told = ElementTree.fromstring(again.text).find("Message").get("statusCallback")
    answer = {"AccountSid": ACCOUNT, "From": NUMBER, "To": MARIA, "MessageSid": f"SM{next(_sids):032}"}
    await line.post(told, {**answer, "MessageStatus": "sent"})

    (row,) = await stored(line, messages.c.direction == "outbound")
    assert (row["sid"], row["state"]) == (answer["MessageSid"], "sent")


async def test_a_wrong_pin_that_comes_twice_counts_once(line):
    """A webhook that Twilio repeats must not lock a telephone."""
    await line.raise_alarm()
    await texts(line, "?")
    for _ in range(3):
        assert "not recognised" in await texts(line, "47 0815", sid="SMwrong")
    assert await wrong_tries(line) == 1


async def test_a_stranger_is_not_answered(line):
    """Nor is a PIN of theirs looked at; the audit knows that somebody wrote."""
    await line.raise_alarm()
    await texts(line, "?")
    assert await texts(line, "47 4711", number=STRANGER) == ""
    assert await wrong_tries(line, STRANGER) == 0
    (row,) = await stored(line, messages.c.number == STRANGER)
    assert row["body"] == "47 PIN#"
    assert (await audited(line))[-1] == ("text", "unknown-number", None)


async def test_codes_are_those_of_the_telephone_that_was_told(line):
    """What is 47 for Maria is nothing for Jon, who has not been told."""
    episode = await line.raise_alarm()
    await texts(line, "?")
    assert (await texts(line, "47 9163", number=JON)).startswith(
        "47 is no code of yours. 1 open: HIGH 47 Pump 2"
    )
    assert not (await line.gateway.services.board.find(episode)).acked


async def test_five_answers_in_a_row_that_only_inform_and_then_silence_until_something_is_done(line):
    """Two machines do not talk for ever; whoever acts is always answered."""
    await line.raise_alarm()
    answers = [await texts(line, "hello") for _ in range(7)]
    assert [bool(one) for one in answers] == [True] * 5 + [False] * 2
    assert await texts(line, "47 4711") == "Acknowledged: 47 Pump 2 high level."
    assert await texts(line, "hello") == "Not understood, nothing was done. No alarm is open."


async def test_who_has_opted_out_is_neither_heard_nor_answered(line):
    """Twilio would not deliver an answer; what they are told, they are told by telephone."""
    episode = await line.raise_alarm()
    await texts(line, "?")
    assert await texts(line, "STOP", OptOutType="STOP") == ""
    assert await texts(line, "47 4711") == ""
    assert not (await line.gateway.services.board.find(episode)).acked
    assert (await audited(line))[-1] == ("text", "opted-out", "maria")
    assert await texts(line, "start", OptOutType="START") == ""
    assert (await texts(line, "47 4711")).startswith("Acknowledged")


async def test_who_has_no_right_for_the_area_is_told_so(tmp_path):
    """The alarm stays open for those who have."""

    def elsewhere(toml):
        return toml.replace('name = "Maria Lind"\n', 'name = "Maria Lind"\nareas = ["Harbour"]\n')

    async with open_line(project(tmp_path, edit=elsewhere)) as line:
        episode = await line.raise_alarm()
        assert await texts(line, "?") == "No alarm is open."
        await told_by_text(line, episode)
        assert await texts(line, "47 4711") == "You may not acknowledge 47."
        assert not (await line.gateway.services.board.find(episode)).acked
        assert ("acknowledge", "not-allowed", "maria") in await audited(line)


async def told_by_text(line, episode_id):
    """Let a telephone have been told of an alarm as the channels do it."""
    from tocsin.channels.answerable import body_in

    services = line.gateway.services
    profile, now_ms = services.profiles.message["text"], services.clock.now_ms()

    def work(conn):
        return body_in(
            conn, services, profile, person="maria", number=MARIA, episode_ids=[episode_id], now_ms=now_ms
        )

    return await services.db.write(work)


async def test_an_alarm_told_anew_is_not_acknowledged_by_the_code_before(tmp_path):
    """Each telling has its code: an answer to the first must not silence the second."""
    async with open_line(project(tmp_path, pin="none")) as line:
        board = line.gateway.services.board
        episode = await line.raise_alarm()
        assert "Reply 47 to ack" in await told_by_text(line, episode)
        assert "Acknowledged" in await texts(line, "47")
        await lapse(line, episode)
        assert "Reply 84 to ack" in await told_by_text(line, episode)
        assert await texts(line, "47") == "47 was about an earlier alarm."
        assert not (await board.find(episode)).acked
        assert "Acknowledged" in await texts(line, "84")


async def lapse(line, episode_id):
    """Let an acknowledgement lapse, as its time limit would."""
    from dataclasses import replace

    from tocsin.alarms import store

    services = line.gateway.services

    def work(conn):
        one = store.by_ids(conn, [episode_id])[episode_id]
        news = replace(
            one, acked_ms=None, acked_by=None, acked_via=None, ack_version=one.ack_version + 1,
            version=one.version + 1,
        )  # fmt: skip
        assert store.change(conn, one, news)

    await services.db.write(work)


async def test_to_hear_policy_names_no_alarm_before_a_pin(tmp_path):
    """Neither in the text nor in a list; with the PIN both do."""
    async with open_line(project(tmp_path, pin="to-hear")) as line:
        episode = await line.raise_alarm()
        assert await told_by_text(line, episode) == (
            f"Riverside HIGH alarm {clock(line, episode)}. Reply 47 and PIN to ack, 47E pass, ? help"
        )
        assert await texts(line, "?") == "1 open: HIGH 47 alarm. Reply code to ack, ? help."
        assert "HIGH 47 Pump 2 high level" in await texts(line, "? 4711")
        assert await texts(line, "47 4711") == "Acknowledged: 47 Pump 2 high level."


def clock(line, episode_id):
    from tocsin.calls.replying.acting import clock_time

    (found,) = [one for one in line.gateway.services.board.open() if one.id == episode_id]
    return clock_time(line.gateway.services, found.active_ms)


async def test_a_pin_per_priority(tmp_path):
    """High takes one, low does not; together they take one."""
    policy = '{ default = "none", High = "to-acknowledge" }'
    async with open_line(project(tmp_path, pin=policy)) as line:
        await line.raise_alarm()
        await line.raise_alarm("Plant/Tank 1/Level")
        assert "HIGH 47 Pump 2 high level, LOW 84 Tank 1" in await texts(line, "?")
        assert await texts(line, "84") == "Acknowledged: 84 Tank 1. 1 still open."
        assert await texts(line, "47") == "Send your PIN for 47."


@contextlib.contextmanager
def held(folder):
    """Let another program keep the gateway's database to itself."""
    other = sqlite3.connect(folder / "plant" / ".tocsin" / "tocsin.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


async def test_what_cannot_be_recorded_is_not_called_acknowledged(tmp_path, monkeypatch):
    """The person is told where to call; the same text is taken once the database is well."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 30)
    monkeypatch.setattr(writer, "PROBE_S", 0.02)
    async with open_line(project(tmp_path, pin="none")) as line:
        episode = await line.raise_alarm()
        await texts(line, "?")
        with held(tmp_path):
            said = await texts(line, "47", sid="SMheld")
        assert said == f"Not recorded, nothing was acknowledged. Call {NUMBER}."
        while not line.gateway.services.db.health.ok:
            await asyncio.sleep(0.01)
        assert not (await line.gateway.services.board.find(episode)).acked
        assert await texts(line, "47", sid="SMheld") == "Acknowledged: 47 Pump 2 high level."


async def test_a_fault_after_the_pin_costs_no_try_and_the_repeat_does_what_was_asked(line, monkeypatch):
    """The PIN was right and nothing else is on record: the same text is taken again as if it were the first."""
    episode = await line.raise_alarm()
    await texts(line, "?")
    board = line.gateway.services.board

    async def broken(work):
        raise RuntimeError("the fault of a test")

    with monkeypatch.context() as patched:
        patched.setattr(board, "transact", broken)
        said = await texts(line, "47 4711", sid="SMfault")
    assert said == f"Not recorded yet. Send ? in a minute, or call {NUMBER}."
    assert await wrong_tries(line) == 0
    assert await texts(line, "47 4711", sid="SMfault") == "Acknowledged: 47 Pump 2 high level."
    assert (await board.find(episode)).acked_by == "maria"


async def test_a_slow_database_is_not_waited_for_longer_than_twilio_waits(tmp_path, monkeypatch):
    """Nothing is claimed meanwhile; what was asked for is done all the same, once."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 60_000)
    monkeypatch.setattr(replies, "PATIENCE_S", 0.2)
    async with open_line(project(tmp_path, pin="none")) as line:
        episode = await line.raise_alarm()
        await texts(line, "?")
        with held(tmp_path):
            said = await texts(line, "47", sid="SMslow")
        assert said == f"Not recorded yet. Send ? in a minute, or call {NUMBER}."
        monkeypatch.setattr(replies, "PATIENCE_S", 10.0)
        assert await texts(line, "47", sid="SMslow") == "Acknowledged: 47 Pump 2 high level."
        assert (await line.gateway.services.board.find(episode)).acked_by == "maria"


async def test_a_reply_is_counted_and_its_receipt_taken(line):
    """Its status comes under the id that the answer named."""
    await line.raise_alarm()
    answer = await line.post(
        INBOUND, {"MessageSid": "SMq", "AccountSid": ACCOUNT, "From": MARIA, "To": NUMBER, "Body": "?"}
    )
    message = ElementTree.fromstring(answer.text).find("Message")
    path = message.get("statusCallback").partition("#")[0]
    status = {
        "MessageSid": "SMreply",
        "AccountSid": ACCOUNT,
        "From": NUMBER,
        "To": MARIA,
        "MessageStatus": "delivered",
    }
    assert (await line.post(path, status)).status_code == 204
    (row,) = await stored(line, messages.c.direction == "outbound")
    assert (row["sid"], row["state"]) == ("SMreply", "sent")
    services = line.gateway.services
    maria = services.directory.users["maria"]
    counted = await services.db.read(lambda conn: statistics.user_counts(conn, maria).counts)
    assert (counted.messages_received, counted.messages_sent) == (1, 1)
