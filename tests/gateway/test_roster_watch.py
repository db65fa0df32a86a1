"""A roster that nobody is on is told before the night comes: when saved, and every hour."""

import asyncio
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import structlog
from sqlalchemy import select
from tests.plant import TOML, open_line, write_project

from tocsin.alarms import Board
from tocsin.clock import VirtualClock
from tocsin.engine import EmbeddedEngine
from tocsin.engine.tables import timers
from tocsin.gateway.roster_watch import RosterWatch
from tocsin.journal import entries
from tocsin.people import Directory
from tocsin.people.sections import RosterSection, ScheduleSection, UserSection

HOUR_MS = 3_600_000
STOCKHOLM = ZoneInfo("Europe/Stockholm")
PATH = "System/Gateway/Roster/crew"
MARIA_LEAVES = {
    "users": {"maria": {"id": 1, "away": [{"from": "2026-03-09T08:00", "to": "2026-03-10T08:00"}]}},
    "rosters": {"crew": {"users": ["maria"]}, "office": {"users": [], "may_be_empty": True}},
}


def ms(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).timestamp() * 1000)


def people(plan):
    return Directory.of(
        {name: UserSection.model_validate(one) for name, one in plan["users"].items()},
        {name: RosterSection.model_validate(one) for name, one in plan["rosters"].items()},
        {name: ScheduleSection.model_validate(one) for name, one in plan.get("schedules", {}).items()},
        timezone="Europe/Stockholm",
    )


@pytest.fixture
def clock():
    """Give a clock that stands on Sunday, the first of March 2026."""
    return VirtualClock(start=ms("2026-03-01T12:00") / 1000)


class Watched:
    def __init__(self, db, clock, plan):
        self.db, self.clock, self.people = db, clock, people(plan)
        self.engine = EmbeddedEngine(db, clock, owner="here")
        self.board = Board(db, clock, {})
        self.watch = RosterWatch(db, clock, self.engine, self.board, lambda: self.people)

    async def __aenter__(self):
        await self.board.start()
        await self.engine.start()
        await self.watch.start()
        await self.settled()
        return self

    async def __aexit__(self, *_):
        await self.engine.aclose()

    async def settled(self):
        now_ms = self.clock.now_ms()
        for _ in range(1000):
            due = await self.db.read(
                lambda c: c.execute(select(timers.c.key).where(timers.c.due_ms <= now_ms)).all()
            )
            if not due and not self.engine.stats()["claimed"]:
                return
            await asyncio.sleep(0.002)
        raise AssertionError("the watch does not come to rest")

    async def hours_pass(self, hours):
        for _ in range(hours):
            await self.clock.advance(HOUR_MS / 1000)
            await self.settled()

    @property
    def alarms(self):
        return {one.path: (one.state, one.priority, one.label) for one in self.board.open()}


async def test_a_gap_is_told_a_week_ahead_and_again_when_it_is_near(db, clock):
    """First by a low alarm, a day before by a higher one, while it lasts by a high one; then it clears."""
    async with Watched(db, clock, MARIA_LEAVES) as watched:
        assert watched.alarms == {}

        await watched.hours_pass(24)
        label = "nobody is on call on roster crew from Mon 2026-03-09 08:00 to Tue 2026-03-10 08:00"
        assert watched.alarms == {PATH: ("active", "Low", label)}

        await watched.hours_pass(6 * 24)
        assert watched.alarms[PATH][1] == "Medium"
        await watched.hours_pass(24)
        label = "nobody is on call on roster crew from now to Tue 2026-03-10 08:00"
        assert watched.alarms[PATH] == ("active", "High", label)

        await watched.hours_pass(24)
        assert watched.alarms == {PATH: ("cleared", "High", label)}
        told = await db.read(lambda c: entries(c, subject="crew"))
        assert [one.kind for one in told] == ["roster.empty"] * 3
        assert {one.data["why"] for one in told} == {"everybody of roster crew on shift is away"}


async def test_it_is_said_in_the_log_every_hour_and_on_record_once(db, clock):
    """Whoever reads the log of an evening finds it, without having to know when it was first said."""
    with structlog.testing.capture_logs() as logged:
        async with Watched(db, clock, MARIA_LEAVES) as watched:
            await watched.hours_pass(30)
    lines = [one for one in logged if one["event"] == "roster-empty"]
    assert 9 <= len(lines) <= 11
    assert lines[-1]["when"] == "from Mon 2026-03-09 08:00 to Tue 2026-03-10 08:00"
    assert len(await db.read(lambda c: entries(c, subject="crew"))) == 1


async def test_a_restart_does_not_tell_it_anew(db, clock):
    """What is raised is found on the board."""
    async with Watched(db, clock, MARIA_LEAVES) as watched:
        await watched.hours_pass(24)
    async with Watched(db, clock, MARIA_LEAVES) as watched:
        await watched.hours_pass(2)
        assert watched.alarms[PATH][0] == "active"
    assert len(await db.read(lambda c: entries(c, subject="crew"))) == 1


async def test_somebody_who_steps_in_clears_it_at_once(db, clock):
    """So does a roster that is gone."""
    async with Watched(db, clock, MARIA_LEAVES) as watched:
        await watched.hours_pass(24)
        mended = {**MARIA_LEAVES, "users": {**MARIA_LEAVES["users"], "jon": {"id": 2}}}
        watched.people = people({**mended, "rosters": {"crew": {"users": ["maria", "jon"]}}})
        await watched.watch.look_soon()
        await watched.settled()
        assert watched.alarms[PATH][0] == "cleared"


async def test_a_saved_roster_that_becomes_empty_is_a_finding(tmp_path):
    """With the file, the line, the first time and the remedy; said to be meant, it is none."""
    gap = '\n[schedules.days]\ndays = ["mon-fri"]\nfrom = "06:00"\nto = "18:00"\n'
    toml = (
        TOML.replace('users = ["maria", "jon"]\n', 'users = ["maria", "jon"]\nschedule = "days"\n', 1) + gap
    )
    async with open_line(write_project(tmp_path / "plant"), watch=False) as line:
        file = line.gateway.folder / "tocsin.toml"
        file.write_text(toml)
        (found,) = await line.gateway.reload()
        row = toml[: toml.index('schedule = "days"')].count("\n") + 1
        assert (found.line, found.severity) == (row, "warning")
        assert found.message.startswith("rosters.operations.schedule: nobody is on call from ")
        assert found.message.endswith(
            " more within a year (roster operations is off by its schedule days); "
            "add people for it, or, if it is meant so, say may_be_empty = true"
        )
        file.write_text(toml.replace('schedule = "days"\n', 'schedule = "days"\nmay_be_empty = true\n'))
        assert await line.gateway.reload() == []
