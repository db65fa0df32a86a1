"""When all else has failed, the numbers of last resort are called: with the database or without it."""

from __future__ import annotations

import contextlib
import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.channels.stage import open_stage

from tocsin.channels.last_resort import AGAIN_MS, RETRY_MS, due, refusing_since
from tocsin.db import DbHealth, NotStored

CHIEF, GATE = "+46700000001", "+46700000002"
NOW = 1_767_225_600_000


def with_last_resort(toml):
    return toml.replace("[gateway]", f'[gateway]\nlast_resort = ["{CHIEF}", "{GATE}"]')


@pytest.fixture
async def stage(tmp_path):
    async with open_stage(tmp_path, edit=with_last_resort) as opened:
        yield opened


def test_each_number_once_in_ten_minutes_and_sooner_where_nobody_took_the_call():
    """A call that no profile took is tried again after half a minute, one that rang after ten."""
    assert due([CHIEF, GATE], {}, NOW).numbers == (CHIEF, GATE)
    found = due([CHIEF, GATE], {CHIEF: (NOW - 60_000, True), GATE: (NOW - RETRY_MS, False)}, NOW)
    assert (found.numbers, found.look_ms) == ((GATE,), NOW - 60_000 + AGAIN_MS)


@given(
    tried=st.dictionaries(
        st.sampled_from([CHIEF, GATE]), st.tuples(st.integers(NOW - 10**7, NOW + 10**7), st.booleans())
    )
)
def test_whatever_the_clock_nobody_is_called_too_often_or_forgotten(tried):
    """The clock may be set by hours: a number is due exactly when its time is over, and looked at in ten minutes."""
    found = due([CHIEF, GATE], tried, NOW)
    assert NOW < found.look_ms <= NOW + AGAIN_MS
    for number, (at_ms, taken) in tried.items():
        rested = not NOW - (AGAIN_MS if taken else RETRY_MS) < at_ms <= NOW
        assert (number in found.numbers) == rested


def test_a_database_that_refuses_for_a_moment_wakes_nobody():
    """Half a minute must have gone by."""
    assert refusing_since(DbHealth(ok=False, since_ms=NOW - 20_000), NOW) is None
    assert refusing_since(DbHealth(ok=False, since_ms=NOW - 30_000), NOW) == NOW - 30_000
    assert refusing_since(DbHealth(ok=True, since_ms=NOW - 10**6), NOW) is None


async def nobody_reached(stage, episode):
    now_ms = stage.clock.now_ms()
    await stage.db.write(lambda conn: stage.channels.nobody_reached_in(conn, episode, now_ms))


async def test_an_alarm_nobody_was_told_of_rings_them_until_somebody_looks_after_it(stage):
    """Every ten minutes, with the alarm's name, until it is acknowledged."""
    for number in (CHIEF, GATE):
        stage.emulator.put_phone(number, {"answer": "auto"})
    episode = await stage.alarm()
    await nobody_reached(stage, episode)
    await stage.waits(60)
    assert (stage.rings(CHIEF), stage.rings(GATE)) == (1, 1)
    assert "Nobody could be reached about an alarm of priority high: Pump 2 high level." in stage.heard_on(
        CHIEF
    )
    await stage.waits(600)
    assert (stage.rings(CHIEF), stage.rings(GATE)) == (2, 2)
    await stage.gateway.services.board.acknowledge([episode], by="jon", via="api")
    await stage.waits(1800)
    assert (stage.rings(CHIEF), stage.rings(GATE)) == (2, 2)


CHIEF_IS_SWEDISH = f"""
[users.chief]
id = 9
name = "Eva Chef"
language = "sv-SE"
[[users.chief.contacts]]
type = "phone"
value = "{CHIEF}"
"""
GERMAN = ('project = "."', 'project = "."\nlanguage = "de-DE"\nvoices = { "de-DE" = "Polly.Vicki" }')


async def test_everybody_hears_it_in_their_language(tmp_path):
    """That of the person whose number it is; at the gate, which is nobody's, that of the profile's calls."""

    def edit(toml):
        return with_last_resort(toml).replace(*GERMAN) + CHIEF_IS_SWEDISH

    async with open_stage(tmp_path, edit=edit) as stage:
        for number in (CHIEF, GATE):
            stage.emulator.put_phone(number, {"answer": "auto"})
        await nobody_reached(stage, await stage.alarm())
        await stage.waits(60)

        assert "Ingen kunde nås om ett larm med prioritet hög: Pump 2 high level." in stage.heard_on(CHIEF)
        assert "Någon måste ta hand om det nu." in stage.heard_on(CHIEF)
        assert "Zu einem Alarm der Priorität hoch war niemand zu erreichen" in stage.heard_on(GATE)


async def test_a_phrase_that_cannot_be_said_keeps_no_telephone_from_ringing(stage, monkeypatch):
    """Then it is said as tocsin says it."""
    stage.emulator.put_phone(CHIEF, {"answer": "auto"})
    broken = stage.gateway.services.phrases
    monkeypatch.setattr(broken, "manner", lambda *_: 1 / 0)
    await nobody_reached(stage, await stage.alarm())
    await stage.waits(60)

    assert "Nobody could be reached" in stage.heard_on(CHIEF)


async def test_two_alarms_ring_once(stage):
    """The second alarm nobody was told of waits for the ten minutes to be over."""
    first, second = await stage.alarm("A"), await stage.alarm("B")
    await nobody_reached(stage, first)
    await stage.waits(60)
    await nobody_reached(stage, second)
    await stage.waits(60)
    assert stage.rings(CHIEF) == 1


async def test_a_profile_that_does_not_work_is_passed_over(stage):
    """The first account takes nothing: the second one calls."""
    stage.emulator.put_phone(CHIEF, {"answer": "auto"})
    stage.emulator.faults.add("429", match={"path": "AC5e5e"}, times=None)
    await nobody_reached(stage, await stage.alarm())
    await stage.waits(30)
    assert stage.rings(CHIEF) == 1


async def test_where_nothing_works_it_is_tried_again_soon(stage):
    """Half a minute later, not ten."""
    stage.emulator.faults.add("429", match={"path": "/Calls.json"}, times=4)
    await nobody_reached(stage, await stage.alarm())
    await stage.waits(20)
    assert stage.rings(CHIEF) == 0
    await stage.waits(40)
    assert (stage.rings(CHIEF), stage.rings(GATE)) == (1, 1)


async def test_a_restart_does_not_ring_them_again(stage):
    """Who was called is on record and read back at the start."""
    await nobody_reached(stage, await stage.alarm())
    await stage.waits(30)
    resort = stage.channels.last_resort
    await resort.aclose()
    resort._tried.clear()
    await resort.start()
    await nobody_reached(stage, await stage.alarm("B"))
    await stage.waits(60)
    assert stage.rings(CHIEF) == 1


async def test_a_database_that_refuses_rings_them_without_it(tmp_path, monkeypatch):
    """Another program keeps the database to itself: alarms are refused, and half a minute later phones ring."""
    monkeypatch.setattr("tocsin.db.engines.BUSY_MS", 30)
    async with open_stage(tmp_path, edit=with_last_resort) as stage:
        stage.emulator.put_phone(CHIEF, {"answer": "auto"})
        with contextlib.closing(
            sqlite3.connect(stage.gateway.state / "tocsin.db", isolation_level=None)
        ) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(NotStored):
                await stage.alarm()
            await stage.waits(25)
            assert stage.rings(CHIEF) == 0
            await stage.waits(30)
            assert stage.rings(CHIEF) == 1
            assert "takes no alarms" in stage.heard_on(CHIEF)
            await stage.waits(600)
            assert stage.rings(CHIEF) == 2
        await stage.alarm()
        await stage.waits(900)
        assert stage.rings(CHIEF) == 2
