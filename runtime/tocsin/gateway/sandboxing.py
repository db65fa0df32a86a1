"""Makes the sandbox that a configuration asks for.

It imports little, because the sandbox's processes start before the rest of a gateway is imported.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.sandbox.sandbox import Sandbox
from tocsin.sandbox.script import Limits

if TYPE_CHECKING:
    from tocsin.gateway.configuration import Configuration

VOCABULARY = "tocsin.calls.vocabulary"


def sandbox_for(value: Configuration) -> Sandbox:
    """Make the sandbox that a configuration asks for, not started yet."""
    return Sandbox(
        limits=sandbox_limits(value),
        vocabulary=VOCABULARY,
        lockdown=value.scripts.lockdown,
        timezone=value.gateway.timezone,
    )


def sandbox_limits(value: Configuration) -> Limits:
    """Return what one turn may use inside a worker."""
    scripts = value.scripts
    return Limits(
        cpu_ms=scripts.cpu_ms,
        memory_mb=scripts.memory_mb,
        host_calls=scripts.host_calls,
        log_kb=scripts.log_kb,
    )
