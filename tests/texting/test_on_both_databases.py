"""A text, its code, the answer and its effect are the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest
from tests.channels.stage import open_stage
from tests.plant import ACCOUNT, JON, MARIA, NUMBER

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def either(tmp_path, url):
    database = "sqlite" if url.startswith("sqlite") else url
    async with open_stage(tmp_path, database=database) as stage:
        for number in (MARIA, JON):
            stage.emulator.phone(number).peer = NUMBER
        stage.emulator.add_number(
            ACCOUNT, NUMBER, sms_url="https://alarms.example.com/main/system/twilio-message/inbound/0"
        )
        yield stage


async def test_told_by_text_answered_and_acknowledged(either):
    """The PIN is asked for and given; the one who waited is not told any more."""
    episode = await either.alarm()
    await either.notify("maria", episode, channel="sms")
    await either.notify("jon", episode, channel="sms", in_s=300)
    await either.waits(5)
    either.emulator.phone(MARIA).sms("47")
    await either.waits(5)
    either.emulator.phone(MARIA).sms("4711")
    await either.waits(5)
    assert either.sms(MARIA)[1:] == [
        "Send your PIN for 47.",
        "Acknowledged: 47 Pump 2 high level. 1 other stopped.",
    ]
    assert (await either.gateway.services.board.find(episode)).acked_by == "maria"
    await either.waits(600)
    assert either.sms(JON) == []


async def test_two_who_answer_at_the_same_moment(either):
    """One acknowledges, the other learns by whom; each telephone has its own code for it."""
    episode = await either.alarm()
    await either.notify("maria", episode, channel="sms")
    await either.notify("jon", episode, channel="sms")
    await either.waits(5)
    either.emulator.phone(MARIA).sms("47 4711")
    either.emulator.phone(JON).sms("47 9163")
    await either.waits(5)
    answers = [either.sms(MARIA)[-1], either.sms(JON)[-1]]
    assert sum("Acknowledged: 47" in one for one in answers) == 1
    assert sum("47 already acknowledged by" in one for one in answers) == 1
