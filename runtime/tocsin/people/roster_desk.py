"""Changing who is on call for a while: overrides and swaps, made, removed and undone by name.

A change goes into the file in which the roster stands, is taken over at once, and stands in the journal and
the audit. Where any of that fails, everything is as it was.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from tocsin.errors import TocsinError
from tocsin.journal import entries, record
from tocsin.journal.audit import append_in
from tocsin.journal.chain import AuditRow
from tocsin.people.editing import EditRefused
from tocsin.people.roster_changes import Change, Kind, in_words, kind_of, mark_of, objections
from tocsin.people.roster_checks import nobody
from tocsin.people.roster_editing import add_entry, entries_of, remove_entry, restored_on_error
from tocsin.people.roster_wishes import RosterChangeRefused, checked, keys_of, read_or_none

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.errors import Finding
    from tocsin.journal import Entry
    from tocsin.people.directory import Directory
    from tocsin.people.roster_wishes import Wanted
    from tocsin.people.user import Roster

_KEYS: Final[dict[Kind, str]] = {"override": "overrides", "swap": "swaps"}
_LOOKED_BACK: Final = 500
"""So many entries of a roster's journal are looked through for what may be undone."""

MADE: Final = "roster.change-made"
REMOVED: Final = "roster.change-removed"
UNDONE: Final = "roster.change-undone"
_PAST: Final = {
    MADE: "made", REMOVED: "removed", UNDONE: "undone", "roster.created": "created",
    "roster.changed": "changed", "roster.deleted": "deleted",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes something, as a username or the name of a token, and by which way ("api", "cli")."""

    name: str
    via: str


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: `what` happened ("made", "removed") to which change of a roster, in which file."""

    roster: str
    what: Literal["made", "removed"]
    change: Change
    mark: str
    file: str


@dataclass(frozen=True, slots=True)
class Past:
    """A change on record: when (ms UTC), by whom and by which way, and what was done to which change.

    `change` is None where it cannot be read any more, or where a script has changed the roster itself.
    """

    at_ms: int
    by: str
    via: str
    what: str
    mark: str
    change: Change | None


@dataclass(frozen=True, slots=True)
class RosterDesk:
    """Makes changes of one project's rosters, one after the other.

    `reload` takes the files over and returns what is wrong with them; `audit` names the audit profile.
    """

    folder: Path
    directory: Callable[[], Directory]
    db: Database
    clock: Clock
    reload: Callable[[], Awaitable[Sequence[Finding]]]
    audit: Callable[[], str | None]
    _one: asyncio.Lock

    async def make(self, name: str, wanted: Wanted, *, by: Actor, anyway: bool = False) -> Done:
        """Make an override or a swap; `anyway` though something speaks against it.

        Raises RosterChangeRefused and NotStored.
        """
        async with self._one:
            roster = self._roster(name)
            keys = keys_of(wanted, self._zone(roster), self.clock.now_ms())
            change = self._change(roster, wanted.kind, keys)
            for one in objections(self.directory(), roster, change, self.clock.now_ms()):
                if one.binding or not anyway:
                    raise RosterChangeRefused(one.why, "conflict", insist=not one.binding)
            place = len(await self._entries(name, wanted.kind))
            return await self._add(name, wanted.kind, keys, place, MADE, by)

    async def remove(self, name: str, mark: str, *, by: Actor) -> Done:
        """Remove the override or swap that `mark` stands for. Raises RosterChangeRefused and NotStored."""
        async with self._one:
            return await self._take_out(self._roster(name), mark, REMOVED, by)

    async def undo(self, name: str, *, by: Actor) -> Done:
        """Undo the last change of a roster that is not undone yet. Raises RosterChangeRefused, NotStored."""
        async with self._one:
            roster = self._roster(name)
            last = await self.db.read(lambda conn: _last(conn, name))
            if last is None:
                said = f"nothing of roster {name} was changed by a command or a request that could be undone"
                raise RosterChangeRefused(said, "conflict")
            facts = {"entry": last.id}
            kind = cast("Kind", last.data["kind"])
            if last.kind == REMOVED:
                return await self._add(
                    name, kind, last.data["keys"], last.data["place"], UNDONE, by, facts=facts
                )
            return await self._take_out(roster, last.data["change"], UNDONE, by, facts=facts)

    async def history(self, name: str, limit: int) -> Sequence[Past]:
        """Return the newest changes of a roster, newest first. Raises RosterChangeRefused, NotStored."""
        zone = self._zone(self._roster(name))
        found = await self.db.read(lambda conn: entries(conn, name, "roster.*", limit=_LOOKED_BACK))
        ours = [_past(one, zone) for one in reversed(found) if one.kind in _PAST]
        return ours[:limit]

    def _roster(self, name: str) -> Roster:
        directory = self.directory()
        roster = directory.roster(name)
        if roster is None:
            raise RosterChangeRefused(nobody("roster", name, directory.rosters), "unknown")
        return roster

    def _zone(self, roster: Roster) -> str:
        return roster.timezone or self.directory().timezone

    def _change(self, roster: Roster, kind: Kind, keys: Mapping[str, Any]) -> Change:
        return checked(kind, keys, self._zone(roster), self.directory().users)

    # --- doing it ------------------------------------------------------------------------------------

    async def _entries(self, name: str, kind: Kind) -> list[dict[str, Any]]:
        return await asyncio.to_thread(self._read, name, kind)

    def _read(self, name: str, kind: Kind) -> list[dict[str, Any]]:
        try:
            return entries_of(self.folder, name, _KEYS[kind])
        except EditRefused as error:
            raise RosterChangeRefused(str(error), "conflict") from None

    async def _add(
        self,
        name: str,
        kind: Kind,
        keys: Mapping[str, Any],
        place: int,
        event: str,
        by: Actor,
        *,
        facts: Mapping[str, Any] | None = None,
    ) -> Done:
        change = self._change(self._roster(name), kind, keys)
        told = {"change": mark_of(change), "kind": kind, "keys": dict(keys), "place": place, **(facts or {})}
        file = await self._edited(
            lambda: add_entry(self.folder, name, _KEYS[kind], keys, at=place), event, name, change, told, by
        )
        return Done(name, "made", change, mark_of(change), file)

    async def _take_out(
        self, roster: Roster, mark: str, event: str, by: Actor, *, facts: Mapping[str, Any] | None = None
    ) -> Done:
        zone = self._zone(roster)
        for kind, key in _KEYS.items():
            for place, keys in enumerate(await self._entries(roster.name, kind)):
                change = read_or_none(kind, keys, zone)
                if change is None or mark_of(change) != mark:
                    continue
                # TOML's own dates and times are kept as they are written.
                plain = {
                    name: value if isinstance(value, (str, list, dict)) else str(value)
                    for name, value in keys.items()
                }
                told = {"change": mark, "kind": kind, "keys": plain, "place": place, **(facts or {})}

                def edit(key: str = key, place: int = place) -> Path:
                    return remove_entry(self.folder, roster.name, key, place)

                file = await self._edited(edit, event, roster.name, change, told, by)
                return Done(roster.name, "removed", change, mark, file)
        raise RosterChangeRefused(
            f"roster {roster.name} has no override or swap {mark[:20]!r}; "
            f"list them with: tocsin roster show {roster.name}",
            "unknown",
        )

    async def _edited(
        self,
        edit: Callable[[], Path],
        event: str,
        name: str,
        change: Change,
        facts: Mapping[str, Any],
        by: Actor,
    ) -> str:
        """Change the file, take it over and write it down, or leave everything as it was."""
        try:
            with restored_on_error(self.folder) as touched:
                file = await asyncio.to_thread(edit)
                touched.append(file)
                refused = [one for one in await self.reload() if one.severity == "error"]
                if refused:
                    said = f"the files are refused as they would be then: {refused[0]}"
                    raise RosterChangeRefused(said, "conflict")
                await self.db.write(lambda conn: self._write_down(conn, event, name, change, facts, by))
        except EditRefused as error:
            raise RosterChangeRefused(str(error), "conflict") from None
        except TocsinError:
            await self.reload()  # the files are as they were
            raise
        return file.name

    def _write_down(
        self, conn: Connection, event: str, name: str, change: Change, facts: Mapping[str, Any], by: Actor
    ) -> None:
        now_ms = self.clock.now_ms()
        person = by.name if by.name in self.directory().users else None
        data = {**facts, "via": by.via, **({} if person else {"by": by.name})}
        record(conn, kind=event, at_ms=now_ms, subject=name, person=person, data=data)
        profile = self.audit()
        if profile is None:
            return
        row = AuditRow(
            now_ms,
            event,
            "ok",
            person=person,
            via=by.via,
            data={
                "roster": name, "kind": kind_of(change), "change": mark_of(change),
                "from_ms": change.from_ms, "to_ms": change.to_ms, **({} if person else {"by": by.name}),
            },
            personal={"on_call": in_words(change)},
        )  # fmt: skip
        append_in(conn, profile, [row])


def desk(
    folder: Path,
    *,
    directory: Callable[[], Directory],
    db: Database,
    clock: Clock,
    reload: Callable[[], Awaitable[Sequence[Finding]]],
    audit: Callable[[], str | None],
) -> RosterDesk:
    """Return the desk of a project; see RosterDesk."""
    return RosterDesk(folder, directory, db, clock, reload, audit, asyncio.Lock())


def _last(conn: Connection, name: str) -> Entry | None:
    """Return the last change of a roster in the journal that has not been undone."""
    found = entries(conn, subject=name, kind="roster.*", limit=_LOOKED_BACK)
    undone = {one.data.get("entry") for one in found if one.kind == UNDONE}
    open_ones = [one for one in found if one.kind in {MADE, REMOVED} and one.id not in undone]
    return open_ones[-1] if open_ones else None


def _past(entry: Entry, zone: str) -> Past:
    data = entry.data
    kind, keys = data.get("kind"), data.get("keys")
    known = kind in _KEYS and isinstance(keys, dict)
    return Past(
        entry.at_ms,
        entry.person or str(data.get("by", "")),
        str(data.get("via", "script")),
        _PAST[entry.kind],
        str(data.get("change", "")),
        read_or_none(cast("Kind", kind), cast("dict[str, Any]", keys), zone) if known else None,
    )
