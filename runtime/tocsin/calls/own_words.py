"""What the gateway's own alarms are called, in each person's language: what is wrong, and what to do.

Their labels are English, for records. Whoever is called or texted hears a phrase instead, which `own_data`
names together with its values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.alarms.rules import OWN as OWN  # noqa: PLC0414  whoever words an own alarm names its path

if TYPE_CHECKING:
    from collections.abc import Callable

    from tocsin.alarms import Episode


def own_data(key: str, **values: str | int) -> dict[str, Any]:
    """Return what an own alarm carries so that it can be said: the phrase `own-KEY` with these values."""
    return {"own": {"key": key, "values": values}}


def said_of(phrase: Callable[[str, dict[str, Any]], str], episode: Episode) -> str:
    """Return an own alarm in words, "" for any other and for one that says nothing of itself.

    An alarm from outside may have such a path and any data: what cannot be said is left to its label.
    """
    own = episode.data.get("own") if episode.path.startswith(OWN) and episode.data else None
    if not isinstance(own, dict):
        return ""
    key, values = own.get("key"), own.get("values")
    if not isinstance(key, str) or not isinstance(values, dict):
        return ""
    try:
        return phrase(f"own-{key}", values)
    except (TypeError, ValueError, KeyError):
        return ""
