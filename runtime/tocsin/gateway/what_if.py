"""What a configuration would do, ready to be asked: by the API of a gateway, and from the files alone."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms.rules import Rules
from tocsin.config.loading import in_order
from tocsin.gateway.binding import directory_of
from tocsin.gateway.notifying import routing_of
from tocsin.pipelines.section import ackers_needed
from tocsin.pipelines.simulating.gaps import gaps
from tocsin.pipelines.simulating.lines import Lines
from tocsin.pipelines.simulating.reachability import endless, unreachable
from tocsin.pipelines.simulating.what_if import WhatIf

if TYPE_CHECKING:
    from tocsin.config import Loaded
    from tocsin.errors import Finding
    from tocsin.gateway.configuration import Configuration
    from tocsin.gateway.gateway import Gateway
    from tocsin.people import Directory

_DAY_MS: Final = 24 * 3_600_000


def what_if_of(value: Configuration, directory: Directory) -> WhatIf:
    """Make the simulator of a configuration that passed its checks."""
    return WhatIf(
        routing_of(value, directory),
        Lines.of(
            value.twilio_profiles, value.voice_profiles, value.message_profiles, value.throttles.throttles
        ),
        Rules(value.alarms, set(value.pipelines), ackers_needed(value.pipelines), value.gateway.own_alarms),
    )


def what_if_in(gateway: Gateway) -> WhatIf:
    """Make the simulator of a running gateway, which can run the scripts of its pipelines."""
    asked = what_if_of(gateway.configuration, gateway.services.directory)
    return replace(asked, run_script=gateway.notifying.run_script_now)


def findings(loaded: Loaded[Configuration], now_ms: int) -> list[Finding]:
    """Return what would keep people from being told within a year, each at its file and line."""
    value = loaded.value
    asked = what_if_of(value, directory_of(value))
    return in_order(loaded.places, list(unreachable(asked, value.users, now_ms)))


def endless_loops(loaded: Loaded[Configuration], now_ms: int) -> list[Finding]:
    """Return the pipelines that would go round without an end, each at its file and line."""
    value = loaded.value
    return in_order(loaded.places, list(endless(what_if_of(value, directory_of(value)), now_ms)))


def looked_through(value: Configuration, from_ms: int, days: int) -> list[dict[str, Any]]:
    """Give the gaps of so many days as plain data: kind, name, why, remedy, and when (ms UTC)."""
    found = gaps(what_if_of(value, directory_of(value)), from_ms, from_ms + days * _DAY_MS)
    return [asdict(one) for one in found]
