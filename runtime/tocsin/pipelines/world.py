"""What a decision may know beyond its run: who is on call now, the ways to each, and the outcome table.

A `Reach` is made of one configuration; a `World` is what it gives at one moment. Whoever is left out is left
out with a reason, so that it can be told why somebody's phone did not ring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tocsin.people import Directory, User
    from tocsin.pipelines.outcomes import Outcomes

_CONTACT: Final = {"voice": "phone", "sms": "sms"}  # the type of contact that a channel uses


class Unreachable(Protocol):
    """Why a number cannot be reached over a channel: it is "bad", or its owner has "opted-out"."""

    @property
    def state(self) -> str:
        """Either "bad" or "opted-out"."""

    @property
    def why(self) -> str:
        """What told so."""


Unusable: TypeAlias = Mapping[tuple[str, str], Unreachable]
"""Numbers that are not to be used for now, by (channel, number)."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a person: over a channel, through a profile, at a number, so long after the others."""

    channel: str
    profile: str
    number: str
    after_ms: int = 0


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways to one person: those taken `first`, side by side; `others` to call later; `texts` to send.

    `why` says why there are none.
    """

    first: tuple[Way, ...] = ()
    others: tuple[Way, ...] = ()
    texts: tuple[Way, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class OnCall:
    """Who of a roster is on call now, in calling order; `why` says why nobody is."""

    people: tuple[str, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Everybody and every way of one configuration; the profiles by name in the order in which they stand."""

    directory: Directory
    timezone: str
    voice: tuple[str, ...]
    messages: tuple[str, ...]
    outcomes: Outcomes

    def at(self, now_ms: int, unusable: Unusable | None = None) -> World:
        """Give the world at a moment (ms UTC); `unusable` numbers are left out, each for its reason."""
        return World(self, now_ms, unusable or {})


class World:
    """The world at one moment. What is asked for twice is worked out once."""

    def __init__(self, reach: Reach, now_ms: int, unusable: Unusable) -> None:
        self.outcomes = reach.outcomes
        self.timezone = reach.timezone
        self._reach = reach
        self._now_ms = now_ms
        self._unusable = unusable
        self._on_call: dict[str | None, OnCall] = {}
        self._ways: dict[tuple[str, tuple[str, ...], str, bool], Ways] = {}

    def on_call(self, roster: str | None) -> OnCall:
        """Give who is on call; None stands for every roster in order, each person once."""
        found = self._on_call.get(roster)
        if found is None:
            found = self._on_call[roster] = self._every() if roster is None else self._of(roster)
        return found

    def _every(self) -> OnCall:
        all_of = [self.on_call(name).people for name in self._reach.directory.rosters]
        people = tuple(dict.fromkeys(person for some in all_of for person in some))
        return OnCall(people, "" if people else "nobody is on call on any roster")

    def _of(self, name: str) -> OnCall:
        shift = self._reach.directory.on_call(name, self._now_ms)
        return OnCall(shift.people, shift.why)

    def kept_out(self, person: str, path: str) -> str:
        """Give why a person on call is not told of the alarm on `path`, or "" where they are."""
        user = self._reach.directory.users.get(person)
        if user is None:
            return "is not in the configuration any more"
        return "" if self._reach.directory.may(user, path) else f"{path} is in none of their areas"

    def knows(self, profiles: Iterable[str]) -> bool:
        """Tell whether any of these profiles is configured."""
        return any(name in self._reach.voice or name in self._reach.messages for name in profiles)

    def ways(
        self, person: str, profiles: tuple[str, ...], *, priority: str = "", even_bad: bool = False
    ) -> Ways:
        """Give the ways to a person through these profiles, or, without any, in their own order.

        That order may depend on the alarm's `priority`. `even_bad`: with the numbers at which nobody seemed
        to be reached lately, for want of better ones.
        """
        key = person, profiles, priority, even_bad
        found = self._ways.get(key)
        if found is None:
            user = self._reach.directory.users.get(person)
            if user is None:
                found = Ways(why="is not in the configuration any more")
            elif profiles:
                found = self._chosen(user, profiles, even_bad=even_bad)
            else:
                found = self._own(user, priority, even_bad=even_bad)
            self._ways[key] = found
        return found

    def _own(self, user: User, priority: str, *, even_bad: bool) -> Ways:
        wished = self._wished(user, priority, even_bad=even_bad)
        if wished.first:
            return wished
        reach = self._reach
        calls = self._through(user, reach.voice, "voice", reach.voice[:1], even_bad=even_bad)
        texts = self._through(user, reach.messages, "sms", reach.messages[:1], even_bad=even_bad)
        if not calls and not texts:
            return Ways(why=self._why(user))
        return Ways(calls[:1] or texts[:1], calls[1:], texts)

    def _wished(self, user: User, priority: str, *, even_bad: bool) -> Ways:
        """Give the ways in the order that the person has chosen; none where they have not, or cannot be."""
        first: dict[tuple[str, str, str], Way] = {}
        others: list[Way] = []
        texts: list[Way] = []
        for telling in self._reach.directory.order(user.username, priority):
            ways = self._chosen(user, self._profiles(telling.profiles), even_bad=even_bad)
            for way in ways.first:
                key = way.channel, way.profile, way.number
                first.setdefault(key, replace(way, after_ms=telling.after_ms))
            others += ways.others
            texts += ways.texts
        return Ways(tuple(first.values()), tuple(dict.fromkeys(others)), tuple(dict.fromkeys(texts)))

    def _profiles(self, named: Sequence[str]) -> list[str]:
        """Give the profiles that a person means, who may name a type of contact as well: the usual one."""
        usual = {"phone": self._reach.voice[:1], "sms": self._reach.messages[:1]}
        return [profile for name in named for profile in usual.get(name, (name,))]

    def _chosen(self, user: User, profiles: Sequence[str], *, even_bad: bool) -> Ways:
        first: list[Way] = []
        others: list[Way] = []
        texts: list[Way] = []
        for name in profiles:
            if name in self._reach.voice:
                calls = self._through(user, (name,), "voice", (name,), even_bad=even_bad)
                first += calls[:1]
                others += calls[1:]
            elif name in self._reach.messages:
                sms = self._through(user, (name,), "sms", (name,), even_bad=even_bad)
                first += sms[:1]
                texts += sms
        if not first:
            return Ways(why=self._why(user))
        return Ways(tuple(first), tuple(others), tuple(texts))

    def _through(
        self, user: User, named: Sequence[str], channel: str, usual: Sequence[str], *, even_bad: bool
    ) -> tuple[Way, ...]:
        """Give the usable ways over a channel in contact order.

        A contact of the channel's own type goes through the `usual` profile, one that names a profile
        through that.
        """
        found: list[Way] = []
        if _CONTACT[channel] in user.opt_out:
            return ()
        for contact in user.contacts:
            if contact.type in user.opt_out:
                continue
            against = self._unusable.get((channel, contact.value))
            if against is not None and not (even_bad and against.state == "bad"):
                continue
            if contact.type == _CONTACT[channel]:
                found += [Way(channel, profile, contact.value) for profile in usual]
            elif contact.type in named:
                found.append(Way(channel, contact.type, contact.value))
        return tuple(found)

    def _why(self, user: User) -> str:
        for contact in user.contacts:
            for channel in _CONTACT:
                against = self._unusable.get((channel, contact.value))
                if against is not None:
                    return f"{against.state}: {against.why}"
        if user.opt_out:
            return "does not want to be told over what these profiles use"
        return "has no contact that these profiles can reach"
