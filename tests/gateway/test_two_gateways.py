"""Two gateways on one PostgreSQL database: whoever is reached by either is told the same."""

from __future__ import annotations

import asyncio

import pytest
from tests.conftest import SERVER, address_of, emptied
from tests.plant import MARIA, open_line, write_project

from tocsin.alarms import AlarmEvent
from tocsin.gateway.own_alarms import NOBODY_REACHED
from tocsin.pipelines.run import RunState

pytestmark = pytest.mark.skipif(not SERVER, reason="TOCSIN_TEST_DATABASE_URL names no PostgreSQL server")

PATIENT = """
[pipelines.patient]
blocks = [{ type = "delay", for = "1h" }, { type = "notification", roster = "operations" }]
"""
PUMP = AlarmEvent("Plant/Pump", "active", pipeline="patient", label="Pump 2 high level")


@pytest.fixture
async def two(tmp_path, with_every_table, monkeypatch):
    """Lines to two gateways, each with a folder of its own."""
    emptied(with_every_table)
    monkeypatch.setenv("DATABASE_URL", address_of(with_every_table))
    folders = [write_project(tmp_path / name, more=PATIENT) for name in ("a", "b")]
    for folder in folders:
        file = folder / "tocsin.toml"
        file.write_text(
            file.read_text().replace("[gateway]", '[gateway]\ndatabase = { env = "DATABASE_URL" }')
        )
    async with open_line(folders[0], notify=True) as first, open_line(folders[1], notify=True) as second:
        yield first, second


async def until(holds):
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.02)


async def test_an_alarm_reported_at_one_is_heard_and_acknowledged_at_the_other(two):
    """Maria rings the second, hears that there is an alarm, and takes it over; the first knows that she did."""
    first, second = (line.gateway.services.board for line in two)
    await first.report([PUMP])
    await until(second.open)

    caller = await two[1].call_from(MARIA).dials()
    await caller.presses("4711#")
    assert "1 alarm" in caller.hears

    await second.acknowledge([second.open()[0].id], by="maria", via="voice")
    await until(lambda: first.open()[0].acked)
    await second.report([AlarmEvent("Plant/Pump", "clear")])
    await until(lambda: not first.open())


async def test_nobody_reached_is_over_where_the_other_is_told_so(two):
    """The gateway that raised it clears it, although the alarm was taken over at the other."""
    first, second = (line.gateway for line in two)
    (accepted,) = await first.services.board.report([PUMP])
    run = RunState("run", accepted.episode, "patient", "plan", 0, waiting="nobody answered")
    own, clock = first.notifying._own_alarms, first.clock
    await first.services.db.write(lambda conn: own.nobody_reached_in(conn, run, clock.now_ms()))
    await until(lambda: NOBODY_REACHED in {one.path for one in second.services.board.open()})

    await second.services.board.acknowledge([accepted.episode], by="maria", via="voice")

    def is_over():
        states = {one.path: one.state for one in second.services.board.open()}
        return states.get(NOBODY_REACHED) != "active"

    await until(is_over)
