"""The shapes of rosters, their shifts, and the overrides and swaps that are asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from tocsin.web.api.models.words import Millis, Username

When = Annotated[str, Meta(max_length=40)]
Lasting = Annotated[str, Meta(max_length=10)]
Names = Annotated[list[Username], Meta(max_length=100)]
_RENAMED = {"begins": "from", "ends": "to", "lasting": "for"}


class ShiftShown(Struct, kw_only=True):
    """Who is on call between two instants, in calling order; `why` says why nobody is."""

    from_ms: Millis
    to_ms: Millis
    people: list[str]
    why: str


class RosterChangeShown(Struct, kw_only=True):
    """An override or a swap; `id` stays while it is as it is, `does` says it in words."""

    id: Annotated[str, Meta(examples=["3f9a2c"])]
    kind: Literal["override", "swap"]
    from_ms: Millis
    to_ms: Millis
    does: Annotated[str, Meta(examples=["jon for maria"])]
    why: str
    state: Literal["ahead", "now", "over"]


class RosterShown(Struct, kw_only=True):
    """One roster: who is on call now, and until when; `members` are all who ever are."""

    roster: str
    people: list[str]
    why: str
    until_ms: int | None
    members: list[str]
    schedule: str | None
    script: str | None
    timezone: str
    changes: list[RosterChangeShown]


class Rosters(Struct, kw_only=True):
    """Every roster, in the order of the configuration."""

    at_ms: Millis
    rosters: list[RosterShown]


class RosterDetail(RosterShown, kw_only=True):
    """One roster with its shifts from now on."""

    at_ms: Millis
    shifts: list[ShiftShown]


class RosterPastShown(Struct, kw_only=True):
    """One change of a roster on record: what was done by whom, by which way ("api", "cli", "script").

    `change` is null where a script has changed the roster itself.
    """

    at_ms: Millis
    by: str
    via: str
    what: Annotated[str, Meta(examples=["made", "removed", "undone"])]
    change: RosterChangeShown | None


class RosterHistory(Struct, kw_only=True):
    """The changes of a roster, the newest first."""

    roster: str
    timezone: str
    changes: list[RosterPastShown]


class OverrideBody(Struct, kw_only=True, omit_defaults=True, rename=_RENAMED):
    """Who is on call for a while: `users` instead of everybody, or some removed, replaced or added.

    It begins at `from`, now where absent, and ends at `to`, or lasts `for` so long. `anyway` has it made
    though something speaks against it. `by` is who asks (a username; absent: the token itself).
    """

    begins: When | None = None
    ends: When | None = None
    lasting: Lasting | None = None
    users: Names | None = None
    add: Names = []
    remove: Names = []
    replace: Annotated[dict[Username, Username], Meta(max_length=100)] = {}
    why: Annotated[str, Meta(max_length=200)] = ""
    anyway: bool = False
    by: Username | None = None


class SwapBody(Struct, kw_only=True, omit_defaults=True, rename=_RENAMED):
    """The two who take each other's turns for a while; the rest as for an override."""

    users: tuple[Username, Username]
    begins: When | None = None
    ends: When | None = None
    lasting: Lasting | None = None
    anyway: bool = False
    by: Username | None = None


class RosterActBody(Struct, kw_only=True, omit_defaults=True):
    """Who removes or undoes a change (a username; absent: the token itself)."""

    by: Username | None = None


class RosterChanged(Struct, kw_only=True):
    """What came of it: `shifts` are those of the change's time, the first hundred, as they are now."""

    roster: str
    done: Literal["made", "removed"]
    change: RosterChangeShown
    file: str
    timezone: str
    shifts: list[ShiftShown]
