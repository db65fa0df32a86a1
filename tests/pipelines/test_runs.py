"""Runs on the real board, engine and database: from an alarm to whoever is told, and what comes in between."""

import asyncio

import pytest
from sqlalchemy import delete, select, update
from tests.engine.stand import SettableClock
from tests.pipelines.plant import INFORMING, LAPSING, PATH, Plant, routing
from tests.pipelines.tale import EVA, crew, person

from tocsin.alarms import AlarmEvent
from tocsin.alarms.tables import notices
from tocsin.engine.port import Job
from tocsin.engine.tables import timers
from tocsin.journal import entries
from tocsin.pipelines.moving import move_in
from tocsin.pipelines.store import forsaken
from tocsin.pipelines.tables import plans, runs


async def test_an_alarm_is_told_and_escalated_by_outcome(plant):
    """Voicemail at Maria's: text to her, call to Jon, and one more call to her later."""
    episode = await plant.alarm()
    assert await plant.open_notices() == [("maria", "voice", 0)]
    await plant.ends("maria", "voicemail")
    assert await plant.open_notices() == [("maria", "sms", 0), ("maria", "voice", 180), ("jon", "voice", 0)]
    assert await plant.kinds(episode) == [
        "run.started",
        "run.step",
        "run.texted",
        "run.followed-up",
        "run.step",
    ]


async def test_an_acknowledgement_ends_the_run_and_takes_back_what_is_queued(plant):
    """In the transaction of the acknowledgement; nobody is called for it afterwards."""
    episode = await plant.alarm()
    await plant.ends("maria", "voicemail")
    await plant.board.acknowledge([episode], by="jon", via="voice")
    run = await plant.run(episode)
    assert (run.state, run.ended_why, run.due_ms) == ("ended", "acknowledged by jon", None)
    assert await plant.open_notices() == []
    assert (await plant.outcomes())[-1] == ("jon", "voice", "cancelled-by-ack")
    await plant.after(3600)
    assert await plant.open_notices() == []


async def test_clearing_ends_the_run(plant):
    """Returned to normal by itself."""
    episode = await plant.alarm()
    await plant.clears()
    assert (await plant.run(episode)).ended_why == "the alarm has cleared"
    assert await plant.outcomes() == [("maria", "voice", "cancelled-by-clear")]


async def test_time_alone_takes_the_run_on(plant):
    """No word from any call: Jon after five minutes."""
    await plant.alarm()
    await plant.after(299)
    assert await plant.open_notices() == [("maria", "voice", 0)]
    await plant.after(1)
    assert await plant.open_notices() == [("maria", "voice", 0), ("jon", "voice", 0)]


async def test_shelving_pauses_and_comes_back_by_itself(plant):
    """Nobody unshelves it; when the quarter of an hour is over, Maria is called."""
    episode = await plant.alarm()
    await plant.board.shelve([episode], by="maria", via="api", minutes=15)
    assert await plant.open_notices() == []
    await plant.after(14 * 60)
    assert await plant.open_notices() == []
    await plant.after(60)
    assert await plant.open_notices() == [("maria", "voice", 0)]


async def test_unshelving_resumes_at_once(plant):
    """Early is early."""
    episode = await plant.alarm()
    await plant.board.shelve([episode], by="maria", via="api", minutes=15)
    await plant.board.unshelve([episode], by="jon", via="api")
    await plant.settled()
    assert await plant.open_notices() == [("maria", "voice", 0)]


async def test_an_acknowledgement_that_lapses_begins_the_run_anew(plant):
    """Nobody did anything about it in ten minutes: people are told from the beginning."""
    episode = await plant.alarm(LAPSING)
    await plant.ends("maria", "voicemail")
    await plant.board.acknowledge([episode], by="jon", via="voice")
    await plant.after(599)
    assert (await plant.run(episode)).state == "ended"
    await plant.after(1)
    assert await plant.open_notices() == [("maria", "voice", 0)]
    assert (await plant.kinds(episode)).count("run.started") == 2


async def test_an_alarm_taken_out_of_service_is_told_when_it_returns(plant):
    """Also one that went active meanwhile."""
    episode = await plant.alarm()
    await plant.board.out_of_service([episode], by="jon", via="api", reason="repair")
    assert await plant.open_notices() == []
    await plant.clears()
    later = await plant.alarm()
    assert await plant.open_notices() == []
    (shown,) = await plant.runs.waiting(later)
    assert shown["why"] == "taken out of service by jon; goes on when that is over"
    await plant.board.return_to_service([later], by="jon", via="api")
    await plant.settled()
    assert await plant.open_notices() == [("maria", "voice", 0)]


async def test_alarms_of_the_gateway_itself_have_no_run_unless_they_name_a_pipeline(plant):
    """Who would be called about them are those who could not be reached."""
    await plant.alarm("System/Gateway/Nobody reached/Plant/A")
    assert await plant.open_notices() == []
    assert await plant.watchdog.look() == ([], [])
    await plant.alarm("System/Gateway/Contact/maria", pipeline="default")
    assert ("maria", "sms", 0) in await plant.open_notices()


async def test_the_pipeline_of_the_alarm_is_the_one_that_runs(plant):
    """Call and text side by side, as configured."""
    episode = await plant.alarm(pipeline="default")
    assert await plant.open_notices() == [("maria", "voice", 0), ("maria", "sms", 0)]
    assert (await plant.run(episode)).pipeline == "default"


async def test_runs_under_way_keep_their_blocks_and_read_people_live(plant):
    """A changed pipeline is for the next alarm; a changed crew for everybody."""
    episode = await plant.alarm(pipeline="default")
    plant.pipelines = {"default": {"blocks": [{"type": "notification", "roster": "operations"}]}}
    plant.configure(crew(person("maria", "+46701740601"), person("eva", EVA)))
    await plant.ends("maria", "hung-up")
    assert ("eva", "sms", 0) in await plant.open_notices()
    other = await plant.alarm("Plant/Other", pipeline="default")
    assert (await plant.run(episode)).plan != (await plant.run(other)).plan


async def test_a_higher_priority_lets_the_run_go_sooner(plant):
    """The alarm has become Critical meanwhile."""
    episode = await plant.alarm(priority="Low")
    assert (await plant.run(episode)).priority == 3
    await plant.board.report([AlarmEvent(path=PATH, state="active", priority="Critical")])
    assert (await plant.run(episode)).priority == 0


async def test_nobody_reached_calls_the_last_resort_and_goes_on(plant):
    """Three rounds without anybody; an hour later it begins anew."""
    plant.configure(crew(person("maria", "+46701740601")))
    episode = await plant.alarm()
    for number in range(3):
        await plant.ends("maria", "hung-up")
        await plant.after(600 if number < 2 else 0)
    assert [one for one, _ in plant.nobody] == [episode]
    assert "run.nobody-reached" in await plant.kinds(episode)
    (shown,) = await plant.runs.waiting(episode)
    assert shown["due"] == plant.clock.now_ms() + 3_600_000
    await plant.after(3600)
    assert ("maria", "voice", 0) in await plant.open_notices()


async def test_a_last_resort_that_could_not_be_called_is_called_again_within_a_minute(plant):
    """Whatever was wrong with it; people are told meanwhile all the same."""
    plant.configure(crew())
    plant.last_resort_broken = True
    episode = await plant.alarm()
    assert plant.nobody == []
    await plant.after(60)
    plant.last_resort_broken = False
    await plant.after(60)
    assert [one for one, _ in plant.nobody] == [episode]


async def test_an_acknowledgement_while_the_run_is_being_decided_upon_wins(plant):
    """Whoever comes first: afterwards the run has ended, and nobody is asked for."""
    events = [AlarmEvent(path=f"Plant/{number}", state="active") for number in range(40)]
    accepted = await plant.board.report(events)
    for one in accepted:
        jobs = [Job("run", f"{one.episode}.active", 0, 0, 0, 1)]
        await asyncio.gather(
            plant.runs.handle(jobs),
            plant.board.acknowledge([one.episode], by="jon", via="api"),
            plant.runs.handle(jobs),
        )
    await plant.settled()
    assert await plant.open_notices() == []
    assert {(await plant.run(one.episode)).state for one in accepted} == {"ended"}


async def test_why_is_this_waiting(plant):
    """The question every operator has."""
    episode = await plant.alarm()
    (shown,) = await plant.runs.waiting(episode)
    now = plant.clock.now_ms()
    assert shown == {
        "run": f"{episode}.active",
        "pipeline": "",
        "block": "round 1 of 3",
        "why": "telling maria by voice; the next person is told in 5 min at the latest",
        "since": now,
        "due": now + 300_000,
    }


async def test_cancel_works(plant):
    """What is on its way is taken back, nobody else is told, and it is on record who wanted it so."""
    episode = await plant.alarm()
    assert await plant.runs.cancel(f"{episode}.active", "maria")
    assert not await plant.runs.cancel(f"{episode}.active", "maria")
    assert await plant.open_notices() == []
    assert (await plant.run(episode)).ended_why == "cancelled by maria"
    (entry,) = await plant.db.read(lambda c: entries(c, episode, "run.cancelled"))
    assert entry.person == "maria"
    await plant.watchdog.look()
    await plant.after(7200)
    assert await plant.open_notices() == []
    assert await plant.runs.waiting(episode) == []


async def test_passing_on_tells_whether_somebody_else_is_told(plant):
    """Maria passes to Jon; Jon, the last of the crew, has nobody to pass it to."""
    episode = await plant.alarm()
    now = plant.clock.now_ms()
    assert await plant.db.write(lambda c: plant.runs.pass_on_in(c, "maria", [episode], now))
    assert ("jon", "voice", 0) in await plant.open_notices()
    await plant.ends("maria", "passed")
    before = await plant.run(episode)
    assert not await plant.db.write(lambda c: plant.runs.pass_on_in(c, "jon", [episode], now))
    assert await plant.run(episode) == before
    assert not await plant.db.write(lambda c: plant.runs.pass_on_in(c, "jon", ["unknown"], now))


async def test_several_alarms_are_decided_upon_in_one_go(plant):
    """A burst: each has its run, and each of them asks for Maria."""
    events = [AlarmEvent(path=f"Plant/{number}", state="active") for number in range(600)]
    await plant.board.report(events)
    await plant.settled()
    assert len(await plant.open_notices()) == 600
    await plant.ends("maria", "hung-up")
    assert sum(one[0] == "jon" for one in await plant.open_notices()) == 600


async def test_a_person_can_be_forgotten_wherever_an_ended_run_names_them(plant):
    """Who acknowledged, who was told, whose turn it was: all of it without the name, and nobody else's."""
    from tocsin.pipelines.forgetting import forget_in

    plant.configure(crew(person("jo", "+46701740604"), person("jo-anne", "+46701740605")))
    episode = await plant.alarm()
    await plant.ends("jo", "notified-no-ack")
    await plant.board.acknowledge([episode], by="jo", via="voice")
    other = await plant.alarm("Plant/Other")
    await plant.board.acknowledge([other], by="jo-anne", via="voice")
    await plant.db.write(lambda c: forget_in(c, "jo", ["+46701740604"], pseudonym="person-1"))
    run = await plant.run(episode)
    assert run.ended_why == "acknowledged by person-1"
    assert "jo" not in str(run.position).replace("person-1", "")
    assert (await plant.run(other)).ended_why == "acknowledged by jo-anne"
    found = await plant.db.read(lambda c: entries(c, episode, "run.*"))
    sentences = [one.data.get(key, "") for one in found for key in ("because", "why", "then")]
    assert not any("jo" in words for words in sentences)


async def test_what_ended_long_ago_is_not_read_again(plant):
    """An alarm nobody takes over for days costs as much as on the first."""
    from tocsin.pipelines import store

    episode = await plant.alarm()
    await plant.ends("maria", "hung-up")
    await plant.board.shelve([episode], by="maria", via="api", minutes=3 * 24 * 60)
    await plant.after(2 * 24 * 3600)
    run = f"{episode}.active"
    assert await plant.db.read(lambda c: store.tellings(c, [run], plant.clock.now_ms())) == {}
    await plant.after(24 * 3600)
    assert ("maria", "voice", 0) in await plant.open_notices()


# --- when something is broken -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "broken",
    [
        lambda c: c.execute(update(runs).values(position={"block": "nonsense"})),
        lambda c: c.execute(update(plans).values(blocks={"blocks": [{"type": "unheard of"}]})),
    ],
    ids=["position", "plan"],
)
async def test_a_run_that_cannot_be_decided_upon_tells_everybody(plant, broken):
    """Its row holds nonsense: everybody on call is told, side by side, and it is on record."""
    episode = await plant.alarm()
    await plant.db.write(broken)
    await plant.after(300)
    told = {(one[0], one[1]) for one in await plant.open_notices()}
    assert told == {("maria", "voice"), ("maria", "sms"), ("jon", "voice"), ("jon", "sms")}
    assert "run.failed" in await plant.kinds(episode)
    assert (await plant.run(episode)).due_ms == plant.clock.now_ms() + 600_000
    await plant.after(600)
    assert plant.nobody != []
    await plant.board.acknowledge([episode], by="jon", via="voice")
    assert (await plant.run(episode)).state == "ended"


async def test_everybody_is_told_once_however_their_calls_end(plant):
    """The plan cannot be read: each outcome is heard of, and none of them begins it all again."""
    episode = await plant.alarm()
    await plant.db.write(lambda c: c.execute(update(plans).values(blocks={"blocks": 7})))
    await plant.after(300)
    before = len(await plant.outcomes())
    await plant.ends("maria", "hung-up")
    await plant.ends("jon", "no-answer")
    assert len(await plant.outcomes()) == before
    await plant.board.acknowledge([episode], by="maria", via="api")
    assert (await plant.run(episode)).ended_why == "acknowledged by maria"


async def test_what_others_were_bound_for_may_fail_without_harm(plant):
    """Nobody can be asked about bad numbers, the admin cannot be told, notices cannot be taken back."""

    def broken(*_):
        raise RuntimeError("not today")

    bindings = plant.runs._bindings
    for name in ("unusable_in", "admin_notice_in", "withdraw_in"):
        object.__setattr__(bindings, name, broken)
    episode = await plant.alarm()
    await plant.ends("maria", "pin-failed")
    assert ("jon", "voice", 0) in await plant.open_notices()
    await plant.board.acknowledge([episode], by="jon", via="voice")
    await plant.after(300)
    assert (await plant.run(episode)).state == "ended"
    assert plant.nobody == []


async def test_one_call_about_many_alarms_is_one_thing_to_tell_the_admin(plant):
    """Two hundred runs hear of one wrong number."""
    await plant.board.report([AlarmEvent(path=f"Plant/{number}", state="active") for number in range(200)])
    await plant.settled()
    await plant.ends("maria", "failed-number")
    assert plant.admin == [("failed-number", "maria")]


async def test_a_broken_run_does_not_keep_the_others_from_theirs(plant):
    """One of three holds nonsense; the other two go on as planned."""
    episodes = [await plant.alarm(f"Plant/{number}") for number in range(3)]
    spoil = update(runs).where(runs.c.episode_id == episodes[1]).values(position={"step": 7})
    await plant.db.write(lambda c: c.execute(spoil))
    await plant.after(300)
    kinds = [await plant.kinds(one) for one in episodes]
    assert [("run.failed" in one) for one in kinds] == [False, True, False]
    assert sum(one == ("jon", "voice", 0) for one in await plant.open_notices()) == 3


async def test_a_run_whose_notices_cannot_be_stored_has_the_last_resort_called(plant):
    """The way out refuses this one's notices; the others' are stored."""
    ordinary = plant.runs._writing._bindings.notify_in

    def refusing(connection, news, now_ms):
        if any(one.episode_id == episodes[0] for one in news):
            raise ValueError("no such account")
        ordinary(connection, news, now_ms)

    episodes = [await plant.alarm(f"Plant/{number}") for number in range(2)]
    object.__setattr__(plant.runs._writing._bindings, "notify_in", refusing)
    await plant.after(300)
    assert [one for one, _ in plant.nobody] == episodes[:1]
    assert ("jon", "voice", 0) in await plant.open_notices()
    assert (await plant.run(episodes[0])).due_ms == plant.clock.now_ms() + 60_000


async def test_a_fault_at_the_start_of_a_run_costs_no_alarm(plant):
    """The alarm is accepted; the watchdog gives it its run."""
    good = plant.runs._routing
    plant.runs._routing = None
    episode = await plant.alarm()
    plant.runs._routing = good
    assert await plant.open_notices() == []
    strays = await plant.watchdog.look()
    await plant.settled()
    assert strays.forsaken == [episode]
    assert await plant.open_notices() == [("maria", "voice", 0)]


async def test_a_clock_set_forward_is_no_burst_where_the_watchdog_notices_first(db):
    """What waits for five minutes has its timer: the engine moves it, and the watchdog leaves it alone."""
    clock = SettableClock()
    async with Plant(db, clock).open() as plant:
        for number in range(5):
            await plant.alarm(f"Plant/{number}")
        await clock.advance(10)
        before = await plant.db.read(timers_due)
        told = await plant.open_notices()

        clock.set_by(3600)
        assert await plant.watchdog.look() == ([], [])

        async with asyncio.timeout(30):
            while {due - 3_600_000 for due in await plant.db.read(timers_due)} != set(before):
                await asyncio.sleep(0.01)
        await plant.after(30)
        assert [one[:2] for one in await plant.open_notices()] == [one[:2] for one in told]


def timers_due(connection):
    return connection.execute(select(timers.c.due_ms)).scalars().all()


async def test_a_timer_that_failed_is_left_to_its_engine(plant):
    """A run that is put off because it could not be written waits for as long as the engine says."""
    await plant.alarm()
    await plant.db.write(lambda c: c.execute(update(timers).values(due_ms=timers.c.due_ms + 60_000, tries=7)))
    await plant.clock.advance(5 * 60 + 40)
    assert (await plant.watchdog.look()).late == []


async def test_a_lost_timer_is_found(plant):
    """Nobody would have called Jon."""
    await plant.alarm()
    await plant.db.write(lambda c: c.execute(delete(timers)))
    await plant.watchdog.start()
    await plant.clock.advance(320)
    assert len(await plant.open_notices()) == 1
    await plant.clock.advance(20)
    await plant.settled()
    assert ("jon", "voice", 0) in await plant.open_notices()
    assert plant.runs.stats()["rescued"] == 1


async def test_an_alarm_from_before_there_were_runs_gets_one(plant):
    """As after an update: at the first look."""
    episode = await plant.alarm()
    await plant.db.write(lambda c: (c.execute(delete(runs)), c.execute(delete(timers))))
    await plant.watchdog.look()
    await plant.settled()
    assert await plant.kinds(episode) == ["run.started", "run.step", "run.started", "run.step"]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_moves_what_waits(plant, hours):
    """Due times in the rows follow their timers, so that an hour back is not an hour of silence."""
    delta_ms = hours * 3_600_000
    episode = await plant.alarm()
    before = (await plant.run(episode)).due_ms
    now_ms = plant.clock.now_ms() + delta_ms
    await plant.db.write(lambda c: c.execute(update(timers).values(due_ms=timers.c.due_ms + delta_ms)))
    await plant.db.write(lambda c: move_in(c, delta_ms, now_ms=now_ms))
    assert (await plant.run(episode)).due_ms == before + delta_ms


@pytest.mark.parametrize("hours", [-1, 1])
async def test_what_was_written_after_the_clock_was_set_stays(plant, hours):
    """Its timer goes by the new time already; moved again, it would be an hour late, or 56 years."""
    episode = await plant.alarm()
    before = (await plant.run(episode)).due_ms
    await plant.db.write(lambda c: move_in(c, hours * 3_600_000, now_ms=plant.clock.now_ms()))
    assert (await plant.run(episode)).due_ms == before


async def test_a_run_with_news_is_not_put_off_by_a_clock_that_is_set(plant):
    """Its timer is due now and tells nothing; what waits for a moment to come is left where it is."""
    episode = await plant.alarm()
    run = await plant.run(episode)
    await plant.db.write(lambda c: c.execute(update(timers).values(due_ms=plant.clock.now_ms())))
    await plant.db.write(lambda c: move_in(c, 3_600_000, now_ms=plant.clock.now_ms()))
    assert (await plant.run(episode)).due_ms == run.due_ms


async def test_a_run_survives_a_restart(plant, db, clock):
    """Another process picks it up where it was left."""
    from tests.pipelines.plant import Plant

    episode = await plant.alarm()
    await plant.ends("maria", "busy")
    await plant.engine.aclose()
    async with Plant(db, clock).open() as again:
        await again.after(60)
        await again.ends("maria", "busy")
        await again.after(60)
        await again.ends("maria", "busy")
        assert ("jon", "voice", 0) in await again.open_notices()
        assert (await again.run(episode)).state == "running"


def test_routing_knows_a_pipeline_that_is_gone_as_the_built_in_one():
    """An alarm is told, whatever became of its pipeline."""
    known = routing(crew(), pipelines={"default": {"blocks": []}})
    assert known.named("default").pipeline == "default"
    assert known.named("removed").pipeline == ""
    assert known.named(None).pipeline == ""


async def test_an_alarm_that_needs_no_acknowledgement_and_has_no_run_is_found(plant):
    """Its run was lost: it begins anew. Once somebody was told it has ended, and nothing is left to find."""
    episode = await plant.alarm(INFORMING)
    await plant.db.write(lambda c: c.execute(delete(runs)))
    assert await plant.db.read(lambda c: forsaken(c, limit=9)) == [episode]
    await plant.watchdog.look()
    await plant.settled()
    assert (await plant.run(episode)).state == "running"
    await plant.ends("maria", "notified-no-ack")
    assert (await plant.run(episode)).ended_why == "needs no acknowledgement, and was heard by maria"
    assert await plant.db.read(lambda c: forsaken(c, limit=9)) == []


async def test_a_more_urgent_alarm_hurries_what_it_has_queued_and_nothing_else(plant):
    """Of another alarm the notices stay as they are; a report that is less urgent takes nothing back."""
    await plant.alarm(priority="Low")
    await plant.alarm("Plant/Other", priority="Low")
    await plant.alarm(priority="Critical")
    await plant.alarm(priority="Medium")

    def read(connection):
        queued = select(notices.c.priority).where(notices.c.state == "queued")
        return connection.execute(queued.order_by(notices.c.id)).scalars().all()

    assert await plant.db.read(read) == [4, 1]
