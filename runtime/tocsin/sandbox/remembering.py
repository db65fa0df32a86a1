"""What Python's `re` remembers of the texts it was given, kept small.

It keeps the last 512 patterns and the last 512 replacement texts as it has parsed them, up to 110 bytes for
each character, beyond the turn they came from. 512 of the longest would be a worker's whole memory, and the
turn that fails of it would be another call's. Short ones may stay: that is what makes them quick.
"""

from __future__ import annotations

import re
from typing import Final

SHORT_CHARS: Final = 100
"""Texts up to this length are no burden: 512 of each kind take some 10 MiB at the very most."""

LONG_CHARS: Final = 40_000
"""Characters of longer texts after which all is forgotten and parsed anew."""


class _Long:
    """Characters of long texts since everything was last forgotten."""

    chars = 0


def will_remember(text: str) -> None:
    """Hear that `re` is about to be given a text it will keep."""
    if len(text) <= SHORT_CHARS:
        return
    _Long.chars += len(text)
    if _Long.chars > LONG_CHARS:
        re.purge()
        _Long.chars = len(text)
