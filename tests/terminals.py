"""A terminal of a test's own, for programs that only speak to one."""

from __future__ import annotations

import pty

import pytest


def opened() -> tuple[int, int]:
    """Return the two ends of a new terminal, ours and the program's; skips where the machine has none to give."""
    try:
        return pty.openpty()
    except OSError as error:
        pytest.skip(f"no terminal can be made here ({error}); is /dev/pts mounted?")
