"""The operations about people: who is on call, and how many calls and texts each had."""

from __future__ import annotations

import asyncio
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tocsin.alarms import plain
from tocsin.calls.statistics import user_counts
from tocsin.people import calendars
from tocsin.telephony.numbers import masked
from tocsin.web.api import models
from tocsin.web.api.instants import AT, LONGEST_PATH, instant
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from tocsin.people import Directory, Roster, User


_DAYS: Final = re.compile(r"[0-9]{1,4}", re.ASCII)


# --- who is on call ------------------------------------------------------------------------------------


async def on_call(asked: Asked) -> Reply:
    """Show who is on call per roster, now or at an instant."""
    directory = asked.services.directory()
    timezone = asked.services.timezone()
    at_ms = instant(asked.query["at"], timezone) if "at" in asked.query else asked.services.clock.now_ms()
    alarm = plain(asked.query.get("alarm", "")) or None
    if alarm is not None and len(alarm) > LONGEST_PATH:
        raise Refused("invalid", f"alarm={alarm[:40]!r}… is no path of an alarm; it is too long")
    return Reply(200, on_call_at(directory, at_ms, alarm))


def on_call_at(directory: Directory, at_ms: int, alarm: str | None) -> models.OnCall:
    """Describe who is on call per roster at an instant, and who would be told of an alarm."""
    rosters = [_roster(directory, roster, at_ms, alarm) for roster in directory.rosters.values()]
    return models.OnCall(at_ms=at_ms, timezone=directory.timezone, alarm=alarm, rosters=rosters)


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


async def roster_calendar(asked: Asked) -> Reply:
    """Show a roster's shifts as an iCalendar file: four weeks back and half a year ahead, or as asked."""
    directory, name = asked.services.directory(), asked.parts["roster"]
    if name not in directory.rosters:
        known = ", ".join(directory.rosters) or "none"
        raise Refused("not-found", f"there is no roster {plain(name)[:80]!r}; configured are: {known}")
    now_ms = asked.services.clock.now_ms()
    zone = asked.services.timezone()
    begin = asked.query.get("from")
    from_ms = calendars.usual_begin(now_ms) if begin is None else instant(begin, zone)
    days = asked.query.get("days", str(calendars.DAYS))
    if not (_DAYS.fullmatch(days) and 1 <= int(days) <= calendars.MOST_DAYS):
        raise Refused("invalid", f"days={days[:20]!r} must be a number from 1 to {calendars.MOST_DAYS}")
    to_ms = from_ms + int(days) * calendars.DAY_MS
    # Seconds for two years of short turns, while calls are to be answered; and only one at a time.
    async with asked.services.calendars:
        text = await asyncio.to_thread(calendars.calendar, directory, name, from_ms, to_ms, now_ms=now_ms)
    return Reply(
        200,
        text,
        {"content-disposition": f"inline; filename*=UTF-8''{quote(name, safe='')}.ics"},
        media="text/calendar; charset=utf-8",
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
            AT,
            QueryParameter(
                "alarm", "The path of an alarm, to see who would be told of it.",
                {"type": "string", "maxLength": LONGEST_PATH, "examples": ["Plant/Pump 2/High level"]},
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
        "GET", "/api/v1/rosters/{roster}/calendar.ics", "read", "rosterCalendar",
        "Show a roster's shifts as a calendar, an event for each person and shift.",
        roster_calendar, {200: (str, "An iCalendar file (RFC 5545), times in UTC.")},
        query=(
            replace(AT, name="from", description="The first instant. Four to five weeks ago where absent."),
            QueryParameter(
                "days",
                "How many days are shown.",
                {"type": "integer", "minimum": 1, "maximum": calendars.MOST_DAYS, "default": calendars.DAYS},
            ),
        ),
        gives="BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tocsin//on call//EN\r\nEND:VCALENDAR\r\n",
        media="text/calendar",
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
