"""What a running gateway measures of itself, read from memory: a monitor may ask every few seconds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.gateway import readiness
from tocsin.web.metrics import Metric, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tocsin.gateway.gateway import Gateway


def measured(gateway: Gateway) -> Iterator[Metric]:
    """Yield every metric with its samples as they are now."""
    services = gateway.services
    reasons = readiness.reasons(gateway)
    yield _gauge("tocsin_ready", "1 if ready, as /readyz says.", not reasons)
    yield Metric(
        "tocsin_unready",
        "gauge",
        "1 for each reason not to be ready, by its code.",
        tuple(Sample(1, {"code": code}) for code, _ in reasons),
    )
    yield _gauge("tocsin_database_up", "1 if the database takes writes.", services.db.health.ok)
    yield _gauge("tocsin_alarms_open", "Open alarms that are not shelved.", len(services.board.open()))
    going_on = sum(not call.finished for call in gateway.ledger.at_hand())
    yield _gauge("tocsin_calls", "Calls in progress.", going_on)
    yield from _notifying(gateway)
    stats = services.sandbox.stats()
    domains = stats.pop("domains", {})
    stats.pop("zygote", None)
    yield Metric(
        "tocsin_sandbox_events_total",
        "counter",
        "What happened in the sandbox: turns run, failures by kind, workers started and recycled.",
        tuple(Sample(count, {"event": name}) for name, count in sorted(stats.items())),
    )
    yield Metric(
        "tocsin_script_failures_total",
        "counter",
        "Turns of calls in which the scripts failed, by the kind of their failure.",
        tuple(Sample(count, {"kind": kind}) for kind, count in sorted(gateway.conversation.failures.items())),
    )
    yield Metric(
        "tocsin_sandbox_state",
        "gauge",
        "Workers and waiting turns, by domain of trust: one per project, and the default.",
        tuple(
            Sample(count, {"domain": domain, "state": name})
            for domain, state in sorted(domains.items())
            for name, count in state.items()
        ),
    )


def _notifying(gateway: Gateway) -> Iterator[Metric]:
    """Yield what concerns telling people: jobs by queue, and what runs have decided since the start."""
    stats = gateway.notifying.engine.stats()
    yield _gauge(
        "tocsin_jobs_late_seconds", "How long the oldest due job has waited.", stats["late_ms"] / 1000
    )
    yield Metric(
        "tocsin_jobs",
        "gauge",
        "Jobs of the engine by queue and state: waiting, due, claimed, failing.",
        tuple(
            Sample(count, {"queue": queue, "state": state})
            for queue, _, state in (name.rpartition(".") for name in stats)
            if queue and state != "late_ms"
            for count in (stats[f"{queue}.{state}"],)
        ),
    )
    yield Metric(
        "tocsin_run_events_total",
        "counter",
        "What happened to pipeline runs: started, decided, failed, nobody reached, rescued by the watchdog.",
        tuple(
            Sample(count, {"event": name}) for name, count in sorted(gateway.notifying.runs.stats().items())
        ),
    )
    yield Metric(
        "tocsin_alarm_flood",
        "gauge",
        "Alarms that went active of late in each area that is in a flood of them; absent without a flood.",
        tuple(Sample(one.alarms, {"area": one.area}) for one in gateway.notifying.floods.now()),
    )
    held: dict[str, int] = {}
    for (channel, _), people in gateway.notifying.channels.station.held.items():
        held[channel] = held.get(channel, 0) + people
    yield Metric(
        "tocsin_people_held_back",
        "gauge",
        "People who are told later because they were told a moment ago, by channel.",
        tuple(Sample(people, {"channel": channel}) for channel, people in sorted(held.items())),
    )
    lagging = gateway.notifying.channels.station.lagging
    yield Metric(
        "tocsin_texts_late",
        "gauge",
        "1 for each account whose texts arrive late, or of whose texts nothing is heard.",
        tuple(Sample(1, {"account": account}) for account in lagging),
    )
    stuck = gateway.notifying.channels.station.troubles(gateway.clock.now_ms())
    yield Metric(
        "tocsin_provider_stuck_seconds",
        "gauge",
        "How long an account has taken nothing, by channel; absent while it takes what it is given.",
        tuple(Sample(ms / 1000, {"account": account, "channel": channel}) for channel, account, ms in stuck),
    )


def _gauge(name: str, told: str, value: float) -> Metric:
    return Metric(name, "gauge", told, (Sample(value),))
