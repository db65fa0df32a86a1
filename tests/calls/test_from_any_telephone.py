"""Calling in from a telephone of nobody's: a user number and a PIN open it, and guessing closes it."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest
from tests.plant import BASE, JON, MARIA, STRANGER, open_line, write_project

ASKING = """
if callAction == "asking":
    result = call.identify(Digits, user=params["id"])
    response = f"<Response><Say>{result.reason} {call.known}</Say></Response>"
elif callAction == "standing":
    found = call.standing([params["id"]])
    response = f"<Response><Say>{', '.join([f'{one.label} {one.state} {one.by}' for one in found])}.</Say></Response>"
elif callAction == "lead":
    lead = call.lead()
    response = f"<Response><Say>{lead.name + ' ' + lead.number if lead else 'nobody'}</Say></Response>"
elif callAction == "shelving":
    result = call.shelve(15, alarms=[params["id"]])
    response = f"<Response><Say>{result.reason} {len(result.alarms)}</Say></Response>"
"""
GAS = "Plant/Boiler/Gas"
LEAD = """
[users.ada]
id = 3
name = "Ada Holm"
roles = ["lead"]
[[users.ada.contacts]]
type = "phone"
value = "+46701740605"
[rosters.leads]
users = ["ada"]
"""


@pytest.fixture
async def line(tmp_path):
    """Give a plant with a lead on call, whose scripts ask what is asked in the address."""
    async with open_line(write_project(tmp_path / "plant", {"10_asking.py": ASKING}, more=LEAD)) as found:
        yield found


async def asks(line, number, action, *, digits="", **query):
    """Let a script ask in a call of its own, and return what it says."""
    caller = line.call_from(number)
    path = f"/main/system/twilio-voice/{action}/0"
    if query:
        path += f"?{urlencode(query)}"
    return await caller.turn(path, **({"Digits": digits} if digits else {}))


async def test_user_number_and_pin_open_a_telephone_of_nobodys(line):
    """Maria calls from a hotel, hears the alarm and acknowledges it under her own name."""
    episode = await line.raise_alarm(value=93)
    hotel = line.call_from(STRANGER)
    await hotel.dials()
    assert "Enter your user number, star, your PIN, then hash." in hotel.hears

    await hotel.presses("1*4711#")
    assert "1 alarm, priority high." in hotel.hears
    await hotel.stays_silent()
    await hotel.presses("1")
    assert hotel.hears == "Acknowledged. Goodbye.", hotel.story()
    found = await line.gateway.services.board.find(episode)
    assert (found.acked_by, found.acked_via) == ("maria", "voice")


async def test_the_pin_of_one_does_not_fit_the_number_of_another(line):
    """Nor does any PIN fit a number that nobody has; both are answered alike."""
    assert await asks(line, STRANGER, "asking", id="2", digits="4711") == "wrong_pin False"
    assert await asks(line, STRANGER, "asking", id="99", digits="4711") == "wrong_pin False"
    assert await asks(line, STRANGER, "asking", id="one", digits="4711") == "wrong_pin False"
    assert await asks(line, STRANGER, "asking", id="1", digits="4711") == "ok False"


async def test_many_telephones_have_no_more_tries_together(line):
    """Ten wrong ones within ten minutes close this way in for everybody, and for nobody's own telephone."""
    said = [
        await asks(line, f"+1222333{number:04}", "asking", id=str(10 + number), digits="0852")
        for number in range(12)
    ]
    assert [one.split()[0] for one in said] == ["wrong_pin"] * 10 + ["locked"] * 2
    assert await asks(line, STRANGER, "asking", id="1", digits="4711") == "locked False"

    await line.raise_alarm()
    maria = line.call_from(MARIA)
    await maria.dials()
    await maria.presses("4711#")
    assert "1 alarm" in maria.hears


async def test_guessing_somebodys_pin_from_elsewhere_does_not_lock_their_own_telephone(line):
    """Whoever tries Maria's number keeps her from nothing."""
    for number in range(6):
        await asks(line, f"+1222444{number:04}", "asking", id="1", digits="0852")
    maria = line.call_from(MARIA)
    await maria.dials()
    await maria.presses("4711#")
    assert maria.hears == "There is nothing to acknowledge. Goodbye."


async def test_how_an_alarm_stands_now(line):
    """Also one that is acknowledged and gone; nothing of it is told to a stranger."""
    episode = await line.raise_alarm()
    assert await asks(line, MARIA, "standing", id=episode) == "Pump 2 high level open ."
    await line.gateway.services.board.acknowledge([episode], by="jon", via="cli")
    assert await asks(line, MARIA, "standing", id=episode) == "Pump 2 high level acknowledged Jon Berg."
    assert await asks(line, STRANGER, "standing", id=episode) == "."


async def test_the_lead_is_whoever_is_on_call_with_that_role(line):
    """And is not connected to herself."""
    assert await asks(line, MARIA, "lead") == "Ada Holm +46701740605"
    assert await asks(line, "+46701740605", "lead") == "nobody"


async def test_one_alarm_of_several_is_shelved(line):
    """The others stay as they were."""
    first = await line.raise_alarm()
    await line.raise_alarm(GAS)
    jon = line.call_from(JON)
    await jon.turn("/main/system/twilio-voice/inbound/0")
    await jon.presses("9163#")
    said = await jon.turn(f"{BASE}/main/system/twilio-voice/shelving/0?id={first}")
    assert said == "ok 1"
    assert [one.path for one in line.gateway.services.board.open()] == [GAS]
