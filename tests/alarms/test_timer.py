"""What time does to alarms, driven by a durable timer: nothing is forgotten, nothing happens twice."""

import asyncio

import pytest
from sqlalchemy import delete, select
from tests.engine.stand import SettableClock

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

    async def starts(self, look_s=1.0):
        self.board = Board(self.db, self.clock, self.rules)
        await self.board.start()
        self.engine = EmbeddedEngine(self.db, self.clock, owner="here", look_s=look_s)
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

    async def due(self):
        """When the timers are due, in seconds from now."""
        rows = await self.db.read(lambda c: c.execute(select(timers.c.key, timers.c.due_ms)).all())
        return {key: (due_ms - self.clock.now_ms()) / 1000 for key, due_ms in rows}

    async def has_its_clock_set(self, hours):
        """Set the clock, and let the engine notice, which takes it a moment of real time."""
        before = await self.due()
        assert before
        self.clock.set_by(hours * 3600)
        async with asyncio.timeout(30):
            while {key: round(due) for key, due in (await self.due()).items()} != {
                key: round(due) for key, due in before.items()
            }:
                await asyncio.sleep(0.005)
        await self.clock.advance(0)

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


@pytest.fixture
async def set_plant(db, rules):
    """A plant whose wall clock is set while it runs."""
    plant = Plant(db, SettableClock(), rules)
    await plant.starts(look_s=0.02)
    yield plant
    await plant.stops()


@pytest.mark.parametrize("hours", [-1, 1])
async def test_an_acknowledgement_lasts_as_long_where_the_clock_is_set(set_plant, hours):
    """Ten minutes are ten minutes, and the alarm comes back, whatever the clock on the wall says meanwhile."""
    plant = set_plant
    episode = await plant.is_active()
    await plant.board.acknowledge([episode], by="maria", via="voice")
    await plant.clock.advance(60)
    await plant.has_its_clock_set(hours)
    await plant.board.report([AlarmEvent(BOILER, "active", value=97)])  # is nothing to the timer

    await plant.clock.advance(9 * MINUTE - 1)
    assert plant.board.open()[0].acked
    await plant.clock.advance(3)

    (waiting,) = plant.board.open()
    assert (waiting.acked, waiting.re_alarmed_ms) == (False, pytest.approx(plant.clock.now_ms(), abs=5000))
    assert await plant.timers() == [episode]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_an_alarm_is_told_anew_every_hour_where_the_clock_is_set(set_plant, hours):
    """No hour is left out by a clock set back, and none comes twice by one set forward."""
    plant = set_plant
    await plant.is_active()
    await plant.clock.advance(10 * MINUTE)
    await plant.has_its_clock_set(hours)

    await plant.clock.advance(50 * MINUTE - 1)
    assert [kind for kind, _ in plant.told].count("re-alarmed") == 0
    await plant.clock.advance(3)
    assert [kind for kind, _ in plant.told].count("re-alarmed") == 1
    await plant.clock.advance(60 * MINUTE + 3)
    assert [kind for kind, _ in plant.told].count("re-alarmed") == 2


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_shelving_lasts_as_long_where_the_clock_is_set(set_plant, hours):
    """A quarter of an hour is that long, for whoever asks as for whoever waits; and it is on record."""
    plant = set_plant
    episode = await plant.is_active()
    await plant.board.shelve([episode], by="maria", via="api", minutes=15)
    await plant.clock.advance(5 * MINUTE)
    await plant.has_its_clock_set(hours)
    until_ms = (await plant.board.find(episode)).shelved_until_ms
    assert until_ms == pytest.approx(plant.clock.now_ms() + 10 * MINUTE * 1000, abs=1000)

    await plant.clock.advance(10 * MINUTE - 2)
    assert plant.board.open() == ()
    await plant.clock.advance(4)

    assert plant.board.open()[0].shelved_until_ms is None
    assert (await plant.db.read(lambda c: entries(c, episode, "alarm.shelved")))[-1].data["via"] == "clock"


@pytest.mark.parametrize("hours", [-1, 1])
async def test_maintenance_ends_when_it_was_to_where_the_clock_is_set(set_plant, hours):
    """Its end is a time of day that somebody gave; a shelving beside it still lasts as long as it was to."""
    plant = set_plant
    episode = await plant.is_active("Plant/Chlorine")
    until_ms = plant.clock.now_ms() + 2 * 60 * MINUTE * 1000
    await plant.board.shelve([episode], by="maria", via="api", minutes=180)
    await plant.board.out_of_service([episode], by="maria", via="api", reason="probe", until_ms=until_ms)
    before_ms = (await plant.board.find(episode)).shelved_until_ms
    plant.clock.set_by(hours * 3600)
    async with asyncio.timeout(30):
        while (shelved_ms := (await plant.board.find(episode)).shelved_until_ms) == before_ms:
            await asyncio.sleep(0.005)
    assert round((await plant.due())[episode]) == (2 - hours) * 3600
    assert shelved_ms == pytest.approx(plant.clock.now_ms() + 180 * MINUTE * 1000, abs=1000)

    await plant.clock.advance((2 - hours) * 3600 - 2)
    assert (await plant.board.find(episode)).out_of_service_ms is not None
    await plant.clock.advance(4)
    assert (await plant.board.find(episode)).out_of_service_ms is None


async def test_a_start_in_1970_keeps_no_alarm_from_coming_back(set_plant):
    """An acknowledgement lapses while the clock is wrong, and also where it is set right before."""
    plant = set_plant
    episode = await plant.is_active()
    await plant.board.acknowledge([episode], by="maria", via="voice")
    await plant.stops()
    days = plant.clock.now() / 86400 - 1
    plant.clock.set_by(-days * 86400)
    await plant.starts(look_s=0.02)
    assert 0 < (await plant.due())[episode] <= 600

    await plant.clock.advance(60)
    await plant.has_its_clock_set(days * 24)
    assert 0 < (await plant.due())[episode] <= 540
    await plant.clock.advance(10 * MINUTE)

    assert not (await plant.board.find(episode)).acked


async def test_no_clock_makes_a_shelving_longer_than_a_week(set_plant):
    """Not even where the timer was lost, made anew in 1970, and moved when the clock was set right."""
    plant = set_plant
    episode = await plant.is_active()
    await plant.board.shelve([episode], by="maria", via="api", minutes=15)
    await plant.stops()
    await plant.db.write(lambda c: c.execute(delete(timers)))
    days = plant.clock.now() / 86400 - 1
    plant.clock.set_by(-days * 86400)
    await plant.starts(look_s=0.02)
    plant.clock.set_by(days * 86400)
    async with asyncio.timeout(30):
        while len(await plant.db.read(lambda c: entries(c, episode, "alarm.shelved"))) < 2:
            await asyncio.sleep(0.005)

    shelved = await plant.board.find(episode)
    assert shelved.shelved_until_ms <= plant.clock.now_ms() + 7 * 24 * 3600 * 1000
    assert (await plant.due())[episode] <= 7 * 24 * 3600


async def test_a_changed_file_leaves_the_timer_of_an_acknowledgement_on_its_way(plant, db, clock):
    """Whoever saves a file at the moment somebody acknowledges does not take the alarm's timer away."""
    plant.board.configure({BOILER: AlarmSection.model_validate({"ackTimeoutSeconds": 600})})
    episode = await plant.is_active()
    acknowledging = asyncio.ensure_future(plant.board.acknowledge([episode], by="maria", via="voice"))
    await asyncio.sleep(0)  # it is in the writer's queue, and memory does not know it yet
    await plant.timer.refresh()
    await acknowledging
    assert await plant.timers() == [episode]

    await clock.advance(10 * MINUTE + 2)
    assert not (await plant.board.find(episode)).acked


async def test_who_acknowledged_as_one_of_several_is_asked_again(db, clock):
    """An alarm that is told anew needs as many people as at first, whoever answered the telling before."""
    rules = {BOILER: AlarmSection.model_validate({"reAlarmSeconds": 3600, "pipeline": "both"})}
    board = Board(db, clock, rules, pipelines={"both"}, ackers_needed={"both": 2})
    await board.start()
    (accepted,) = await board.report([AlarmEvent(BOILER, "active")])
    await board.acknowledge([accepted.episode], by="maria", via="voice")
    assert board.open()[0].ackers == ("maria",)

    await clock.advance(60 * MINUTE)
    due = {accepted.episode: clock.now_ms()}
    await board.transact(lambda c: (None, board.pass_time_in(c, due, now_ms=clock.now_ms())))
    assert board.open()[0].ackers == ()

    await board.acknowledge([accepted.episode], by="jon", via="voice")
    assert not board.open()[0].acked
    await board.acknowledge([accepted.episode], by="maria", via="voice")
    assert board.open()[0].acked
