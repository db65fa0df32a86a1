"""Alarms: their rules, their episodes and acknowledgements, and who was told of them.

An alarm is a rule and its identity; an episode is one activation of it. The configuration section stands
in `tocsin.alarms.sections`, its cross checks in `tocsin.alarms.crosscheck`.
"""

from tocsin.alarms.board import Board
from tocsin.alarms.changing import Raced
from tocsin.alarms.episode import (
    PRIORITIES,
    Accepted,
    Acknowledged,
    AlarmChanged,
    AlarmEvent,
    Episode,
    Priority,
    PutAside,
    Scalar,
    Shelved,
    Telling,
    TimePassed,
)
from tocsin.alarms.naming import plain
from tocsin.alarms.notices import NewNotice, Notice, notices_of
from tocsin.alarms.store import LISTINGS, Listing

__all__ = [
    "LISTINGS",
    "PRIORITIES",
    "Accepted",
    "Acknowledged",
    "AlarmChanged",
    "AlarmEvent",
    "Board",
    "Episode",
    "Listing",
    "NewNotice",
    "Notice",
    "Priority",
    "PutAside",
    "Raced",
    "Scalar",
    "Shelved",
    "Telling",
    "TimePassed",
    "notices_of",
    "plain",
]
