"""Many alarms onto two people: nobody rings without end, everybody is told, and the flood is called a flood."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from tests.plant import JON, MARIA
from tests.throttling.reading import ask

from tocsin.alarms import PRIORITIES
from tocsin.alarms.tables import notices
from tocsin.journal import entries

PINS = {MARIA: "4711#", JON: "9163#"}
MILFORD = [n * 642 / 275 for n in range(275)]
"""275 alarms in 10.7 minutes: the load at Milford Haven in 1994, when each came."""


def two_operators(plant, *, missing=0.0):
    """Let both answer after some rings, listen for half a minute and acknowledge; some calls they miss."""
    for number, pin in PINS.items():
        steps = [{"hear": "PIN"}, {"wait": 20}, {"press": pin}, {"hear": "Acknowledged"}]
        persona = {"answer": "statistical", "after": 8, "steps": steps, "chances": {"no-answer": missing}}
        plant.running.emulator.put_phone(number, persona)


def come(plant, times, *, priority):
    """Let alarms come at these seconds; give the episodes."""
    found, passed = [], 0.0
    for number, at_s in enumerate(times):
        if at_s > passed:
            plant.waits(seconds=at_s - passed)
            passed = at_s
        label = f"Sensor {number}"
        found.append(plant.raises(f"Plant/Sensor {number}", priority=priority(number), label=label))
    return found


def rows(plant, table):
    def read(conn: Any) -> list[dict[str, Any]]:
        return [dict(row) for row in conn.execute(select(table)).mappings()]

    return plant.do(plant.running.gateway.services.db.read(read))


def all_told(plant, alarms, *, patience_min=30):
    for _ in range(patience_min * 6):
        if all(alarm.episode.acked for alarm in alarms):
            return True
        plant.waits(seconds=10)
    return False


def worst_wait_s(plant, alarms):
    """Give how long an alarm waited until somebody had heard it and acknowledged it, at worst."""
    return max((alarm.episode.acked_ms - alarm.episode.active_ms) / 1000 for alarm in alarms)


def ringing(plant):
    return {number: [call for call in plant.running.emulator.calls if call.to == number] for number in PINS}


def told(text, plant, alarms):
    counts = ", ".join(str(len(calls)) for calls in ringing(plant).values())
    print(f"{text}: {counts} calls, worst wait {worst_wait_s(plant, alarms):.0f} s")


def test_275_alarms_in_ten_minutes_and_two_operators(told_plant, capsys):
    """As urgent as each other: each phone rings at most once in 60 s, all are told, and none waits for long."""
    plant = told_plant
    two_operators(plant, missing=0.3)
    alarms = come(plant, MILFORD, priority=lambda _: "High")
    assert all_told(plant, alarms)
    for calls in ringing(plant).values():
        assert all(after.created - before.created >= 60 for before, after in pairwise(calls))
    plant.waits(minutes=2)
    assert {row["state"] for row in rows(plant, notices)} == {"done"}
    assert worst_wait_s(plant, alarms) <= 480
    with capsys.disabled():
        told("\n275 alarms in 10.7 min, 3 in 10 calls missed", plant, alarms)


def test_only_what_is_more_urgent_rings_sooner(told_plant, capsys):
    """The first four minutes of it, all priorities mixed: a phone that rings within 60 s rings for something more urgent."""
    plant = told_plant
    two_operators(plant)
    chance = random.Random(5)
    alarms = come(plant, MILFORD[:100], priority=lambda _: chance.choice(PRIORITIES))
    assert all_told(plant, alarms)
    carried: dict[str, int] = {}
    for row in rows(plant, notices):
        if row["call_id"]:
            carried[row["call_id"]] = max(row["priority"], carried.get(row["call_id"], 0))
    ids = {call.sid: call.id for call in plant.running.gateway.ledger.at_hand()}
    for calls in ringing(plant).values():
        for index, call in enumerate(calls[1:], 1):
            before = [one for one in calls[:index] if call.created - one.created < 60]
            urgency = carried.get(ids.get(call.sid, ""), 4)
            assert all(carried.get(ids.get(one.sid, ""), 0) < urgency for one in before)
    with capsys.disabled():
        told("\n100 alarms of all priorities in 4 min", plant, alarms)


def test_a_flood_is_said_in_calls_and_texts_shown_and_ended(told_plant):
    """From the eleventh alarm on it is a flood, in the journal, to scripts, in /metrics; then it is over."""
    plant = told_plant
    two_operators(plant)
    come(plant, list(range(12)), priority=lambda _: "High")
    heard = " ".join(
        one["text"] for one in plant.running.emulator.phone(MARIA).transcript if one["kind"] == "hear"
    )
    assert "Alarm flood" not in heard
    plant.waits(seconds=90)
    plant.raises("Plant/Mains failure", priority="Critical", label="Mains failure")
    plant.waits(seconds=60)
    heard = " ".join(
        one["text"] for one in plant.running.emulator.phone(MARIA).transcript if one["kind"] == "hear"
    )
    assert "Alarm flood in Plant." in heard
    assert 'tocsin_alarm_flood{area="Plant"} 13' in ask(plant, "/metrics")
    plant.waits(minutes=10)
    assert "tocsin_alarm_flood{" not in ask(plant, "/metrics")
    found = plant.do(
        plant.running.gateway.services.db.read(lambda conn: entries(conn, subject="Plant", kind="flood.*"))
    )
    began, ended = found
    assert (began.kind, began.data["why"]) == ("flood.began", "11 alarms in 10 min, more than 10")
    assert (ended.kind, ended.data["why"]) == ("flood.ended", "4 alarms in 10 min, fewer than 5")


def test_an_alarm_a_minute_for_three_hours(told_plant, capsys):
    """It is a nuisance and not a siren: few calls, and no alarm waits for longer than the longest quiet."""
    plant = told_plant
    two_operators(plant)
    alarms = come(plant, [60 * n for n in range(180)], priority=lambda _: "High")
    assert all_told(plant, alarms)
    calls = ringing(plant)
    assert sum(map(len, calls.values())) <= 48
    assert worst_wait_s(plant, alarms) <= 240 + 60
    assert ringing(plant)[JON] == []
    with capsys.disabled():
        told("\none alarm a minute for three hours", plant, alarms)


@pytest.fixture
def told_plant(plant):
    """The plant, with pipelines that run."""
    return plant.tells_people()
