"""The people of one configuration, ready to be asked: by name, id or number, by roster, by what they may do.

A Directory never changes; a new configuration makes a new one. What it has worked out it keeps. Nothing
here reads files or the database.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from tocsin.people.on_call import Gap, Plan, Shift, Stretch, nobody, time_line
from tocsin.people.user import NUMBERED, Contact, Roster, Telling, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tocsin.people.roster_sections import HolidaysSection, RosterSection, ScheduleSection
    from tocsin.people.sections import UserSection
    from tocsin.people.shifts import Hours
    from tocsin.people.spans import Span

__all__ = ["NUMBERED", "Contact", "Directory", "Roster", "Telling", "User"]

_WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
_LATEST_MS: Final = (
    253_086_768_000_000  # 9990-01-01, some years before the wall clock ends: nothing changes any more
)
_MOST_WEEKS: Final = 4096
"""So many worked-out weeks are kept, of all rosters together."""

_LOOK_AHEAD: Final = 54
"""So many weeks are looked through for the end of a shift."""

NOTHING_CALCULATED: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({})


class Directory:
    """Everybody, indexed; `timezone` is that of rosters and schedules without their own (an IANA name)."""

    def __init__(
        self, users: Iterable[User], rosters: Iterable[Roster] = (), *, timezone: str = "UTC"
    ) -> None:
        self.timezone = timezone
        self.calculated: Mapping[str, tuple[str, ...]] = NOTHING_CALCULATED
        """Whom the scripts of calculated rosters have named last, where nobody says otherwise."""
        self.users: Mapping[str, User] = MappingProxyType({user.username: user for user in users})
        self.rosters: Mapping[str, Roster] = MappingProxyType({roster.name: roster for roster in rosters})
        self._by_id = {user.id: user for user in self.users.values()}
        self._owners: dict[str, tuple[User, ...]] = {}
        for user in self.users.values():
            for number in user.numbers:
                self._owners[number] = (*self._owners.get(number, ()), user)
        self._sharers: dict[str, list[Roster]] = {}
        for roster in self.rosters.values():
            if roster.shared_phone is not None:
                self._sharers.setdefault(roster.shared_phone, []).append(roster)
        patterns = {area for user in self.users.values() for area in user.areas}
        self._areas = {area: _area(area) for area in patterns}
        self._plans = {roster.name: self._plan(roster) for roster in self.rosters.values()}
        self._weeks: dict[tuple[str, int, tuple[str, ...] | None], tuple[list[int], list[Stretch]]] = {}
        self._hours: dict[tuple[int, int, int, str], Sequence[Span]] = {}

    @classmethod
    def of(
        cls,
        users: Mapping[str, UserSection],
        rosters: Mapping[str, RosterSection] | None = None,
        schedules: Mapping[str, ScheduleSection] | None = None,
        *,
        holidays: Mapping[str, HolidaysSection] | None = None,
        timezone: str = "UTC",
    ) -> Directory:
        """Make the directory of sections that passed `crosscheck`; an unknown name raises KeyError."""
        from tocsin.people import making

        known = {name: making.user(name, section, timezone) for name, section in users.items()}
        hours = making.schedules(schedules or {}, making.holiday_calendars(holidays or {}))
        return cls(
            known.values(),
            (
                making.roster(name, section, known, hours, timezone)
                for name, section in (rosters or {}).items()
            ),
            timezone=timezone,
        )

    # --- who is who ------------------------------------------------------------------------------------

    def by_id(self, number: int) -> User | None:
        """Return the user with this id."""
        return self._by_id.get(number)

    def by_number(self, e164: str) -> tuple[User, ...]:
        """Return who may be at this number: its owners, and the crews that share it."""
        found = {user.username: user for user in self._owners.get(e164, ())}
        for roster in self._sharers.get(e164, ()):
            found |= {user.username: user for user in self._crew(roster)}
        return tuple(found.values())

    def owner(self, e164: str) -> User | None:
        """Return the one person whose own contact this number is; None where nobody or several."""
        owners = self._owners.get(e164, ())
        return owners[0] if len(owners) == 1 and e164 not in self._sharers else None

    def roster(self, name: str) -> Roster | None:
        """Return the roster of this name."""
        return self.rosters.get(name)

    def members(self, roster: Roster) -> tuple[User, ...]:
        """Return everybody who stands anywhere in a roster, on call or not."""
        return tuple(self.users[one] for one in roster.usernames if one in self.users)

    def _crew(self, roster: Roster) -> list[User]:
        """Return a roster's members, whom its script has named last, and who stands in for any of them."""
        named = self.calculated.get(roster.name, ()) if roster.script is not None else ()
        people = [*self.members(roster), *(self.users[one] for one in named if one in self.users)]
        instead = [away.instead for user in people for away in user.away if away.instead is not None]
        return [*people, *(self.users[one] for one in instead if one in self.users)]

    def may(self, user: User, path: str) -> bool:
        """Return whether one of the user's areas covers an alarm's path, letter case aside."""
        return any((self._areas.get(area) or _area(area)).fullmatch(path) for area in user.areas)

    def order(self, user: str, priority: str) -> tuple[Telling, ...]:
        """Return a person's own order for alarms of a priority ("High"), the soonest first.

        Empty where they have none: then the usual one counts, voice before text.
        """
        found = self.users.get(user)
        return () if found is None else found.order(priority)

    # --- who is on call --------------------------------------------------------------------------------

    def on_call(
        self, roster: str, at_ms: int, *, calculated: Mapping[str, tuple[str, ...]] = NOTHING_CALCULATED
    ) -> Shift:
        """Return who of a roster is on call at an instant (ms UTC), or why nobody is.

        `calculated` are the people that the scripts of calculated rosters have named.
        """
        plan = self._plans.get(roster)
        if plan is None:
            return Shift((), f"there is no roster {roster} any more")
        given = self._given(plan, calculated)
        if plan.constant:
            people = plan.standing if given is None else given
            if people:
                return Shift(people)
        at_ms = min(max(at_ms, 0), _LATEST_MS)
        begins, stretches = self._week(plan, at_ms // _WEEK_MS, given)
        found = stretches[bisect_right(begins, at_ms) - 1]
        return Shift(found.people, found.why, None if plan.constant else found.to_ms)

    def shift(
        self, roster: str, at_ms: int, *, calculated: Mapping[str, tuple[str, ...]] = NOTHING_CALCULATED
    ) -> Shift:
        """Return the same as `on_call`, with an `until_ms` at which the people do change.

        None where they do not within a year. It looks ahead, so that it may take longer.
        """
        now = found = self.on_call(roster, at_ms, calculated=calculated)
        latest_ms = at_ms + _LOOK_AHEAD * _WEEK_MS
        while found.until_ms is not None and found.until_ms < min(latest_ms, _LATEST_MS):
            found = self.on_call(roster, found.until_ms, calculated=calculated)
            if found.people != now.people:
                return now
            now = Shift(now.people, now.why, found.until_ms)
        return Shift(now.people, now.why)

    def stretches(
        self,
        roster: str,
        from_ms: int,
        to_ms: int,
        *,
        calculated: Mapping[str, tuple[str, ...]] = NOTHING_CALCULATED,
    ) -> Sequence[Stretch]:
        """Return who of a roster is on call between two instants, from one change to the next.

        Raises KeyError where there is no such roster.
        """
        plan = self._plans[roster]
        from_ms, to_ms = (min(max(one, 0), _LATEST_MS) for one in (from_ms, to_ms))
        if from_ms >= to_ms:
            return ()
        return time_line(plan, from_ms, to_ms, self._spans, self._given(plan, calculated))

    def gaps(
        self,
        from_ms: int,
        to_ms: int,
        *,
        rosters: Iterable[str] | None = None,
        calculated: Mapping[str, tuple[str, ...]] = NOTHING_CALCULATED,
    ) -> Sequence[Gap]:
        """Return the stretches between two instants in which nobody of a roster is on call.

        Of all rosters unless some are named; each roster's in order of time.
        """
        return [
            gap
            for name in (self.rosters if rosters is None else rosters)
            if not (self._plans[name].constant and self.on_call(name, from_ms, calculated=calculated).people)
            for gap in nobody(name, self.stretches(name, from_ms, to_ms, calculated=calculated))
        ]

    def _given(self, plan: Plan, calculated: Mapping[str, tuple[str, ...]]) -> tuple[str, ...] | None:
        """Return whom a roster's script has named, known people only.

        None where it has named nobody: then the roster's standing people count, so that somebody is told.
        """
        if plan.script is None:
            return None
        named = (calculated or self.calculated).get(plan.roster, ())
        return tuple(dict.fromkeys(one for one in named if one in self.users)) or None

    def _plan(self, roster: Roster) -> Plan:
        away = {user.username: user.away for user in self.users.values() if user.away}
        around = {*roster.usernames, *away} if roster.script else {*roster.usernames}
        return Plan(
            roster.name,
            roster.timezone or self.timezone,
            tuple(user.username for user in roster.users),
            roster.rotations,
            roster.schedule,
            roster.swaps,
            roster.overrides,
            {name: some for name, some in away.items() if name in around},
            roster.script,
        )

    def _week(self, plan: Plan, week: int, given: tuple[str, ...] | None) -> tuple[list[int], list[Stretch]]:
        key = (plan.roster, week, given)
        found = self._weeks.get(key)
        if found is None:
            if len(self._weeks) >= _MOST_WEEKS:
                self._weeks.clear()
            line = time_line(plan, week * _WEEK_MS, (week + 1) * _WEEK_MS, self._spans, given)
            found = self._weeks[key] = ([one.from_ms for one in line], line)
        return found

    def _spans(self, hours: Hours, from_ms: int, to_ms: int, zone: str) -> Sequence[Span]:
        key = (id(hours), from_ms, to_ms, zone)
        found = self._hours.get(key)
        if found is None:
            if len(self._hours) >= _MOST_WEEKS:
                self._hours.clear()
            found = self._hours[key] = hours.spans(from_ms, to_ms, zone)
        return found


def _area(pattern: str) -> re.Pattern[str]:
    """Compile an area: `*` and `?` are wild, all else is literal, and what lies below is covered too."""
    first, *others = [
        "".join("." if letter == "?" else re.escape(letter) for letter in part)
        for part in re.split(r"\*+", pattern.rstrip("/"))
    ]
    body = first
    if others:
        # Where a piece fits first it fits best, so no star is ever tried again: many stars stay quick.
        body += "".join(f"(?>.*?{piece})" for piece in others[:-1]) + ".*" + others[-1]
    return re.compile(f"{body}(?:/.*)?", re.IGNORECASE | re.DOTALL)
