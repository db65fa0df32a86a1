"""The same on SQLite and on PostgreSQL; and on PostgreSQL two gateways share one account without a clash."""

from __future__ import annotations

import shutil
from itertools import pairwise

import pytest
from tests.channels.stage import LISTENS_AND_ACKNOWLEDGES, Stage, open_stage
from tests.plant import JON, MARIA

pytestmark = pytest.mark.anyio


@pytest.fixture
async def either(tmp_path, url):
    database = "sqlite" if url.startswith("sqlite") else url
    async with open_stage(tmp_path, database=database) as stage:
        yield stage


async def test_a_call_and_a_text_from_the_queue_to_their_outcomes(either):
    """One person is called, one is texted; both are told, once."""
    either.emulator.put_phone(MARIA, {"answer": "auto", "steps": LISTENS_AND_ACKNOWLEDGES})
    episode = await either.alarm()
    await either.notify("maria", episode)
    await either.notify("jon", await either.alarm("B"), channel="sms")
    await either.waits(120)
    assert await either.outcomes(channel="sms") == ["delivered"]
    assert await either.outcomes(channel="voice") == ["acked", "notified-no-ack"]  # Jon's was read out too


async def test_a_value_that_no_database_keeps_as_text_stops_nobodys_text(tmp_path, url):
    """A controller pads its values with NUL: the alarm is texted without it, and so is everybody else's."""
    database = "sqlite" if url.startswith("sqlite") else url
    shown = 'twilio_profile = "plant"\npin = "none"\n'
    edited = ('[message_profiles.text]\ntwilio_profile = "plant"\n', f"[message_profiles.text]\n{shown}")
    async with open_stage(tmp_path, database=database, edit=lambda toml: toml.replace(*edited)) as stage:
        await stage.notify("jon", await stage.alarm("C", value="hi\x00"), channel="sms")
        await stage.notify("maria", await stage.alarm("B"), channel="sms")
        await stage.waits(120)
        assert await stage.outcomes(channel="sms") == ["delivered", "delivered"]
        assert "C hi 0" in stage.sms(JON)[0]


async def test_lost_answers_are_found_again(either):
    """Twilio's lists are held against what each database has on record."""
    either.emulator.put_phone(MARIA, {"answer": "no-answer"})
    either.emulator.faults.add("500 after placing", match={"method": "POST"}, times=2)
    either.emulator.faults.add("callback lost", times=None)
    await either.notify("maria", await either.alarm())
    await either.notify("jon", await either.alarm("B"), channel="sms")
    await either.waits(150)
    assert await either.outcomes() == ["no-answer", "delivered"]
    assert (either.rings(MARIA), len(either.sms(JON))) == (1, 1)


async def test_an_acknowledgement_stops_what_rings_and_what_waits(either):
    """In the transaction of the acknowledgement on either database."""
    episode = await either.alarm()
    await either.notify("maria", episode)
    await either.notify("jon", episode, in_s=60)
    await either.waits(5)
    await either.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await either.waits(120)
    assert await either.outcomes() == ["cancelled-by-ack", "cancelled-by-ack"]


async def test_numbers_that_failed_are_left_out_for_a_while(either):
    """Ten minutes at first."""
    either.emulator.put_phone(MARIA, {"answer": "failed"})
    await either.notify("maria", await either.alarm())
    await either.waits(30)
    assert (await either.unreachable())["voice", MARIA].state == "bad"
    await either.waits(601)
    assert await either.unreachable() == {}


async def test_two_gateways_on_one_database_keep_to_one_budget(tmp_path, url):
    """Both take turns for the same account: a call a second, two at a time, nobody twice."""
    if url.startswith("sqlite"):
        pytest.skip("only PostgreSQL is shared between gateways")
    numbers = {f"p{n}": f"+4671000{n:04d}" for n in range(6)}
    users = "".join(
        f'[users.{name}]\nid = {100 + n}\n[[users.{name}.contacts]]\ntype = "phone"\nvalue = "{number}"\n'
        for n, (name, number) in enumerate(numbers.items())
    )
    async with open_stage(tmp_path, more=users, database=url) as first:
        shutil.copytree(first.folder, tmp_path / "other", ignore=shutil.ignore_patterns(".tocsin"))
        second = Stage(tmp_path / "other", first.clock, first.emulator, first.url, owner="there")
        async with second.running(None, alone=False):
            for number in numbers.values():
                first.emulator.put_phone(number, {"answer": "no-answer"})
            for turn, (name, number) in enumerate(numbers.items()):
                episode = await first.alarm(f"Plant/{name}")
                await (first, second)[turn % 2].notify(name, episode, number=number)
            await first.waits(300)
            calls = first.emulator.calls
            assert sorted(call.to for call in calls) == sorted(numbers.values())
            begun = sorted(call.created for call in calls)
            assert all(later - earlier >= 0.999 for earlier, later in pairwise(begun))
            for call in calls:
                assert sum(one.created <= call.created < one.ended for one in calls) <= 2
            assert await first.outcomes() == ["no-answer"] * 6
