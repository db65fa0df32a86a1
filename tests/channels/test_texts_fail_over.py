"""Texts when an account takes nothing, hangs, is slow or silent: the next profile sends, and somebody can see it."""

from __future__ import annotations

import pytest
from tests.channels.stage import BACKUP_ACCOUNT, open_stage
from tests.channels.test_texting import earlier_texts
from tests.plant import ACCOUNT, MARIA, TOKEN

pytestmark = pytest.mark.anyio

FIRST = {"path": f"/Accounts/{ACCOUNT}/Messages.json", "method": "POST"}
SPARE = """
[message_profiles.spare]
twilio_profile = "second"
"""


def with_spare(toml):
    """Let texts have a second account to go out by."""
    return toml.replace("[message_profiles.text]", '[message_profiles.text]\nfailover = "spare"') + SPARE


@pytest.fixture
async def doubled(tmp_path):
    async with open_stage(tmp_path, edit=with_spare) as stage:
        yield stage


async def accounts(stage):
    """Give by which account each text went out, and how asking for it ended."""
    return [(one["account"], one["state"]) for one in await stage.texts()]


async def test_an_account_that_takes_nothing_is_left_at_once(tmp_path):
    """Its credentials are wrong: nothing was sent, so the same alarm goes out by the second account."""

    def wrong_token(toml):
        return with_spare(toml).replace(f'auth_token = "{TOKEN}"', f'auth_token = "{TOKEN[::-1]}"', 1)

    async with open_stage(tmp_path, edit=wrong_token) as stage:
        await stage.notify("maria", await stage.alarm(), channel="sms")
        await stage.waits(20)
        assert await accounts(stage) == [(ACCOUNT, "refused"), (BACKUP_ACCOUNT, "sent")]
        (notice,) = await stage.notices()
        assert (notice["profile"], notice["outcome"]) == ("spare", "delivered")
        assert len(stage.sms(MARIA)) == 1


@pytest.mark.parametrize("fault", ["429", "503"])
async def test_an_account_that_is_not_ready_is_not_waited_for(doubled, fault):
    """Half a minute of refusals, then the second account sends; one text arrives."""
    stage = doubled
    stage.emulator.faults.add(fault, match=FIRST, times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(90)
    assert (await accounts(stage))[-1] == (BACKUP_ACCOUNT, "sent")
    assert await stage.outcomes() == ["delivered"]
    assert len(stage.sms(MARIA)) == 1


async def test_an_account_that_breaks_down_is_asked_what_it_has_taken_before_another_is(doubled):
    """Nobody knows what a 500 means: Twilio's list says that nothing was sent, and the text is sent, marked."""
    stage = doubled
    stage.emulator.faults.add("500", match=FIRST, times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(150)
    found = await stage.texts()
    assert found[0]["state"] == "missing"
    assert (found[-1]["account"], found[-1]["state"]) == (BACKUP_ACCOUNT, "sent")
    assert found[-1]["possible_duplicate"]
    assert await stage.outcomes() == ["delivered"]
    assert len(stage.sms(MARIA)) == 1


async def test_an_account_that_hangs_is_given_up_and_the_text_is_never_sent_twice(doubled, monkeypatch):
    """The request has no answer although Twilio took the text: it is found in the list."""
    monkeypatch.setattr("tocsin.telephony.client.TIMEOUT_S", 0.2)
    stage = doubled
    stage.emulator.faults.add("hang after 1 s", match=FIRST)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(60)
    assert await accounts(stage) == [(ACCOUNT, "sent")]
    assert await stage.outcomes() == ["delivered"]
    assert len(stage.sms(MARIA)) == 1


async def test_a_slow_account_hands_over_to_one_that_is_not(doubled):
    """Its latest texts took four minutes: the next goes out by the second account at once, and that is on record."""
    stage = doubled
    await earlier_texts(stage, lasted_s=240)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(5)
    assert (await accounts(stage))[-1] == (BACKUP_ACCOUNT, "sent")
    (entry,) = [one for one in await stage.journal() if one["kind"] == "message.rerouted"]
    assert entry["person"] == "maria"
    assert '"text"' in str(entry["data"]).replace("'", '"')


async def test_where_both_are_slow_the_first_sends(doubled):
    """A text that takes minutes is better than none; the next channel is told meanwhile."""
    stage = doubled
    await earlier_texts(stage, lasted_s=240)
    await earlier_texts(stage, lasted_s=240, account=BACKUP_ACCOUNT)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(5)
    assert (await accounts(stage))[-1] == (ACCOUNT, "sent")


async def test_without_a_receipt_the_same_text_is_not_sent_by_the_second_account_either(doubled):
    """Twilio has taken it, so it may have arrived: the person is told by the next channel."""
    stage = doubled
    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm(), channel="sms")
    await stage.waits(1)
    stage.emulator.faults.add("500", match={"method": "GET"}, times=None)
    await stage.waits(125)
    assert await stage.outcomes() == ["no-receipt"]
    assert await accounts(stage) == [(ACCOUNT, "sent")]


OTHER = "+46701112233"
TWO_NUMBERS = f"""
[message_profiles.other]
twilio_profile = "second"

[[users.maria.contacts]]
type = "other"
value = "{OTHER}"
"""


@pytest.fixture
async def two_numbers(tmp_path):
    """A stage on which Maria can be texted at a second number too."""
    async with open_stage(tmp_path, edit=lambda toml: toml + TWO_NUMBERS) as stage:
        yield stage


async def texted_at_both(stage, episode):
    await stage.notify("maria", episode, channel="sms", number=MARIA)
    await stage.notify("maria", episode, channel="sms", profile="other", number=OTHER)


async def test_of_two_numbers_the_second_is_texted_where_the_first_has_not_got_it(two_numbers):
    """One text tells of everything; where it is lost, what was queued for another number goes there."""
    stage = two_numbers
    stage.emulator.faults.add("undelivered 30003", match={"to": MARIA}, times=None)
    await texted_at_both(stage, await stage.alarm())
    await stage.waits(60)
    assert (len(stage.sms(MARIA)), len(stage.sms(OTHER))) == (0, 1)
    assert await stage.outcomes(number=MARIA) == ["undelivered"]
    assert await stage.outcomes(number=OTHER) == ["delivered"]


async def test_of_two_numbers_one_text_is_enough(two_numbers):
    """It has arrived: the person knows."""
    stage = two_numbers
    await texted_at_both(stage, await stage.alarm())
    await stage.waits(60)
    assert len(stage.sms(MARIA)) + len(stage.sms(OTHER)) == 1
    assert await stage.outcomes() == ["delivered", "delivered"]


async def test_no_second_number_is_texted_about_what_nobody_needs_any_more(two_numbers):
    """The alarm was taken over while the first text was under way."""
    stage = two_numbers
    stage.emulator.faults.add("callback lost", times=None)
    stage.emulator.faults.add("500", match={"method": "GET"}, times=None)
    episode = await stage.alarm()
    await texted_at_both(stage, episode)
    await stage.waits(5)
    await stage.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await stage.waits(180)
    assert len(stage.sms(MARIA)) + len(stage.sms(OTHER)) == 1
    assert "cancelled-by-ack" in await stage.outcomes()


async def test_texts_of_which_nothing_is_heard_are_a_reason_not_to_be_ready(stage):
    """Two telephones, two minutes, no word: whoever watches the gateway sees it, until a receipt comes."""
    lagging = stage.channels.station
    stage.emulator.faults.add("callback lost", times=None)
    stage.emulator.faults.add("500", match={"method": "GET"}, times=None)
    await stage.notify("maria", await stage.alarm("A"), channel="sms")
    await stage.notify("jon", await stage.alarm("B"), channel="sms")
    await stage.waits(100)
    assert lagging.lagging == {}
    await stage.waits(60)
    assert lagging.lagging == {
        ACCOUNT: "nothing is heard of the latest texts to 2 telephones, for more than 2 minutes"
    }
    stage.emulator.faults.put([])
    await stage.notify("jon", await stage.alarm("C"), channel="sms", priority=4)
    await stage.waits(60)
    assert lagging.lagging == {}


async def test_a_receipt_that_was_looked_up_counts_as_heard(stage):
    """Only the callbacks are lost: texts arrive, and Twilio says so when it is asked."""
    stage.emulator.faults.add("callback lost", times=None)
    await stage.notify("maria", await stage.alarm("A"), channel="sms")
    await stage.notify("jon", await stage.alarm("B"), channel="sms")
    await stage.waits(200)
    assert await stage.outcomes() == ["delivered", "delivered"]
    assert stage.channels.station.lagging == {}
