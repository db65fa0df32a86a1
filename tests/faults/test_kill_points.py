"""kill -9 at the exact moments at which something could be lost or repeated.

The gateway kills itself (`mortal`), is started again at once, and dies at the same moment again, so many
times for each. TOCSIN_FAULTS_TIMES sets how many in the long run, TOCSIN_FAULTS_MOMENTS names some of them.
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing

import pytest
from tests.faults.checker import check
from tests.faults.mortal import MOMENTS
from tests.faults.reporting import scale, tell
from tests.faults.stand import Stand, rows, standing

TIMES = scale("TOCSIN_FAULTS_TIMES", short=5, long=200)
SPEED = 20
DAY_S = 86_400.0
NAMED = os.environ.get("TOCSIN_FAULTS_MOMENTS", "").split()


def die(stand: Stand, moment: str, times: int) -> float:
    """Have gateways die so often at a moment; give how many seconds that took."""
    began = time.monotonic()
    # A start comes to that one moment twice: where it takes up what is left, and where it helps on.
    stand.gateway.kill_at(moment, times=times, most=2 if moment == "K10" else 3)
    if stand.gateway.before_start is not None:
        stand.gateway.kill()  # what is done before a start is what leads to that moment
        stand.gateway.begin()
    while stand.gateway.deaths_left():
        assert stand.gateway.is_gone(300) == -9, stand.gateway.tail()
        stand.gateway.begin()
    assert stand.gateway.is_up()
    return time.monotonic() - began


def lose_timers(stand: Stand) -> None:
    """Take from runs what wakes them, as a fault of the engine would, and from new alarms their runs."""
    with closing(sqlite3.connect(stand.plant / ".tocsin" / "tocsin.db", timeout=30)) as db, db:
        db.execute("delete from ts_timer where queue = 'run'")
        db.execute("update ts_run set due_ms = due_ms - 40000 where state = 'running'")
        db.execute(
            """delete from ts_run where state = 'running'
               and not exists (select 1 from ts_notice where run_id = ts_run.id)"""
        )


@pytest.mark.parametrize("times", TIMES)
def test_a_gateway_that_dies_at_the_worst_moments_loses_nothing_and_repeats_nothing(tmp_path, capsys, times):
    """Every moment of the way from an alarm to a person, one after the other, under load all the time."""
    took = {}
    with standing(tmp_path, crews=30, speed=SPEED) as stand:
        stand.gateway.start()
        stand.driver.keep_raising(at_once=18)
        for moment in NAMED or MOMENTS:
            if moment == "K12":
                continue
            stand.gateway.before_start = (lambda: lose_timers(stand)) if moment == "K10" else None
            took[moment] = die(stand, moment, times)
        stand.gateway.before_start = None
        left = stand.finish()
        verdict = check(stand.plant, stand.driver.accepted, stand.provider.received(), settled=not left)
    told = " ".join(f"{moment}:{seconds:.0f}s" for moment, seconds in took.items())
    tell(capsys, f"killed {times} times at each moment", f"{verdict.told()} {told}")
    assert verdict.findings == []
    assert left == {}


@pytest.mark.parametrize("times", TIMES)
def test_dying_while_old_rows_are_removed_costs_nothing_young(tmp_path, capsys, times):
    """What is old goes in the end, what is not stays, the audit stays whole, and alarms are told meanwhile."""
    if NAMED and "K12" not in NAMED:
        pytest.skip("not among TOCSIN_FAULTS_MOMENTS")
    old = {"calls": "ts_call", "texts": "ts_message", "runs": "ts_run", "audit rows": "ts_audit"}
    keep = "[retention]\ncalls_days = 30\n"
    with standing(tmp_path, crews=12, speed=SPEED, sets="everybody", more=keep, audit_days=30) as stand:
        gateway = stand.gateway
        gateway.start()
        stand.driver.keep_raising(at_once=8, alarms=16)
        stand.driver.has_raised_all()
        assert stand.settle(200) == {}
        before = dict(stand.driver.accepted)
        gateway.stop()
        ids = {
            what: {row["id"] for row in rows(stand.plant, f"select id from {table}")}
            for what, table in old.items()
        }
        counted = rows(stand.plant, "select * from ts_number_count order by number")
        stand.set_clock(100 * DAY_S)
        gateway.environ["TOCSIN_FAULTS_PRUNE_MS"] = "500"
        gateway.start()
        stand.driver.accepted.clear()
        stand.driver.keep_raising(at_once=8)
        seconds = die(stand, "K12", times)
        left = stand.finish()
        received = stand.provider.received()
        received |= {
            what: [one for one in received[what] if one["ref"] not in ids[what]]
            for what in ("calls", "texts")
        }
        verdict = check(stand.plant, stand.driver.accepted, received, settled=not left, counted=counted)
        gone_by = time.monotonic() + 60
        while ids["calls"] & {row["id"] for row in rows(stand.plant, "select id from ts_call")}:
            assert time.monotonic() < gone_by, "old calls are still there"
            time.sleep(0.1)
        episodes = {row["id"] for row in rows(stand.plant, "select id from ts_episode")}
    tell(capsys, f"killed {times} times while pruning", f"{verdict.told()} in {seconds:.0f} s")
    assert verdict.findings == []
    assert left == {}
    assert {one["episode"] for one in before.values()} <= episodes
