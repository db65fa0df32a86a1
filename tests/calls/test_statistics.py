"""Counters per telephone number: each call, text and billed minute once, whatever happens to its events."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete

from tocsin.calls import statistics, store, tables
from tocsin.calls.statistics import Counts
from tocsin.db import metadata
from tocsin.people import Contact, Directory, User

MARIA, JON, STRANGER = "+46701234567", "+46707654321", "+12223334444"
OWN = "+15005550006"


def directory(**numbers):
    return Directory(
        User(name, place, name, contacts=tuple(Contact("phone", one) for one in each))
        for place, (name, each) in enumerate(numbers.items(), 1)
    )


@pytest.fixture
def connection():
    """Give a connection to an empty database."""
    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[tables.counted, tables.number_counts, tables.messages])
    with engine.begin() as made:
        yield made
    engine.dispose()


def voice(number, sid="CA1", status="initiated", direction="outbound-api", minutes=None, **more):
    far, near = ("From", "To") if direction == "inbound" else ("To", "From")
    billed = {} if minutes is None else {"Duration": str(minutes)}
    return (
        {"CallSid": sid, "CallStatus": status, "Direction": direction, far: number, near: OWN} | billed | more
    )


def counts(connection, number=MARIA):
    return statistics.counts_of(connection, [number])[number]


def tell(connection, *events, account="AC1"):
    for event in events:
        if "MessageSid" in event:
            statistics.message_event_counted_in(connection, account, event)
        else:
            statistics.call_event_counted_in(connection, account, event)


def test_every_event_of_a_call_told_twice_counts_one_call_and_its_minutes_once(connection):
    """Twilio tells again whatever was not acknowledged in time."""
    course = [voice(MARIA), voice(MARIA, status="ringing"), voice(MARIA, status="completed", minutes=3)]

    tell(connection, *course, *course)

    assert counts(connection) == Counts(calls_sent=1, call_minutes_sent=3)


def test_a_call_nobody_answered_was_sent_all_the_same(connection):
    """Sent is what Twilio accepted with a SID, whatever its end."""
    tell(connection, voice(MARIA, status="no-answer", minutes=0), voice(MARIA, "CA2", "failed"))

    assert counts(connection) == Counts(calls_sent=2)


def test_a_call_from_a_phone_is_received(connection):
    """The counters belong to the far end, in both directions."""
    tell(connection, voice(JON, direction="inbound", status="completed", minutes=1))

    assert counts(connection, JON) == Counts(calls_received=1, call_minutes_received=1)
    assert counts(connection, OWN) == Counts()


def test_a_call_whose_last_event_was_lost_is_healed_by_a_look_at_twilio(connection):
    """What a fetch of the call finds counts as its event would have, and the late event counts no more."""
    tell(connection, voice(MARIA))
    found = {"account": "AC1", "sid": "CA1", "direction": "outbound", "number": MARIA}

    statistics.counted_in(connection, "call", **found, minutes=2)
    tell(connection, voice(MARIA, status="completed", minutes=2))

    assert counts(connection) == Counts(calls_sent=1, call_minutes_sent=2)


def test_a_leg_that_a_script_dialled_is_part_of_its_call(connection):
    """Only calls of the gateway's own count; a Dial inside one is not another."""
    tell(connection, voice(JON, "CA2", "completed", "outbound-dial", 5, ParentCallSid="CA1"))

    assert counts(connection, JON) == Counts()


def test_what_twilio_did_not_accept_was_not_sent(connection):
    """Without a SID there is nothing to count."""
    one = {"account": "AC1", "direction": "outbound", "number": MARIA}

    assert not statistics.counted_in(connection, "message", sid=None, **one)
    assert counts(connection) == Counts()


def test_a_text_counts_when_its_sid_is_known_however_late(connection):
    """The answer to the request was lost; its receipt tells that Twilio took it."""
    row = {"id": "m1", "account": "AC1", "sid": None, "direction": "outbound", "number": MARIA}
    row |= {"own_number": OWN, "body": "High level", "state": "intent", "error": "", "at_ms": 1}
    store.add_message(connection, row)
    assert counts(connection) == Counts()

    tell(connection, {"MessageSid": "SM1", "MessageStatus": "delivered", "To": MARIA, "From": OWN})
    store.settle_message(connection, "m1", sid="SM1", state="sent", error="")

    assert counts(connection) == Counts(messages_sent=1)


def test_the_same_sid_in_two_accounts_is_two_calls(connection):
    """Emulated accounts make up their own SIDs."""
    tell(connection, voice(MARIA), account="AC1")
    tell(connection, voice(MARIA), account="AC2")

    assert counts(connection) == Counts(calls_sent=2)


def test_counts_outlive_the_rows_they_came_from(connection):
    """A webhook sent again years later, when nothing of the call is left, counts nothing."""
    row = {"id": "m1", "account": "AC1", "sid": "SM1", "direction": "inbound", "number": MARIA}
    row |= {"own_number": OWN, "body": "OK", "state": "received", "error": "", "at_ms": 1}
    store.add_message(connection, row)
    connection.execute(delete(tables.messages))

    store.add_message(connection, row | {"id": "m2"})

    assert counts(connection) == Counts(messages_received=1)


def test_the_gateways_counters_are_those_of_its_users(connection):
    """A number is nobody's until it is somebody's contact; two people's shared number is one number."""
    tell(connection, voice(MARIA), voice(JON, "CA2"), voice(STRANGER, "CA3"))
    people = directory(maria=[MARIA], jon=[JON, MARIA])

    assert statistics.totals(connection, people) == Counts(calls_sent=2)
    assert [one.counts.calls_sent for one in statistics.all_users(connection, people)] == [1, 2]
    assert statistics.totals(connection, directory(maria=[STRANGER])) == Counts(calls_sent=1)


def test_rows_of_the_dataset_are_by_id(connection):
    """id, username, first number and the six counters in the order of their tags."""
    tell(connection, voice(JON, status="completed", minutes=4))
    people = directory(maria=[MARIA], jon=[JON])

    rows = statistics.as_rows(statistics.all_users(connection, people))

    assert rows == [(1, "maria", MARIA, 0, 0, 0, 0, 0, 0), (2, "jon", JON, 0, 4, 0, 1, 0, 0)]


CALLS = st.lists(
    st.builds(
        lambda number, inbound, minutes, status: (number, inbound, minutes, status),
        st.sampled_from([MARIA, JON]),
        st.booleans(),
        st.integers(0, 60),
        st.sampled_from(sorted(statistics.ENDED)),
    ),
    max_size=5,
)


@given(
    CALLS,
    st.lists(st.tuples(st.sampled_from([MARIA, JON]), st.booleans()), max_size=5),
    st.randoms(),
    st.data(),
)
@settings(max_examples=150, deadline=None)
def test_any_order_and_any_repeats_give_the_counts_of_the_set_of_events(
    calls, texts, chance: random.Random, data
):
    """The counters are a function of which events there were; loss of rows in between changes nothing."""
    events, expected = [], {MARIA: Counts(), JON: Counts()}
    for place, (number, inbound, minutes, status) in enumerate(calls):
        way, sid = ("inbound" if inbound else "outbound-api"), f"CA{place}"
        course = [voice(number, sid, one, way) for one in ("initiated", "ringing", "in-progress")]
        seen = data.draw(st.lists(st.sampled_from(course), max_size=3))
        ended = data.draw(st.booleans())
        end = voice(number, sid, status, way, minutes)
        # The last event may be lost; a look at Twilio's list finds what it would have told.
        healed = {
            "look": {"sid": sid, "direction": way.partition("-")[0], "number": number, "minutes": minutes}
        }
        events += seen + [data.draw(st.sampled_from([end, healed]))] * ended
        if seen or ended:
            billed = minutes if ended else 0
            one = Counts(0, 0, 1, 0, billed, 0) if inbound else Counts(0, 0, 0, 1, 0, billed)
            expected[number] += one
    for place, (number, inbound) in enumerate(texts):
        sid = f"SM{place}"
        if inbound:
            events.append({"account": "AC1", "sid": sid, "direction": "inbound", "number": number})
        else:
            events.append({"MessageSid": sid, "MessageStatus": "sent", "To": number})
        expected[number] += Counts(messages_received=1) if inbound else Counts(messages_sent=1)
    told = events + [one for one in events for _ in range(data.draw(st.integers(0, 2)))]
    chance.shuffle(told)

    engine = create_engine("sqlite://")
    metadata.create_all(engine, tables=[tables.counted, tables.number_counts])
    for event in told:
        with engine.begin() as connection:
            if "look" in event:
                statistics.counted_in(connection, "call", account="AC1", **event["look"])
            elif "account" in event:
                statistics.message_row_counted_in(connection, event)
            else:
                tell(connection, event)
    with engine.begin() as connection:
        found = statistics.counts_of(connection, [MARIA, JON])
    engine.dispose()

    assert found == expected
