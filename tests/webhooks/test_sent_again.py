"""Requests that somebody recorded, sent again byte for byte, do nothing: not after a day, nor after years."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import select
from tests.plant import ACCOUNT, MARIA, NUMBER, open_line, write_project

from tocsin.alarms.tables import episodes
from tocsin.calls import statistics
from tocsin.clock import VirtualClock
from tocsin.gateway.retention import DAY_MS, Retention

MORE = '\n[message_profiles.text]\ntwilio_profile = "plant"\n'
TEXT = {"MessageSid": "SM" + "7" * 32, "AccountSid": ACCOUNT, "From": MARIA, "To": NUMBER, "Body": "STOP"}


class Tape:
    """Writes down what Twilio posts, and plays it again."""

    def __init__(self, line):
        self.requests, self._post = [], line.post
        line.post = self._recording

    async def _recording(self, path, fields, **more):
        self.requests.append((path, dict(fields)))
        return await self._post(path, fields, **more)

    async def again(self, line):
        """Send all of it anew; the idempotency token, which is not signed, is another."""
        return [await line.post(path, fields) for path, fields in self.requests]


START = 1_767_225_600.0


@contextlib.asynccontextmanager
async def plant(tmp_path, *, days=0):
    """The gateway so many days after the first, started anew, with what is old enough removed."""
    folder, clock = write_project(tmp_path / "plant", more=MORE), VirtualClock(START + days * DAY_MS / 1000)
    async with open_line(folder, clock=clock, watch=False) as line:
        gateway = line.gateway
        await Retention(gateway.services.db, lambda: gateway.configuration, None).prune(clock.now_ms())
        yield line


async def conversation(line):
    """Maria calls in and acknowledges; Twilio tells that it rings, and of the end."""
    maria = line.call_from(MARIA)
    ringing = maria.fields(CallStatus="ringing", SequenceNumber="1")
    await line.post("/main/system/twilio-voice/status/0", ringing)
    await maria.dials()
    await maria.presses("4711#")
    await maria.stays_silent()
    await maria.presses("1")
    assert "Acknowledged" in maria.hears
    await maria.hangs_up()


async def standing(line):
    """Return who has acknowledged what stands, and what was counted of Maria."""

    def read(conn):
        acked = conn.execute(select(episodes.c.path, episodes.c.acked_by).order_by(episodes.c.path)).all()
        return acked, statistics.counts_of(conn, [MARIA])[MARIA]

    return await line.gateway.services.db.read(read)


async def opted_out(line):
    """Tell whether texts to Maria are stopped."""
    services = line.gateway.services
    return await services.db.read(lambda conn: services.opted_out_in(conn, MARIA))


@pytest.mark.parametrize("days", [1, 91, 1000])
async def test_a_recorded_conversation_ends_at_once(tmp_path, days):
    """It acknowledges nothing, though the PIN is in it: the call of that SID is remembered for good."""
    async with plant(tmp_path) as line:
        await line.raise_alarm()
        tape = Tape(line)
        await conversation(line)

    async with plant(tmp_path, days=days) as line:
        await line.raise_alarm("Plant/Pump 3/High level")
        before = await standing(line)
        assert before[0][-1].acked_by is None

        for _ in range(2):
            for answer in await tape.again(line):
                assert answer.status_code == 204 or "<Response><Hangup/></Response>" in answer.text

        assert await standing(line) == before


@pytest.mark.parametrize("days", [1, 91, 1000])
async def test_a_recorded_text_does_nothing(tmp_path, days):
    """Who once wrote STOP, and START since, goes on getting texts."""
    texts = "/main/system/twilio-message/inbound/0"
    async with plant(tmp_path) as line:
        await line.post(texts, TEXT)
        assert await opted_out(line)
        await line.post(texts, TEXT | {"MessageSid": "SM" + "8" * 32, "Body": "START"})

    async with plant(tmp_path, days=days) as line:
        before = await standing(line)

        answer = await line.post(texts, TEXT)

        assert answer.status_code == 200
        assert not await opted_out(line)
        assert await standing(line) == before


async def test_a_call_whose_ringing_was_told_first_is_a_call_like_any_other(tmp_path):
    """It is counted by then, and still no repeat."""
    async with plant(tmp_path) as line:
        for name in ("Pump 2", "Pump 3"):
            await line.raise_alarm(f"Plant/{name}/High level")
            await conversation(line)

        _, counts = await standing(line)
        assert (counts.calls_received, counts.call_minutes_received) == (2, 2)
