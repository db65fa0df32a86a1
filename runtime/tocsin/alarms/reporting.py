"""Taking events from sources in one transaction: which episode each means, what it changes, what is recorded.

Memory is not asked: the database's own state inside the transaction is the truth.
"""

from __future__ import annotations

import secrets
import threading
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy.exc import IntegrityError

from tocsin.alarms import standing, store
from tocsin.alarms.aside import Standing
from tocsin.alarms.bounds import in_bounds, left_out
from tocsin.alarms.changing import Raced
from tocsin.alarms.episode import Accepted, AlarmChanged
from tocsin.alarms.lifecycle import Clear, decide
from tocsin.alarms.naming import name_of
from tocsin.alarms.rules import raised
from tocsin.journal import record_all

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.decision import Decision
    from tocsin.alarms.episode import AlarmEvent, ChangeKind, Episode
    from tocsin.alarms.rules import Rules

_TRIES: Final = 5
_SYMBOLS: Final = "0123456789abcdefghijklmnopqrstuv"


def take(connection: Connection, events: Sequence[AlarmEvent], rules: Rules, now_ms: int) -> list[Accepted]:
    """Take the events in their order; all of them or, where the database refuses, none."""
    for _ in range(_TRIES - 1):
        try:
            with connection.begin_nested():
                return _Round(connection, rules, now_ms).take(events)
        except (Raced, IntegrityError):
            # Another replica opened or changed one of these alarms in between: look again.
            continue
    return _Round(connection, rules, now_ms).take(events)


class _Round:
    """One reading of the active episodes and what the events make of them."""

    def __init__(self, connection: Connection, rules: Rules, now_ms: int) -> None:
        self._connection = connection
        self._rules = rules
        self._now_ms = now_ms
        self._active: dict[str, dict[str, Episode]] = {}  # by path, by name
        self._stored: dict[str, Episode] = {}  # as the database has them
        self._latest: dict[str, Episode] = {}  # as they are to be
        self._journal: list[dict[str, Any]] = []
        self._standings: dict[tuple[str, str], Standing] = {}

    def take(self, events: Sequence[AlarmEvent]) -> list[Accepted]:
        """Decide on all events, then write what changed."""
        paths = {event.path for event in events}
        self._standings = standing.on_paths(self._connection, paths)
        for episode in store.active_on(self._connection, paths, alone=True):
            self._stored[episode.id] = episode
            self._active.setdefault(episode.path, {})[episode.name] = episode
        accepted = [self._one(event) for event in events]
        self._write()
        return accepted

    def _one(self, event: AlarmEvent) -> Accepted:
        event_id = new_id(self._now_ms)
        event, cut = in_bounds(event)
        found, warnings = self._meant(event)
        warnings += cut
        if event.state == "active":
            active, more = raised(event, self._rules, episode_id=new_id(self._now_ms), now_ms=self._now_ms)
            active = replace(active, fresh=self._standing(active.fresh))
            found = self._active.get(event.path, {}).get(active.fresh.name)
            decision = decide(found, active, self._now_ms)
            warnings += more
        else:
            decision = decide(found, Clear(event.value), self._now_ms)
        after = decision.change or found
        if event.data and event.state == "active" and after is not None:
            warnings += left_out([*(found.data if found else ()), *event.data], after.data)
        change = self._note(event, event_id, found, decision)
        if after is None:
            return Accepted(event_id, None, "cleared", warnings or ("nothing was active on this path",))
        return Accepted(event_id, after.id, after.state, warnings, change)

    def _standing(self, fresh: Episode) -> Episode:
        """Give a new episode its alarm's standing: suppressed or out of service, it is told to nobody."""
        found = self._standings.get((fresh.path, fresh.name), Standing()).now(self._now_ms)
        return replace(fresh, **asdict(found)) if found else fresh

    def _meant(self, event: AlarmEvent) -> tuple[Episode | None, tuple[str, ...]]:
        """Find the active episode a clear event is about."""
        here = self._active.get(event.path, {})
        own = name_of(event.path)
        rule = self._rules.rule(event.path, event.name or own)
        name = event.name or (rule.name if rule and rule.name else own)
        if name in here or event.name is not None or event.state == "active":
            return here.get(name), ()
        if not here:
            return None, ()
        if len(here) > 1:
            return None, (f"several alarms are active on this path; name one of {', '.join(sorted(here))}",)
        (only,) = here.values()
        if rule is not None or self._known(event.path, name):
            # A clear that is repeated: what else is active here is another alarm, and still so at the plant.
            return None, (f"{name} was not active; name {only.name} to clear that",)
        return only, (f"{only.name} was cleared, which alone was active on this path; give its name",)

    def _known(self, path: str, name: str) -> bool:
        """Tell whether this alarm was active before."""
        lately = any((one.path, one.name) == (path, name) for one in self._latest.values())
        return lately or store.was_cleared(self._connection, path, name)

    def _note(
        self, event: AlarmEvent, event_id: str, before: Episode | None, decision: Decision
    ) -> AlarmChanged | None:
        after = decision.change
        if after is None:
            return None
        is_new = before is None or before.id != after.id
        kind: ChangeKind = "cleared" if after.state == "cleared" else "active" if is_new else "updated"
        self._latest[after.id] = after
        here = self._active.setdefault(after.path, {})
        if after.state == "active":
            here[after.name] = after
        else:
            here.pop(after.name, None)
        if kind != "updated" or before is None or before.priority != after.priority:
            # A value that only moves is kept with the episode; recording each would bury the rest.
            self._journal.append(
                {
                    "at_ms": self._now_ms,
                    "kind": f"alarm.{kind}",
                    "subject": after.id,
                    "data": {
                        "event": event_id,
                        "path": after.path,
                        "priority": after.priority,
                        "value": event.value,
                        "source": event.source,
                    },
                }
            )
        return AlarmChanged(kind, None if is_new else before, after)

    def _write(self) -> None:
        fresh = [episode for episode in self._latest.values() if episode.id not in self._stored]
        for episode in self._latest.values():
            before = self._stored.get(episode.id)
            # Cleared before opened: of one alarm only one episode may be active at any moment.
            if before is not None and not store.change(self._connection, before, episode):
                raise Raced(episode.id)
        store.add(self._connection, fresh)
        record_all(self._connection, self._journal)


class _Ids:
    """Opaque ids that sort by time, within one millisecond by the order in which they were made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = (0, 0)

    def __call__(self, now_ms: int) -> str:
        """Make an id: nine symbols of time, a dash, 60 bits that start at random in each millisecond."""
        with self._lock:
            at, number = self._last
            number = number + 1 + secrets.randbelow(1 << 20) if at == now_ms else secrets.randbits(59)
            self._last = (now_ms, number)
        return f"{_spelled(now_ms, 9)}-{_spelled(number, 12)}"


def _spelled(number: int, length: int) -> str:
    return "".join(_SYMBOLS[(number >> (5 * place)) & 31] for place in reversed(range(length)))


new_id: Final = _Ids()
