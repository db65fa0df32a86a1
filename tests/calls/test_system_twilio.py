"""system.twilio of Kymera's module, name by name: two functions and the eight getters of a user."""

from __future__ import annotations

import pytest
from tests.calls.asking import JON, MARIA, HostRefused, asking

from tocsin.calls import statistics
from tocsin.telephony.attempt import Attempt


@pytest.fixture
def plant(db, clock):
    """Give a plant in which everything was counted that can be: for each counter another number."""
    made = asking(db, clock)

    def count(conn):
        def one(kind, sid, direction, minutes=None):
            facts = {"account": "AC1", "direction": direction, "number": MARIA, "minutes": minutes}
            statistics.counted_in(conn, kind, sid=sid, **facts)

        for number in range(1):
            one("message", f"SMr{number}", "inbound")
        for number in range(2):
            one("message", f"SMs{number}", "outbound")
        for number in range(3):
            one("call", f"CAr{number}", "inbound", 5)
        for number in range(4):
            one("call", f"CAs{number}", "outbound", 6)

    db.write_now(count)
    return made


async def asked(plant, getter):
    return await plant.script(f"found = system.twilio.getUser(1).{getter}()")


async def test_system_twilio_getUser(plant):
    """A user is found by id; an unknown id is None."""
    assert await plant.script("found = system.twilio.getUser(1).getUsername()") == "maria"
    assert await plant.script("found = system.twilio.getUser(3)") is None
    assert await plant.script("found = system.twilio.getUser(id=-1)") is None


@pytest.mark.parametrize("wrong", ["'1'", "1.0", "None", "True"])
async def test_system_twilio_getUser_takes_a_whole_number(plant, wrong):
    """Anything else is a mistake, and is said so."""
    with pytest.raises(HostRefused, match="whole number"):
        await plant.script(f"found = system.twilio.getUser({wrong})")


async def test_system_twilio_getUser_getUsername(plant):
    """The name the configuration gives the user."""
    assert await asked(plant, "getUsername") == "maria"


async def test_system_twilio_getUser_getPhoneNumber(plant):
    """The first number among the contacts; an empty text where there is none."""
    assert await asked(plant, "getPhoneNumber") == MARIA
    assert await plant.script("found = system.twilio.getUser(7).getPhoneNumber()") == ""


async def test_system_twilio_getUser_getMessagesReceived(plant):
    """Texts from the user."""
    assert await asked(plant, "getMessagesReceived") == 1


async def test_system_twilio_getUser_getMessagesSent(plant):
    """Texts to the user that Twilio took."""
    assert await asked(plant, "getMessagesSent") == 2


async def test_system_twilio_getUser_getCallsReceived(plant):
    """Calls from the user."""
    assert await asked(plant, "getCallsReceived") == 3


async def test_system_twilio_getUser_getCallsSent(plant):
    """Calls to the user that Twilio took."""
    assert await asked(plant, "getCallsSent") == 4


async def test_system_twilio_getUser_getCallMinutesReceived(plant):
    """Billed minutes of calls from the user."""
    assert await asked(plant, "getCallMinutesReceived") == 15


async def test_system_twilio_getUser_getCallMinutesSent(plant):
    """Billed minutes of calls to the user."""
    assert await asked(plant, "getCallMinutesSent") == 24


async def test_a_user_is_read_only(plant):
    """A script can neither change a counter nor look behind the getters."""
    with pytest.raises(TypeError, match="cannot be assigned"):
        await plant.script("user = system.twilio.getUser(1)\nuser.getCallsSent = lambda: 0")
    with pytest.raises(AttributeError, match="pin_literal"):
        await plant.script("found = getattr(system.twilio.getUser(1), 'pin_literal')")


async def test_system_twilio_sendMessage(plant):
    """True once Twilio returned a SID; the text counts for the person who got it."""
    assert await plant.script(f"found = system.twilio.sendMessage('{JON}', 'Come to the dam')") is True

    assert plant.twilio.sent == [(JON, "Come to the dam")]
    assert await plant.script("found = system.twilio.getUser(2).getMessagesSent()") == 1


async def test_system_twilio_sendMessage_to_a_number_as_people_write_it(plant):
    """Blanks and dashes are taken out before it is sent and counted, so that it is somebody's number."""
    written = f"{JON[:3]} {JON[3:5]}-{JON[5:8]} {JON[8:]}"
    assert await plant.script(f"found = system.twilio.sendMessage('{written}', 'Come')") is True
    assert plant.twilio.sent == [(JON, "Come")]
    assert await plant.script("found = system.twilio.getUser(2).getMessagesSent()") == 1


@pytest.mark.parametrize("ended", [Attempt("refused", why="21610"), Attempt("unknown", why="no answer")])
async def test_system_twilio_sendMessage_without_a_sid(plant, ended):
    """False where Twilio refused, and where nobody knows; neither was sent as far as counters go."""
    plant.twilio.next = [ended]

    assert await plant.script(f"found = system.twilio.sendMessage('{JON}', 'Come')") is False
    assert await plant.script("found = system.twilio.getUser(2).getMessagesSent()") == 0
