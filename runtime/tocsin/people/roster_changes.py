"""Overrides and swaps that are asked for: what each would bring, and what speaks against it. Pure.

The files may say more than is accepted here: what a command or a request brings is looked at by nobody
before it counts, so a slip is answered, and done only when it is asked for a second time, knowingly.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias
from zoneinfo import ZoneInfo

from tocsin.people.directory import Directory
from tocsin.people.overrides import Override, Swap

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tocsin.people.on_call import Stretch
    from tocsin.people.overrides import Away
    from tocsin.people.user import Roster

Change: TypeAlias = Override | Swap
Kind: TypeAlias = Literal["override", "swap"]

_LOOKED_AT_MS: Final = 366 * 24 * 60 * 60 * 1000
"""The effect of a change is looked at so far; one that lasts longer is looked at in its first year."""


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a change, in one sentence; `binding`: it is not made whoever insists."""

    why: str
    binding: bool = False


def kind_of(change: Change) -> Kind:
    """Return what a change is."""
    return "override" if isinstance(change, Override) else "swap"


def mark_of(change: Change) -> str:
    """Return six hexadecimal digits that stand for a change, wherever in its list it stands."""
    if isinstance(change, Override):
        says: Sequence[Any] = (
            change.users, change.add, sorted(change.remove), sorted(change.replace), change.why,
        )  # fmt: skip
    else:
        says = (change.first, change.second)
    written = json.dumps([kind_of(change), change.from_ms, change.to_ms, *says])
    return hashlib.sha256(written.encode()).hexdigest()[:6]


def changes_of(roster: Roster) -> tuple[Change, ...]:
    """Return a roster's overrides and swaps, the soonest first."""
    return tuple(sorted((*roster.overrides, *roster.swaps), key=lambda one: (one.from_ms, one.to_ms)))


def people_in(change: Change) -> tuple[str, ...]:
    """Return everybody whom a change puts on call, each once."""
    if isinstance(change, Swap):
        return (change.first, change.second)
    names = (*(change.users or ()), *change.add, *(new for _, new in change.replace))
    return tuple(dict.fromkeys(names))


def in_words(change: Change) -> str:
    """Say what a change does: "jon for maria", "maria and jon swap"."""
    if isinstance(change, Swap):
        return f"{change.first} and {change.second} swap"
    if change.users is not None:
        return ", ".join(change.users) or "nobody"
    said = [f"{new} for {old}" for old, new in change.replace]
    said += [f"without {one}" for one in sorted(change.remove)]
    said += [f"{one} as well" for one in change.add]
    return ", ".join(said)


def effect(directory: Directory, roster: Roster, from_ms: int, to_ms: int) -> Sequence[Stretch]:
    """Return who of a roster is on call between two instants, at most a year of it."""
    trial = Directory(directory.users.values(), [roster], timezone=directory.timezone)
    trial.calculated = directory.calculated
    return trial.stretches(roster.name, from_ms, min(to_ms, from_ms + _LOOKED_AT_MS))


def objections(directory: Directory, roster: Roster, change: Change, now_ms: int) -> Iterator[Objection]:
    """Yield what speaks against a change of a roster, the gravest first.

    Whether the roster and the people are known, and the end after the beginning, has been seen to.
    """
    zone = ZoneInfo(roster.timezone or directory.timezone)
    if change.to_ms <= now_ms:
        yield Objection(f"it would be over already, on {_at(change.to_ms, zone)}", binding=True)
        return
    yield from _overlaps(roster, change, zone)
    yield from _without_contact(directory, change)
    yield from _away(directory, change, zone)
    yield from _of_no_use(directory, roster, change, now_ms, zone)


def _overlaps(roster: Roster, change: Change, zone: ZoneInfo) -> Iterator[Objection]:
    others: Sequence[Change] = roster.overrides if isinstance(change, Override) else roster.swaps
    for one in others:
        if one.to_ms <= change.from_ms or change.to_ms <= one.from_ms:
            continue
        if isinstance(one, Swap) and not set(people_in(one)) & set(people_in(change)):
            continue
        yield Objection(
            f"it overlaps {kind_of(one)} {mark_of(one)} ({in_words(one)}, {_span(one, zone)}); "
            "remove that one first"
        )
        return


def _without_contact(directory: Directory, change: Change) -> Iterator[Objection]:
    for name in people_in(change):
        user = directory.users[name]
        if all(one.type in user.opt_out for one in user.contacts):
            yield Objection(f"{name} has no contact, so cannot be reached")


def _away(directory: Directory, change: Change, zone: ZoneInfo) -> Iterator[Objection]:
    for name in people_in(change):
        for away in directory.users[name].away:
            if away.from_ms < change.to_ms and change.from_ms < away.to_ms:
                yield Objection(f"{name} is away {_span(away, zone)}")
                break


def _of_no_use(
    directory: Directory, roster: Roster, change: Change, now_ms: int, zone: ZoneInfo
) -> Iterator[Objection]:
    span = (max(now_ms, change.from_ms), change.to_ms)
    before = effect(directory, roster, *span)
    after = effect(directory, with_change(roster, change), *span)
    if [(one.from_ms, one.people) for one in before] == [(one.from_ms, one.people) for one in after]:
        now = ", ".join(before[0].people) or "nobody" if len(before) == 1 else "the same people"
        yield Objection(f"nothing would change: {now} {_are(now)} on call all that time anyway")
        return
    if roster.may_be_empty:
        return
    empty = next((one for one in after if not one.people and _somebody(before, one)), None)
    if empty is not None:
        said = f"nobody would be on call {_between(empty.from_ms, empty.to_ms, zone)}"
        yield Objection(f"{said} ({empty.why})")


def _are(who: str) -> str:
    return "are" if "," in who or who == "the same people" else "is"


def with_change(roster: Roster, change: Change) -> Roster:
    """Return a roster with one change more, which has the last word."""
    if isinstance(change, Override):
        return replace(roster, overrides=(*roster.overrides, change))
    return replace(roster, swaps=(*roster.swaps, change))


def _somebody(before: Sequence[Stretch], then: Stretch) -> bool:
    return any(one.people for one in before if one.from_ms < then.to_ms and then.from_ms < one.to_ms)


def _span(one: Change | Away, zone: ZoneInfo) -> str:
    return _between(one.from_ms, one.to_ms, zone)


def _between(from_ms: int, to_ms: int, zone: ZoneInfo) -> str:
    return f"from {_at(from_ms, zone)} to {_at(to_ms, zone)}"


def _at(at_ms: int, zone: ZoneInfo) -> str:
    return f"{datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone):%a %Y-%m-%d %H:%M}"
