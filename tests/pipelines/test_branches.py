"""Runs with branches, gates and scripts over a database: begun, waited for, paused, picked up, cancelled."""

import pytest
from sqlalchemy import delete, select
from tests.pipelines.plant import Plant
from tests.pipelines.tale import MARIA, crew
from tests.pipelines.tale import person as user

from tocsin.alarms import AlarmEvent
from tocsin.engine.tables import timers
from tocsin.journal import entries
from tocsin.pipelines.bindings import Bindings
from tocsin.pipelines.run import Answer
from tocsin.pipelines.tables import runs

TELL_MARIA = {"type": "notification", "roster": "operations", "profiles": ["phone"], "step": "5m"}
TEXT = {"type": "notification", "roster": "operations", "profiles": ["text"], "step": "2m"}

PIPELINES = {
    "default": {
        "blocks": [{"type": "parallel", "branches": ["calls", "texts"]}, {"type": "delay", "for": "10m"}],
        "branches": {"calls": [TELL_MARIA], "texts": [TEXT, {"type": "delay", "for": "1h"}]},
    },
    "gate": {"blocks": [{"type": "rate-gate", "at_most": 1, "within": "10m", "bypass": []}, TELL_MARIA]},
    "beside": {
        "blocks": [
            TEXT | {"step": "1m"},
            {"type": "parallel", "branches": ["left", "right"]},
            {"type": "delay", "for": "10m"},
        ],
        "branches": {"left": [TEXT | {"at_once": True}], "right": [TEXT | {"at_once": True}]},
    },
    "script": {
        "blocks": [
            {"type": "script", "script": "near.py", "sets": ["near"], "failed": "text"},
            {"type": "expression", "expression": "near == 'maria'", "then": "call", "else": "text"},
        ],
        "branches": {"call": [TELL_MARIA], "text": [TEXT]},
    },
}


@pytest.fixture
async def plant(db, clock):
    made = Plant(db, clock)
    made.pipelines = PIPELINES
    made.board.configure({}, pipelines=set(PIPELINES))
    made.configure(made.crew)
    async with made.open() as opened:
        yield opened


async def family(plant, episode):
    """Give the runs of an episode: by the end of their ids, what state they are in."""

    def work(connection):
        query = select(runs.c.id, runs.c.state, runs.c.due_ms).where(runs.c.episode_id == episode)
        return connection.execute(query.order_by(runs.c.id)).all()

    found = await plant.db.read(work)
    assert all(row.due_ms is not None for row in found if row.state == "running")
    return {row.id.partition(".")[2]: row.state for row in found}


async def test_branches_are_runs_of_their_own(plant):
    """The parent waits for both, and each waits for its own moment."""
    episode = await plant.alarm(pipeline="default")
    assert await family(plant, episode) == {
        "active": "running", "active.1": "running", "active.2": "running"
    }  # fmt: skip
    assert sorted(await plant.open_notices()) == [("maria", "sms", 0), ("maria", "voice", 0)]
    shown = await plant.runs.waiting(episode)
    assert shown[0]["why"] == "waiting for 2 branches that go on side by side (runs 1 and 2)"
    assert shown[1]["why"].startswith("telling maria by voice")


async def test_a_parent_goes_on_though_it_has_news_of_its_own_in_the_moment_its_branches_end(plant):
    """One text of the parent's is what its branches wait for too: all three are decided upon together."""
    plant.configure(crew(user("maria", MARIA)))
    episode = await plant.alarm(pipeline="beside")
    await plant.after(60)
    assert await plant.open_notices() == [("maria", "sms", 0)]
    assert len(await family(plant, episode)) == 3
    await plant.ends("maria", "delivered", "sms")
    assert await family(plant, episode) == {"active": "running", "active.1": "ended", "active.2": "ended"}
    (shown,) = await plant.runs.waiting(episode)
    assert shown["why"].endswith("waiting 10 min, then on to the end")


async def test_an_acknowledgement_ends_the_whole_family(plant):
    """In its own transaction, with what is queued."""
    episode = await plant.alarm(pipeline="default")
    await plant.board.acknowledge([episode], by="jon", via="api", note="")
    await plant.settled()
    assert set((await family(plant, episode)).values()) == {"ended"}
    assert await plant.open_notices() == []
    assert plant.nobody == []


async def test_shelving_pauses_the_whole_family_and_it_goes_on_together(plant):
    """No branch is begun twice."""
    episode = await plant.alarm(pipeline="default")
    await plant.board.shelve([episode], by="jon", via="api", minutes=15)
    await plant.settled()
    assert await plant.open_notices() == []
    assert {one["why"] for one in await plant.runs.waiting(episode)} == {
        "shelved by jon; goes on when that is over"
    }
    await plant.after(15 * 60)
    assert sorted(await plant.open_notices()) == [("maria", "sms", 0), ("maria", "voice", 0)]
    assert len(await family(plant, episode)) == 3


async def test_the_parent_goes_on_when_the_last_branch_has_ended_and_only_it_says_nobody_was_reached(plant):
    """Two people by call and by text, an hour's delay in one branch, ten minutes behind both."""
    episode = await plant.alarm(pipeline="default")
    for person in ("maria", "jon"):
        await plant.ends(person, "hung-up")
        await plant.after(120)
    assert (await family(plant, episode))["active.1"] == "ended"
    await plant.after(3600 + 120)
    assert plant.nobody == []
    (only,) = await plant.runs.waiting(episode)
    assert only["why"].startswith("waiting 10 min, then on to the end")
    await plant.after(600)
    assert len(plant.nobody) == 1


async def test_a_family_survives_a_restart(plant, db, clock):
    """Every branch is picked up where it was."""
    episode = await plant.alarm(pipeline="default")
    await plant.engine.aclose()
    again = Plant(db, clock)
    again.pipelines = PIPELINES
    again.configure(again.crew)
    async with again.open():
        await again.ends("maria", "hung-up")
        assert ("jon", "voice", 0) in await again.open_notices()
        assert len(await family(again, episode)) == 3


async def test_a_branch_whose_timer_is_gone_is_found(plant):
    """The watchdog looks after branches as after any run, and begins none anew that has ended."""
    episode = await plant.alarm(pipeline="default")
    await plant.db.write(lambda c: c.execute(delete(timers).where(timers.c.queue == "run")))
    await plant.clock.advance(400)
    strays = await plant.watchdog.look()
    assert {key.partition(".")[2] for key, _, _ in strays.late} == {"active.1", "active.2"}
    await plant.settled()
    assert ("jon", "voice", 0) in await plant.open_notices()
    assert len(await family(plant, episode)) == 3


async def test_cancelling_a_branch_leaves_the_rest(plant):
    """Its queued text is taken back, and the parent waits for the other alone."""
    episode = await plant.alarm(pipeline="default")
    assert await plant.runs.cancel(f"{episode}.active.2", "eva")
    await plant.settled()
    assert await plant.open_notices() == [("maria", "voice", 0)]
    assert (await family(plant, episode))["active"] == "running"
    assert "run.cancelled" in await plant.kinds(episode)
    assert not await plant.runs.cancel(f"{episode}.active.2", "eva")


async def test_an_alarm_that_comes_anew_begins_one_family(plant):
    """Re-alarmed: the root begins anew, and its branches have ids of their own."""
    episode = await plant.alarm(pipeline="default")
    await plant.runs.cancel(f"{episode}.active", "eva")
    await plant.clears()
    later = await plant.alarm(pipeline="default")
    assert later != episode
    assert set((await family(plant, episode)).values()) == {"ended"}
    assert len(await family(plant, later)) == 3


async def test_at_a_gate_the_more_urgent_goes_first(plant):
    """Of what waits, the critical one has the next place, whoever came first."""
    accepted = await plant.board.report(
        [AlarmEvent(path=f"P/{priority}", state="active", priority=priority, pipeline="gate")
         for priority in ("Low", "Medium", "Critical")]
    )  # fmt: skip
    await plant.settled()
    told = [one for one in accepted if "telling" in (await plant.runs.waiting(one.episode))[0]["why"]]
    assert [accepted.index(one) for one in told] == [2]
    await plant.after(600)
    assert "telling" in (await plant.runs.waiting(accepted[1].episode))[0]["why"]
    assert "rate gate" in (await plant.runs.waiting(accepted[0].episode))[0]["why"]


# --- scripts ----------------------------------------------------------------------------------------------


@pytest.fixture
async def asked(plant):
    """The questions that runs ask of scripts, which somebody runs."""
    found = []
    plant.runs._bindings = Bindings(run_script=lambda c, run, one, now: found.append((run.id, one)))
    plant.runs._writing._bindings = plant.runs._bindings
    return found


async def answered(plant, run_id, one, answer):
    now = plant.clock.now_ms()
    taken = await plant.db.write(lambda c: plant.runs.answer_in(c, run_id, one.asked_ms, answer, now))
    await plant.settled()
    return taken


async def test_a_script_answers_and_the_run_goes_on_by_it(plant, asked):
    """What it answers is a property of the run."""
    await plant.alarm(pipeline="script")
    ((run_id, one),) = asked
    assert (one.script, one.deadline_ms - one.asked_ms) == ("near.py", 10_000)
    assert await plant.open_notices() == []
    assert await answered(plant, run_id, one, Answer({"near": "maria"}))
    assert await plant.open_notices() == [("maria", "voice", 0)]
    assert not await answered(plant, run_id, one, Answer({"near": "jon"}))


async def test_a_script_that_fails_or_is_late_takes_the_failed_way(plant, asked):
    """And an answer after that is none."""
    episode = await plant.alarm(pipeline="script")
    await plant.after(10)
    assert await plant.open_notices() == [("maria", "sms", 0)]
    ((run_id, one),) = asked
    assert not await answered(plant, run_id, one, Answer({"near": "maria"}))
    later = await plant.alarm("Plant/Other", pipeline="script")
    run_id, one = asked[-1]
    assert await answered(plant, run_id, one, Answer(None, "near.py:3: division by zero"))
    found = await plant.db.read(lambda c: entries(c, later))
    assert [entry.data["why"] for entry in found if entry.kind == "run.script-failed"] == [
        "near.py:3: division by zero"
    ]
    assert "run.script-failed" in await plant.kinds(episode)


async def test_without_anybody_who_runs_scripts_the_failed_way_is_taken_at_once(plant):
    """And whoever looks after the system is told."""
    await plant.alarm(pipeline="script")
    assert await plant.open_notices() == [("maria", "sms", 0)]
    assert plant.admin == [("script-failed", "")]
