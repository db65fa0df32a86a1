"""People are texted: one text with all that waits, its receipt becomes the outcome, and it is never sent twice."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from tests.channels.stage import open_stage, outbound_only
from tests.plant import ACCOUNT, JON, MARIA

from tocsin.calls.tables import message_status, messages
from tocsin.channels.pace import Pace, are_slow, trouble_of
from tocsin.telephony import gsm7

pytestmark = pytest.mark.anyio

POSTS = {"path": "/Messages.json", "method": "POST"}


async def test_all_that_waits_for_a_person_goes_into_one_text_and_delivery_is_its_outcome(stage):
    """Two alarms, one segment, the more urgent first; the receipt settles both."""
    first = await stage.alarm(value=87, label="Boiler 2 feed", priority="High")
    second = await stage.alarm("Plant/Well/Low level", label="Well low level", priority="Critical")
    await stage.notify("maria", first, second, channel="sms")
    await stage.waits(5)
    (body,) = stage.sms(MARIA)
    assert body == (
        "Riverside: 2 alarms. 47 CRITICAL Well low level 01:00, 84 HIGH Boiler 2 feed 87 01:00."
        " Reply codes and PIN to ack, ? help"
    )
    assert gsm7.segments(body) == 1
    assert await stage.outcomes() == ["delivered", "delivered"]
    (text,) = await stage.texts()
    assert (text["state"], text["person"], text["profile"]) == ("sent", "maria", "text")
    assert sorted(stage.heard.runs) == sorted([f"run-{first}", f"run-{second}"])


async def test_one_text_a_second_and_a_pause_for_each_person(stage):
    """Maria is texted, Jon a second later; what comes for Maria meanwhile waits a minute, unless it is urgent."""
    await stage.notify("maria", await stage.alarm("A"), channel="sms")
    await stage.notify("jon", await stage.alarm("B"), channel="sms")
    await stage.waits(10)
    first, second = await stage.texts()
    assert second["at_ms"] - first["at_ms"] == 1000
    await stage.notify("maria", await stage.alarm("C"), await stage.alarm("D"), channel="sms")
    await stage.waits(20)
    assert len(stage.sms(MARIA)) == 1
    await stage.notify("maria", await stage.alarm("E"), channel="sms", priority=4)
    await stage.waits(5)
    assert len(stage.sms(MARIA)) == 2
    assert "3 alarms" in stage.sms(MARIA)[1]
    await stage.waits(120)
    assert (len(stage.sms(MARIA)), len(stage.sms(JON))) == (2, 1)


@pytest.mark.parametrize(("fault", "why"), [("undelivered 30003", "30003"), ("sms failed 30007", "30007")])
async def test_what_the_carrier_could_not_deliver_is_undelivered(stage, fault, why):
    """The reason keeps Twilio's code."""
    stage.emulator.faults.add(fault)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(10)
    (notice,) = await stage.notices()
    assert (notice["outcome"], notice["why"]) == ("undelivered", f"Twilio error {why}")


async def test_a_number_the_carrier_does_not_know_is_left_out_of_texts(stage):
    """And of texts only: its owner may still be called."""
    stage.emulator.faults.add("undelivered 30005")
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(10)
    assert ("sms", MARIA) in await stage.unreachable()
    assert ("voice", MARIA) not in await stage.unreachable()


async def test_a_receipt_that_does_not_come_is_looked_up_and_the_text_is_not_sent_again(stage):
    """Two minutes later Twilio is asked, and says it was delivered."""
    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(100)
    assert await stage.outcomes() == [None]
    await stage.waits(30)
    assert await stage.outcomes() == ["delivered"]
    assert len(stage.sms(MARIA)) == 1


async def test_no_word_of_a_text_for_two_minutes_is_no_receipt(stage):
    """Twilio cannot be asked either: the person is to be told in another way."""
    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(1)
    stage.emulator.faults.add("500", match={"method": "GET"}, times=None)
    await stage.waits(125)
    assert await stage.outcomes() == ["no-receipt"]


async def test_a_person_who_opted_out_is_not_texted_until_they_opt_in(stage):
    """STOP and START are honoured, and what Twilio refuses because of them is said."""
    stage.emulator.phone(MARIA).peer = "+15005550006"
    stage.emulator.add_number(
        "AC" + "5e" * 16,
        "+15005550006",
        sms_url="https://alarms.example.com/main/system/twilio-message/inbound/0",
    )
    stage.emulator.phone(MARIA).sms("STOP")
    await stage.waits(5)
    assert (await stage.unreachable())["sms", MARIA].state == "opted-out"
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(5)
    (notice,) = await stage.notices()
    assert notice["outcome"] == "failed-number"
    assert "21610" in notice["why"] or "unsubscribed" in notice["why"]
    stage.emulator.phone(MARIA).sms("START")
    await stage.waits(5)
    assert await stage.unreachable() == {}


@pytest.mark.parametrize("lag_s", [0, 8])
async def test_a_text_whose_answer_was_lost_is_found_and_not_sent_again(stage, lag_s):
    """Found by number, moment and words, also where the list lags."""
    stage.emulator.faults.add("500 after placing", match=POSTS)
    stage.emulator.faults.add("callback lost", times=None)
    if lag_s:
        stage.emulator.faults.add(f"list lags {lag_s} s")
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(150)
    assert len(stage.sms(MARIA)) == 1
    assert await stage.outcomes() == ["delivered"]


async def test_a_receipt_that_is_faster_than_the_answer_settles_the_text(stage):
    """The answer is lost, the receipt is not: its webhook names the text."""
    stage.emulator.faults.add("500 after placing", match=POSTS)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(60)
    assert await stage.outcomes() == ["delivered"]
    assert len(stage.sms(MARIA)) == 1


async def test_a_text_of_which_only_the_first_callback_came_is_not_waited_for_for_ever(stage):
    """The answer is lost and so is the receipt; one callback has named the text: it is looked up in time."""
    stage.emulator.faults.add("500 after placing", match=POSTS)
    stage.emulator.faults.add("callback lost", match={"event": "message-delivered"}, times=None)
    stage.emulator.faults.add("list lags 8 s", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(150)
    assert await stage.outcomes() == ["delivered"]
    assert len(stage.sms(MARIA)) == 1


async def test_a_text_whose_timer_is_gone_is_found_by_the_sweep(stage):
    """Whatever took the timer away: nobody's text is waited for for ever."""
    from tocsin.engine.tables import timers

    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(5)
    gone = timers.delete().where(timers.c.queue == "receipt")
    assert (await stage.gateway.services.db.write(lambda conn: conn.execute(gone).rowcount)) == 1
    await stage.waits(150)
    assert await stage.outcomes() == ["delivered"]


async def test_a_text_that_never_went_out_is_sent_again_and_flagged(stage):
    """Whoever reads the record sees that it may have come twice."""
    stage.emulator.faults.add("500", match=POSTS)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(30)
    first, second = await stage.texts()
    assert (first["state"], second["possible_duplicate"]) == ("missing", True)
    assert await stage.outcomes() == ["delivered"]


async def test_a_text_that_the_list_shows_too_late_is_on_record_as_it_was(stage):
    """It is sent anew, marked; later the record learns that the first one went out too."""
    stage.emulator.faults.add("500 after placing", match=POSTS)
    stage.emulator.faults.add("callback lost", times=None)
    stage.emulator.faults.add("list lags 40 s", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(240)
    first, second = await stage.texts()
    assert (first["state"], bool(first["sid"])) == ("sent", True)
    assert second["possible_duplicate"]
    assert len(stage.sms(MARIA)) == 2


async def test_texts_that_scripts_sent_are_found_and_never_sent_again(stage):
    """A script was told that nothing was sent; the record learns the truth, the person gets one text."""
    from tocsin.calls.texting import Outgoing, send_text

    stage.emulator.faults.add("500 after placing", match=POSTS)
    services = stage.gateway.services
    message = Outgoing("plant", "AC" + "5e" * 16, "+15005550006", MARIA, "hello")
    with stage.clock.hold():
        await send_text(services, message, patience_s=0)
    await stage.waits(120)
    (text,) = await stage.texts()
    assert (text["state"], bool(text["sid"])) == ("sent", True)
    assert len(stage.sms(MARIA)) == 1


async def test_an_acknowledgement_takes_waiting_texts_back(stage):
    """What waits to be texted is cancelled with the alarm."""
    episode = await stage.alarm()
    await stage.notify("maria", episode, channel="sms", in_s=30)
    await stage.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await stage.waits(60)
    assert await stage.outcomes() == ["cancelled-by-ack"]
    assert stage.sms(MARIA) == []


async def test_without_webhooks_receipts_are_asked_for(tmp_path):
    """Outbound only: nothing comes in, so Twilio is asked how the text fares."""

    async with open_stage(tmp_path, edit=outbound_only) as stage:
        await stage.notify("maria", await stage.alarm(), channel="sms")
        await stage.waits(40)
        assert await stage.outcomes() == ["delivered"]
        assert stage.emulator.webhooks == []


async def test_a_text_that_cannot_be_answered_says_where_to_call(tmp_path):
    """From some countries no answer comes back: there is no code, and a number that takes keys and a PIN."""

    def abroad(toml):
        return toml.replace(f'type = "sms"\nvalue = "{JON}"', 'type = "sms"\nvalue = "+919812345678"')

    async with open_stage(tmp_path, edit=abroad) as stage:
        await stage.notify("jon", await stage.alarm(), channel="sms", number="+919812345678")
        await stage.waits(5)
        (body,) = stage.sms("+919812345678")
        assert body == "Riverside HIGH Pump 2 high level 01:00. Call +15005550006 to ack"


def test_texts_are_slow_by_the_median_of_some():
    """One slow text is nobody's fault, and four of any kind say nothing."""
    quick, slow = Pace(1_000), Pace(600_000)
    assert not are_slow([slow] * 4)
    assert not are_slow([quick] * 3 + [slow] * 2)
    assert are_slow([quick] * 2 + [slow] * 3)


def test_texts_of_which_nothing_is_heard_are_told_of():
    """One telephone may be switched off. A receipt since then, or a text that is young, says nothing bad."""
    quick, young = Pace(1_000), Pace(20_000, heard=False, number=MARIA)
    maria, jon = (Pace(130_000, heard=False, number=one) for one in (MARIA, JON))
    assert trouble_of([]) == trouble_of([maria, maria]) == trouble_of([quick, maria, jon]) == ""
    assert trouble_of([young, jon, quick]) == trouble_of([young, young]) == ""
    assert trouble_of([young, maria, jon, quick]) == (
        "nothing is heard of the latest texts to 2 telephones, for more than 2 minutes"
    )
    assert trouble_of([Pace(240_000)] * 6) == "of the latest 6 texts half took longer than 4 minutes"


async def earlier_texts(stage, *, lasted_s, account=ACCOUNT):
    """Let five texts have been sent a while ago, each delivered so many seconds later."""
    now_ms = stage.clock.now_ms()

    def work(conn):
        for number in range(5):
            at_ms = now_ms - 1_200_000 + number
            row = {
                "id": f"m{number}{account}",
                "account": account,
                "sid": f"SMe{number}",
                "direction": "outbound",
                "number": JON,
            }
            row |= {"own_number": "+15005550006", "body": "", "state": "sent", "error": "", "at_ms": at_ms}
            conn.execute(insert(messages).values(row))
            told = {"account": account, "sid": f"SMe{number}", "status": "delivered", "error": ""}
            conn.execute(insert(message_status).values(told | {"at_ms": at_ms + lasted_s * 1000}))

    await stage.db.write(work)


@pytest.mark.parametrize(("lasted_s", "waited_s"), [(240, 25), (5, 125)])
async def test_where_texts_take_minutes_they_are_not_waited_for(stage, lasted_s, waited_s):
    """Twenty seconds without a receipt, and the person is told by the next channel; else two minutes."""
    await earlier_texts(stage, lasted_s=lasted_s)
    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(1)
    stage.emulator.faults.add("500", match={"method": "GET"}, times=None)
    await stage.waits(waited_s - 10)
    assert await stage.outcomes() == [None]
    await stage.waits(10)
    assert await stage.outcomes() == ["no-receipt"]
