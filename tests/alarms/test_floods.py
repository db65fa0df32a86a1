"""What counts towards a flood of alarms: what is on disk, and nothing else."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy.exc import OperationalError

from tocsin.alarms import AlarmEvent, Board
from tocsin.alarms.flood import FloodLimits
from tocsin.alarms.floods import QUEUE, Floods
from tocsin.db import NotStored
from tocsin.engine.embedded import EmbeddedEngine
from tocsin.journal import entries


class Disk:
    """Stands in a transaction's way as a full disk does."""

    full = False

    def changed_in(self, _connection, _changes, _now_ms):
        if self.full:
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = sqlite3.SQLITE_FULL
            raise OperationalError("COMMIT", {}, error)


@pytest.fixture
def disk():
    return Disk()


@pytest.fixture
async def plant(db, clock, disk):
    """A board and its floods: more than ten alarms in ten minutes are one."""
    engine = EmbeddedEngine(db, clock, owner="here")
    board = Board(db, clock, {})
    floods = Floods(db, clock, engine, limits=FloodLimits)
    engine.handle(QUEUE, floods.handle)
    board.also_in(floods.changed_in)
    board.also_in(disk.changed_in)
    await board.start()
    await floods.start()
    return board, floods


async def test_alarms_that_were_not_stored_are_no_flood(plant, disk, db):
    """A source repeats one alarm until the disk has room again: that is one alarm."""
    board, floods = plant
    disk.full = True
    for _ in range(11):
        with pytest.raises(NotStored):
            await board.report([AlarmEvent(path="Plant/Pump", state="active")])
    disk.full = False
    await board.report([AlarmEvent(path="Plant/Pump", state="active")])

    assert len(board.open()) == 1
    assert floods.now() == ()
    assert await db.read(lambda connection: entries(connection, kind="flood.*")) == []


async def test_what_is_stored_makes_a_flood_with_the_alarm_that_is_one_too_many(plant, disk):
    """Whether one by one or all at once; what was refused in between does not count."""
    board, floods = plant
    await board.report([AlarmEvent(path=f"Plant/{n}", state="active") for n in range(9)])
    disk.full = True
    with pytest.raises(NotStored):
        await board.report([AlarmEvent(path=f"Plant/{n}", state="active") for n in range(20, 40)])
    disk.full = False
    await board.report([AlarmEvent(path="Plant/9", state="active")])
    assert floods.now() == ()
    await board.report([AlarmEvent(path="Plant/10", state="active")])
    await board.report([AlarmEvent(path=f"Harbour/{n}", state="active") for n in range(11)])
    assert [(one.area, one.alarms) for one in floods.now()] == [("Harbour", 11), ("Plant", 11)]
