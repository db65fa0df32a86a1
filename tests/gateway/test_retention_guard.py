"""A clock that is far ahead removes nothing: it is held, told, and goes on by itself or by a person's word."""

import asyncio
import contextlib

import pytest
from sqlalchemy import func, select
from tests.gateway.test_retention import call

from tocsin.alarms import Board
from tocsin.calls.tables import calls
from tocsin.clock import VirtualClock
from tocsin.engine import EmbeddedEngine
from tocsin.engine.tables import timers
from tocsin.gateway.configuration import Configuration
from tocsin.gateway.retention import DAY_MS, Retention
from tocsin.gateway.retention_guard import ALARM, BEGINNING_MS, MOST_MS, Held, decide, prune
from tocsin.gateway.upkeep import Upkeep
from tocsin.journal import entries
from tocsin.journal.audit_key import AuditKey

TODAY = 20_515  # days since 1970: the second of March 2026
IN_2040 = 25_600
VALUE = Configuration.model_validate({"retention": {"calls_days": 90}})


@pytest.fixture
def retention(db, tmp_path):
    return Retention(db, lambda: VALUE, AuditKey.load(tmp_path / "state"), in_force=lambda: ())


@contextlib.asynccontextmanager
async def gateway_at(day, db, retention):
    """Run a gateway's upkeep on a machine whose clock shows this day, until it has rested; give its board."""
    clock = VirtualClock(start=day * 86_400.0)
    engine, board = EmbeddedEngine(db, clock, owner="here"), Board(db, clock, {})
    await board.start()
    upkeep = Upkeep(db, clock, engine, board, retention)
    await engine.start()
    await upkeep.start()
    await clock.advance(3700)
    for _ in range(2000):
        due = select(func.count()).select_from(timers).where(timers.c.due_ms <= clock.now_ms())
        if not await db.read(lambda c, due=due: c.scalar(due)) and not engine.stats()["claimed"]:
            break
        await asyncio.sleep(0.002)
    try:
        yield board
    finally:
        await engine.aclose()


async def left(db):
    return sorted(await db.read(lambda conn: list(conn.scalars(select(calls.c.id)))))


def told(db):
    found = db.read_now(lambda conn: entries(conn, kind="retention.*"))
    return [(one.kind, one.at_ms // DAY_MS) for one in found]


async def test_a_machine_that_wakes_up_in_2040_removes_nothing(db, retention):
    """It is an alarm and stands in the journal, once; with the right clock it goes on, and the alarm clears."""
    await db.write(lambda conn: [call(conn, f"C{day}", TODAY - day) for day in (100, 89, 1)])
    async with gateway_at(TODAY, db, retention) as board:
        assert await left(db) == ["C1", "C89"]
        assert board.open() == ()

    for day in (IN_2040, IN_2040 + 1):
        async with gateway_at(day, db, retention) as board:
            assert await left(db) == ["C1", "C89"]
            (alarm,) = board.open()
    days = IN_2040 - TODAY
    assert (alarm.path, alarm.priority) == (ALARM, "Medium")
    assert alarm.label == f"old records are not removed, because the clock is {days} days ahead"
    assert "tocsin db prune --clock-is-right" in alarm.data["remedy"]

    async with gateway_at(TODAY + 2, db, retention) as board:
        assert await left(db) == ["C1"]
        assert [one.state for one in board.open()] == ["cleared"]
    assert told(db) == [
        ("retention.done", TODAY), ("retention.held", IN_2040), ("retention.done", TODAY + 2),
    ]  # fmt: skip


async def test_a_gateway_that_was_off_for_long_goes_on_by_a_persons_word(db, retention):
    """Whoever knows that the clock is right says so once."""
    await db.write(lambda conn: [call(conn, f"C{day}", TODAY - day) for day in (10, 1)])
    await prune(retention, db, TODAY * DAY_MS)
    later = (TODAY + 95) * DAY_MS

    held = await prune(retention, db, later)
    assert held == Held("the clock is 95 days ahead of when old records were last removed", 95)
    assert (await prune(retention, db, later, sure=True)).calls == 2
    assert not isinstance(await prune(retention, db, later + DAY_MS), Held)


def test_what_a_clock_is_believed():
    """A day, a holiday of a month, any step back; not more, and nothing before it has been set at all."""
    now = TODAY * DAY_MS
    assert [decide(now, last) for last in (None, now - DAY_MS, now - MOST_MS, now + 9000 * DAY_MS)] == [
        None
    ] * 4
    assert decide(now, now - MOST_MS - 1).ahead_days == 31
    assert decide(BEGINNING_MS - 1, None) == Held("the clock has not been set yet")
