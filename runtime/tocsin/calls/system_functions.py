"""`system` as call scripts find it: Ignition's reading functions, texts, and the script's log.

Loaded inside the locked worker, like `vocabulary`. Each function asks the gateway, which checks the
arguments, sets the limits and answers with plain data (`reading`, `requests`); here that becomes objects.
Functions that change something are not here: a call acts through `call`.
"""

# ruff: noqa: A002, ARG002, N802, N803  names as scripts know them from Ignition, needed here or not

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tocsin.calls.system_results import (
    ATTRIBUTES as RESULTS,
)
from tocsin.calls.system_results import (
    AlarmEvent,
    AlarmQueryResult,
    PyUser,
    QualifiedValue,
    Results,
    RosterModel,
    ShelvedPath,
    TwilioUser,
    public,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[[str, list[Any]], Any]
    Log = Callable[[str, str], None]


class AlarmFunctions:
    """`system.alarm`, the functions that read."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def queryStatus(
        self,
        priority: Any = None,
        state: Any = None,
        path: Any = None,
        source: Any = None,
        displaypath: Any = None,
        all_properties: Any = None,
        any_properties: Any = None,
        defined: Any = None,
        includeShelved: Any = False,
        provider: Any = None,
    ) -> AlarmQueryResult:
        """Return the alarms as they are now; each argument given leaves out what does not fit it."""
        wanted = _wanted(
            includeShelved,
            priority=priority,
            state=state,
            path=path,
            source=source,
            displaypath=displaypath,
            all_properties=all_properties,
            any_properties=any_properties,
            defined=defined,
        )
        return _events(self._ask("alarm.queryStatus", [wanted]))

    def queryJournal(
        self,
        startDate: Any = None,
        endDate: Any = None,
        journalName: Any = None,
        priority: Any = None,
        state: Any = None,
        path: Any = None,
        source: Any = None,
        displaypath: Any = None,
        all_properties: Any = None,
        any_properties: Any = None,
        defined: Any = None,
        includeData: Any = None,
        includeSystem: Any = None,
        includeShelved: Any = False,
        isSystem: Any = None,
        provider: Any = None,
    ) -> AlarmQueryResult:
        """Return alarms going active, clearing and being acknowledged between two moments, oldest first."""
        wanted = _wanted(
            includeShelved,
            priority=priority,
            state=state,
            path=path,
            source=source,
            displaypath=displaypath,
            all_properties=all_properties,
            any_properties=any_properties,
            defined=defined,
        )
        return _events(self._ask("alarm.queryJournal", [_at(startDate), _at(endDate), wanted]))

    def getShelvedPaths(self) -> list[ShelvedPath]:
        """Return the alarms that are shelved."""
        return [ShelvedPath(one) for one in self._ask("alarm.getShelvedPaths", [])]

    def listPipelines(self, projectName: Any = None) -> list[str]:
        """Return the names of the pipelines."""
        return list(self._ask("alarm.listPipelines", []))

    def getRosters(self) -> dict[str, list[str]]:
        """Return the usernames of every roster, in calling order."""
        return {name: list(users) for name, users in self._ask("roster.getRosters", []).items()}


class TagFunctions:
    """`system.tag`, the functions that read."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def readBlocking(self, tagPaths: Any, timeout: Any = 45000) -> list[QualifiedValue]:
        """Return the values of tags in this order; one that does not exist has the quality Bad_NotFound."""
        return [QualifiedValue(one) for one in self._ask("tag.readBlocking", [_several(tagPaths)])]

    def exists(self, tagPath: Any) -> bool:
        """Tell whether there is a tag or a folder at this path."""
        return bool(self._ask("tag.exists", [_plain(tagPath)]))

    def browse(self, path: Any = "", filter: Any = None) -> Results:
        """Return what lies directly below a folder; `filter` is a dict with name, tagType or dataType."""
        wanted = {_plain(name): _plain(one) for name, one in (filter or {}).items()}
        return Results(self._ask("tag.browse", [_plain(path), wanted]))


class UserFunctions:
    """`system.user`, the functions that read. There is one user source, so its name may be any."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def getUser(self, userSource: Any, username: Any) -> PyUser | None:
        """Return a user, or None."""
        facts = self._ask("user.getUser", [_plain(username)])
        return PyUser(facts) if facts else None

    def getUsers(self, userSource: Any = "") -> list[PyUser]:
        """Return all users, by id."""
        return [PyUser(one) for one in self._ask("user.getUsers", [])]

    def getScheduledUsers(self, userSource: Any = "", date: Any = None) -> list[PyUser]:
        """Return who is on call now, or at a moment, by the rosters' schedules."""
        return [PyUser(one) for one in self._ask("user.getScheduledUsers", [_at(date)])]

    def isUserScheduled(self, user: Any, date: Any = None) -> bool:
        """Tell whether a user (as getUser gave it, or a username) is on call now, or at a moment."""
        username = user.get("username") if type(user) is PyUser else user
        return bool(self._ask("user.isUserScheduled", [_plain(username), _at(date)]))


class RosterFunctions:
    """`system.roster`, the functions that read."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def getRosters(self) -> dict[str, list[str]]:
        """Return the usernames of every roster, in calling order."""
        return {name: list(users) for name, users in self._ask("roster.getRosters", []).items()}

    def getRoster(self, rosterName: Any) -> RosterModel | None:
        """Return a roster, or None."""
        facts = self._ask("roster.getRoster", [_plain(rosterName)])
        return RosterModel(facts) if facts else None

    def getRosterNames(self) -> list[str]:
        """Return the names of all rosters."""
        return list(self._ask("roster.getRosters", []))


class Twilio:
    """`system.twilio`."""

    __slots__ = ("_ask",)

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def sendMessage(self, number: str, message: str) -> bool:
        """Send an SMS; True only if Twilio took it in time."""
        return bool(self._ask("twilio.sendMessage", [str(number), str(message)])["sent"])

    def getUser(self, id: int) -> TwilioUser | None:
        """Return the user with this id, or None."""
        facts = self._ask("twilio.getUser", [id])
        return TwilioUser(facts) if facts else None


class Logger:
    """A logger whose lines are shown with the call."""

    __slots__ = ("_log", "_name")

    def __init__(self, name: str, log: Log) -> None:
        self._name = name
        self._log = log

    def _say(self, level: str, message: object) -> None:
        from tocsin.sandbox.formatting import text  # every worker holds it; the server need not

        self._log(level, f"{text(self._name)}: {text(message)}")

    def trace(self, message: object) -> None:
        """Log at trace level."""
        self._say("trace", message)

    def debug(self, message: object) -> None:
        """Log at debug level."""
        self._say("debug", message)

    def info(self, message: object) -> None:
        """Log at info level."""
        self._say("info", message)

    def warn(self, message: object) -> None:
        """Log at warn level."""
        self._say("warning", message)

    def error(self, message: object) -> None:
        """Log at error level."""
        self._say("error", message)


class Util:
    """`system.util`."""

    __slots__ = ("_log",)

    def __init__(self, log: Log) -> None:
        self._log = log

    def getLogger(self, name: str) -> Logger:
        """Return a logger whose lines are shown with the call."""
        return Logger(name, self._log)


class System:
    """`system`, the functions Ignition users know."""

    __slots__ = ("alarm", "roster", "tag", "twilio", "user", "util")

    def __init__(self, ask: Ask, log: Log) -> None:
        self.alarm = AlarmFunctions(ask)
        self.roster = RosterFunctions(ask)
        self.tag = TagFunctions(ask)
        self.twilio = Twilio(ask)
        self.user = UserFunctions(ask)
        self.util = Util(log)


NAMESPACES: tuple[type, ...] = (AlarmFunctions, RosterFunctions, TagFunctions, Twilio, UserFunctions, Util)
ATTRIBUTES: dict[type, frozenset[str]] = {
    **{cls: public(cls) for cls in (*NAMESPACES, Logger, System)},
    **RESULTS,
}
"""Readable attributes by exact type, of the functions and of what they return."""


def _wanted(shelved: Any, **conditions: Any) -> dict[str, Any]:
    """Return the conditions of a query as plain data; whether they can be is for the gateway to say."""
    given = {name: _several(values) for name, values in conditions.items() if values is not None}
    return {**given, "includeShelved": bool(shelved)}


def _several(values: Any) -> list[Any]:
    return [_plain(one) for one in values] if type(values) in (list, tuple) else [_plain(values)]


def _plain(value: Any, depth: int = 0) -> Any:
    """Return a value that can be asked about; TypeError for a function, an object, too deep a list."""
    if type(value) in (str, int, float, bool) or value is None:
        return value
    if type(value) not in (list, tuple) or depth > 1:
        from tocsin.sandbox.problems import kind  # every worker holds it; the server need not

        raise TypeError(f"system functions are asked with texts and numbers, not with {kind(value)}")
    return [_plain(one, depth + 1) for one in value]


def _at(date: Any) -> Any:
    """Return a moment in milliseconds since 1970; a datetime without a zone is in the gateway's."""
    if type(date) is datetime:
        return int(date.timestamp() * 1000)
    if type(date) is float and not math.isfinite(date):
        raise ValueError(f"a date is a datetime, or milliseconds since 1970, not {date}")
    return _plain(date)


def _events(found: list[dict[str, Any]]) -> AlarmQueryResult:
    return AlarmQueryResult([AlarmEvent(one) for one in found])
