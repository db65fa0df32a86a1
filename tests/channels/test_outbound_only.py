"""Where Twilio cannot reach us: alarms are announced, and calls are looked up until they have ended."""

from __future__ import annotations

import pytest
from tests.channels.stage import open_stage, outbound_only
from tests.plant import MARIA

from tocsin.calls.tables import number_counts
from tocsin.channels.station import WATCH
from tocsin.engine.tables import timers

pytestmark = pytest.mark.anyio


@pytest.fixture
async def alone(tmp_path):
    async with open_stage(tmp_path, edit=outbound_only) as stage:
        yield stage


@pytest.mark.parametrize(
    ("persona", "outcome"),
    [
        ({"answer": "auto"}, "notified-no-ack"),
        ({"answer": "auto", "steps": [{"wait": 5}, {"hangup": True}]}, "hung-up"),
        ({"answer": "machine"}, "voicemail"),
        ({"answer": "busy"}, "busy"),
        ({"answer": "no-answer"}, "no-answer"),
    ],
)
async def test_who_answered_decides_the_outcome(alone, persona, outcome):
    """A person who listens has been told; a machine, or whoever hangs up at once, has not."""
    alone.emulator.put_phone(MARIA, persona)
    await alone.notify("maria", await alone.alarm())
    await alone.waits(120)
    assert await alone.outcomes() == [outcome]
    (call,) = await alone.calls()
    assert call["outcome"] == outcome
    assert call["ended_ms"] is not None
    assert alone.emulator.webhooks == []


async def test_the_alarms_are_said_most_urgent_first_and_twice(alone):
    """With their priority, name and local time."""
    alone.emulator.put_phone(MARIA, {"answer": "auto"})
    await alone.notify(
        "maria",
        await alone.alarm(),
        await alone.alarm("Plant/Well/Low level", label="Well low level", priority="Critical"),
    )
    await alone.waits(120)
    heard = alone.heard_on(MARIA)
    said = (
        "This is the alarm system of Riverside. 2 alarms. Priority critical: Well low level, "
        "active since 1:00 AM. Priority high: Pump 2 high level, active since 1:00 AM."
    )
    assert heard.count(said) == 2


async def test_alarms_that_were_only_counted_are_announced_in_another_call(alone):
    """Seven alarms: five are named in the first call, the other two in a second one, a minute later."""
    alone.emulator.put_phone(MARIA, {"answer": "auto"})
    await alone.notify("maria", *[await alone.alarm(f"Plant/{number}") for number in range(7)])
    await alone.waits(300)
    assert "And 2 more." in alone.heard_on(MARIA)
    assert await alone.outcomes() == ["notified-no-ack"] * 7
    assert len(await alone.calls()) == 2


async def test_an_acknowledgement_elsewhere_stops_the_ringing(alone):
    """Cancelling needs no webhook."""
    episode = await alone.alarm()
    await alone.notify("maria", episode)
    await alone.waits(5)
    await alone.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await alone.waits(10)
    assert await alone.outcomes() == ["cancelled-by-ack"]
    assert alone.emulator.live == 0


async def test_a_call_that_was_given_up_and_is_found_late_is_over_when_it_is(alone):
    """Its answer is lost and Twilio's list lags: the person is rung anew, and the record ends with the call."""
    alone.emulator.faults.add("500 after placing", match={"path": "/Calls.json", "method": "POST"})
    alone.emulator.faults.add("list lags 40 s", times=None)
    alone.emulator.put_phone(MARIA, {"answer": "auto"})
    await alone.notify("maria", await alone.alarm())
    await alone.waits(600)
    first, *_ = await alone.calls()
    assert (first["outcome"], first["billed_minutes"]) == ("failed-provider", 1)
    assert first["ended_ms"] - first["started_ms"] < 180_000
    assert await alone.rows(timers, timers.c.queue == WATCH) == []
    (counts,) = await alone.rows(number_counts)
    assert counts["call_minutes_sent"] == sum(call["billed_minutes"] for call in await alone.calls())
