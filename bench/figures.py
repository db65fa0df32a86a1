"""Figures, what they should be, and the table that `make bench` prints."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile by nearest rank; 0.5 is the median."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value. `least` or `most` is its target, where it has one; `note` says how it spreads."""

    case: str
    what: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.least is not None:
            return self.value >= self.least
        return None if self.most is None else self.value <= self.most

    @property
    def target(self) -> str:
        """The target in words."""
        if self.least is not None:
            return f">= {_number(self.least)}"
        return "" if self.most is None else f"<= {_number(self.most)}"

    def line(self) -> str:
        """Return the row of this figure."""
        mark = {True: "met", False: "MISSED", None: ""}[self.met]
        value = f"{_number(self.value)} {self.unit}".rstrip()
        return f"{self.case:<12} {self.what:<52} {value:>12}  {self.target:<9} {mark:<7} {self.note}".rstrip()


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 or value == int(value) else f"{value:.3g}"


def ratio(case: str, what: str, ratios: Sequence[float], *, least: float | None, note: str = "") -> Figure:
    """Return the median of a round's ratios, with their quartiles."""
    low, middle, high = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else (ratios[0],) * 3
    spread = f"quartiles {low:.2f}-{high:.2f}, {len(ratios)} rounds"
    return Figure(case, what, middle, "", least=least, note=f"{spread}{'; ' if note else ''}{note}")


def header() -> str:
    """Return the head of the table."""
    title = f"{'case':<12} {'figure':<52} {'value':>12}  {'target':<9} {'':<7} spread"
    return f"{title}\n{'-' * len(title)}"
