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
        "tocsin_sandbox_state",
        "gauge",
        "Workers and waiting turns, by domain of trust: one per project, and the default.",
        tuple(
            Sample(count, {"domain": domain, "state": name})
            for domain, state in sorted(domains.items())
            for name, count in state.items()
        ),
    )


def _gauge(name: str, told: str, value: float) -> Metric:
    return Metric(name, "gauge", told, (Sample(value),))
