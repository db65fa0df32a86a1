"""Texts and calls that no alarm asks for: each waits for its account's turn, and alarms go first."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from tests.channels.stage import JON, MARIA
from tests.plant import ACCOUNT, TOKEN

from tocsin.calls.on_request import OnRequest
from tocsin.calls.services import NoTurn
from tocsin.calls.tables import message_status
from tocsin.calls.texting import Outgoing, send_text

pytestmark = pytest.mark.anyio

OTHER = "+46701110000"


def asked(stage):
    """Give what a plant's programs and `tocsin send` speak to."""
    return OnRequest(lambda: stage.gateway.services, stage.gateway.ledger)


def told_of_the_canteen(stage):
    """Have Maria called about something that is no alarm."""
    maria = stage.gateway.services.directory.users["maria"]
    return asked(stage).place(MARIA, by="hmi", person=maria, message="The canteen is closed today.")


async def together(stage, *works, seconds=90.0):
    """Have these wait beside each other while time passes; give what became of each."""
    ends = asyncio.gather(*works, return_exceptions=True)
    await stage.until(ends.done, limit_s=seconds)
    return await ends


async def test_texts_on_request_keep_the_rate_in_the_order_in_which_they_came(stage):
    """Five at once leave a second apart, the first at once, and every one of them is sent."""
    works = (asked(stage).send(f"+4670111000{n}", f"text {n}", by="hmi") for n in range(5))
    ends = await together(stage, *works)
    assert all(one.sid for one in ends)
    texts = await stage.texts()
    assert [one["body"] for one in texts] == [f"text {n}" for n in range(5)]
    assert [later["at_ms"] - one["at_ms"] for one, later in pairwise(texts)] == [1000] * 4


@pytest.mark.parametrize(("fault", "ends"), [("", "delivered"), ("undelivered 30005", "undelivered")])
async def test_how_a_text_on_request_fared_is_learnt(stage, fault, ends):
    """Twilio tells it, as of a text about an alarm: one to a dead number looks like no other."""
    if fault:
        stage.emulator.faults.add(fault)
    await together(stage, asked(stage).send(OTHER, "hello", by="hmi"))
    await stage.waits(30)

    (text,) = await stage.texts()
    told = await stage.rows(message_status, message_status.c.sid == text["sid"])
    assert told[-1]["status"] == ends


async def test_a_text_about_an_alarm_overtakes_them(stage):
    """It leaves next, although four were waiting already."""
    works = [asyncio.ensure_future(asked(stage).send(OTHER, f"text {n}", by="hmi")) for n in range(5)]
    await stage.waits(0.5)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await together(stage, *works)
    people = [one["person"] for one in await stage.texts()]
    assert people == [None, "maria", None, None, None, None]


async def test_what_has_no_turn_in_time_is_given_up_and_never_sent(stage):
    """Whoever asked is told, with the reason; it stands in the journal."""
    works = [asked(stage).send(OTHER, f"text {n}", by="hmi") for n in range(100)]
    ends = await together(stage, *works, seconds=120)
    sent = [one for one in ends if one.sid]
    assert len(sent) == 61
    assert {one.why for one in ends if not one.sid} == {
        "the text had no turn within 60 s and was given up: 61 are waiting already"
    }
    await stage.waits(120)
    assert len(stage.sms(OTHER)) == len(sent)
    given_up = [one for one in await stage.journal() if one["kind"] == "message.given-up"]
    assert len(given_up) == 100 - len(sent)
    assert {one["person"] for one in given_up} == {"hmi"}


async def test_a_text_of_a_script_waits_for_a_few_seconds_only(stage):
    """Its call goes on: False is sent never, not later."""
    services = stage.gateway.services
    await stage.notify("jon", await stage.alarm(), channel="sms")
    works = [asked(stage).send(OTHER, f"text {n}", by="hmi") for n in range(20)]
    waiting = [asyncio.ensure_future(one) for one in works]
    await stage.waits(0.5)
    message = Outgoing("plant", ACCOUNT, "+15005550006", MARIA, "from a script")
    (end,) = await together(stage, send_text(services, message, patience_s=8))
    assert isinstance(end, NoTurn)
    await together(stage, *waiting)
    assert stage.sms(MARIA) == []


async def test_a_call_on_request_leaves_a_line_for_alarms(stage):
    """Of two lines it takes one; the next waits until that is free, an alarm's call does not."""
    request = asked(stage)
    first = await request.place(JON, by="hmi", message="The gate is open.")
    assert first.sid
    second = asyncio.ensure_future(request.place(OTHER, by="hmi", message="The gate is open."))
    await stage.waits(3)
    assert not second.done()
    await stage.notify("maria", await stage.alarm())
    await stage.waits(3)
    assert (stage.rings(MARIA), stage.rings(OTHER)) == (1, 0)
    (end,) = await together(stage, second, seconds=120)
    assert end.sid
    calls = {one["number"]: one for one in await stage.calls()}
    assert calls[OTHER]["started_ms"] >= calls[JON]["ended_ms"]


async def test_while_twilio_takes_nothing_no_request_overtakes_an_alarm(stage):
    """The alarm's text is tried first each time, and is the first to go out once Twilio takes texts again."""
    stage.emulator.faults.add("429", match={"path": "/Messages.json", "method": "POST"}, times=4)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(0.2)
    (end,) = await together(stage, asked(stage).send(OTHER, "text", by="hmi"))
    assert end.sid
    sent = [one["person"] for one in await stage.texts() if one["state"] == "sent"]
    assert sent == ["maria", None]


async def test_a_call_with_no_free_line_says_so(stage):
    """Within its patience; no phone rings for it afterwards."""
    request = asked(stage)
    await request.place(JON, by="hmi", message="The gate is open.")
    with pytest.raises(NoTurn, match=r"within 0 s and was given up: .*per second is the account's rate"):
        await request.place(OTHER, by="hmi", message="The gate is open.", patience_s=0)
    await stage.waits(2)
    with pytest.raises(NoTurn, match="the last free line is kept for alarms"):
        await request.place(OTHER, by="hmi", message="The gate is open.", patience_s=0)
    await stage.waits(120)
    assert stage.rings(OTHER) == 0
    assert (await request.place(OTHER, by="hmi", message="The gate is open.", patience_s=0)).sid


async def test_an_alarm_of_meanwhile_gets_a_call_of_its_own(stage):
    """What a call on request says is no alarm: whoever listened to it to the end is rung about that next."""
    stage.emulator.put_phone(MARIA, {"answer": "auto"})
    (end,) = await together(stage, told_of_the_canteen(stage))
    assert end.sid
    await stage.notify("maria", await stage.alarm())
    await stage.until(lambda: stage.rings(MARIA) == 2)
    await stage.waits(120)
    on_request, about_it = await stage.calls()
    assert (on_request["sid"], on_request["outcome"]) == (end.sid, "answered-silent")
    (notice,) = await stage.notices()
    assert notice["call_id"] == about_it["id"]
    assert "Pump 2" in stage.heard_on(MARIA)


async def test_nor_is_it_tried_where_the_call_on_request_was_not_answered(stage):
    """The phone rang for something else: the alarm's own ring is still to come."""
    stage.emulator.put_phone(MARIA, {"answer": "no-answer"})
    await together(stage, told_of_the_canteen(stage))
    await stage.notify("maria", await stage.alarm())
    await stage.waits(120)
    assert [call["outcome"] for call in await stage.calls()] == ["no-answer", "no-answer"]
    assert await stage.outcomes() == ["no-answer"]


async def test_a_token_that_is_changed_while_a_text_waits_is_used_for_it(stage):
    """Whoever waited asks as the configuration is then, however often it was saved meanwhile."""
    request = asked(stage)
    await request.send(JON, "first", by="hmi")
    waiting = asyncio.ensure_future(request.send(OTHER, "second", by="hmi"))
    await stage.waits(0.2)
    assert not waiting.done()
    file = stage.folder / "tocsin.toml"
    for before, after in ((TOKEN, "another"), ("another", "the-one-in-force")):
        file.write_text(file.read_text().replace(f'auth_token = "{before}"', f'auth_token = "{after}"', 1))
        assert await stage.gateway.reload() == []
    stage.emulator.world.accounts.auth_token = "the-one-in-force"
    (end,) = await together(stage, waiting)
    assert end.sid
