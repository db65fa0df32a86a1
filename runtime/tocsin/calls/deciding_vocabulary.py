"""What a script that decides for a roster or a pipeline may touch: facts to read, and `result` to leave.

Loaded inside a locked worker of a sandbox of its own, which no call script ever enters. Like `vocabulary`
it holds plain data and asks the gateway for anything it looks up.
"""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tocsin.calls import system_functions
from tocsin.calls.system_functions import System
from tocsin.calls.system_results import moment, public
from tocsin.calls.vocabulary import Alarm
from tocsin.sandbox.library import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Ask = Callable[[str, list[Any]], Any]
    Log = Callable[[str, str], None]

RESULT_BYTES = 8 * 1024
"""What a script may leave, as JSON."""

ATTRIBUTES: dict[type, frozenset[str]] = {
    Alarm: public(Alarm),
    MappingProxyType: frozenset({"get", "items", "keys", "values"}),
    **system_functions.ATTRIBUTES,
}
"""Readable attributes by exact type; the sandbox adds them to its own table."""

WRITABLE: frozenset[type] = frozenset()
"""No object of ours takes item assignment beyond what plain dicts and lists allow anyway."""


class Turn:
    """The one run of one script."""

    __slots__ = ("_base", "_kept")

    def __init__(self, given: Mapping[str, Any], ask: Ask, log: Log) -> None:
        self._kept = "null"
        self._base = {
            "alarm": Alarm(given["alarm"]) if given["alarm"] else None,
            "now": moment(given["at"]),
            "properties": MappingProxyType(dict(given["properties"])),
            "result": None,
            "roster": given["roster"],
            "system": System(ask, log),
        }

    def globals(self, name: str) -> dict[str, Any]:  # noqa: ARG002  the sandbox's signature
        """Return fresh globals."""
        return dict(self._base)

    def after(self, names: Mapping[str, Any]) -> None:
        """Pick up what the script left in `result`; TypeError where it is nothing that can be kept."""
        try:
            self._kept = json.dumps(names.get("result"), allow_nan=False)
        except (TypeError, ValueError, RecursionError):
            raise TypeError(
                "result holds only texts, numbers, truth values, lists and dicts of them"
            ) from None
        if len(self._kept) > RESULT_BYTES:
            raise TypeError(f"result is {len(self._kept)} bytes as JSON; at most {RESULT_BYTES} are taken")

    def blank(self) -> bool:
        """Tell that nothing is to be done in its place."""
        return False

    def finish(self) -> dict[str, Any]:
        """Return what the script left, as JSON text."""
        return {"result": self._kept}


def open_turn(given: dict[str, Any], ask: Ask, log: Log) -> Turn:
    """Begin the run from plain data: `now`, `at`, `alarm`, `properties` and `roster`."""
    dates.set_present(given.get("now"))
    return Turn(given, ask, log)
