"""Whom nothing reaches any more because they stopped their texts: found at once, and looked for again. Pure.

A number that is out of order comes back by itself; a person who has texted STOP has to text START.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from tocsin.alarms import AlarmEvent
from tocsin.calls.own_words import OWN, own_data

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from tocsin.channels.contacts import ContactState
    from tocsin.people import Directory, User

REACH: Final = f"{OWN}Reach/"
"""How the paths of these alarms begin."""
PEOPLE: Final = f"{REACH}people/"
"""How the paths of those about one person begin; the username follows."""

_CHANNELS: Final = {"phone": "voice", "sms": "sms"}


@dataclass(frozen=True, slots=True)
class Unreached:
    """A person, or all of a roster, whom nothing reaches: `told` says so in one sentence."""

    kind: Literal["people", "rosters"]
    name: str
    told: str

    @property
    def path(self) -> str:
        """The path of the alarm about it."""
        return f"{REACH}{self.kind}/{self.name}"


def ways(user: User, unreachable: Collection[tuple[str, str]]) -> list[tuple[str, str]]:
    """Give (channel, number) of every way on which something may reach a person."""
    return [way for way in _all_ways(user) if way not in unreachable]


def _all_ways(user: User) -> list[tuple[str, str]]:
    return [
        (_CHANNELS[one.type], one.value)
        for one in user.contacts
        if one.type in _CHANNELS and one.type not in user.opt_out
    ]


def unreached(directory: Directory, unreachable: Mapping[tuple[str, str], ContactState]) -> list[Unreached]:
    """Find the people on rosters who stopped texts and have no other way, then rosters of nobody else."""
    stopped = {way for way, one in unreachable.items() if one.state == "opted-out"}
    if not stopped:
        return []
    rosters = {name: directory.members(one) for name, one in directory.rosters.items()}
    lost = {
        user.username
        for members in rosters.values()
        for user in members
        if stopped & set(_all_ways(user)) and not ways(user, unreachable)
    }
    people = [
        Unreached(
            "people",
            name,
            f"{name} has stopped texts and has no other contact that works; have {name} text START, or add a"
            " phone",
        )
        for name in sorted(lost)
    ]
    return people + [
        Unreached("rosters", name, f"nobody on the roster {name} can be called or texted")
        for name, members in rosters.items()
        if any(one.username in lost for one in members) and not any(ways(one, unreachable) for one in members)
    ]


def events(found: Iterable[Unreached], raised: Collection[str]) -> list[AlarmEvent]:
    """Give what the board is told, where the alarms at the paths `raised` are active already."""
    now = {one.path: one for one in found}
    begin = [
        AlarmEvent(
            path=path,
            name="Cannot be told",
            state="active",
            priority="High" if one.kind == "rosters" else "Medium",
            label=one.told.partition(";")[0],
            data=own_data(f"unreached-{one.kind}", name=one.name),
        )
        for path, one in now.items()
        if path not in raised
    ]
    return begin + [
        AlarmEvent(path=path, name="Cannot be told", state="clear") for path in raised if path not in now
    ]
