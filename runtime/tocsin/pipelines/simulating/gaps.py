"""When nobody would be told, over any span of time: found before it happens. Pure.

Looked at are rosters, people, pipelines and alarms of one configuration. Who is on call when is the people's
to say; whether somebody can be told, `World.ways` and areas; where a pipeline leads to, the simulator.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from tocsin.alarms.episode import AlarmEvent
from tocsin.alarms.rules import raised
from tocsin.people.spans import difference, intersection, union
from tocsin.pipelines.plan import Notification
from tocsin.pipelines.run import Alarm
from tocsin.pipelines.simulating.endings import Chosen
from tocsin.pipelines.simulating.simulation import simulate
from tocsin.pipelines.turn import opened

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tocsin.people.on_call import Stretch
    from tocsin.people.spans import Span
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.routing import Named
    from tocsin.pipelines.simulating.what_if import WhatIf
    from tocsin.pipelines.world import World

GapKind: TypeAlias = Literal["person", "roster", "alarm", "pipeline", "circles"]

_DAY_MS: Final = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class Gap:
    """Something because of which nobody would be told: of `kind`, by `name`, for the reason `why`.

    `spans` are when (ms UTC), none where it is always so; `remedy` says what to change.
    """

    kind: GapKind
    name: str
    why: str
    remedy: str
    spans: tuple[Span, ...] = ()


def gaps(asked: WhatIf, from_ms: int, to_ms: int) -> list[Gap]:
    """Find everything because of which nobody would be told between two instants (ms UTC)."""
    search = _Search(asked, from_ms, to_ms)
    found = [*search.people(), *search.rosters(), *search.alarms(), *search.pipelines()]
    return found or [*search.nobody()]


@dataclass(frozen=True, slots=True)
class _Kind:
    """Alarms that are told alike: of one pipeline and priority, and the same people may have them."""

    named: Named
    priority: str
    allowed: frozenset[str]


class _Search:
    def __init__(self, asked: WhatIf, from_ms: int, to_ms: int) -> None:
        self._asked = asked
        self._routing = asked.routing
        self._directory = asked.routing.reach.directory
        self._from_ms, self._to_ms = from_ms, to_ms
        self._world = asked.routing.reach.at(from_ms)
        self._stretches: dict[str, Sequence[Stretch]] = {}
        self._reachable: dict[tuple[str, tuple[str, ...], str], bool] = {}
        self._kinds: dict[_Kind, list[str]] = {}
        self._examples: dict[_Kind, Alarm] = {}
        self._sort_alarms()

    def _sort_alarms(self) -> None:
        members = {name: frozenset(self._members(name)) for name in self._directory.rosters}
        everybody = frozenset(one for some in members.values() for one in some)
        areas: dict[tuple[str, ...], list[str]] = {}
        for username in everybody:
            areas.setdefault(self._directory.users[username].areas, []).append(username)
        for path in self._asked.rules.alarms:
            fresh = _raised(self._asked, path, self._from_ms)
            may = frozenset(one for some in areas.values() if self._may(some[0], path) for one in some)
            named = self._routing.named(fresh.pipeline)
            of = [members.get(roster, frozenset()) for roster in self._rosters_of(named.plan)]
            allowed = may & frozenset(one for some in of for one in some)
            kind = _Kind(named, fresh.priority, allowed)
            self._kinds.setdefault(kind, []).append(path)
            self._examples.setdefault(kind, fresh)

    def _members(self, roster: str) -> tuple[str, ...]:
        known = self._directory.roster(roster)
        return () if known is None else tuple(user.username for user in self._directory.members(known))

    def _may(self, username: str, path: str) -> bool:
        return self._directory.may(self._directory.users[username], path)

    def _rosters_of(self, plan: Plan) -> list[str]:
        """Give the rosters that a plan tells; those of the built-in one are all."""
        found: dict[str, None] = {}
        for block in plan.blocks:
            if isinstance(block, Notification):
                names = list(self._directory.rosters) if block.roster is None else [block.roster]
                found |= dict.fromkeys(names)
        return list(found)

    def _line(self, roster: str) -> Sequence[Stretch]:
        found = self._stretches.get(roster)
        if found is None:
            known = roster in self._directory.rosters
            found = self._directory.stretches(roster, self._from_ms, self._to_ms) if known else ()
            self._stretches[roster] = found
        return found

    def _reaches(self, person: str, profiles: tuple[str, ...], priority: str) -> bool:
        key = person, profiles, priority
        found = self._reachable.get(key)
        if found is None:
            found = self._reachable[key] = bool(self._world.ways(person, profiles, priority=priority).first)
        return found

    def nobody(self) -> Iterator[Gap]:
        """Find that there is nobody at all, for the alarms too that have no rule of their own."""
        if not any(self._members(name) for name in self._directory.rosters):
            yield Gap(
                "pipeline", "built-in", "nobody is on a roster",
                "add users with a contact, and a roster of them",
                ((self._from_ms, self._to_ms),),
            )  # fmt: skip

    # --- people and rosters -------------------------------------------------------------------------------

    def people(self) -> Iterator[Gap]:
        """Find the people on rosters whom nothing can reach."""
        on_rosters = dict.fromkeys(one for roster in self._directory.rosters for one in self._members(roster))
        for person in on_rosters:
            ways = self._world.ways(person, ())
            if not ways.first:
                yield Gap(
                    "person", person, ways.why,
                    f'add a contact of type "phone" or "sms" to users.{person}, and a profile that uses it',
                )  # fmt: skip

    def rosters(self) -> Iterator[Gap]:
        """Find when nobody of a roster is on call, unless that is meant so."""
        for name, roster in self._directory.rosters.items():
            if roster.may_be_empty:
                continue
            empty = [one for one in self._line(name) if not one.people]
            if empty:
                spans = tuple(union((one.from_ms, one.to_ms) for one in empty))
                remedy = "add people for it, or, if it is meant so, say may_be_empty = true"
                yield Gap("roster", name, empty[0].why, remedy, spans)

    # --- alarms and pipelines -----------------------------------------------------------------------------

    def alarms(self) -> Iterator[Gap]:
        """Find the alarms that nobody may acknowledge, because of areas."""
        for kind, paths in self._kinds.items():
            rosters = self._rosters_of(kind.named.plan)
            if rosters and not kind.allowed and any(self._members(one) for one in rosters):
                for path in paths:
                    yield Gap(
                        "alarm", path, f"it is in the areas of nobody on {_listed(rosters)}",
                        "add it to the areas of somebody there, or name another pipeline",
                    )  # fmt: skip

    def pipelines(self) -> Iterator[Gap]:
        """Find when a pipeline would tell nobody although it has people, and where it goes in circles."""
        seen: set[tuple[str, str, tuple[Span, ...]]] = set()
        circling: set[str] = set()
        for kind, paths in self._kinds.items():
            name = kind.named.pipeline or "built-in"
            untold = self._untold(kind) if kind.allowed else ()
            if untold:
                why = self._why(kind, self._telling_moment(kind, untold), paths[0])
                if (name, why, untold) not in seen:
                    seen.add((name, why, untold))
                    remedy = "put somebody on its rosters who may have the alarm and has a contact it uses"
                    yield Gap("pipeline", name, f"{paths[0]}: {why}", remedy, untold)
            if name not in circling and (block := self._circles(kind)):
                circling.add(name)
                yield _circle(name, block)

    def _untold(self, kind: _Kind) -> tuple[Span, ...]:
        """Give when nobody can be told of alarms of a kind."""
        told: list[Span] = []
        for block in kind.named.plan.blocks:
            if not isinstance(block, Notification):
                continue
            able = {one for one in kind.allowed if self._reaches(one, block.profiles, kind.priority)}
            for roster in self._directory.rosters if block.roster is None else (block.roster,):
                told += [
                    (one.from_ms, one.to_ms) for one in self._line(roster) if not able.isdisjoint(one.people)
                ]
        return tuple(difference([(self._from_ms, self._to_ms)], union(told)))

    def _telling_moment(self, kind: _Kind, untold: Sequence[Span]) -> int:
        """Give the first moment at which somebody is on call and cannot be told, else the first of all."""
        manned = [
            (one.from_ms, one.to_ms)
            for roster in self._rosters_of(kind.named.plan)
            for one in self._line(roster)
            if one.people
        ]
        return next(iter(intersection(untold, union(manned))), untold[0])[0]

    def _why(self, kind: _Kind, at_ms: int, path: str) -> str:
        """Say why nobody is told at a moment: who is on call and cannot be, or that nobody is."""
        world: World = self._routing.reach.at(at_ms)
        reasons: list[str] = []
        for block in kind.named.plan.blocks:
            if isinstance(block, Notification):
                on_call = world.on_call(block.roster)
                reasons += [on_call.why] if on_call.why else []
                for person in on_call.people:
                    why = world.kept_out(person, path) or world.ways(person, block.profiles).why
                    reasons += [f"{person}: {why}"] if why else []
        return "; ".join(dict.fromkeys(reasons)) or "it tells nobody"

    def _circles(self, kind: _Kind) -> str:
        """Play the pipeline through with everybody missing, for each crew it may meet; see `_loops`."""
        rosters = [
            block.roster for block in kind.named.plan.blocks
            if isinstance(block, Notification) and block.roster is not None
        ]  # fmt: skip
        starts: Mapping[tuple[str, ...], int] = {(): self._from_ms}
        for roster in dict.fromkeys(rosters):
            first: dict[tuple[str, ...], int] = {}
            for one in self._line(roster):
                first.setdefault(one.people, one.from_ms)
            starts = {**starts, **first}
        found = (
            _loops(self._asked, kind.named, self._examples[kind], at_ms)
            for at_ms in dict.fromkeys(starts.values())
        )
        return next(filter(None, found), "")


def circles(asked: WhatIf, at_ms: int) -> list[Gap]:
    """Find the pipelines that go in circles at a moment (ms UTC), also those that no alarm names.

    A pipeline is played once for each priority of its alarms: quick enough for whenever a file is saved.
    """
    priorities: dict[str, set[str]] = {}
    for path in asked.rules.alarms:
        fresh = _raised(asked, path, at_ms)
        priorities.setdefault(fresh.pipeline or "", set()).add(fresh.priority)
    found: list[Gap] = []
    for name, named in asked.routing.pipelines.items():
        example = _raised(asked, "Plant", at_ms)
        for priority in sorted(priorities.get(name, {example.priority})):
            block = _loops(asked, named, example._replace(priority=priority, pipeline=name), at_ms)
            if block:
                found.append(_circle(name, block))
                break
    return found


def _raised(asked: WhatIf, path: str, at_ms: int) -> Alarm:
    """Give the alarm of a path as it would be, went it active at a moment."""
    event = AlarmEvent(path=path, state="active")
    fresh = raised(event, asked.rules, episode_id="gap", now_ms=at_ms)[0].fresh
    return Alarm(*(getattr(fresh, name) for name in Alarm._fields))


def _loops(asked: WhatIf, named: Named, alarm: Alarm, at_ms: int) -> str:
    """Give the block at which a pipeline still goes round after a day, with nobody told; "" where none."""
    played = simulate(
        named.plan, alarm, asked.routing.reach.at, Chosen(), at_ms, at_ms + _DAY_MS,
        lines=asked.lines, pipeline=named.pipeline, once=True,
    )  # fmt: skip
    told = any(one.kind in {"call", "text"} for one in played.steps)
    if played.last_resort_ms is not None or played.ended or not (played.circles or not told):
        return ""
    return named.plan.name(opened(played.runs[0].position).block)


def _circle(name: str, block: str) -> Gap:
    why = f"it goes in circles at {block} without telling anybody or coming to an end"
    return Gap("circles", name, why, "give it a block that tells people on the way round, or fewer jumps")


def _listed(rosters: Sequence[str]) -> str:
    return ("roster " if len(rosters) == 1 else "the rosters ") + ", ".join(rosters)
