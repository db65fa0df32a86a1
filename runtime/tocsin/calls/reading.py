"""What scripts may read: alarms, tags, users and rosters. Each answer is plain data of a limited size.

Nothing here changes anything, and nothing here tells a PIN. Under the PIN rule "to-hear" an alarm is told
to nobody who has not identified, whichever way a script asks for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import store as alarm_store
from tocsin.calls import alarm_query, policy
from tocsin.calls.given import alarms_of
from tocsin.calls.step import Request, Step
from tocsin.calls.store import to_json
from tocsin.journal import entries
from tocsin.sandbox.host import HostRefused
from tocsin.tags import Dataset

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

    from tocsin.alarms import Episode
    from tocsin.calls.alarm_query import Conditions
    from tocsin.calls.services import Services
    from tocsin.journal import Entry
    from tocsin.people import Directory, User
    from tocsin.tags import Tag

MOST_ROWS: Final = 200
"""Rows of one answer. A script that gets more than it can say should ask for less."""

MOST_BYTES: Final = 128 * 1024
"""An answer as JSON: it is sent to the worker, and kept with the turn for a replay."""

MOST_ENTRIES: Final = 5000
"""Entries of the journal that one query looks through."""

_LATEST_MS: Final = 4_102_444_800_000  # 2100-01-01
_EVENTS: Final = {"alarm.active": "Active", "alarm.cleared": "Clear", "alarm.acknowledged": "Ack"}


def _nothing(args: list[Any]) -> None:
    if args:
        raise HostRefused("this takes no arguments")


def _limited(found: list[Any], what: str) -> list[Any]:
    """Return what was found; HostRefused where it is more than a script is given."""
    if len(found) > MOST_ROWS:
        raise HostRefused(
            f"{what} found {len(found)}, and a script is given up to {MOST_ROWS}; ask for fewer, for example "
            'with path="Plant/Pump 2/*" or priority=["Critical"]'
        )
    if len(to_json(found)) > MOST_BYTES:
        raise HostRefused(f"{what} found more than {MOST_BYTES // 1024} KiB; ask for fewer")
    return found


# --- alarms ----------------------------------------------------------------------------------------------


def _read_query(args: list[Any]) -> Conditions:
    (raw,) = args
    return alarm_query.conditions_of(raw)


def _read_journal(args: list[Any]) -> tuple[int | None, int | None, Conditions]:
    start, end, raw = args
    return _moment(start), _moment(end), alarm_query.conditions_of(raw)


def _moment(at_ms: Any) -> int | None:
    if at_ms is None:
        return None
    if type(at_ms) not in (int, float) or not 0 <= at_ms <= _LATEST_MS:
        raise HostRefused(f"a date is a datetime, or milliseconds since 1970, not {at_ms!r:.60}")
    return int(at_ms)


def _check_cost(conditions: Conditions, alarms: int) -> None:
    if not alarm_query.affordable(conditions, alarms):
        raise HostRefused(f"these are too many patterns to hold {alarms} alarms against; ask with fewer")


def _audible(step: Step, episodes: Iterable[Episode]) -> list[Episode]:
    return policy.audible(episodes, step.line.pin, identified=step.call.identified is not None)


async def _query_status(step: Step, conditions: Conditions) -> list[dict[str, Any]]:
    board = step.services.board
    found: dict[str, Episode] = {one.id: one for one in board.open()}
    if conditions.includeShelved:
        shelved = await board.listing("shelved", limit=MOST_ROWS + 1)
        found |= {one.id: one for one in shelved if one.is_open}
    if "ClearAcked" in conditions.state:
        closed = await board.listing("cleared", limit=MOST_ROWS)
        found |= {one.id: one for one in closed if one.acked}
    _check_cost(conditions, len(found))
    fitting = [one for one in _audible(step, found.values()) if alarm_query.fits(conditions, one)]
    fitting.sort(key=lambda one: one.rank())
    _limited([one.id for one in fitting], "queryStatus")  # before a flood of them is made into data
    return _limited(_facts(step.services, fitting), "queryStatus")


async def _query_journal(
    step: Step, arguments: tuple[int | None, int | None, Conditions]
) -> list[dict[str, Any]]:
    start_ms, end_ms, conditions = arguments
    services = step.services
    since_ms = _midnight(services) if start_ms is None else start_ms
    until_ms = services.clock.now_ms() if end_ms is None else end_ms

    def work(conn: Connection) -> list[tuple[Entry, Episode]]:
        lines = entries(conn, kind="alarm.*", since_ms=since_ms, until_ms=until_ms, limit=MOST_ENTRIES + 1)
        if len(lines) > MOST_ENTRIES:
            raise HostRefused(
                f"the journal has more than {MOST_ENTRIES} entries in that time; ask for a shorter one"
            )
        told = [line for line in lines if line.kind in _EVENTS]
        known = alarm_store.by_ids(conn, {line.subject for line in told})
        return [(line, known[line.subject]) for line in told if line.subject in known]

    found = await services.db.read(work)
    _check_cost(conditions, len(found))
    may_hear = {one.id for one in _audible(step, (episode for _, episode in found))}
    fitting = [(line, one) for line, one in found if one.id in may_hear and alarm_query.fits(conditions, one)]
    facts = _facts(services, [one for _, one in fitting])
    for (line, _), told in zip(fitting, facts, strict=True):
        told |= {"event": _EVENTS[line.kind], "eventAt": services.local(line.at_ms)}
    return _limited(facts, "queryJournal")


def _midnight(services: Services) -> int:
    now = datetime.fromtimestamp(services.clock.now_ms() / 1000, services.timezone)
    return int(now.replace(hour=0, minute=0, second=0, microsecond=0).timestamp() * 1000)


def _facts(services: Services, episodes: list[Episode]) -> list[dict[str, Any]]:
    """Return episodes as scripts see alarms, and what Ignition's alarm events tell beside."""
    now_ms = services.clock.now_ms()
    return [
        facts
        | {
            "event": event,
            "eventAt": services.local(at_ms),
            "clearedAt": services.local(one.cleared_ms),
            "acked": _acked(services, one),
            "shelved": one.shelved(now_ms),
        }
        for one, facts in zip(episodes, alarms_of(services, episodes), strict=True)
        for at_ms, event in [_last_event(one)]
    ]


def _acked(services: Services, one: Episode) -> dict[str, Any] | None:
    if one.acked_ms is None:
        return None
    return {"at": services.local(one.acked_ms), "by": one.acked_by or "", "ackNotes": one.note}


def _last_event(one: Episode) -> tuple[int, str]:
    happened = [(one.active_ms, "Active"), (one.cleared_ms, "Clear"), (one.acked_ms, "Ack")]
    return max((at_ms, event) for at_ms, event in happened if at_ms is not None)


async def _shelved_paths(step: Step, _: None) -> list[dict[str, Any]]:
    services = step.services
    shelved = _audible(step, await services.board.listing("shelved", limit=MOST_ROWS + 1))
    found = [
        {"path": one.path, "by": one.shelved_by or "", "until": services.local(one.shelved_until_ms)}
        for one in shelved
    ]
    return _limited(found, "getShelvedPaths")


async def _pipelines(step: Step, _: None) -> list[str]:
    return sorted(step.services.pipelines)


# --- tags ------------------------------------------------------------------------------------------------


def _read_paths(args: list[Any]) -> list[str]:
    (paths,) = args
    if type(paths) is not list or len(paths) > MOST_ROWS:
        raise HostRefused(f"readBlocking takes a list of up to {MOST_ROWS} tag paths")
    return [_path(one) for one in paths]


def _path(path: Any) -> str:
    if type(path) is not str or len(path) > alarm_query.LONGEST:
        raise HostRefused(f"a tag path is a text of up to {alarm_query.LONGEST} characters")
    return path


def _read_path(args: list[Any]) -> str:
    (path,) = args
    return _path(path)


def _read_browse(args: list[Any]) -> tuple[str, dict[str, str]]:
    path, wanted = args
    wanted = wanted or {}
    known = {"name", "tagType", "dataType"}
    if type(wanted) is not dict or not wanted.keys() <= known:
        raise HostRefused('browse filters by name, tagType and dataType, such as {"name": "Calls*"}')
    return _path(path), {name: _path(value) for name, value in wanted.items()}


async def _read_tags(step: Step, paths: list[str]) -> list[dict[str, Any]]:
    services = step.services
    if services.tags is None:
        raise HostRefused("this gateway has no tags")
    found = await services.tags.read(paths)
    # A path asked for again is the same tag: its value is made once, and weighed as often as it is sent.
    values = {id(tag): _value(services, tag) for tag in found}
    sizes = {place: len(to_json(value)) for place, value in values.items()}
    if sum(sizes[id(tag)] for tag in found) > MOST_BYTES:
        raise HostRefused(f"readBlocking found more than {MOST_BYTES // 1024} KiB; ask for fewer")
    return [values[id(tag)] for tag in found]


def _value(services: Services, tag: Tag) -> dict[str, Any]:
    facts: dict[str, Any] = {"quality": tag.quality, "at": services.local(tag.at_ms), "value": None}
    return facts | (
        {"dataset": tag.value.as_data()} if isinstance(tag.value, Dataset) else {"value": tag.value}
    )


async def _tag_exists(step: Step, path: str) -> bool:
    return step.services.tags is not None and step.services.tags.exists(path)


async def _browse(step: Step, arguments: tuple[str, dict[str, str]]) -> list[dict[str, Any]]:
    path, wanted = arguments
    nodes = step.services.tags.browse(path) if step.services.tags is not None else []
    found = [
        {
            "fullPath": node.path,
            "name": node.name,
            "tagType": node.kind,
            "dataType": node.data_type,
            "hasChildren": node.kind == "Folder",
        }
        for node in nodes
    ]
    return _limited(
        [
            one
            for one in found
            if all(alarm_query.like(pattern, str(one[name] or "")) for name, pattern in wanted.items())
        ],
        "browse",
    )


# --- users and rosters -----------------------------------------------------------------------------------


def _read_username(args: list[Any]) -> str:
    (username,) = args
    if type(username) is not str:
        raise HostRefused("getUser takes the name of the user source and a username")
    return username


def _read_moment(args: list[Any]) -> int | None:
    (at_ms,) = args
    return _moment(at_ms)


def _read_scheduled(args: list[Any]) -> tuple[str, int | None]:
    username, at_ms = args
    if type(username) is not str:
        raise HostRefused("isUserScheduled takes a user, as system.user.getUser returns it")
    return username, _moment(at_ms)


def _read_roster(args: list[Any]) -> str:
    (name,) = args
    if type(name) is not str:
        raise HostRefused("getRoster takes the name of a roster")
    return name


def _user(directory: Directory, user: User) -> dict[str, Any]:
    first, _, last = user.name.partition(" ")
    schedules = [
        roster.schedule.name if roster.schedule is not None else "Always"
        for roster in directory.rosters.values()
        if user.username in roster.usernames
    ]
    return {
        "id": user.id,
        "properties": {
            "username": user.username,
            "firstname": first,
            "lastname": last,
            "language": user.language or "",
            "schedule": ", ".join(dict.fromkeys(schedules)),
        },
        "roles": list(user.roles),
        "contacts": [{"type": one.type, "value": one.value} for one in user.contacts],
    }


def scheduled(services: Services, at_ms: int | None) -> list[User]:
    """Return who is on call at a moment by any roster, by id."""
    moment, directory = services.clock.now_ms() if at_ms is None else at_ms, services.directory
    found = {
        directory.users[one].id: directory.users[one]
        for name in directory.rosters
        for one in directory.on_call(name, moment).people
    }
    return [found[one] for one in sorted(found)]


async def _get_user(step: Step, username: str) -> dict[str, Any] | None:
    directory = step.services.directory
    user = directory.users.get(username)
    return None if user is None else _user(directory, user)


async def _get_users(step: Step, _: None) -> list[dict[str, Any]]:
    directory = step.services.directory
    everybody = sorted(directory.users.values(), key=lambda user: user.id)
    return _limited([_user(directory, one) for one in everybody], "getUsers")


async def _scheduled_users(step: Step, at_ms: int | None) -> list[dict[str, Any]]:
    directory = step.services.directory
    return _limited([_user(directory, one) for one in scheduled(step.services, at_ms)], "getScheduledUsers")


async def _is_scheduled(step: Step, arguments: tuple[str, int | None]) -> bool:
    username, at_ms = arguments
    return any(user.username == username for user in scheduled(step.services, at_ms))


async def _rosters(step: Step, _: None) -> dict[str, list[str]]:
    directory = step.services.directory
    return {
        name: [user.username for user in directory.members(roster)]
        for name, roster in directory.rosters.items()
    }


async def _roster(step: Step, name: str) -> dict[str, Any] | None:
    directory = step.services.directory
    roster = directory.roster(name)
    if roster is None:
        return None
    return {
        "name": roster.name,
        "schedule": roster.schedule.name if roster.schedule is not None else "",
        "users": _limited([_user(directory, one) for one in directory.members(roster)], "getRoster"),
    }


READING: dict[str, Request] = {
    "alarm.queryStatus": Request(_read_query, _query_status, lasting=False),
    "alarm.queryJournal": Request(_read_journal, _query_journal, lasting=False),
    "alarm.getShelvedPaths": Request(_nothing, _shelved_paths, lasting=False),
    "alarm.listPipelines": Request(_nothing, _pipelines, lasting=False),
    "tag.readBlocking": Request(_read_paths, _read_tags, lasting=False),
    "tag.exists": Request(_read_path, _tag_exists, lasting=False),
    "tag.browse": Request(_read_browse, _browse, lasting=False),
    "user.getUser": Request(_read_username, _get_user, lasting=False),
    "user.getUsers": Request(_nothing, _get_users, lasting=False),
    "user.getScheduledUsers": Request(_read_moment, _scheduled_users, lasting=False),
    "user.isUserScheduled": Request(_read_scheduled, _is_scheduled, lasting=False),
    "roster.getRosters": Request(_nothing, _rosters, lasting=False),
    "roster.getRoster": Request(_read_roster, _roster, lasting=False),
}
"""By the names under which the vocabulary asks."""
