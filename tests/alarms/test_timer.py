"""What time does to alarms, driven by a durable timer: nothing is forgotten, nothing happens twice."""

import pytest
from sqlalchemy import select

from tocsin.alarms import AlarmEvent, Board
from tocsin.alarms.sections import AlarmSection
from tocsin.alarms.timer import QUEUE, AlarmTimer
from tocsin.engine.embedded import EmbeddedEngine
from tocsin.engine.tables import timers
from tocsin.journal import entries

BOILER = "Plant/Boiler"
MINUTE = 60


class Plant:
    """A board with its timer and engine, which can be stopped and started again."""

    def __init__(self, db, clock, rules):
        self.db, self.clock, self.rules = db, clock, rules
        self.told = []

    async def starts(self):
        self.board = Board(self.db, self.clock, self.rules)
        await self.board.start()
        self.engine = EmbeddedEngine(self.db, self.clock, owner="here")
        self.timer = AlarmTimer(self.board, self.engine, db=self.db, clock=self.clock)
        self.engine.handle(QUEUE, self.timer.handle)
        self.board.also_in(self.timer.changed_in)
        self.board.also_in(lambda _, changes, now_ms: self.told.extend((one.kind, now_ms) for one in changes))
        await self.engine.start()
        await self.timer.refresh()

    async def stops(self):
        await self.engine.aclose()

    async def timers(self):
        return await self.db.read(lambda c: c.execute(select(timers.c.key)).scalars().all())

    async def is_active(self, path=BOILER):
        (accepted,) = await self.board.report([AlarmEvent(path, "active")])
        return accepted.episode


@pytest.fixture
async def plant(db, clock, rules):
    plant = Plant(db, clock, rules)
    await plant.starts()
    yield plant
    await plant.stops()


async def test_an_acknowledgement_times_out(plant, db, clock):
    """Still active ten minutes later, the alarm waits for somebody again, and the journal has the old one."""
    episode = await plant.is_active()
    await plant.board.acknowledge([episode], by="maria", via="voice", note="on my way")
    began_ms = clock.now_ms()

    await clock.advance(10 * MINUTE - 1)
    assert plant.board.open()[0].acked
    await clock.advance(3)

    (waiting,) = plant.board.open()
    assert (waiting.acked, waiting.acked_by, waiting.note, waiting.ack_version) == (False, None, "", 2)
    (entry,) = await db.read(lambda c: entries(c, episode, "alarm.unacknowledged"))
    assert entry.data == {
        "via": "timer", "path": BOILER, "acked_by": "maria", "acked_ms": began_ms, "note": "on my way",
    }  # fmt: skip
    (again,) = await plant.board.acknowledge([episode], by="jon", via="voice")
    assert (again.outcome, again.by) == ("ok", "jon")


async def test_an_alarm_that_cleared_is_left_alone(plant, clock):
    """No acknowledgement lapses and nothing is told anew once the condition is gone."""
    episode = await plant.is_active()
    await plant.board.report([AlarmEvent(BOILER, "clear")])
    await clock.advance(5 * 60 * MINUTE)
    assert (await plant.board.find(episode)).ack_version == 1
    assert await plant.timers() == []


async def test_an_alarm_that_stays_active_is_told_anew(plant, clock):
    """Every hour, acknowledged or not; each time is on record for whoever starts the telling."""
    await plant.is_active()

    for hour in (1, 2, 3):
        await clock.advance(60 * MINUTE + 2)
        assert [kind for kind, _ in plant.told].count("re-alarmed") == hour
    (episode,) = plant.board.open()
    assert episode.ack_version == 4


async def test_shelving_and_maintenance_end_by_themselves(plant, db, clock):
    """Whoever holds back the telling hears that it is over, without asking."""
    episode = await plant.is_active("Plant/Chlorine")
    await plant.board.shelve([episode], by="maria", via="api", minutes=15)
    until_ms = clock.now_ms() + 30 * MINUTE * 1000
    await plant.board.out_of_service([episode], by="maria", via="api", reason="probe", until_ms=until_ms)

    await clock.advance(16 * MINUTE)
    assert [kind for kind, _ in plant.told] == ["active", "shelved", "out-of-service", "unshelved"]
    assert plant.board.open() == ()
    await clock.advance(15 * MINUTE)
    assert plant.told[-1][0] == "returned-to-service"
    (shown,) = plant.board.open()
    assert (shown.shelved_by, shown.out_of_service_by) == (None, None)
    (entry,) = await db.read(lambda c: entries(c, episode, "alarm.returned-to-service"))
    assert (entry.person, entry.data["via"]) == (None, "timer")


async def test_while_it_is_put_aside_nothing_lapses(plant, clock):
    """An acknowledgement that would have timed out during maintenance does so when the alarm is back."""
    episode = await plant.is_active()
    await plant.board.acknowledge([episode], by="maria", via="api")
    await plant.board.suppress([episode], by="logic", via="rule", reason="stopped")
    await clock.advance(8 * 60 * MINUTE)
    assert (await plant.board.find(episode)).acked

    await plant.board.unsuppress([episode], by="logic", via="rule")
    await clock.advance(2)
    assert not (await plant.board.find(episode)).acked


async def test_what_came_due_while_nothing_ran_happens_once_at_the_start(plant, clock):
    """After a night's standstill people are told once, not once for every hour."""
    await plant.is_active()
    await plant.stops()
    await clock.advance(9 * 60 * MINUTE)
    del plant.told[:]

    await plant.starts()
    await clock.advance(5)

    assert [kind for kind, _ in plant.told] == ["re-alarmed"]


async def test_other_rules_move_the_timers(plant, clock):
    """A rule that is changed holds for what is active already, once the timers are refreshed."""
    await plant.is_active()
    plant.board.configure({BOILER: AlarmSection.model_validate({"reAlarmSeconds": 60})})
    await plant.timer.refresh()
    await clock.advance(62)
    assert [kind for kind, _ in plant.told] == ["active", "re-alarmed"]

    plant.board.configure({})
    await plant.timer.refresh()
    await clock.advance(9 * 60 * MINUTE)
    assert len(plant.told) == 2


async def test_an_alarm_without_such_keys_has_no_timer(plant):
    """The usual alarm costs the engine nothing."""
    await plant.is_active("Plant/Door")
    assert await plant.timers() == []
    boiler = await plant.is_active()
    assert await plant.timers() == [boiler]
