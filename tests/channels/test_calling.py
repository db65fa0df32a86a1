"""People are called: one call with all that waits, the most urgent person first, within the account's means."""

from __future__ import annotations

import pytest
from tests.channels.stage import LISTENS_AND_ACKNOWLEDGES, open_stage
from tests.plant import JON, MARIA

from tocsin.alarms import notices

pytestmark = pytest.mark.anyio


async def test_a_queued_notice_becomes_a_call_and_the_acknowledgement_its_outcome(stage):
    """An alarm waits for Maria: her phone rings, she acknowledges, and the run hears of it."""
    stage.emulator.put_phone(MARIA, {"answer": "auto", "steps": LISTENS_AND_ACKNOWLEDGES})
    episode = await stage.alarm()
    await stage.notify("maria", episode)
    await stage.waits(120)
    (notice,) = await stage.notices()
    (call,) = await stage.calls()
    assert (notice["state"], notice["outcome"], notice["call_id"]) == ("done", "acked", call["id"])
    assert (call["state"], call["outcome"], call["person"]) == ("placed", "acked", "maria")
    assert stage.heard.runs == [f"run-{episode}"]
    assert stage.emulator.phone(MARIA).failures == []


async def test_one_call_carries_all_that_waits_for_a_person(stage):
    """Three alarms, two queued at once and one while the phone rings: the phone rings once for all of them."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    first, second = await stage.alarm("A"), await stage.alarm("B")
    await stage.notify("maria", first, second)
    await stage.waits(2)
    third = await stage.alarm("C")
    await stage.notify("maria", third)
    await stage.waits(20)
    assert [row["state"] for row in await stage.notices()] == ["placed", "placed", "queued"]
    await stage.waits(60)
    assert await stage.outcomes() == ["no-answer", "no-answer", "no-answer"]
    assert stage.rings(MARIA) == 1


@pytest.mark.parametrize(
    ("persona", "outcome"),
    [("busy", "busy"), ("no-answer", "no-answer"), ("failed", "failed-number"), ("machine", "voicemail")],
)
async def test_how_a_call_ends_becomes_the_outcome_of_its_notices(stage, persona, outcome):
    """Busy, unanswered, impossible, or taken by a machine: the notice says which, and nobody is called again for it."""
    stage.emulator.put_phone(MARIA, {"answer": persona})
    await stage.notify("maria", await stage.alarm())
    await stage.waits(180)
    (call,) = await stage.calls()
    (notice,) = await stage.notices()
    assert (notice["outcome"], notice["why"]) == (outcome, call["outcome_why"])
    assert notice["why"]


async def test_never_more_calls_at_once_than_the_account_may_have(tmp_path):
    """One line only: Jon's phone rings when Maria's has stopped, and the more urgent goes first."""

    def one_line(toml):
        return toml.replace(
            'phone_number = "+15005550006"', 'phone_number = "+15005550006"\nconcurrent_calls = 1'
        )

    async with open_stage(tmp_path, edit=one_line) as stage:
        for number in (MARIA, JON):
            stage.emulator.put_phone(number, {"answer": "no-answer"})
        episode = await stage.alarm()
        now_ms = stage.clock.now_ms()
        await stage.notify("maria", episode, priority=1, in_s=0.1)
        await stage.notify("jon", await stage.alarm("B"), priority=4, in_s=0.1)
        await stage.waits(20)
        assert (stage.rings(MARIA), stage.rings(JON)) == (0, 1)
        await stage.waits(60)
        first, second = await stage.calls()
        assert (first["person"], second["person"]) == ("jon", "maria")
        assert second["started_ms"] >= first["ended_ms"] > now_ms


async def test_a_call_a_second_and_no_more(stage):
    """Two people wait: the second is called one second after the first."""
    for number in (MARIA, JON):
        stage.emulator.put_phone(number, {"answer": "no-answer"})
    episode = await stage.alarm()
    await stage.notify("maria", episode)
    await stage.notify("jon", episode)
    await stage.waits(10)
    first, second = await stage.calls()
    assert second["started_ms"] - first["started_ms"] == 1000


async def test_an_acknowledgement_elsewhere_stops_the_ringing(stage):
    """While Maria's phone rings, Jon acknowledges: her phone falls silent and the record says why."""
    episode = await stage.alarm()
    await stage.notify("maria", episode)
    await stage.waits(5)
    assert stage.rings(MARIA) == 1
    await stage.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await stage.waits(5)
    (call,) = await stage.calls()
    assert call["outcome"] == "cancelled-by-ack"
    assert await stage.outcomes() == ["cancelled-by-ack"]
    assert stage.emulator.live == 0


async def test_a_call_that_has_something_else_to_tell_rings_on(stage):
    """Of two alarms Jon acknowledges one: Maria's phone goes on ringing for the other."""
    first, second = await stage.alarm("A"), await stage.alarm("B")
    await stage.notify("maria", first, second)
    await stage.waits(5)
    await stage.gateway.services.board.acknowledge([first], by="jon", via="api")
    await stage.waits(5)
    assert stage.emulator.live == 1
    await stage.waits(60)
    assert await stage.outcomes() == ["cancelled-by-ack", "no-answer"]


async def test_what_is_queued_and_not_needed_any_more_is_never_called(stage):
    """An acknowledgement comes before a call that was planned for later: no phone rings, and the run hears of it."""
    episode = await stage.alarm()
    await stage.notify("maria", episode, in_s=30)
    await stage.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await stage.waits(120)
    assert await stage.calls() == []
    assert await stage.outcomes() == ["cancelled-by-ack"]
    assert stage.heard.runs == [f"run-{episode}"]


@pytest.mark.parametrize("channel", ["voice", "sms"])
async def test_what_is_taken_over_while_its_call_is_decided_on_rings_nobody(stage, monkeypatch, channel):
    """On PostgreSQL an acknowledgement can be committed between two statements of the dispatcher's."""
    of_person = notices.of_person

    def and_then_acknowledged(conn, person, **more):
        found = of_person(conn, person, **more)
        ids = [one.id for one in found]
        notices.settle_in(conn, ids, outcome="cancelled-by-ack", now_ms=stage.clock.now_ms())
        return found

    monkeypatch.setattr(notices, "of_person", and_then_acknowledged)
    await stage.notify("maria", await stage.alarm(), channel=channel)
    await stage.waits(60)
    assert (stage.rings(MARIA), stage.sms(MARIA)) == (0, [])
    assert await stage.calls() + await stage.texts() == []
    assert await stage.outcomes() == ["cancelled-by-ack"]
