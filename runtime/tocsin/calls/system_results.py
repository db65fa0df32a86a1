"""What the `system.*` functions of scripts return: read-only objects with the getters Ignition users know.

Loaded inside the locked worker, like `vocabulary`: plain Python over plain data, no import of the product
but the dataset.
"""

# ruff: noqa: A002, N802  names as scripts know them from Ignition

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tocsin.tags.dataset import READABLE as DATASET_GETTERS
from tocsin.tags.dataset import Dataset, Row

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


def moment(at: list[int] | None) -> datetime | None:
    """Turn [ms since 1970, seconds east of UTC] into a datetime in the gateway's time zone."""
    if at is None:
        return None
    return datetime.fromtimestamp(at[0] / 1000, timezone(timedelta(seconds=at[1])))


def frozen(value: Any) -> Any:
    """Return plain data that no script can change for the next one."""
    if type(value) is dict:
        return MappingProxyType({name: frozen(one) for name, one in value.items()})
    if type(value) is list:
        return tuple([frozen(one) for one in value])
    return value


class TwilioUser:
    """A user's message and call counters, as `system.twilio.getUser` gives them."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    def getUsername(self) -> str:
        """Return the username."""
        return str(self._facts["username"])

    def getPhoneNumber(self) -> str:
        """Return the first phone number, or an empty text."""
        return str(self._facts["phoneNumber"])

    def getMessagesReceived(self) -> int:
        """Return how many messages came from this user."""
        return int(self._facts["messagesReceived"])

    def getMessagesSent(self) -> int:
        """Return how many messages went to this user."""
        return int(self._facts["messagesSent"])

    def getCallsReceived(self) -> int:
        """Return how many calls came from this user."""
        return int(self._facts["callsReceived"])

    def getCallsSent(self) -> int:
        """Return how many calls went to this user."""
        return int(self._facts["callsSent"])

    def getCallMinutesReceived(self) -> int:
        """Return the billed minutes of calls from this user."""
        return int(self._facts["callMinutesReceived"])

    def getCallMinutesSent(self) -> int:
        """Return the billed minutes of calls to this user."""
        return int(self._facts["callMinutesSent"])

    def __repr__(self) -> str:
        return f"<Twilio user {self.getUsername()}>"


class EventData:
    """What is known of one change of an alarm: when it was, and who or what made it."""

    __slots__ = ("_at", "_facts")

    def __init__(self, at: list[int], facts: Mapping[str, Any]) -> None:
        self._at = at
        self._facts = facts

    def getTimestamp(self) -> int:
        """Return when it was, in milliseconds since 1970 UTC."""
        return self._at[0]

    def get(self, property: str) -> Any:
        """Return eventTime, eventValue, ackUser or ackNotes, where this change has it; else None."""
        return moment(self._at) if property == "eventTime" else self._facts.get(property)

    def __repr__(self) -> str:
        return f"<at {moment(self._at)}>"


class AlarmEvent:
    """One alarm as `queryStatus` finds it, or one of its changes as `queryJournal` does."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    def getId(self) -> str:
        """Return the episode's id, the same in every change of it."""
        return str(self._facts["id"])

    def getName(self) -> str:
        """Return the alarm's name."""
        return str(self._facts["name"])

    def getSource(self) -> str:
        """Return the alarm's path."""
        return str(self._facts["path"])

    def getDisplayPath(self) -> str:
        """Return the path as people know it, or an empty text."""
        return str(self._facts["displayPath"])

    def getDisplayPathOrSource(self) -> str:
        """Return the path as people know it, else the path."""
        return self.getDisplayPath() or self.getSource()

    def getLabel(self) -> str:
        """Return what is said and shown of it."""
        return str(self._facts["label"])

    def getNotes(self) -> str:
        """Return what to do about it."""
        return str(self._facts["notes"])

    def getPriority(self) -> str:
        """Return Diagnostic, Low, Medium, High or Critical."""
        return str(self._facts["priority"])

    def getState(self) -> str:
        """Return such as "Active, Unacknowledged": as it is now, also for a change long ago."""
        return str(self._facts["state"])

    def getLastEventState(self) -> str:
        """Return the kind of change: Active, Clear or Ack."""
        return str(self._facts["event"])

    def isAcked(self) -> bool:
        """Tell whether it is acknowledged."""
        return self._facts["acked"] is not None

    def isCleared(self) -> bool:
        """Tell whether the condition has ended."""
        return self._facts["clearedAt"] is not None

    def isShelved(self) -> bool:
        """Tell whether an operator has put it aside for now."""
        return bool(self._facts["shelved"])

    def getActiveData(self) -> EventData:
        """Return when it went active, and its value as it is known now (`eventValue`)."""
        return EventData(self._facts["activeAt"], {"eventValue": self._facts["value"]})

    def getClearedData(self) -> EventData | None:
        """Return when it cleared, or None."""
        at = self._facts["clearedAt"]
        return None if at is None else EventData(at, {})

    def getAckData(self) -> EventData | None:
        """Return when it was acknowledged, by whom (`ackUser`) and with what words (`ackNotes`), or None."""
        acked = self._facts["acked"]
        if acked is None:
            return None
        return EventData(acked["at"], {"ackUser": acked["by"], "ackNotes": acked["ackNotes"]})

    def get(self, property: str) -> Any:
        """Return a property such as "label", or one of the alarm's associated data; None if it has none."""
        own = {"eventTime": moment(self._facts["eventAt"]), "ackUser": None, "ackNotes": None}
        acked = self._facts["acked"]
        if acked is not None:
            own |= {"ackUser": acked["by"], "ackNotes": acked["ackNotes"]}
        own |= {name: self._facts[name] for name in _PROPERTIES}
        return own[property] if property in own else frozen(self._facts["data"].get(property))

    def getOrDefault(self, property: str) -> Any:
        """Return a property, or an empty text where it has none."""
        found = self.get(property)
        return "" if found is None else found

    def __repr__(self) -> str:
        return f"<{self.getLastEventState()} {self.getSource()}>"


_PROPERTIES = ("name", "label", "notes", "priority", "displayPath", "path", "value", "state")
_COLUMNS = (
    ("EventId", "String"),
    ("Source", "String"),
    ("DisplayPath", "String"),
    ("EventTime", "DateTime"),
    ("State", "String"),
    ("Priority", "String"),
)


class AlarmQueryResult:
    """What a query found: gone through or counted like a list, or read as a dataset."""

    __slots__ = ("_events",)

    def __init__(self, events: Sequence[AlarmEvent]) -> None:
        self._events = tuple(events)

    def getDataset(self) -> Dataset:
        """Return the events as a dataset: EventId, Source, DisplayPath, EventTime, State, Priority."""
        rows = [
            (
                one.getId(),
                one.getSource(),
                one.getDisplayPath(),
                one.get("eventTime"),
                one.getState(),
                one.getPriority(),
            )
            for one in self._events
        ]
        return Dataset(_COLUMNS, rows)

    def __iter__(self) -> Iterator[AlarmEvent]:
        return iter(self._events)

    def __getitem__(self, place: Any) -> Any:
        return self._events[place]

    def __len__(self) -> int:
        return len(self._events)

    def __repr__(self) -> str:
        return repr(list(self._events))


class ShelvedPath:
    """An alarm that an operator has put aside."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    def getPath(self) -> str:
        """Return the alarm's path."""
        return str(self._facts["path"])

    def getUser(self) -> str:
        """Return who shelved it."""
        return str(self._facts["by"])

    def getExpiration(self) -> datetime | None:
        """Return when the shelving ends."""
        return moment(self._facts["until"])

    def isExpired(self) -> bool:
        """Return False: a shelving that has ended is not among them."""
        return False

    def __repr__(self) -> str:
        return f"<shelved {self.getPath()}>"


class Quality:
    """How far a value can be relied upon, by Ignition's names: "Good", "Bad_NotFound" and so on."""

    __slots__ = ("_name",)

    def __init__(self, name: str) -> None:
        self._name = name

    def getName(self) -> str:
        """Return the name."""
        return self._name

    def isGood(self) -> bool:
        """Tell whether the value can be relied upon."""
        return self._name == "Good"

    def isNotGood(self) -> bool:
        """Tell whether it cannot."""
        return not self.isGood()

    def isBad(self) -> bool:
        """Tell whether there is no value at all."""
        return self._name.startswith("Bad")

    def isUncertain(self) -> bool:
        """Tell whether the value may be old or out of range."""
        return self._name.startswith("Uncertain")

    def __repr__(self) -> str:
        return self._name


class QualifiedValue:
    """A tag as it was read: `value`, `quality`, `timestamp`, and the getters of the same names."""

    __slots__ = ("quality", "timestamp", "value")

    def __init__(self, facts: Mapping[str, Any]) -> None:
        dataset = facts.get("dataset")
        self.value: Any = frozen(facts["value"]) if dataset is None else Dataset.of_data(dataset)
        self.quality = Quality(facts["quality"])
        self.timestamp = moment(facts["at"])

    def getValue(self) -> Any:
        """Return the value; None where the quality is bad."""
        return self.value

    def getQuality(self) -> Quality:
        """Return how far it can be relied upon."""
        return self.quality

    def getTimestamp(self) -> datetime | None:
        """Return the moment of the value."""
        return self.timestamp

    def __repr__(self) -> str:
        return f"[{self.value}, {self.quality}, {self.timestamp}]"


class Results:
    """What lies below a folder of tags: a list of dicts, and how many they are."""

    __slots__ = ("_found",)

    def __init__(self, found: Sequence[Mapping[str, Any]]) -> None:
        self._found = found

    def getResults(self) -> list[dict[str, Any]]:
        """Return one dict per step: fullPath, name, tagType, dataType, hasChildren."""
        return [dict(one) for one in self._found]

    def getReturnedSize(self) -> int:
        """Return how many there are here."""
        return len(self._found)

    def getTotalAvailableSize(self) -> int:
        """Return how many there are at all: the same, as everything is returned."""
        return len(self._found)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return iter(self.getResults())

    def __len__(self) -> int:
        return len(self._found)


class ContactInfo:
    """One way to reach a user."""

    __slots__ = ("contactType", "value")

    def __init__(self, facts: Mapping[str, str]) -> None:
        self.contactType = facts["type"]
        self.value = facts["value"]

    def getContactType(self) -> str:
        """Return phone, sms, email and so on."""
        return self.contactType

    def getValue(self) -> str:
        """Return the number or the address."""
        return self.value

    def __repr__(self) -> str:
        return f"<{self.contactType} {self.value}>"


class PyUser:
    """A user: `user.get(user.Username)`, roles and contacts. Nothing tells a PIN."""

    __slots__ = ("_facts",)

    Username = "username"
    FirstName = "firstname"
    LastName = "lastname"
    Language = "language"
    Schedule = "schedule"

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    def getId(self) -> int:
        """Return the user's id, as `system.twilio.getUser` takes it."""
        return int(self._facts["id"])

    def get(self, property: str) -> Any:
        """Return username, firstname, lastname, language or schedule; None for any other."""
        return self._facts["properties"].get(property)

    def getOrDefault(self, property: str) -> Any:
        """Return a property, or an empty text where there is none."""
        return self.getOrElse(property, "")

    def getOrElse(self, property: str, alternative: Any) -> Any:
        """Return a property, or what is given in its place."""
        found = self.get(property)
        return alternative if found is None else found

    def getRoles(self) -> list[str]:
        """Return the names of the user's roles."""
        return list(self._facts["roles"])

    def getContactInfo(self) -> list[ContactInfo]:
        """Return the ways to reach the user, the first one first."""
        return [ContactInfo(one) for one in self._facts["contacts"]]

    def __repr__(self) -> str:
        return f"<user {self._facts['properties']['username']}>"


class RosterModel:
    """An on-call roster."""

    __slots__ = ("_facts",)

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self._facts = facts

    def getName(self) -> str:
        """Return the roster's name."""
        return str(self._facts["name"])

    def getDescription(self) -> str:
        """Return the name of the schedule that says when the roster is on call, or an empty text."""
        return str(self._facts["schedule"])

    def getUsers(self) -> list[PyUser]:
        """Return everybody on it, in calling order, on call now or not."""
        return [PyUser(one) for one in self._facts["users"]]

    def __repr__(self) -> str:
        return f"<roster {self.getName()}>"


CLASSES: tuple[type, ...] = (
    AlarmEvent,
    AlarmQueryResult,
    ContactInfo,
    EventData,
    PyUser,
    QualifiedValue,
    Quality,
    Results,
    RosterModel,
    ShelvedPath,
    TwilioUser,
)
"""Everything of this module that scripts may hold."""


def public(cls: type) -> frozenset[str]:
    """Return what scripts may read of a class's objects: all that does not begin with an underscore."""
    return frozenset(name for name in dir(cls) if not name.startswith("_"))


ATTRIBUTES: dict[type, frozenset[str]] = {
    **{cls: public(cls) for cls in CLASSES},
    Dataset: DATASET_GETTERS,
    Row: frozenset(),
}
"""Readable attributes by exact type, for the vocabulary."""
