"""Whether anybody would notice: products broken on purpose, and records that were tampered with."""

from __future__ import annotations

import copy
import sqlite3
import time
from contextlib import closing

import pytest
from tests.faults.checker import check
from tests.faults.stand import Stand, standing, unsettled

SPEED = 20


def begin(stand: Stand, sabotage: str = "") -> None:
    if sabotage:
        stand.gateway.environ["TOCSIN_FAULTS_SABOTAGE"] = sabotage
    stand.gateway.start()


def verdict_of(stand: Stand, received: object = None, *, settled: bool = True) -> list[str]:
    told = stand.provider.received() if received is None else received
    return check(stand.plant, stand.driver.accepted, told, settled=settled).findings  # type: ignore[arg-type]


def changed(stand: Stand, *statements: str) -> list[str]:
    """Change the database, look what is found, and change it back."""
    file = stand.plant / ".tocsin" / "tocsin.db"
    for beside in file.parent.glob("tocsin.db-*"):
        assert beside.stat().st_size == 0 or not beside.name.endswith("-wal"), "it is still in use"
    before = file.read_bytes()
    with closing(sqlite3.connect(file)) as db, db:
        for one in statements:
            assert db.execute(one).rowcount, one
    found = verdict_of(stand)
    for one in file.parent.glob("tocsin.db*"):
        one.unlink()
    file.write_bytes(before)
    return found


def test_records_that_do_not_fit_what_happened_are_found(tmp_path):
    """Each kind of loss and repetition, made by hand in the records of an ordinary day."""
    with standing(tmp_path, crews=6, speed=SPEED) as stand:
        begin(stand)
        stand.driver.keep_raising(at_once=6, alarms=8)
        assert stand.finish_all() == {}
        stand.gateway.stop()
        assert verdict_of(stand) == []

        received = stand.provider.received()
        doubled = copy.deepcopy(received)
        doubled["calls"].append({**doubled["calls"][0], "sid": "CAagain"})
        assert any("asked for 2 times" in one for one in verdict_of(stand, doubled))
        fewer = copy.deepcopy(received)
        gone = fewer["calls"].pop()
        assert any(f"{gone['ref']} is on record" in one for one in verdict_of(stand, fewer))
        texted = copy.deepcopy(received)
        texted["texts"].append({**texted["texts"][0], "sid": "SMagain", "ref": "another"})
        assert any("there is no record" in one for one in verdict_of(stand, texted))
        both = copy.deepcopy(received)
        first = both["calls"][0]
        both["calls"].append({**first, "sid": "CAboth", "created_ms": first["created_ms"] + 1})
        assert any("while in call" in one for one in verdict_of(stand, both))

        promise = next(iter(stand.driver.accepted.values()))
        one_alarm = f"episode_id = '{promise['episode']}'"
        reopened = "update ts_episode set acked_ms = null, state = 'active', cleared_ms = null where id = "
        reopened += f"'{promise['episode']}'"
        acked = "select id from ts_episode where acked_via = 'voice' limit 1"
        for statements, words in (
            ((f"delete from ts_episode where id = '{promise['episode']}'",), "there is no such episode"),
            ((reopened,), "nothing goes on about it"),
            (
                (f"delete from ts_journal where kind = 'alarm.acknowledged' and subject in ({acked})",),
                "was acknowledged 0 times",
            ),
            ((f"delete from ts_audit where action = 'acknowledge' and episode_id in ({acked})",), "audit"),
            ((f"update ts_notice set state = 'placed', outcome = null where {one_alarm}",), "is placed"),
            (("update ts_number_count set calls_sent = calls_sent + 1 where calls_sent > 0",), "counted"),
        ):
            assert any(words in one for one in changed(stand, *statements)), statements
        assert verdict_of(stand) == []


@pytest.mark.faults
def test_a_product_that_does_not_look_before_it_calls_again_is_found_out(tmp_path):
    """Killed between the provider's answer and its record, without reconciliation: people are told twice."""
    with standing(tmp_path, crews=12, speed=SPEED) as stand:
        begin(stand, "blind")
        stand.driver.keep_raising(at_once=8)
        stand.gateway.kill_at("K7", times=8)
        while stand.gateway.deaths_left():
            stand.gateway.is_gone()
            stand.gateway.begin()
        stand.gateway.is_up()
        left = stand.finish()
        assert any(one.startswith("REPEATED") for one in verdict_of(stand, settled=not left))


@pytest.mark.faults
def test_a_product_that_forgets_alarms_is_found_out(tmp_path):
    """Some alarms get no run, and nobody notices inside: outside it is noticed."""
    with standing(tmp_path, crews=12, speed=SPEED) as stand:
        begin(stand, "forgetful")
        stand.driver.raise_alarms([crew for crew in range(12) if crew % 3 != 2])
        until = time.monotonic() + 20
        while unsettled(stand.plant)["notices"] and time.monotonic() < until:
            time.sleep(0.1)
        assert any(one.startswith("LOST") for one in verdict_of(stand, settled=False))
