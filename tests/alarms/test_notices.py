"""Notices: queued, carried by a call or a text, and ended with exactly one outcome."""

import asyncio

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from tocsin.alarms import AlarmEvent
from tocsin.alarms.notices import (
    NewNotice,
    add_in,
    heard_in,
    next_due_in,
    notices_of,
    of_call,
    of_episodes,
    of_message,
    of_person,
    of_run,
    of_runs,
    place_in,
    queued_in,
    requeue_in,
    settle_in,
)
from tocsin.clock import SystemClock
from tocsin.db import Database

NOW = 1_700_000_000_000


@pytest.fixture
async def high_level(board):
    """The episode of a pump that runs over."""
    (accepted,) = await board.report([AlarmEvent("Plant/Pump 2/High level", "active")])
    return accepted.episode


@pytest.fixture
async def door(board):
    """The episode of a door that stands open."""
    (accepted,) = await board.report([AlarmEvent("Plant/Door", "active")])
    return accepted.episode


def to(episode, person="maria", channel="voice", *, run="run-1", profile="phone", priority=2, due_ms=NOW):
    return NewNotice(run, episode, person, channel, profile, "+46701234567", priority, due_ms)


async def all_of(db, episode):
    return await db.read(lambda c: of_episodes(c, [episode]))


async def test_a_queued_notice_says_whom_to_tell_of_what_and_how(db, high_level):
    """Whatever tells the person finds all it needs in the notice itself."""
    await db.write(lambda c: add_in(c, [to(high_level, due_ms=NOW + 5)], NOW))

    (notice,) = await db.read(lambda c: queued_in(c, channel="voice", limit=10))
    assert (notice.episode_id, notice.run_id, notice.person) == (high_level, "run-1", "maria")
    assert (notice.channel, notice.profile, notice.number) == ("voice", "phone", "+46701234567")
    assert (notice.state, notice.attempt, notice.priority) == ("queued", 1, 2)
    assert (notice.created_ms, notice.due_ms, notice.open) == (NOW, NOW + 5, True)
    assert (notice.call_id, notice.outcome, notice.why) == (None, None, "")


async def test_each_person_and_episode_counts_its_own_attempts(db, high_level, door):
    """Side by side, one after the other, or heard in a call nobody planned: every attempt has its number."""
    side_by_side = [to(high_level), to(high_level, channel="sms"), to(high_level, "jon"), to(door)]
    await db.write(lambda c: add_in(c, side_by_side, NOW))
    await db.write(lambda c: heard_in(c, [door], person="maria", call_id="rang-in", now_ms=NOW + 1))
    await db.write(lambda c: add_in(c, [to(high_level), to(door)], NOW + 2))

    rows = await db.read(lambda c: notices_of(c, high_level) + notices_of(c, door))
    assert [(row["person"], row["attempt"]) for row in rows] == [
        ("maria", 1), ("maria", 2), ("jon", 1), ("maria", 3), ("maria", 1), ("maria", 2), ("maria", 3),
    ]  # fmt: skip


async def test_the_highest_priority_goes_first_then_the_oldest(db, high_level, door):
    """A queue that cannot be worked off at once is worked off in the order in which people need to know."""
    await db.write(lambda c: add_in(c, [to(door, "old low", priority=1), to(door, "old", priority=3)], NOW))
    await db.write(lambda c: add_in(c, [to(high_level, "new", priority=3, due_ms=NOW - 9)], NOW + 1))

    found = await db.read(lambda c: queued_in(c, channel="voice", limit=10))
    assert [notice.person for notice in found] == ["old", "new", "old low"]
    found = await db.read(lambda c: queued_in(c, channel="voice", limit=2))
    assert [notice.person for notice in found] == ["old", "new"]


async def test_only_what_is_due_on_the_channel_and_profiles_asked_for(db, high_level):
    """A dispatcher sees its own notices, and when the next one is due; never those of another account."""
    news = [
        to(high_level, "due"),
        to(high_level, "later", due_ms=NOW + 60_000),
        to(high_level, "text", channel="sms", profile="text", due_ms=NOW + 7),
        to(high_level, "other", profile="backup"),
    ]
    await db.write(lambda c: add_in(c, news, NOW))

    def people(**wanted):
        return db.read(lambda c: [one.person for one in queued_in(c, limit=10, **wanted)])

    assert await people(channel="voice", now_ms=NOW, profiles={"phone"}) == ["due"]
    assert await people(channel="voice", now_ms=NOW + 60_000, profiles={"phone"}) == ["due", "later"]
    assert await people(channel="voice", now_ms=NOW) == ["due", "other"]
    assert await people(channel="sms") == ["text"]
    assert await people(channel="voice", profiles=()) == []
    assert await db.read(lambda c: next_due_in(c, channel="sms")) == NOW + 7
    assert await db.read(lambda c: next_due_in(c, channel="voice", profiles={"phone"})) == NOW
    assert await db.read(lambda c: next_due_in(c, channel="email")) is None


async def test_a_call_carries_notices_until_they_have_their_outcome(db, high_level, door):
    """One call for all of a person's alarms; each of them ends on its own."""
    await db.write(lambda c: add_in(c, [to(high_level), to(door)], NOW))
    level, gate = (one.id for one in await db.read(lambda c: queued_in(c, channel="voice", limit=9)))
    await db.write(lambda c: place_in(c, [level, gate], call_id="call-1", now_ms=NOW + 1))

    assert await db.read(lambda c: queued_in(c, channel="voice", limit=9)) == []
    carried = await db.read(lambda c: of_call(c, "call-1"))
    assert [(one.state, one.placed_ms, one.open) for one in carried] == [("placed", NOW + 1, True)] * 2

    (settled,) = await db.write(
        lambda c: settle_in(c, [level], outcome="acked", why="maria pressed 1", now_ms=NOW + 2)
    )
    assert (settled.id, settled.state, settled.outcome) == (level, "done", "acked")
    assert (settled.why, settled.ended_ms, settled.call_id) == ("maria pressed 1", NOW + 2, "call-1")
    assert [one.id for one in await db.read(lambda c: of_person(c, "maria"))] == [gate]


async def test_the_first_outcome_stays(db, high_level):
    """A late word, a repeat or a cancelled run does not rewrite how an attempt ended."""
    await db.write(lambda c: add_in(c, [to(high_level)], NOW))
    (notice,) = await all_of(db, high_level)
    await db.write(lambda c: settle_in(c, [notice.id], outcome="busy", now_ms=NOW + 1))

    def late(connection):
        return [
            settle_in(connection, [notice.id], outcome="acked", now_ms=NOW + 2),
            requeue_in(connection, [notice.id], due_ms=NOW + 2),
            place_in(connection, [notice.id], call_id="call-9", now_ms=NOW + 2),
        ]

    assert await db.write(late) == [[], [], []]
    (row,) = await db.read(lambda c: notices_of(c, high_level))
    assert (row["outcome"], row["ended_ms"], row["call_id"]) == ("busy", NOW + 1, None)


async def test_what_is_placed_is_not_placed_twice(db, high_level):
    """Of two dispatchers that read the same queue only one gets the notice."""
    await db.write(lambda c: add_in(c, [to(high_level)], NOW))
    (notice,) = await all_of(db, high_level)

    (mine,) = await db.write(lambda c: place_in(c, [notice.id], call_id="call-1", now_ms=NOW))
    assert mine.call_id == "call-1"
    assert await db.write(lambda c: place_in(c, [notice.id], call_id="call-2", now_ms=NOW)) == []


async def test_a_notice_nobody_heard_goes_back_into_the_queue(db, high_level):
    """It is free of the call or text that carried it, keeps its attempt, and says why it waits."""
    await db.write(lambda c: add_in(c, [to(high_level, channel="sms")], NOW))
    (notice,) = await all_of(db, high_level)
    await db.write(lambda c: place_in(c, [notice.id], message_id="text-1", now_ms=NOW))
    assert [one.id for one in await db.read(lambda c: of_message(c, "text-1"))] == [notice.id]

    (again,) = await db.write(lambda c: requeue_in(c, [notice.id], due_ms=NOW + 45_000, why="not heard"))
    assert (again.state, again.due_ms, again.why) == ("queued", NOW + 45_000, "not heard")
    assert (again.message_id, again.placed_ms, again.attempt) == (None, None, 1)
    assert await db.read(lambda c: of_message(c, "text-1")) == []


async def test_hearing_marks_what_the_call_was_placed_for(db, high_level, door):
    """A planned notice learns that it was heard, and still waits for its outcome; a repeat changes nothing."""
    await db.write(lambda c: add_in(c, [to(high_level)], NOW))
    (notice,) = await all_of(db, high_level)
    await db.write(lambda c: place_in(c, [notice.id], call_id="call-1", now_ms=NOW))

    for late in (1, 2):
        await db.write(
            lambda c, late=late: heard_in(
                c, [high_level, door], person="maria", call_id="call-1", now_ms=NOW + late
            )
        )
    heard, beside = await db.read(lambda c: of_call(c, "call-1"))
    assert (heard.id, heard.heard_ms, heard.state) == (notice.id, NOW + 1, "placed")
    assert (beside.episode_id, beside.heard_ms, beside.state, beside.run_id) == (door, NOW + 1, "done", None)


async def test_a_run_finds_what_it_asked_for(db, high_level, door):
    """One run or many at once; a notice nobody planned belongs to none."""
    news = [to(high_level), to(door, run="run-2"), to(high_level, "jon"), to(door, run=None)]
    await db.write(lambda c: add_in(c, news, NOW))

    assert [one.person for one in await db.read(lambda c: of_run(c, "run-1"))] == ["maria", "jon"]
    found = await db.read(lambda c: of_runs(c, ["run-1", "run-2", "run-3"]))
    assert {run: [one.episode_id for one in notices] for run, notices in found.items()} == {
        "run-1": [high_level, high_level],
        "run-2": [door],
    }


async def test_hundreds_take_a_few_statements(db, board):
    """A flood of alarms costs statements by the portion, not by the notice."""
    accepted = await board.report([AlarmEvent(f"Plant/{number}", "active") for number in range(600)])
    episodes = [one.episode for one in accepted]
    statements = []

    def flood(connection):
        def count(*_):
            statements.append(1)

        event.listen(connection, "before_cursor_execute", count)
        try:
            add_in(connection, [to(one, person) for one in episodes for person in ("maria", "jon")], NOW)
            ids = [one.id for one in queued_in(connection, channel="voice", limit=5000)]
            placed = place_in(connection, ids, call_id="call-1", now_ms=NOW)
            heard_in(connection, episodes, person="maria", call_id="call-1", now_ms=NOW)
            settled = settle_in(connection, ids, outcome="cancelled-by-ack", now_ms=NOW)
        finally:
            event.remove(connection, "before_cursor_execute", count)
        return len(ids), len(placed), len(settled)

    assert await db.write(flood) == (1200, 1200, 1200)
    assert len(statements) < 25


async def test_two_replicas_give_each_attempt_its_own_number(url, db, high_level):
    """Attempts asked for at the same moment by two gateways on one database are all kept."""
    other = Database.open(url, clock=SystemClock())
    news = [to(high_level) for _ in range(20)]
    await asyncio.gather(
        *(base.write(lambda c: add_in(c, news, NOW)) for base in (db, other) for _ in range(3))
    )
    other.close()
    attempts = [one.attempt for one in await all_of(db, high_level)]
    assert sorted(attempts) == list(range(1, 121))


async def test_an_episode_that_is_not_there_cannot_be_told(db, board):
    """A notice always leads to its alarm."""
    with pytest.raises(IntegrityError):
        await db.write(lambda c: add_in(c, [to("no-such-episode")], NOW))
