"""The gateway's own alarms are on the board as they are on disk, whatever became of the work that raised them."""

import asyncio

import pytest

from tocsin.alarms import AlarmEvent
from tocsin.gateway.own_alarms import NOBODY_REACHED, OwnAlarms
from tocsin.pipelines.run import RunState

PUMP, DOOR = "Plant/Pump", "Plant/Door"


class Lost(Exception):  # noqa: N818 named for what happened, as LeaseLost
    """What undoes a work, such as a job that another engine has taken over."""


@pytest.fixture
async def own_alarms(board):
    own_alarms = OwnAlarms(board)
    board.also_in(own_alarms.changed_in)
    await own_alarms.start()
    return own_alarms


async def are_active(board, *paths):
    return [one.episode for one in await board.report([AlarmEvent(path, "active") for path in paths])]


def nobody_is_reached(own_alarms, episode, clock, *, then=None):
    """Make the work of a run that told nobody, and that may come to nothing."""
    run = RunState("run", episode, "default", "plan", 0, "", waiting="nobody answered")

    def work(connection):
        own_alarms.nobody_reached_in(connection, run, clock.now_ms())
        if then is not None:
            raise then

    return work


def paths(board):
    return sorted(one.path for one in board.open())


async def settled(db):
    await db.write(lambda _: None)
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_run_that_comes_to_nothing_leaves_no_alarm(db, clock, board, own_alarms):
    """What is undone is not read out to anybody; done again a moment later, it is an alarm as ever."""
    (episode,) = await are_active(board, PUMP)

    results = await asyncio.gather(
        db.write(lambda _: None),
        db.write(nobody_is_reached(own_alarms, episode, clock, then=Lost())),
        db.write(lambda _: None),
        return_exceptions=True,
    )
    await settled(db)
    assert [type(one) for one in results] == [type(None), Lost, type(None)]
    assert paths(board) == [PUMP]

    await clock.advance(1)
    await db.write(nobody_is_reached(own_alarms, episode, clock))
    await settled(db)
    assert paths(board) == [PUMP, NOBODY_REACHED]
    assert [one.path for one in await board.listing("active")] == [NOBODY_REACHED, PUMP]


async def test_it_is_over_once_somebody_looks_after_all_of_them(db, clock, board, own_alarms):
    """Two acknowledged in one transaction, or one whose acknowledgement was undone at first: it clears."""
    both = await are_active(board, PUMP, DOOR)
    for episode in both:
        await db.write(nobody_is_reached(own_alarms, episode, clock))
    await settled(db)
    by_maria = {"by": "maria", "via": "voice", "note": "", "now_ms": clock.now_ms()}

    def undone(connection):
        board.acknowledge_in(connection, both, **by_maria)
        raise Lost

    with pytest.raises(Lost):
        await db.write(undone)
    await settled(db)
    assert NOBODY_REACHED in paths(board)

    def one_by_one(connection):
        return None, [done for one in both for done in board.acknowledge_in(connection, [one], **by_maria)]

    await board.transact(one_by_one)
    await settled(db)
    active = [one.path for one in await board.listing("active")]
    assert NOBODY_REACHED not in active
    assert all(one.state == "cleared" for one in board.open() if one.path == NOBODY_REACHED)
