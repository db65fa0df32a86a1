"""What a script run by hand may touch: `system` with the functions that write, its parameters, its user.

Loaded inside a locked worker of the sandbox for such runs, which no call script ever enters. Like
`vocabulary` it holds plain data and asks the gateway for anything with an effect. Names and arguments are
Ignition's.
"""

# ruff: noqa: N802, N803  names as scripts know them from Ignition

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tocsin.calls import system_functions
from tocsin.calls.system_functions import AlarmFunctions, RosterFunctions, System
from tocsin.calls.system_results import AlarmEvent, AlarmQueryResult, PyUser, public
from tocsin.calls.vocabulary import Person
from tocsin.sandbox.library import dates

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Ask = Callable[[str, list[Any]], Any]
    Log = Callable[[str, str], None]


class ManualAlarmFunctions(AlarmFunctions):
    """`system.alarm`, whole."""

    __slots__ = ()

    def acknowledge(self, alarmIds: Any, notes: Any = None, username: Any = None) -> None:
        """Acknowledge alarms by their ids, in the name of the user the script runs as."""
        self._ask("alarm.acknowledge", [_ids(alarmIds), notes, username])

    def shelve(self, path: Any, timeoutSeconds: Any = None, timeoutMinutes: Any = 15) -> None:
        """Shelve the open alarms at these paths; `*` stands for any text, seconds go before minutes."""
        minutes = timeoutMinutes if timeoutSeconds is None else timeoutSeconds / 60
        self._ask("alarm.shelve", [_several(path), minutes])

    def unshelve(self, path: Any) -> None:
        """End the shelving of the alarms at these paths."""
        self._ask("alarm.unshelve", [_several(path)])

    def cancel(self, alarmIds: Any) -> None:
        """End the pipelines of alarms: nobody more is told; the alarms stay as they are."""
        self._ask("alarm.cancel", [_ids(alarmIds)])

    def createRoster(self, name: Any, description: Any = "") -> None:
        """Make a roster without users in the project's files, unless there is one of that name."""
        self._ask("roster.createRoster", [name, description])


class ManualRosterFunctions(RosterFunctions):
    """`system.roster`, whole. Rosters stand in the project's files, and the files are changed."""

    __slots__ = ()

    def createRoster(self, rosterName: Any, description: Any = "") -> None:
        """Make a roster without users, unless there is one of that name."""
        self._ask("roster.createRoster", [rosterName, description])

    def deleteRoster(self, rosterName: Any) -> None:
        """Remove a roster."""
        self._ask("roster.deleteRoster", [rosterName])

    def addUsers(self, rosterName: Any, users: Any) -> None:
        """Append users (as getUser gave them, or usernames) to a roster, those that are not in it."""
        self._ask("roster.addUsers", [rosterName, _usernames(users)])

    def removeUsers(self, rosterName: Any, users: Any) -> None:
        """Take users out of a roster, those that are in it."""
        self._ask("roster.removeUsers", [rosterName, _usernames(users)])


class ManualSystem(System):
    """`system` for scripts run by hand."""

    __slots__ = ()

    def __init__(self, ask: Ask, log: Log) -> None:
        super().__init__(ask, log)
        self.alarm = ManualAlarmFunctions(ask)
        self.roster = ManualRosterFunctions(ask)


def _several(values: Any) -> list[Any]:
    return list(values) if type(values) in (list, tuple) else [values]


def _ids(alarms: Any) -> list[Any]:
    """Return the ids of alarms, given as such or as `queryStatus` found them."""
    found = list(alarms) if type(alarms) is AlarmQueryResult else _several(alarms)
    return [one.getId() if type(one) is AlarmEvent else one for one in found]


def _usernames(users: Any) -> list[Any]:
    return [one.get("username") if type(one) is PyUser else one for one in _several(users)]


ATTRIBUTES: dict[type, frozenset[str]] = {
    **{cls: public(cls) for cls in (ManualAlarmFunctions, ManualRosterFunctions, ManualSystem, Person)},
    MappingProxyType: frozenset({"get", "items", "keys", "values"}),
    **system_functions.ATTRIBUTES,
}
"""Readable attributes by exact type; the sandbox adds them to its own table."""

WRITABLE: frozenset[type] = frozenset()
"""No object of ours takes item assignment beyond what plain dicts and lists allow anyway."""


class Turn:
    """The one run of one script: `system`, `params` and `user`."""

    __slots__ = ("_base",)

    def __init__(self, given: Mapping[str, Any], ask: Ask, log: Log) -> None:
        self._base = {
            "system": ManualSystem(ask, log),
            "params": MappingProxyType(dict(given["params"])),
            "user": Person(given["user"]),
        }

    def globals(self, name: str) -> dict[str, Any]:  # noqa: ARG002  the sandbox's signature
        """Return fresh globals."""
        return dict(self._base)

    def after(self, names: Mapping[str, Any]) -> None:
        """Leave what the script left: it has no response."""

    def blank(self) -> bool:
        """Tell that nothing is to be done in its place."""
        return False

    def finish(self) -> dict[str, Any]:
        """Return nothing: what it did is done."""
        return {}


def open_turn(given: dict[str, Any], ask: Ask, log: Log) -> Turn:
    """Begin the run from plain data: `now`, `params` and `user`."""
    dates.set_present(given.get("now"))
    return Turn(given, ask, log)
