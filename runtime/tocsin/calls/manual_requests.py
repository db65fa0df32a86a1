"""What a script run by hand may ask the gateway for beyond reading: the writing functions of `system`.

Each acts in the name of the user the script runs as, within that user's areas, and stands in the journal.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from tocsin.alarms import store as alarm_store
from tocsin.calls import alarm_query
from tocsin.calls.on_request import CannotAsk
from tocsin.calls.texting import SCRIPT_PATIENCE_S
from tocsin.db import NotStored
from tocsin.errors import TocsinError
from tocsin.journal import record
from tocsin.people.editing import EditRefused
from tocsin.people.roster_editing import create_roster, delete_roster, restored_on_error, set_roster_users
from tocsin.sandbox.host import HostRefused
from tocsin.telephony.numbers import is_e164

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from tocsin.alarms import Episode
    from tocsin.calls.on_request import OnRequest
    from tocsin.calls.services import Services
    from tocsin.errors import Finding
    from tocsin.people import Roster, User

VIA: Final = "script"
MOST: Final = 1000
"""Alarms, paths or users in one request."""

LONGEST_TEXT: Final = 1600
LONGEST_NOTE: Final = 4000
_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,100}", re.ASCII)


class Runs(Protocol):
    """Ends pipelines; bound by the gateway."""

    async def waiting(self, episode_id: str) -> Sequence[Mapping[str, Any]]:
        """Give the running runs of an episode, each with its id as `run`."""

    async def cancel(self, run_id: str, by: str) -> bool:
        """End a run now."""


@dataclass(frozen=True, slots=True)
class Doing:
    """What one run acts on: the gateway's services of this moment, its user, and the project's files."""

    services: Callable[[], Services]
    on_request: OnRequest
    user: User
    folder: Path
    reload: Callable[[], Awaitable[Sequence[Finding]]]
    runs: Runs | None


# --- alarms ------------------------------------------------------------------------------------------------


def _texts(given: Any, what: str) -> list[str]:
    if (
        type(given) is not list
        or len(given) > MOST
        or not all(type(one) is str and len(one) <= alarm_query.LONGEST for one in given)
    ):
        raise HostRefused(f"{what} takes a list of up to {MOST} texts")
    return given


async def _episodes(doing: Doing, ids: list[str]) -> list[Episode]:
    """Give the episodes with these ids; HostRefused where one is unknown or outside the user's areas."""
    services = doing.services()
    found = await services.db.read(lambda conn: alarm_store.by_ids(conn, ids))
    for one in ids:
        if one not in found:
            raise HostRefused(f"there is no alarm with the id {one!r:.80}")
    _check_areas(doing, found.values())
    return list(found.values())


def _check_areas(doing: Doing, episodes: Any) -> None:
    directory = doing.services().directory
    for episode in episodes:
        if not directory.may(doing.user, episode.path):
            raise HostRefused(
                f"{doing.user.username} may not act on {episode.path}; it is in no area of theirs"
            )


async def _acknowledge(doing: Doing, args: list[Any]) -> None:
    ids, notes, username = args
    wanted = _texts(ids, "acknowledge")
    if notes is not None and (type(notes) is not str or len(notes) > LONGEST_NOTE):
        raise HostRefused(f"notes is a text of up to {LONGEST_NOTE} characters")
    if username not in (None, doing.user.username):
        raise HostRefused(
            f"this script runs as {doing.user.username} and acknowledges as nobody else; leave username out"
        )
    await _episodes(doing, wanted)
    done = await doing.services().board.acknowledge(wanted, by=doing.user.username, via=VIA, note=notes or "")
    if any(one.outcome == "note_required" for one in done):
        raise HostRefused("one of these alarms is acknowledged with a note only; give notes")


def _fitting(episodes: Sequence[Episode], paths: list[str]) -> list[Episode]:
    return [one for one in episodes if any(alarm_query.like(path, one.path) for path in paths)]


async def _shelve(doing: Doing, args: list[Any]) -> None:
    paths, minutes = args
    if type(minutes) not in (int, float) or not 0 < minutes <= 7 * 24 * 60:
        raise HostRefused(
            f"an alarm is shelved for more than 0 minutes and up to a week, not {minutes!r:.40}"
        )
    board = doing.services().board
    wanted = _fitting(board.open(), _texts(paths, "shelve"))
    if not wanted:
        raise HostRefused("no open alarm is at these paths; only what is open can be shelved")
    _check_areas(doing, wanted)
    done = await board.shelve(
        [one.id for one in wanted], by=doing.user.username, via=VIA, minutes=float(minutes)
    )
    forbidden = {one.episode_id for one in done if one.outcome == "not_allowed"}
    if forbidden:
        path = next(one.path for one in wanted if one.id in forbidden)
        raise HostRefused(f"{path} may not be shelved (shelvingAllowed = false); the others are")


async def _unshelve(doing: Doing, args: list[Any]) -> None:
    (paths,) = args
    board = doing.services().board
    wanted = _fitting(await board.listing("shelved", limit=MOST), _texts(paths, "unshelve"))
    _check_areas(doing, wanted)
    await board.unshelve([one.id for one in wanted], by=doing.user.username, via=VIA)


async def _cancel(doing: Doing, args: list[Any]) -> None:
    (ids,) = args
    wanted = _texts(ids, "cancel")
    if doing.runs is None:
        raise HostRefused("this gateway runs without pipelines, so there is nothing to cancel")
    for episode in await _episodes(doing, wanted):
        for run in await doing.runs.waiting(episode.id):
            await doing.runs.cancel(run["run"], doing.user.username)


# --- texts -------------------------------------------------------------------------------------------------


async def _send_message(doing: Doing, args: list[Any]) -> dict[str, Any]:
    number, message = args
    if type(number) is not str or not is_e164(number):
        raise HostRefused("sendMessage takes a number in E.164 form, such as +46701234567")
    if type(message) is not str or not message.strip() or len(message) > LONGEST_TEXT:
        raise HostRefused(f"a message has 1 to {LONGEST_TEXT} characters")
    owner = doing.services().directory.owner(number)
    person = owner.username if owner else None
    try:
        ended = await doing.on_request.send(
            number, message, by=doing.user.username, person=person, patience_s=SCRIPT_PATIENCE_S
        )
    except CannotAsk as error:
        raise HostRefused(str(error)) from None
    return {"sent": ended.sid is not None}


# --- rosters -----------------------------------------------------------------------------------------------


async def _create_roster(doing: Doing, args: list[Any]) -> None:
    name, description = args
    if type(name) is not str or not _NAME.fullmatch(name):
        raise HostRefused("a roster's name has letters, digits, - and _, up to 100")
    if type(description) is not str or len(description) > LONGEST_NOTE:
        raise HostRefused(f"a description is a text of up to {LONGEST_NOTE} characters")
    if name not in doing.services().directory.rosters:
        await _edited(
            doing, "created", name, {}, lambda: create_roster(doing.folder, name, description=description)
        )


async def _delete_roster(doing: Doing, args: list[Any]) -> None:
    (name,) = args
    roster = _roster(doing, name)
    await _edited(doing, "deleted", roster.name, {}, lambda: delete_roster(doing.folder, roster.name))


async def _add_users(doing: Doing, args: list[Any]) -> None:
    name, users = args
    now = [user.username for user in _roster(doing, name).users]
    added = [one for one in _usernames(doing, users) if one not in now]
    await _set_users(doing, name, [*now, *added], {"added": added})


async def _remove_users(doing: Doing, args: list[Any]) -> None:
    name, users = args
    gone = set(_usernames(doing, users))
    now = [user.username for user in _roster(doing, name).users]
    left = [one for one in now if one not in gone]
    await _set_users(doing, name, left, {"removed": [one for one in now if one in gone]})


async def _set_users(doing: Doing, name: str, users: list[str], facts: dict[str, list[str]]) -> None:
    if any(facts.values()):
        await _edited(doing, "changed", name, facts, lambda: set_roster_users(doing.folder, name, users))


def _roster(doing: Doing, name: Any) -> Roster:
    directory = doing.services().directory
    roster = directory.roster(name) if type(name) is str else None
    if roster is None:
        raise HostRefused(
            f"there is no roster {name!r:.80}; there are: {', '.join(directory.rosters) or 'none'}"
        )
    return roster


def _usernames(doing: Doing, users: Any) -> list[str]:
    names = list(dict.fromkeys(_texts(users, "a roster")))
    known = doing.services().directory.users
    for one in names:
        if one not in known:
            raise HostRefused(f"there is no user {one!r:.80}; there are: {', '.join(known)}")
    return names


async def _edited(
    doing: Doing, what: str, name: str, facts: dict[str, Any], edit: Callable[[], Path]
) -> None:
    """Change the files and take them over; where the gateway refuses them they are as they were."""
    services = doing.services()
    try:
        with restored_on_error(doing.folder) as touched:
            touched.append(edit())
            await _take_over(doing)
    except EditRefused as error:
        raise HostRefused(str(error)) from None
    except HostRefused:
        await doing.reload()  # the files are as they were, and so nothing is wrong with them any more
        raise
    await services.db.write(
        lambda conn: record(
            conn,
            kind=f"roster.{what}",
            at_ms=services.clock.now_ms(),
            subject=name,
            person=doing.user.username,
            data=facts,
        )
    )


async def _take_over(doing: Doing) -> None:
    refused = [one for one in await doing.reload() if one.severity == "error"]
    if refused:
        raise HostRefused(f"the roster stays as it was: {refused[0].message}")


WRITING: Final[dict[str, Callable[[Doing, list[Any]], Awaitable[Any]]]] = {
    "alarm.acknowledge": _acknowledge,
    "alarm.shelve": _shelve,
    "alarm.unshelve": _unshelve,
    "alarm.cancel": _cancel,
    "twilio.sendMessage": _send_message,
    "roster.createRoster": _create_roster,
    "roster.deleteRoster": _delete_roster,
    "roster.addUsers": _add_users,
    "roster.removeUsers": _remove_users,
}


async def act(doing: Doing, name: str, args: list[Any]) -> Any:
    """Carry out one writing request; HostRefused where it cannot be, with the sentence for its author."""
    try:
        return await WRITING[name](doing, args)
    except NotStored as error:
        raise HostRefused(f"nothing was changed: {error}") from None
    except HostRefused:
        raise
    except (TocsinError, ValueError) as error:
        raise HostRefused(str(error)) from None
