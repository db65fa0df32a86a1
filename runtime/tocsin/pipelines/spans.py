"""Spans of time as people write them, such as "30s" or "5m", with the bounds of each kind. Pure."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

_SPAN = re.compile(r"(?P<count>[1-9]\d{0,5})(?P<unit>ms|s|m|h)")
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}


def milliseconds(text: str) -> int:
    """Read a span such as "30s" or "5m" (ms, s, m, h); ValueError with the remedy otherwise."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError(
            f'"{text}" is not a time span; write a number and a unit, such as "30s", "5m" or "1h"'
        )
    return int(found["count"]) * _UNIT_MS[found["unit"]]


def _span(text: str) -> str:
    milliseconds(text)
    return text


def _bounded(least: str, most: str) -> AfterValidator:
    """Make a check that keeps a span between two others."""
    low, high = milliseconds(least), milliseconds(most)

    def check(text: str) -> str:
        if not low <= milliseconds(text) <= high:
            raise ValueError(f'"{text}" is out of bounds; write a time span from "{least}" to "{most}"')
        return text

    return AfterValidator(check)


Span = Annotated[str, AfterValidator(_span)]
StepSpan = Annotated[str, _bounded("10s", "24h")]
RedialSpan = Annotated[str, _bounded("1s", "1h")]
PauseSpan = Annotated[str, _bounded("1m", "24h")]
CollectSpan = Annotated[str, _bounded("1s", "1h")]
WindowSpan = Annotated[str, _bounded("10s", "24h")]
DeadlineSpan = Annotated[str, _bounded("1s", "1m")]
