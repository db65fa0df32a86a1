"""What a gateway says of its ability to tell people: codes in /readyz, figures in /metrics."""

from __future__ import annotations

from tocsin.gateway import measuring, readiness
from tocsin.gateway.heartbeat import withheld

HIGH = "Plant/Pump 2/High level"


def codes(plant):
    return [code for code, _ in readiness.reasons(plant.running.gateway)]


def figures(plant):
    return {one.name: one.samples for one in measuring.measured(plant.running.gateway)}


def test_a_provider_that_takes_nothing_is_told_and_forgotten_when_it_does(told, phone):
    """After a minute of refusals the gateway is not ready: nobody can be told. It is again with the first call."""
    told.raises(HIGH, value=93)
    phone("maria").rings()
    assert codes(told) == []

    emulator = told.running.emulator
    emulator.faults.put([{"match": {"method": "POST"}, "fault": "503", "times": 1000}])
    told.raises("Plant/Power/Mains failure", priority="Critical")
    phone("maria").declines()
    told.waits(minutes=3)
    assert "provider" in codes(told)
    assert figures(told)["tocsin_provider_stuck_seconds"]

    emulator.faults.put([])
    phone("jon").answers(within=900).hears("Mains failure").hangs_up()
    reasons = dict(readiness.reasons(told.running.gateway))
    assert "voice" not in reasons.get("provider", "")  # of texts nothing has been tried since


def test_an_account_that_refuses_everything_stands_until_it_takes_something(told, phone):
    """Credentials that are wrong are no matter of a moment: nobody asks again, and nothing has become right."""
    told.raises("Plant/Power/Mains failure")
    phone("maria").declines()
    accounts = told.running.emulator.world.accounts
    token, accounts.auth_token = accounts.auth_token, "another"
    told.waits(minutes=5)
    assert "provider" in codes(told)
    assert withheld(codes(told)) == ["provider"]
    told.waits(hours=3)
    assert "provider" in codes(told)

    accounts.auth_token = token
    told.raises(HIGH, value=93)
    phone("maria").answers(within=600).hears("Pump 2").hangs_up()
    told.waits(minutes=1)
    reasons = dict(readiness.reasons(told.running.gateway))
    assert "voice" not in reasons.get("provider", "")  # of texts nothing has been tried since


def test_runs_and_jobs_are_counted(told, phone):
    """What a monitor draws: how much waits, and how late the oldest is."""
    told.raises(HIGH, value=93)
    phone("maria").rings()
    found = figures(told)
    assert found["tocsin_jobs_late_seconds"][0].value == 0
    started = {one.labels["event"]: one.value for one in found["tocsin_run_events_total"]}
    assert started["started"] == 1
    assert {one.labels["queue"] for one in found["tocsin_jobs"]} >= {"run", "voice", "sms", "alarm"}
