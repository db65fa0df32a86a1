"""Chooses the locks of this platform; the one module of the lockdown that others call."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tocsin.sandbox.lockdown.report import Measure


class Lock(Protocol):
    """The locks of one platform, prepared once in the zygote and applied in each of its children."""

    def isolate(self) -> None:
        """Take from the zygote itself what none of its children needs (the network, for one)."""

    def apply(self, *, memory_bytes: int, cpu_s: int) -> tuple[Measure, ...]:
        """Lock the calling process for good and say what holds.

        `memory_bytes` may be allocated beyond what the process has now; `cpu_s` is a last backstop
        on processor time for its whole life (0 = none), far above any deadline of the server.
        """


def prepare() -> Lock:
    """Return the locks of this platform, with everything costly already computed."""
    if sys.platform == "linux":
        from tocsin.sandbox.lockdown.linux import LinuxLock

        return LinuxLock()
    from tocsin.sandbox.lockdown.elsewhere import PortableLock

    return PortableLock()
