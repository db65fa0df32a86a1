"""What a gateway says of its ability to tell people: codes in /readyz, figures in /metrics."""

from __future__ import annotations

from tocsin.gateway import measuring, readiness

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


def test_runs_and_jobs_are_counted(told, phone):
    """What a monitor draws: how much waits, and how late the oldest is."""
    told.raises(HIGH, value=93)
    phone("maria").rings()
    found = figures(told)
    assert found["tocsin_jobs_late_seconds"][0].value == 0
    started = {one.labels["event"]: one.value for one in found["tocsin_run_events_total"]}
    assert started["started"] == 1
    assert {one.labels["queue"] for one in found["tocsin_jobs"]} >= {"run", "voice", "sms", "alarm"}
