"""What is asked of a roster for a while, and the keys and the change that come of it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import ValidationError

from tocsin.errors import TocsinError
from tocsin.people import making
from tocsin.people.roster_checks import nobody
from tocsin.people.roster_sections import OverrideSection, SwapSection
from tocsin.people.wall_clock import DAY, moment, read_moment, wall, written_moment

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tocsin.people.roster_changes import Change, Kind

_LASTING: Final = re.compile(r"([1-9]\d{0,3})([mhdw])", re.ASCII)
_HOUR_MS: Final = 3_600_000


class RosterChangeRefused(TocsinError):  # noqa: N818 - it names what happened, as its siblings do
    """A change is not made; `kind`: a name is unknown, the wish cannot be read, or something is against it.

    `insist`: it would be made for somebody who asks for it anyway.
    """

    def __init__(
        self, why: str, kind: Literal["unknown", "invalid", "conflict"], *, insist: bool = False
    ) -> None:
        super().__init__(why)
        self.kind = kind
        self.insist = insist


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. Times are as people write them: `begins` None is now, `lasting` ("8h") gives an end.

    `users` None leaves an override's people to `add`, `remove` and `replace`; a swap's are the two.
    """

    kind: Kind
    users: tuple[str, ...] | None = None
    begins: str | None = None
    ends: str | None = None
    lasting: str | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    replace: Mapping[str, str] = field(default_factory=dict)
    why: str = ""


def keys_of(wanted: Wanted, zone: str, now_ms: int) -> dict[str, Any]:
    """Return the keys as they are written into a file; raises RosterChangeRefused."""
    if (wanted.ends is None) == (wanted.lasting is None):
        raise RosterChangeRefused("say until when, or for how long: one of the two", "conflict")
    try:
        from_ms = now_ms // 60_000 * 60_000 if wanted.begins is None else read_moment(wanted.begins, zone)
        to_ms = _end(wanted, from_ms, zone)
    except ValueError as error:
        raise RosterChangeRefused(str(error), "invalid") from None
    if to_ms <= from_ms:
        raise RosterChangeRefused("the end is not after the beginning; give a later end", "conflict")
    keys: dict[str, Any] = {"from": written_moment(from_ms, zone), "to": written_moment(to_ms, zone)}
    if wanted.users is not None:
        keys["users"] = list(wanted.users)
    keys |= {name: list(some) for name, some in (("add", wanted.add), ("remove", wanted.remove)) if some}
    if wanted.replace:
        keys["replace"] = dict(wanted.replace)
    if wanted.why:
        keys["why"] = wanted.why
    return keys


def _end(wanted: Wanted, from_ms: int, zone: str) -> int:
    if wanted.ends is not None:
        return read_moment(wanted.ends, zone)
    found = _LASTING.fullmatch(wanted.lasting or "")
    if found is None:
        said = f'"{(wanted.lasting or "")[:20]}" is no length of time'
        raise ValueError(f'{said}; write it like "90m", "8h", "2d" or "1w"')
    count, unit = int(found[1]), found[2]
    if unit in "mh":
        return from_ms + count * (_HOUR_MS if unit == "h" else 60_000)
    # A day later is the same time of the next day, also where the clocks change in between.
    return moment(wall(from_ms, zone) + count * DAY * (7 if unit == "w" else 1), zone)


def checked(kind: Kind, keys: Mapping[str, Any], zone: str, users: Collection[str]) -> Change:
    """Return the change that keys say, of known people; raises RosterChangeRefused."""
    try:
        change = _read(kind, keys, zone)
    except ValidationError as error:
        said = str(error.errors()[0]["msg"]).removeprefix("Value error, ")
        raise RosterChangeRefused(f"the {kind} {said}", "conflict") from None
    named = [*keys.get("users", ()), *keys.get("add", ()), *keys.get("remove", ())]
    for one in [*named, *(name for pair in keys.get("replace", {}).items() for name in pair)]:
        if one not in users:
            raise RosterChangeRefused(nobody("user", one, users), "unknown")
    if len(set(named)) < len(named):
        raise RosterChangeRefused("somebody is named twice; name each person once", "conflict")
    return change


def read_or_none(kind: Kind, keys: Mapping[str, Any], zone: str) -> Change | None:
    """Return the change that keys of a file say; None where they say none."""
    try:
        return _read(kind, keys, zone)
    except ValidationError:
        return None


def _read(kind: Kind, keys: Mapping[str, Any], zone: str) -> Change:
    if kind == "override":
        return making.override(OverrideSection.model_validate(dict(keys)), zone)
    return making.swap(SwapSection.model_validate(dict(keys)), zone)
