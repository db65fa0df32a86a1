"""How a worker's end reads: an exit status as a sentence."""

from __future__ import annotations

import signal


def describe(status: int | None) -> str:
    """Say how a worker ended: its exit code, negative for a signal, None where nobody knows."""
    if status is None:
        return "the sandbox was restarted while this turn ran"
    if status >= 0:
        return f"the worker that ran this turn ended by itself with exit status {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    meaning = {
        "SIGSYS": "it made a system call that only an attempt to break out makes",
        "SIGSEGV": "the Python interpreter crashed",
        "SIGABRT": "the Python interpreter gave up",
        "SIGBUS": "the Python interpreter crashed",
        "SIGKILL": "from outside, perhaps because the machine ran out of memory",
    }.get(name)
    return f"the worker that ran this turn was killed by {name}" + (f": {meaning}" if meaning else "")


def is_breakout(status: int | None) -> bool:
    """Whether this is how the kernel ends a worker that makes a forbidden system call."""
    return status == -signal.SIGSYS


def is_own_doing(status: int | None) -> bool:
    """Whether a worker died of what ran in it, rather than of a signal from outside or its parent's death."""
    return status is not None and status != -signal.SIGKILL
