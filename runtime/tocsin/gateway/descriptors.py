"""How many files and connections this process may have open, and whether it is nearly there.

Without a free descriptor nothing can be asked of Twilio, and no file can be read.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from typing import Final

_HIGHEST: Final = 65_536  # a sandbox that starts again closes all that it could have inherited
_NEARLY: Final = 0.8


def most() -> int:
    """Return how many may be open at once, a very large number where there is no limit."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return _HIGHEST if soft == resource.RLIM_INFINITY else soft


def allow_more() -> None:
    """Let this process open as many as it may; programs get a low limit unless they ask for more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _HIGHEST if hard == resource.RLIM_INFINITY else min(hard, _HIGHEST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def nearly_out() -> str:
    """Return a sentence if more than four fifths of what may be open is; else "", as where none can tell."""
    allowed = most()
    try:
        taken = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  their number is all that is asked
    except OSError as error:
        return f"none of {allowed} open files is left" if error.errno == errno.EMFILE else ""
    return f"{taken} of {allowed} files are open" if taken > _NEARLY * allowed else ""
