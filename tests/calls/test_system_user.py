"""system.user and system.roster in call scripts: who there is, who is on call; never a PIN."""

from __future__ import annotations

import datetime as dt

import pytest
from tests.calls.asking import MARIA, HostRefused, asking

from tocsin.calls import system_results

MONDAY_NOON = int(dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC).timestamp() * 1000)
SUNDAY = int(dt.datetime(2026, 3, 1, 11, tzinfo=dt.UTC).timestamp() * 1000)


@pytest.fixture
def plant(db, clock):
    """Give a plant with two people always on call, and a guest in a roster of office hours."""
    return asking(db, clock)


async def test_system_user_getUser(plant):
    """By username, whatever the user source is called; properties by Ignition's names."""
    found = await plant.script(
        "user = system.user.getUser('default', 'maria')\n"
        "found = [user.get(user.Username), user.get(user.FirstName), user.get(user.LastName),"
        " user.get(user.Language), user.get(user.Schedule), user.get('notes'), user.getOrDefault('notes'),"
        " user.getOrElse('notes', 'none'), user.getId(), user.getRoles(),"
        " [(one.contactType, one.value, one.getContactType() + one.getValue())"
        " for one in user.getContactInfo()]]"
    )

    assert found == [
        "maria", "Maria", "Lind", "sv-SE", "Always", None, "", "none", 1, ["operator", "lead"],
        [("phone", MARIA, f"phone{MARIA}"), ("email", "maria@example.com", "emailmaria@example.com")],
    ]  # fmt: skip
    assert await plant.script("found = system.user.getUser('', 'nobody')") is None


async def test_system_user_getUsers(plant):
    """Everybody, by id."""
    assert await plant.script(
        "found = [user.get('username') for user in system.user.getUsers('default')]"
    ) == ["maria", "jon", "guest"]


async def test_system_user_getScheduledUsers(plant):
    """Who is on call by any roster, at a moment or now."""
    names = "found = [user.get('username') for user in system.user.getScheduledUsers({})]"

    assert await plant.script(names.format(f"'', {MONDAY_NOON}")) == ["maria", "jon", "guest"]
    assert await plant.script(names.format(f"'', {SUNDAY}")) == ["maria", "jon"]
    at_noon = "import datetime\nnoon = datetime.datetime(2026, 3, 2, 12, tzinfo=datetime.timezone.utc)\n"
    assert await plant.script(at_noon + names.format("'', date=noon")) == ["maria", "jon", "guest"]
    assert (await plant.script(names.format("'default'")))[:2] == ["maria", "jon"]


async def test_system_user_isUserScheduled(plant):
    """Takes a user as getUser returns it."""
    ask = "user = system.user.getUser('', '{}')\nfound = system.user.isUserScheduled(user{})"

    assert await plant.script(ask.format("maria", "")) is True
    assert await plant.script(ask.format("guest", f", {MONDAY_NOON}")) is True
    assert await plant.script(ask.format("guest", f", {SUNDAY}")) is False
    assert await plant.script("found = system.user.isUserScheduled('nobody')") is False


async def test_system_roster_getRosters(plant):
    """Usernames in calling order, by roster."""
    assert await plant.script("found = system.roster.getRosters()") == {
        "operations": ["maria", "jon"], "office": ["guest"], "empty": [],
    }  # fmt: skip


async def test_system_roster_getRosterNames(plant):
    """In the order of the configuration."""
    assert await plant.script("found = system.roster.getRosterNames()") == ["operations", "office", "empty"]


async def test_system_roster_getRoster(plant):
    """A roster has users, not only their names; an unknown one is None."""
    found = await plant.script(
        "roster = system.roster.getRoster('office')\n"
        "found = [roster.getName(), roster.getDescription(), [user.getId() for user in roster.getUsers()]]"
    )

    assert found == ["office", "days", [7]]
    assert await plant.script("found = system.roster.getRoster('nobody')") is None


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("system.user.getUser('default', 1)", "and a username"),
        ("system.user.isUserScheduled(1)", "takes a user"),
        ("system.user.getScheduledUsers('', 'today')", "a date is a datetime"),
        ("system.roster.getRoster(['office'])", "the name of a roster"),
    ],
)
async def test_what_cannot_be_asked_is_refused_with_a_sentence(plant, line, says):
    """The sentence says what the function takes."""
    with pytest.raises(HostRefused, match=says):
        await plant.script(line)


async def test_no_answer_tells_a_pin(plant):
    """Neither the digits nor the hash are in anything a script is sent."""
    script = (
        "found = [system.user.getUsers(), system.user.getUser('', 'maria'), system.user.getScheduledUsers(),"
        " system.roster.getRoster('operations').getUsers(), system.twilio.getUser(1)]"
    )

    def told(value):
        if isinstance(value, list | tuple):
            return " ".join(map(told, value))
        return str(value._facts) if type(value) in system_results.CLASSES else str(value)

    words = told(await plant.script(script))
    assert "maria" in words
    assert not any(secret in words for secret in ("4711", "hash:", "pin"))
    for name in ("pin", "pin_literal", "pin_hash", "PIN"):
        assert await plant.script(f"found = system.user.getUser('', 'maria').get('{name}')") is None


async def test_changing_what_was_returned_changes_nothing(plant):
    """Every answer is a copy: the next script asks anew and finds what is so."""
    await plant.script("system.roster.getRosters()['operations'].clear()\nsystem.user.getUsers().clear()")

    assert await plant.script("found = system.roster.getRosters()['operations']") == ["maria", "jon"]
