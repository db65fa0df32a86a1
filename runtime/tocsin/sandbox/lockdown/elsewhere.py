"""What is left on a system without seccomp and Landlock: resource limits, and saying so."""

from __future__ import annotations

import sys

from tocsin.sandbox.lockdown import limits
from tocsin.sandbox.lockdown.report import Measure


class PortableLock:
    """Resource limits only; for development on macOS and the BSDs, never for strangers' scripts."""

    def isolate(self) -> None:
        """Do nothing: there is no namespace to move to."""

    def apply(self, *, memory_bytes: int, cpu_s: int) -> tuple[Measure, ...]:
        """Apply the limits there are; the report says that a broken interpreter is not contained."""
        del memory_bytes  # Darwin does not keep RLIMIT_AS; the server's deadline is what is left
        try:
            detail, held = limits.apply(address_space=0, cpu_s=cpu_s), True
        except (OSError, ValueError) as error:
            detail, held = str(error), False
        missing = f"{sys.platform} has none; use this platform for development only"
        return (
            Measure("resource-limits", held=held, required=True, detail=detail),
            Measure("landlock", held=False, required=True, detail=missing),
            Measure("seccomp", held=False, required=True, detail=missing),
        )
