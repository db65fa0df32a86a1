"""Why a gateway is not ready, as stable codes with a sentence each; a pure look at its parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.gateway import descriptors

if TYPE_CHECKING:
    from tocsin.gateway.gateway import Gateway

LATE_MS = 30_000
"""A job that nobody has taken for so long means that people are not told in time."""

STUCK_MS = 60_000
"""An account that has taken nothing for so long is more than a hiccup."""


def reasons(gateway: Gateway) -> list[tuple[str, str]]:
    """Return (code, sentence) for each reason; an empty list means ready."""
    found: list[tuple[str, str]] = []
    report = gateway.services.sandbox.lock_report
    if not report.locked:
        found.append(("sandbox-not-locked", "; ".join(report.reasons)))
    elif outage := gateway.services.sandbox.outage:
        found.append(("sandbox-down", outage))
    on_emulator = [name for name, one in gateway.profiles.twilio.items() if one.section.on_emulator]
    if on_emulator and not gateway.dev:
        found.append(("emulator", f"these Twilio profiles talk to the emulator: {', '.join(on_emulator)}"))
    if gateway.refused:
        found.append(("config-refused", "; ".join(str(one) for one in gateway.refused)))
    health = gateway.services.db.health
    if not health.ok:
        found.append(("database", health.error or "the database refuses writes"))
    if full := descriptors.nearly_out():
        found.append(("descriptors", full))
    found += _way_out(gateway)
    broken = [one for name in gateway.projects for one in gateway.services.library.findings(name)]
    broken = [one for one in broken if one.severity == "error"]
    if broken:
        found.append(("scripts-refused", "; ".join(str(one) for one in broken)))
    return found


def _way_out(gateway: Gateway) -> list[tuple[str, str]]:
    """Return why people would not be told in time: jobs that nobody takes, accounts that take nothing."""
    found: list[tuple[str, str]] = []
    late_ms = gateway.notifying.engine.stats()["late_ms"]
    if late_ms > LATE_MS:
        found.append(("engine-late", f"what was due {late_ms / 1000:.0f} s ago has not been done"))
    stuck = gateway.notifying.channels.station.troubles(gateway.clock.now_ms())
    told = [f"{account} ({channel}) for {ms / 1000:.0f} s" for channel, account, ms in stuck if ms > STUCK_MS]
    if told:
        found.append(("provider", f"Twilio takes nothing from {', '.join(told)}"))
    lagging = [f"{account}: {why}" for account, why in gateway.notifying.channels.station.lagging.items()]
    if lagging:
        found.append(("texts-late", "; ".join(lagging)))
    return found


def notes(gateway: Gateway) -> list[tuple[str, str]]:
    """Return (code, sentence) for what an operator should know and what keeps no call from working."""
    keys = ", ".join(gateway.at_restart)
    return [("restart-needed", f"changed and not in force before a restart: {keys}")] if keys else []
