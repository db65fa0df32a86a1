"""kill -9 in the middle of a turn with a PIN, an acknowledgement or a text: its repeat has no second effect.

A real `tocsin serve` dies at an exact moment, is started again, and Twilio delivers the webhook again, as
it does. Whatever the moment, the caller ends up where a call without a crash would have ended.
"""

from __future__ import annotations

from collections import Counter

import pytest
from tests.calls.commit_points import moments
from tests.calls.mortal_plant import MortalPlant, mortal_plant
from tests.plant import Caller

PIN = [*moments("booking"), *moments("settle")]
TURN = [*moments("end-of-turn"), "before-answer", "after-answer"]
MESSAGE = [*moments("intent"), *moments("message-settle")]

SCRIPT = """
if callAction == "at once":
    result = call.acknowledge(pin=Digits)
    response = f"<Response><Say>{result.reason}</Say><Hangup/></Response>"
if callAction == "text":
    sent = system.twilio.sendMessage(From, "Pump 2 is back")
    response = f"<Response><Say>{'sent' if sent else 'not sent'}</Say><Hangup/></Response>"
"""
PEOPLE = {f"person{n}": f"+46701000{n:03}" for n in range(60)}


@pytest.fixture(scope="module")
def plant(tmp_path_factory):
    """The plant of this file's people, each with alarms of their own."""
    folder = tmp_path_factory.mktemp("crashes") / "plant"
    with mortal_plant(folder, PEOPLE.items(), script=SCRIPT) as plant:
        yield plant


@pytest.fixture
def somebody(plant, request):
    """The next person nobody has called yet: (username, number)."""
    return next(_everybody)


_everybody = iter(PEOPLE.items())


async def acknowledge_by_phone(plant: MortalPlant, number: str) -> Caller:
    """Call in, mistype the PIN once, enter it, hear the alarm, press 1."""
    caller = plant.call_from(number)
    await caller.dials()
    assert "Enter your PIN" in caller.hears, caller.story()
    await caller.presses("0001#")
    assert "not recognised" in caller.hears, caller.story()
    await caller.presses("4711#")
    for _ in range(3):
        if "Press 1 to acknowledge" in caller.hears:
            break
        await caller.stays_silent()
    await caller.presses("1")
    return caller


CASES = [
    *((moment, 1, 1, True) for moment in PIN),
    *((moment, 2, 1, False) for moment in PIN),
    *((moment, 1, 2, True) for moment in moments("acknowledge")),
    *((moment, 4, 1, True) for moment in TURN),
    *((moment, 7, 1, False) for moment in ("inside-end-of-turn", "before-answer")),
]


@pytest.mark.parametrize(("moment", "nth", "times", "tokens"), CASES)
async def test_a_call_is_the_same_with_and_without_a_crash(plant, somebody, moment, nth, times, tokens):
    """One wrong try, one person, one acknowledgement, and "acknowledged" is said once it is on disk."""
    name, number = somebody
    plant.orders.unlink(missing_ok=True)
    episode = plant.raise_alarm(name)
    plant.kill_at(moment, nth=nth, times=times)
    plant.tokens = tokens

    caller = await acknowledge_by_phone(plant, number)

    assert plant.deaths >= 1, f"{moment} was not reached {nth} times"
    assert caller.hears == "Acknowledged. Goodbye.", caller.story()
    assert plant.rows("select acked_by, acked_via from ts_episode where id = ?", episode) == [(name, "voice")]
    kinds = Counter(kind for (kind,) in plant.rows("select kind from ts_journal where subject = ?", episode))
    assert kinds["alarm.acknowledged"] == 1, kinds
    assert plant.rows("select count(*) from ts_pin_failure where subject = ?", f"user:{name}") == [(1,)]
    assert plant.rows("select count(*) from ts_pin_failure where subject = ?", f"number:{number}") == [(1,)]
    wrong = "select count(*) from ts_journal where kind = 'pin.wrong' and subject = ?"
    assert plant.rows(wrong, name) == [(1,)]
    assert plant.rows("select identified from ts_call where sid = ?", caller.sid) == [(name,)]


@pytest.mark.parametrize("moment", ["after-booking", "inside-settle", "after-settle", "after-acknowledge"])
async def test_a_pin_in_the_first_webhook_of_a_call(plant, somebody, moment):
    """Nothing of the call is on disk yet when its PIN is booked; the try is found again all the same."""
    name, number = somebody
    plant.orders.unlink(missing_ok=True)
    episode = plant.raise_alarm(name)
    plant.kill_at(moment)
    caller = plant.call_from(number)

    await caller.turn("/main/system/twilio-voice/at%20once/0", Digits="4711")

    assert plant.deaths == 1
    assert caller.hears == "ok"
    assert plant.rows("select acked_by from ts_episode where id = ?", episode) == [(name,)]
    assert plant.rows("select count(*) from ts_pin_failure where subject = ?", f"user:{name}") == [(0,)]
    assert plant.rows("select count(*) from ts_call where sid = ?", caller.sid) == [(1,)]


@pytest.mark.parametrize(("moment", "tokens"), list(zip(MESSAGE, [True, False] * 3, strict=True)))
async def test_a_text_is_sent_at_most_once(plant, somebody, moment, tokens):
    """A text whose end is unknown is not sent again: the script hears False, and the intent stays on record."""
    _, number = somebody
    plant.kill_at(moment)
    plant.tokens = tokens
    caller = plant.call_from(number)

    await caller.turn("/main/system/twilio-voice/text/0?turn=1")

    assert plant.deaths == 1
    asked = plant.twilio.texts[number]
    messages = plant.rows("select state from ts_message where number = ?", number)
    assert len(messages) == 1
    if moment in ("before-intent", "inside-intent"):
        assert (asked, messages, caller.hears) == (1, [("sent",)], "sent")
    elif moment == "after-intent":
        assert (asked, messages, caller.hears) == (0, [("intent",)], "not sent")
    elif moment == "after-message-settle":
        assert (asked, messages, caller.hears) == (1, [("sent",)], "sent")
    else:
        assert (asked, messages, caller.hears) == (1, [("intent",)], "not sent")
