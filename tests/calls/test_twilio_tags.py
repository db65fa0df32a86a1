"""The tags System/Gateway/Twilio/...: one test for each, as Kymera users know them."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert

from tocsin.calls import statistics
from tocsin.calls.statistics_tags import TwilioTags
from tocsin.calls.tables import number_counts
from tocsin.people import Contact, Directory, User
from tocsin.tags.tree import Tags

MARIA, JON, STRANGER = "+46701234567", "+46707654321", "+12223334444"
PEOPLE = Directory(
    [
        User("maria", 1, "Maria Lind", contacts=(Contact("phone", MARIA), Contact("sms", MARIA))),
        User("jon", 2, "Jon Berg", contacts=(Contact("phone", JON),)),
        User("guest", 3, "Guest", contacts=(Contact("email", "guest@example.com"),)),
    ]
)


@pytest.fixture
def tags(db, clock):
    """Give the tree with the gateway's counters."""
    tree = Tags(clock)
    tree.add(TwilioTags(db, clock, lambda: PEOPLE))
    return tree


@pytest.fixture
def count(db):
    """Give a function that lets Twilio accept a call or a text."""

    def counted(kind, number, direction, minutes=None, *, sid=None):
        count.sids += 1
        facts = {"account": "AC1", "direction": direction, "number": number, "minutes": minutes}
        db.write_now(lambda conn: statistics.counted_in(conn, kind, sid=sid or f"SID{count.sids}", **facts))

    count.sids = 0
    return counted


async def value(tags, name):
    (tag,) = await tags.read([f"System/Gateway/Twilio/{name}"])
    assert tag.good
    return tag.value


async def test_CallMinutesReceived(tags, count):
    """The billed minutes of calls from users' phones."""
    count("call", MARIA, "inbound", 2)
    count("call", JON, "inbound", 3)
    count("call", STRANGER, "inbound", 50)
    count("call", MARIA, "outbound", 7)

    assert await value(tags, "CallMinutesReceived") == 5


async def test_CallMinutesSent(tags, count):
    """The billed minutes of calls to users' phones."""
    count("call", MARIA, "outbound", 2)
    count("call", JON, "outbound", 0)
    count("call", JON, "inbound", 3)

    assert await value(tags, "CallMinutesSent") == 2


async def test_CallsReceived(tags, count):
    """Calls from users' phones; a stranger's call is nobody's."""
    count("call", MARIA, "inbound")
    count("call", STRANGER, "inbound")

    assert await value(tags, "CallsReceived") == 1


async def test_CallsSent(tags, count):
    """Calls to users' phones, each once however often it is told of."""
    for _ in range(3):
        count("call", MARIA, "outbound", sid="CA1")
    count("call", JON, "outbound")

    assert await value(tags, "CallsSent") == 2


async def test_MessagesReceived(tags, count):
    """Texts from users' phones."""
    count("message", JON, "inbound")
    count("message", STRANGER, "inbound")

    assert await value(tags, "MessagesReceived") == 1


async def test_MessagesSent(tags, count):
    """Texts to users' phones."""
    count("message", JON, "outbound")
    count("message", MARIA, "outbound")
    count("message", MARIA, "outbound")

    assert await value(tags, "MessagesSent") == 3


async def test_UserStatistics(tags, count):
    """A row for every user, also for one who has no number."""
    count("call", MARIA, "outbound", 2)
    count("message", JON, "inbound")

    found = await value(tags, "UserStatistics")

    assert found.getColumnNames() == [
        "id",
        "username",
        "phoneNumber",
        "callMinutesReceived",
        "callMinutesSent",
        "callsReceived",
        "callsSent",
        "messagesReceived",
        "messagesSent",
    ]
    assert [list(row) for row in found] == [
        [1, "maria", MARIA, 0, 2, 0, 1, 0, 0],
        [2, "jon", JON, 0, 0, 0, 0, 1, 0],
        [3, "guest", "", 0, 0, 0, 0, 0, 0],
    ]


async def test_a_full_counter_stays_at_the_largest_int4(tags, db):
    """Int4 holds 2^31 - 1 at most, also where two users' counts together are more."""
    rows = [{"number": one, "calls_sent": 2**31 - 2} for one in (MARIA, JON)]
    await db.write(lambda conn: conn.execute(insert(number_counts), rows))

    assert await value(tags, "CallsSent") == 2**31 - 1


async def test_all_seven_are_found_by_browsing(tags):
    """Under the folder of the gateway, by name."""
    names = [node.name for node in tags.browse("[System]Gateway/Twilio")]

    assert names == [
        "CallMinutesReceived",
        "CallMinutesSent",
        "CallsReceived",
        "CallsSent",
        "MessagesReceived",
        "MessagesSent",
        "UserStatistics",
    ]


async def test_events_told_at_once_count_once(tags, db):
    """Two replicas, or two threads that write, may hear of the same call at the same moment."""
    facts = {"account": "AC1", "direction": "outbound", "number": MARIA}

    def tell(sid, minutes):
        return db.write(lambda conn: statistics.counted_in(conn, "call", sid=sid, minutes=minutes, **facts))

    told = [tell(sid, minutes) for sid in ("CA1", "CA2", "CA3") for minutes in (None, 2, 2)]

    new = await asyncio.gather(*told)

    assert sum(new) == 3
    assert (await value(tags, "CallsSent"), await value(tags, "CallMinutesSent")) == (3, 6)
