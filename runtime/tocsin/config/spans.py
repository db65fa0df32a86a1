"""Time spans as the files write them: "90s", "5m", "1h". Pure text."""

from __future__ import annotations

import re
from typing import Final

_SPAN: Final = re.compile(r"(?P<count>[1-9]\d{0,5})(?P<unit>ms|s|m|h)")
_UNIT_MS: Final = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
NEVER: Final = frozenset({"0", "0s"})


def milliseconds_or_none(text: str) -> int:
    """Read a span in ms; "0" and "0s" are 0, which stands for off. ValueError with the remedy otherwise."""
    if text in NEVER:
        return 0
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(
            f'"{text}" is not a time span; write a number and a unit, such as "30s" or "5m", or "0s" for off'
        )
    return int(found["count"]) * _UNIT_MS[found["unit"]]
