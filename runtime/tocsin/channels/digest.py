"""How a text or an announcement begins while areas are in a flood of alarms. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.alarms.flood import Flood


def headline(site: str, floods: Sequence[Flood]) -> str:
    """Give what stands for the site in a text; what matters most comes first, because the end may be cut."""
    if not floods:
        return site
    return f"FLOOD {areas(floods)}, {site}"


def areas(floods: Sequence[Flood]) -> str:
    """Name the areas with how many alarms went active lately, the worst first: "Plant 23, Harbour 12"."""
    worst = sorted(floods, key=lambda one: (-one.alarms, one.area))
    return ", ".join(f"{one.area} {one.alarms}" for one in worst)
