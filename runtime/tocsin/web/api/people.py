"""The operations about people: who is on call, and how many calls and texts each had."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from tocsin.alarms import plain
from tocsin.calls.statistics import user_counts
from tocsin.telephony.numbers import masked
from tocsin.web.api import models
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from tocsin.people import Directory, Roster, User

_MILLIS: Final = re.compile(r"[0-9]{1,14}", re.ASCII)
_DATED: Final = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*", re.ASCII)
_LATEST_MS: Final = 253_402_300_799_000  # the end of the year 9999, where the calendar ends
_LONGEST_PATH: Final = 512
_DAY: Final = r"(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_TIME: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])?"
_INSTANT: Final = rf"^([0-9]{{1,14}}|(19[89][0-9]|2[0-9]{{3}})-({_DAY})T{_TIME})$"
"""What the document promises to understand; a little more is understood."""


# --- who is on call ------------------------------------------------------------------------------------


async def on_call(asked: Asked) -> Reply:
    """Show who is on call per roster, now or at an instant."""
    directory = asked.services.directory()
    timezone = asked.services.timezone()
    at_ms = _instant(asked.query["at"], timezone) if "at" in asked.query else asked.services.clock.now_ms()
    alarm = plain(asked.query.get("alarm", "")) or None
    if alarm is not None and len(alarm) > _LONGEST_PATH:
        raise Refused("invalid", f"alarm={alarm[:40]!r}… is no path of an alarm; it is too long")
    rosters = [_roster(directory, roster, at_ms, alarm) for roster in directory.rosters.values()]
    return Reply(200, models.OnCall(at_ms=at_ms, timezone=timezone, alarm=alarm, rosters=rosters))


def _instant(text: str, timezone: str) -> int:
    """Read `2026-03-29T02:30`, with an offset or on the plant's wall clock, or milliseconds since 1970."""
    at_ms = int(text) if _MILLIS.fullmatch(text) else _dated(text, timezone)
    if not 0 <= at_ms <= _LATEST_MS:
        raise Refused(
            "invalid",
            f"at={plain(text)[:40]!r} is no instant; write it like 2026-03-29T02:30, 2026-03-29T00:30Z"
            " or in milliseconds since 1970",
        )
    return at_ms


def _dated(text: str, timezone: str) -> int:
    if not _DATED.fullmatch(text):
        return -1
    try:
        # A plus sign that was not percent-encoded arrives as a blank.
        found = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if found.tzinfo is None:
            found = found.replace(tzinfo=ZoneInfo(timezone))
        return int((found - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * 1000)
    except (ValueError, OverflowError):
        return -1


def _roster(directory: Directory, roster: Roster, at_ms: int, alarm: str | None) -> models.OnCallRoster:
    shift = directory.shift(roster.name, at_ms)
    people = [directory.users[one] for one in shift.people]
    return models.OnCallRoster(
        roster=roster.name,
        schedule=roster.schedule.name if roster.schedule else None,
        on=bool(people),
        why=shift.why,
        until_ms=shift.until_ms,
        people=[_person(user, told=alarm is None or directory.may(user, alarm)) for user in people],
    )


def _person(user: User, *, told: bool) -> models.OnCallPerson:
    return models.OnCallPerson(
        id=user.id,
        username=user.username,
        name=user.name,
        contacts=[
            models.ContactShown(
                type=one.type, value=masked(one.value) if one.value.startswith("+") else one.value
            )
            for one in user.contacts
        ],
        told=told,
    )


# --- statistics ------------------------------------------------------------------------------------------


async def statistics(asked: Asked) -> Reply:
    """Show the counters of one user, by id or by username."""
    user = user_of(asked.services.directory(), asked.parts["user"])
    found = await asked.services.db.read(lambda connection: user_counts(connection, user))
    return Reply(
        200,
        models.UserStatistics(
            id=user.id,
            username=user.username,
            phone_number=found.phone_number,
            **asdict(found.counts),
        ),
    )


def user_of(directory: Directory, word: str) -> User:
    """Give the user with this id or username. Raises Refused."""
    user = directory.users.get(word)
    if user is None and word.isascii() and word.isdigit() and len(word) <= 18:
        user = directory.by_id(int(word))
    if user is None:
        raise Refused("not-found", f"there is no user {plain(word)[:80]!r}, neither as id nor as username")
    return user


OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/oncall", "read", "whoIsOnCall", "Show who is on call per roster, in calling order.",
        on_call, {200: (models.OnCall, "Every roster, with the people on call at that instant.")},
        query=(
            QueryParameter(
                "at",
                "An instant: 2026-03-29T02:30 on the plant's wall clock, with an offset, or milliseconds"
                " since 1970. Now where absent.",
                {"type": "string", "pattern": _INSTANT, "examples": ["2026-03-29T02:30"]},
            ),
            QueryParameter(
                "alarm", "The path of an alarm, to see who would be told of it.",
                {"type": "string", "maxLength": _LONGEST_PATH, "examples": ["Plant/Pump 2/High level"]},
            ),
        ),
        gives={
            "at_ms": 1774744200000, "timezone": "Europe/Stockholm", "alarm": "Plant/Pump 2/High level",
            "rosters": [
                {
                    "roster": "operations", "schedule": None, "on": True, "why": "", "until_ms": None,
                    "people": [
                        {
                            "id": 1, "username": "maria", "name": "Maria Lind", "told": True,
                            "contacts": [{"type": "phone", "value": "+4670…67"}],
                        }
                    ],
                },
                {
                    "roster": "maintenance", "schedule": "days", "on": False,
                    "why": "roster maintenance is off by its schedule days", "until_ms": 1774843200000,
                    "people": [],
                },
            ],
        },
    ),
    Operation(
        "GET", "/api/v1/users/{user}/statistics", "read", "showStatistics",
        "Show one user's counters of calls, texts and billed minutes.",
        statistics, {200: (models.UserStatistics, "The counters; `{user}` is an id or a username.")},
        gives={
            "id": 1, "username": "maria", "phone_number": "+46701234567", "messages_received": 3,
            "messages_sent": 12, "calls_received": 1, "calls_sent": 40, "call_minutes_received": 2,
            "call_minutes_sent": 51,
        },
    ),
)  # fmt: skip
