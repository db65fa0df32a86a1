"""The board: every open alarm in memory, every change on disk before anybody hears of it.

Works named `…_in` run inside the caller's transaction, on the database's thread; `applied` is called on
the event loop once that transaction is committed, brings memory up to date and tells the subscribers.
What an event means is decided in `lifecycle` and `rules`, rows are the business of `store`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias, TypeVar

import structlog

from tocsin.alarms import changing, notices, passing, reporting, setting_aside, standing, store
from tocsin.alarms.aside import OutOfService, ReturnToService, Suppress, Unsuppress
from tocsin.alarms.following import change_between
from tocsin.alarms.lifecycle import Acknowledge, Shelve, Unshelve
from tocsin.alarms.naming import plain
from tocsin.alarms.rules import Rules

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.aside import Aside, Standing
    from tocsin.alarms.episode import (
        Accepted,
        Acknowledged,
        AlarmChanged,
        AlarmEvent,
        Episode,
        PutAside,
        Shelved,
        Telling,
        TimePassed,
    )
    from tocsin.alarms.sections import AlarmSection
    from tocsin.clock import Clock
    from tocsin.db import Database

    Result: TypeAlias = Accepted | Acknowledged | Shelved | PutAside | TimePassed
    AlsoIn: TypeAlias = Callable[[Connection, Sequence[AlarmChanged], int], None]
    R = TypeVar("R", Accepted, Acknowledged, Shelved, PutAside, TimePassed)
    Alarm: TypeAlias = tuple[str, str]  # a path and a name

T = TypeVar("T")

log = structlog.get_logger("tocsin.alarms")

_CLOSED_KEPT = 4096  # versions of closed episodes remembered, to tell a late word from a new one
_HANDS_FREE = frozenset({"voice", "sms"})  # where typing a note is asked for but cannot be insisted upon


class Board:
    """The alarms that are open now. One per gateway."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        rules: Mapping[str, AlarmSection],
        *,
        pipelines: Collection[str] | None = None,
        ackers_needed: Mapping[str, int] | None = None,
        own_pipeline: str | None = None,
    ) -> None:
        self._db = db
        self._clock = clock
        self._rules = Rules(rules, pipelines, ackers_needed or {}, own_pipeline)
        self._open: dict[str, Episode] = {}
        self._closed: dict[str, int] = {}
        self._ranked: tuple[Episode, ...] | None = None
        self._any_aside = False
        self._subscribers: list[Callable[[AlarmChanged], None]] = []
        self._also: list[AlsoIn] = []

    async def start(self) -> None:
        """Load the open episodes; call it before anything else, and again to catch up with the database."""
        found = await self._db.read(store.open_episodes)
        self._open = {episode.id: episode for episode in found}
        self._ranked = None

    async def follow(self) -> None:
        """Take over what other gateways on the same database have changed, and tell the subscribers.

        What this one has changed itself is known already, and is told to nobody again.
        """
        versions = await self._db.read(store.open_versions)
        behind = [key for key, version in versions.items() if self._version_of(key) < version]
        behind += [key for key in self._open if key not in versions]
        if not behind:
            return
        found = await self._db.read(lambda connection: store.by_ids(connection, behind))
        for episode in found.values():
            change = change_between(self._open.get(episode.id), episode)
            if self._keep(episode):
                self._tell(change)

    def configure(
        self,
        rules: Mapping[str, AlarmSection],
        *,
        pipelines: Collection[str] | None = None,
        ackers_needed: Mapping[str, int] | None = None,
        own_pipeline: str | None = None,
    ) -> None:
        """Put other rules in force; episodes under way keep what they began with."""
        self._rules = Rules(rules, pipelines, ackers_needed or {}, own_pipeline)

    def subscribe(self, callback: Callable[[AlarmChanged], None]) -> None:
        """Have `callback` called on the event loop after each committed change."""
        self._subscribers.append(callback)

    def also_in(self, callback: AlsoIn) -> None:
        """Have `callback` take part in every transaction that changes episodes, before it is committed.

        It gets the connection, the changes and the moment, on the database's thread; what it raises undoes
        the whole change.
        """
        self._also.append(callback)

    def _with_others(self, connection: Connection, results: list[R], now_ms: int) -> list[R]:
        changes = [change for one in results for change in _changes_of(one)]
        if changes:
            for callback in self._also:
                callback(connection, changes, now_ms)
        return results

    # --- reading -----------------------------------------------------------------------------------

    def open(self) -> tuple[Episode, ...]:
        """Give what is active or unacknowledged: highest priority first, then the oldest.

        Without what is shelved, suppressed by design or out of service. From memory, without waiting.
        """
        if self._ranked is None:
            self._ranked = tuple(sorted(self._open.values(), key=lambda episode: episode.rank()))
            self._any_aside = any(episode.suppressed_or_shelved(0) for episode in self._ranked)
        if not self._any_aside:
            return self._ranked
        now_ms = self._clock.now_ms()
        return tuple(episode for episode in self._ranked if not episode.suppressed_or_shelved(now_ms))

    def kept(self) -> tuple[Episode, ...]:
        """Give every episode that is active or unacknowledged, put aside or not, in no order."""
        return tuple(self._open.values())

    def rule_of(self, episode: Episode) -> AlarmSection | None:
        """Give the rule that holds for an episode now, None where there is none."""
        return self._rules.rule(episode.path, episode.name)

    async def standings(self) -> dict[Alarm, Standing]:
        """Give every alarm that is suppressed by design or out of service, whether it is active or not."""
        now_ms = self._clock.now_ms()
        found = await self._db.read(standing.everywhere)
        return {alarm: now for alarm, one in found.items() if (now := one.now(now_ms))}

    async def find(self, episode_id: str) -> Episode | None:
        """Give any episode ever, from the database; None where there is none of that id."""
        found = await self._db.read(lambda connection: store.by_ids(connection, [episode_id]))
        return found.get(episode_id)

    async def listing(
        self, state: store.Listing = "open", *, limit: int = 1000, before: tuple[int, str] | None = None
    ) -> list[Episode]:
        """Give at most `limit` episodes in a state, newest first, from `before` (active_ms, id) on."""
        now_ms = self._clock.now_ms()
        return await self._db.read(
            lambda connection: store.listed(connection, state, now_ms, limit=limit, before=before)
        )

    # --- changing, inside the caller's transaction ---------------------------------------------------

    def report_in(
        self, connection: Connection, events: Sequence[AlarmEvent], *, now_ms: int
    ) -> list[Accepted]:
        """Take events in their order; each is accepted, with warnings about what was not understood."""
        return self._with_others(connection, reporting.take(connection, events, self._rules, now_ms), now_ms)

    def acknowledge_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str],
        *,
        by: str,
        via: str,
        note: str,
        now_ms: int,
        told: Mapping[str, Telling] | None = None,
    ) -> list[Acknowledged]:
        """Acknowledge episodes; of several who try one gets `ok`, the others learn by whom and when.

        One of which this person was `told` something that no longer holds is `changed`, and left as it is.
        Of a note control characters are taken out, whichever way it came.
        """
        as_told, said = told or {}, plain(note)

        def event(episode: Episode) -> Acknowledge:
            rule = self._rules.rule(episode.path, episode.name)
            needed = rule is not None and rule.ack_notes_required and via not in _HANDS_FREE
            return Acknowledge(by, via, said, needed, as_told.get(episode.id))

        return self._with_others(
            connection, changing.acknowledge(connection, episode_ids, event, now_ms), now_ms
        )

    def shelve_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str],
        *,
        by: str,
        via: str,
        minutes: float,
        now_ms: int,
    ) -> list[Shelved]:
        """Put episodes aside for `minutes` (above 0, at most a week), where their rules allow it."""
        lasting_ms = round(minutes * 60_000) if 0 < minutes < 1e6 else 0

        def event(episode: Episode) -> Shelve:
            rule = self._rules.rule(episode.path, episode.name)
            return Shelve(by=by, lasting_ms=lasting_ms, allowed=rule is None or rule.shelving_allowed)

        done = changing.shelve(connection, episode_ids, event, by=by, via=via, now_ms=now_ms)
        return self._with_others(connection, done, now_ms)

    def unshelve_in(
        self, connection: Connection, episode_ids: Iterable[str], *, by: str, via: str, now_ms: int
    ) -> list[Shelved]:
        """End the shelving of episodes before its time."""
        done = changing.shelve(connection, episode_ids, lambda _: Unshelve(), by=by, via=via, now_ms=now_ms)
        return self._with_others(connection, done, now_ms)

    def _aside_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str],
        event: Aside,
        alarms: Iterable[Alarm],
        by: str,
        via: str,
        now_ms: int,
    ) -> list[PutAside]:
        done = setting_aside.put_aside(
            connection, episode_ids, event, alarms=alarms, by=by, via=via, now_ms=now_ms
        )
        return self._with_others(connection, done, now_ms)

    def suppress_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str] = (),
        *,
        alarms: Iterable[Alarm] = (),
        by: str,
        via: str,
        reason: str,
        rule: str = "",
        now_ms: int,
    ) -> list[PutAside]:
        """Suppress by design the alarms of these episodes, and those named by path and name.

        `rule` is the key of the logic that asks for it. It holds for later activations too, until
        `unsuppress_in`; a reason is needed.
        """
        event = Suppress(by=by, reason=reason, rule=rule)
        return self._aside_in(connection, episode_ids, event, alarms, by, via, now_ms)

    def unsuppress_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str] = (),
        *,
        alarms: Iterable[Alarm] = (),
        by: str,
        via: str,
        now_ms: int,
    ) -> list[PutAside]:
        """End the suppression of alarms; what is still open is told from now on."""
        return self._aside_in(connection, episode_ids, Unsuppress(), alarms, by, via, now_ms)

    def out_of_service_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str] = (),
        *,
        alarms: Iterable[Alarm] = (),
        by: str,
        via: str,
        reason: str,
        until_ms: int | None = None,
        now_ms: int,
    ) -> list[PutAside]:
        """Take alarms out of service, later activations too, until a time or until they are returned."""
        event = OutOfService(by=by, reason=reason, until_ms=until_ms)
        return self._aside_in(connection, episode_ids, event, alarms, by, via, now_ms)

    def return_to_service_in(
        self,
        connection: Connection,
        episode_ids: Iterable[str] = (),
        *,
        alarms: Iterable[Alarm] = (),
        by: str,
        via: str,
        now_ms: int,
    ) -> list[PutAside]:
        """Return alarms to service; what is still open is told from now on."""
        return self._aside_in(connection, episode_ids, ReturnToService(), alarms, by, via, now_ms)

    def pass_time_in(
        self, connection: Connection, due: Mapping[str, int], *, now_ms: int
    ) -> list[TimePassed]:
        """Do what has come due for episodes: shelving or maintenance over, acknowledgement lapsed, re-alarm.

        `due` gives the moment for each, ms UTC; see `timing`. A timer calls this.
        """
        return self._with_others(connection, passing.pass_time(connection, due, self._rules, now_ms), now_ms)

    def move_shelvings_in(
        self, connection: Connection, until: Mapping[str, int], *, now_ms: int
    ) -> list[TimePassed]:
        """Have shelvings end at other moments (ms UTC, by episode), because the clock was set."""
        return self._with_others(connection, passing.move_shelvings(connection, until, now_ms), now_ms)

    def heard_in(
        self, connection: Connection, episode_ids: Iterable[str], person: str, call_id: str, now_ms: int
    ) -> None:
        """Record that `person` heard these episodes in a call; the first time counts."""
        notices.heard_in(connection, episode_ids, person=person, call_id=call_id, now_ms=now_ms)

    # --- changing, each in a transaction of its own --------------------------------------------------

    async def transact(self, work: Callable[[Connection], tuple[T, Iterable[Result]]]) -> T:
        """Run `work` in one transaction, then apply the results it gives beside its answer.

        Once begun it is carried through, even where the caller is cancelled, because memory must follow
        the database. Raises NotStored, and what `work` raises.
        """

        async def carry_through() -> T:
            answer, results = await self._db.write(work)
            self.applied(results)
            return answer

        return await asyncio.shield(asyncio.ensure_future(carry_through()))

    async def report(self, events: Sequence[AlarmEvent]) -> list[Accepted]:
        """Take events, all in one transaction, and return once it is on disk. Raises NotStored."""
        now_ms = self._clock.now_ms()
        return await self.transact(
            _twice(lambda connection: self.report_in(connection, events, now_ms=now_ms))
        )

    async def acknowledge(
        self, episode_ids: Sequence[str], *, by: str, via: str, note: str = ""
    ) -> list[Acknowledged]:
        """Acknowledge episodes and return once that is on disk. Raises NotStored."""
        now_ms = self._clock.now_ms()
        return await self.transact(
            _twice(
                lambda connection: self.acknowledge_in(
                    connection, episode_ids, by=by, via=via, note=note, now_ms=now_ms
                )
            )
        )

    async def shelve(
        self, episode_ids: Sequence[str], *, by: str, via: str, minutes: float = 15
    ) -> list[Shelved]:
        """Put episodes aside and return once that is on disk. Raises NotStored."""
        now_ms = self._clock.now_ms()
        return await self.transact(
            _twice(
                lambda connection: self.shelve_in(
                    connection, episode_ids, by=by, via=via, minutes=minutes, now_ms=now_ms
                )
            )
        )

    async def unshelve(self, episode_ids: Sequence[str], *, by: str, via: str) -> list[Shelved]:
        """End shelvings and return once that is on disk. Raises NotStored."""
        now_ms = self._clock.now_ms()
        return await self.transact(
            _twice(
                lambda connection: self.unshelve_in(connection, episode_ids, by=by, via=via, now_ms=now_ms)
            )
        )

    async def suppress(
        self,
        episode_ids: Sequence[str] = (),
        *,
        alarms: Sequence[Alarm] = (),
        by: str,
        via: str,
        reason: str,
        rule: str = "",
    ) -> list[PutAside]:
        """Suppress alarms by design and return once that is on disk. Raises NotStored."""
        event = Suppress(by=by, reason=reason, rule=rule)
        return await self._aside(episode_ids, event, alarms, by, via)

    async def unsuppress(
        self, episode_ids: Sequence[str] = (), *, alarms: Sequence[Alarm] = (), by: str, via: str
    ) -> list[PutAside]:
        """End suppressions and return once that is on disk. Raises NotStored."""
        return await self._aside(episode_ids, Unsuppress(), alarms, by, via)

    async def out_of_service(
        self,
        episode_ids: Sequence[str] = (),
        *,
        alarms: Sequence[Alarm] = (),
        by: str,
        via: str,
        reason: str,
        until_ms: int | None = None,
    ) -> list[PutAside]:
        """Take alarms out of service and return once that is on disk. Raises NotStored."""
        event = OutOfService(by=by, reason=reason, until_ms=until_ms)
        return await self._aside(episode_ids, event, alarms, by, via)

    async def return_to_service(
        self, episode_ids: Sequence[str] = (), *, alarms: Sequence[Alarm] = (), by: str, via: str
    ) -> list[PutAside]:
        """Return alarms to service and return once that is on disk. Raises NotStored."""
        return await self._aside(episode_ids, ReturnToService(), alarms, by, via)

    async def _aside(
        self, episode_ids: Sequence[str], event: Aside, alarms: Sequence[Alarm], by: str, via: str
    ) -> list[PutAside]:
        now_ms = self._clock.now_ms()
        return await self.transact(
            _twice(lambda connection: self._aside_in(connection, episode_ids, event, alarms, by, via, now_ms))
        )

    # --- after the commit ----------------------------------------------------------------------------

    def applied(self, results: Iterable[Result]) -> None:
        """Bring memory up to date with what has been committed, then tell the subscribers."""
        for result in results:
            for change in _changes_of(result):
                if self._keep(change.episode):
                    self._tell(change)

    def _keep(self, episode: Episode) -> bool:
        """Keep an episode unless memory knows a newer version; False if it does."""
        if self._version_of(episode.id) >= episode.version:
            return False
        if episode.is_open:
            self._open[episode.id] = episode
        else:
            self._open.pop(episode.id, None)
            self._closed[episode.id] = episode.version
            if len(self._closed) > _CLOSED_KEPT:
                del self._closed[next(iter(self._closed))]
        self._ranked = None
        return True

    def _version_of(self, episode_id: str) -> int:
        """Give the version that memory knows, 0 where it knows none."""
        known = self._open.get(episode_id)
        return known.version if known is not None else self._closed.get(episode_id, 0)

    def _tell(self, change: AlarmChanged) -> None:
        for callback in self._subscribers:
            try:
                callback(change)
            except Exception:
                # One subscriber's fault must not keep the others from hearing of an alarm.
                log.exception("alarm-subscriber-failed", episode=change.episode.id, kind=change.kind)


def _changes_of(result: Result) -> Sequence[AlarmChanged]:
    changes: Sequence[AlarmChanged] | None = getattr(result, "changes", None)
    if changes is not None:
        return changes
    change: AlarmChanged | None = getattr(result, "change", None)
    return () if change is None else (change,)


def _twice(work: Callable[[Connection], list[R]]) -> Callable[[Connection], tuple[list[R], list[R]]]:
    """Make a work whose answer is its results."""

    def both(connection: Connection) -> tuple[list[R], list[R]]:
        results = work(connection)
        return results, results

    return both
