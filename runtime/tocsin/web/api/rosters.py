"""The operations about rosters: seeing them, overriding and swapping shifts, and undoing that."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import plain
from tocsin.people.overrides import Override
from tocsin.people.roster_changes import changes_of, in_words, kind_of, mark_of
from tocsin.people.roster_desk import Actor
from tocsin.people.roster_wishes import RosterChangeRefused, Wanted
from tocsin.web.api import models
from tocsin.web.api.instants import WHEN
from tocsin.web.api.once import once_beyond
from tocsin.web.api.operations import Asked, Operation, QueryParameter, Reply, limit_of
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from tocsin.people import Directory, Roster
    from tocsin.people.roster_changes import Change
    from tocsin.people.roster_desk import Done, Past

_DAYS: Final = re.compile(r"[0-9]{1,3}", re.ASCII)
_DAY_MS: Final = 86_400_000
MOST_DAYS: Final = 366
USUAL_DAYS: Final = 28
_MOST_SHIFTS: Final = 100
_MOST_PAST: Final = 200


# --- seeing ------------------------------------------------------------------------------------------------


async def listed(asked: Asked) -> Reply:
    """Show every roster with who is on call now."""
    return Reply(200, shown_all(asked.services.directory(), asked.services.clock.now_ms()))


async def detail(asked: Asked) -> Reply:
    """Show one roster with its shifts from now on."""
    directory, name = asked.services.directory(), asked.parts["roster"]
    days = asked.query.get("days", str(USUAL_DAYS))
    if not (_DAYS.fullmatch(days) and 1 <= int(days) <= MOST_DAYS):
        raise Refused("invalid", f"days={days[:20]!r} must be a number from 1 to {MOST_DAYS}")
    return Reply(200, shown(directory, name, asked.services.clock.now_ms(), int(days)))


def shown_all(directory: Directory, now_ms: int) -> models.Rosters:
    """Describe every roster at a moment."""
    rosters = [models.RosterShown(**_facts(directory, one, now_ms)) for one in directory.rosters.values()]
    return models.Rosters(at_ms=now_ms, rosters=rosters)


def shown(directory: Directory, name: str, now_ms: int, days: int) -> models.RosterDetail:
    """Describe one roster with its shifts of the next days. Raises Refused."""
    roster = directory.roster(name)
    if roster is None:
        known = ", ".join(directory.rosters) or "none"
        raise Refused("not-found", f"there is no roster {plain(name)[:80]!r}; configured are: {known}")
    shifts = _shifts(directory, name, now_ms, now_ms + days * _DAY_MS)
    return models.RosterDetail(at_ms=now_ms, shifts=shifts, **_facts(directory, roster, now_ms))


def _facts(directory: Directory, roster: Roster, now_ms: int) -> dict[str, Any]:
    shift = directory.shift(roster.name, now_ms)
    return {
        "roster": roster.name,
        "people": list(shift.people),
        "why": shift.why,
        "until_ms": shift.until_ms,
        "members": [user.username for user in directory.members(roster)],
        "schedule": roster.schedule.name if roster.schedule else None,
        "script": roster.script,
        "timezone": _zone(directory, roster),
        "changes": [_change(one, now_ms) for one in changes_of(roster)],
    }


def _zone(directory: Directory, roster: Roster) -> str:
    return roster.timezone or directory.timezone


def _change(change: Change, now_ms: int) -> models.RosterChangeShown:
    return models.RosterChangeShown(
        id=mark_of(change),
        kind=kind_of(change),
        from_ms=change.from_ms,
        to_ms=change.to_ms,
        does=in_words(change),
        why=change.why if isinstance(change, Override) else "",
        state="over" if change.to_ms <= now_ms else "now" if change.from_ms <= now_ms else "ahead",
    )


def _shifts(directory: Directory, name: str, from_ms: int, to_ms: int) -> list[models.ShiftShown]:
    return [
        models.ShiftShown(from_ms=one.from_ms, to_ms=one.to_ms, people=list(one.people), why=one.why)
        for one in directory.stretches(name, from_ms, to_ms)[:_MOST_SHIFTS]
    ]


async def history(asked: Asked) -> Reply:
    """Show what was changed in a roster, when and by whom."""
    name, limit = asked.parts["roster"], asked.limit(50, _MOST_PAST)
    try:
        found = await asked.services.rosters.history(name, limit)
    except RosterChangeRefused as error:
        raise refused(error) from None
    return Reply(200, past(asked.services.directory(), name, found, asked.services.clock.now_ms()))


def past(directory: Directory, name: str, found: Sequence[Past], now_ms: int) -> models.RosterHistory:
    """Describe the changes of a roster on record."""
    changes = [
        models.RosterPastShown(
            at_ms=one.at_ms,
            by=one.by,
            via=one.via,
            what=one.what,
            change=None if one.change is None else _change(one.change, now_ms),
        )
        for one in found
    ]
    return models.RosterHistory(
        roster=name, timezone=_zone(directory, directory.rosters[name]), changes=changes
    )


# --- changing ----------------------------------------------------------------------------------------------


async def override(asked: Asked) -> Reply:
    """Make an override."""
    body: models.OverrideBody = asked.read(models.OverrideBody)
    wanted = Wanted(
        "override",
        None if body.users is None else tuple(body.users),
        begins=body.begins,
        ends=body.ends,
        lasting=body.lasting,
        add=tuple(body.add),
        remove=tuple(body.remove),
        replace=body.replace,
        why=plain(body.why),
    )
    return await _made(asked, wanted, body)


async def swap(asked: Asked) -> Reply:
    """Make a swap."""
    body: models.SwapBody = asked.read(models.SwapBody)
    wanted = Wanted("swap", body.users, begins=body.begins, ends=body.ends, lasting=body.lasting)
    return await _made(asked, wanted, body)


async def _made(asked: Asked, wanted: Wanted, body: models.OverrideBody | models.SwapBody) -> Reply:
    desk, by = asked.services.rosters, _actor(asked, body.by)
    return await once_beyond(
        asked, lambda: _done(asked, desk.make(asked.parts["roster"], wanted, by=by, anyway=body.anyway))
    )


async def remove(asked: Asked) -> Reply:
    """Remove an override or a swap."""
    body: models.RosterActBody = asked.read(models.RosterActBody)
    desk, by, parts = asked.services.rosters, _actor(asked, body.by), asked.parts
    return await once_beyond(
        asked, lambda: _done(asked, desk.remove(parts["roster"], parts["change"], by=by))
    )


async def undo(asked: Asked) -> Reply:
    """Undo the last change of a roster."""
    body: models.RosterActBody = asked.read(models.RosterActBody)
    desk, by = asked.services.rosters, _actor(asked, body.by)
    return await once_beyond(asked, lambda: _done(asked, desk.undo(asked.parts["roster"], by=by)))


def _actor(asked: Asked, by: str | None) -> Actor:
    return Actor(asked.by(by), "cli" if asked.token.is_local else "api")


async def _done(asked: Asked, doing: Awaitable[Done]) -> Reply:
    try:
        done = await doing
    except RosterChangeRefused as error:
        raise refused(error) from None
    return Reply(200, changed(asked.services.directory(), done, asked.services.clock.now_ms()))


def refused(error: RosterChangeRefused) -> Refused:
    """Say no as a problem document."""
    kinds = {"unknown": "not-found", "invalid": "invalid", "conflict": "impossible"}
    return Refused("against-it" if error.insist else kinds[error.kind], plain(str(error)))


def changed(directory: Directory, done: Done, now_ms: int) -> models.RosterChanged:
    """Describe what came of a change."""
    from_ms = min(max(done.change.from_ms, now_ms), done.change.to_ms)
    to_ms = min(done.change.to_ms, from_ms + MOST_DAYS * _DAY_MS)
    return models.RosterChanged(
        roster=done.roster,
        done=done.what,
        change=_change(done.change, now_ms),
        file=done.file,
        timezone=_zone(directory, directory.rosters[done.roster]),
        shifts=_shifts(directory, done.roster, from_ms, to_ms),
    )


_ONE: Final = "/api/v1/rosters/{roster}"
_TIMES: Final = {
    "from": WHEN,
    "to": WHEN,
    "for": {"type": ["string", "null"], "pattern": "^[1-9][0-9]{0,3}[mhdw]$", "examples": ["8h", "2d"]},
}
_OVERRIDE: Final = {
    "id": "3f9a2c", "kind": "override", "from_ms": 1798038000000, "to_ms": 1798354800000, "does": "ola",
    "why": "Christmas", "state": "ahead",
}  # fmt: skip
_EVENINGS: Final = {
    "roster": "evenings", "people": ["maria"], "why": "", "until_ms": 1774850400000,
    "members": ["ola", "maria", "jon"], "schedule": None, "script": None, "timezone": "Europe/Stockholm",
    "changes": [_OVERRIDE],
}  # fmt: skip
_SHIFT: Final = {"from_ms": 1798038000000, "to_ms": 1798354800000, "people": ["ola"], "why": ""}
_CHANGED: Final = {
    "roster": "evenings", "done": "made", "change": _OVERRIDE, "file": "people.toml",
    "timezone": "Europe/Stockholm", "shifts": [_SHIFT],
}  # fmt: skip

OPERATIONS: Final = (
    Operation(
        "GET", "/api/v1/rosters", "read", "listRosters", "Show every roster with who is on call now.",
        listed, {200: (models.Rosters, "All rosters.")},
        gives={"at_ms": 1774744200000, "rosters": [_EVENINGS]},
    ),
    Operation(
        "GET", _ONE, "read", "showRoster", "Show a roster with its shifts from now on.",
        detail, {200: (models.RosterDetail, "The roster, its overrides and swaps, and who has which shift.")},
        query=(
            QueryParameter(
                "days", "So many days of shifts.",
                {"type": "integer", "minimum": 1, "maximum": MOST_DAYS, "default": USUAL_DAYS},
            ),
        ),
        gives={**_EVENINGS, "at_ms": 1774744200000, "shifts": [_SHIFT]},
    ),
    Operation(
        "GET", f"{_ONE}/history", "read", "rosterHistory",
        "Show what was changed in a roster by requests, commands and scripts.",
        history, {200: (models.RosterHistory, "The newest first.")}, query=(limit_of(50, _MOST_PAST),),
        gives={
            "roster": "evenings", "timezone": "Europe/Stockholm",
            "changes": [
                {"at_ms": 1774744200000, "by": "maria", "via": "cli", "what": "made", "change": _OVERRIDE}
            ],
        },
    ),
    Operation(
        "POST", f"{_ONE}/overrides", "roster", "overrideRoster",
        "Say who is on call for a while; written into the file in which the roster stands.",
        override, {200: (models.RosterChanged, "It counts from now on.")}, body=models.OverrideBody,
        rules={"properties": _TIMES},
        asks={"from": "2026-12-23T16:00", "to": "2026-12-27T08:00", "users": ["ola"], "why": "Christmas"},
        gives=_CHANGED,
    ),
    Operation(
        "POST", f"{_ONE}/swaps", "roster", "swapShifts",
        "Have two people take each other's turns for a while.",
        swap, {200: (models.RosterChanged, "It counts from now on.")}, body=models.SwapBody,
        rules={"properties": _TIMES},
        asks={"users": ["maria", "jon"], "from": "2026-03-09T08:00", "for": "2w"},
        gives={
            **_CHANGED,
            "change": {
                **_OVERRIDE, "kind": "swap", "does": "maria and jon swap", "why": "",
                "from_ms": 1773039600000, "to_ms": 1774249200000,
            },
            "shifts": [
                {"from_ms": 1773039600000, "to_ms": 1773644400000, "people": ["jon"], "why": ""},
                {"from_ms": 1773644400000, "to_ms": 1774249200000, "people": ["maria"], "why": ""},
            ],
        },
    ),
    Operation(
        "POST", f"{_ONE}/changes/{{change}}/remove", "roster", "removeRosterChange",
        "Remove an override or a swap, by its id.",
        remove, {200: (models.RosterChanged, "It counts no more.")}, body=models.RosterActBody,
        body_required=False, asks={"by": "maria"}, gives={**_CHANGED, "done": "removed"},
    ),
    Operation(
        "POST", f"{_ONE}/undo", "roster", "undoRosterChange",
        "Undo a roster's last change that was made by a request or a command.",
        undo, {200: (models.RosterChanged, "What was made is removed, what was removed is back.")},
        body=models.RosterActBody, body_required=False, asks={"by": "maria"},
        gives={**_CHANGED, "done": "removed"},
    ),
)  # fmt: skip
