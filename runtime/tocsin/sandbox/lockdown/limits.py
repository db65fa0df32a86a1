"""Resource limits (setrlimit): what every POSIX system has, and a worker's first bounds."""

from __future__ import annotations

import resource
import sys


def apply(*, address_space: int, cpu_s: int) -> str:
    """Set the limits for good; raises OSError or ValueError. Returns a detail for the report.

    `address_space` is in bytes, 0 = unlimited. No file may be written, no core dumped, no process
    begun, no descriptor opened beyond those already open.
    """
    wanted = {"FSIZE": 0, "CORE": 0, "NOFILE": 0, "NPROC": 0, "MEMLOCK": 0, "MSGQUEUE": 0}
    if address_space:
        wanted["AS"] = address_space
    if cpu_s:
        wanted["CPU"] = cpu_s
    for name, value in wanted.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is None:
            continue
        try:
            resource.setrlimit(which, (value, value))
        except (OSError, ValueError):
            # Darwin refuses limits it cannot keep; there the report says that nothing counts anyway.
            if sys.platform == "linux":
                raise
    return f"address space {address_space >> 20} MiB" if address_space else "no memory limit"
