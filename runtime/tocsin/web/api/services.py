"""What the API needs of the rest; the gateway binds it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from tocsin.alarms import Board
    from tocsin.calls.manual_run import ManualRuns
    from tocsin.calls.on_request import Placed
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.people import Directory, User
    from tocsin.people.roster_desk import RosterDesk
    from tocsin.pipelines import Runs
    from tocsin.pipelines.simulating.what_if import WhatIf
    from tocsin.scripts import Library
    from tocsin.tags.tree import Tags
    from tocsin.telephony.attempt import Attempt
    from tocsin.web.tokens import Tokens

    UnderWay = dict[tuple[str, str], tuple[str, asyncio.Future[Any]]]


class Messages(Protocol):
    """Sends texts; `calls.on_request.OnRequest`."""

    async def send(
        self, number: str, text: str, *, by: str, person: str | None = None, profile: str | None = None
    ) -> Attempt:
        """Write the intent down, then send one text, once. Raises CannotAsk and NotStored."""


class Calls(Protocol):
    """Places calls; `calls.on_request.OnRequest`."""

    async def place(
        self,
        number: str,
        *,
        by: str,
        person: User | None = None,
        profile: str | None = None,
        action: str = "answer",
        message: str = "",
    ) -> Placed:
        """Write the intent down, then place one call, once.

        Raises CannotAsk, InCall, NoTurn and NotStored.
        """


@dataclass(frozen=True)
class ApiServices:
    """Everything the operations act on.

    `knows` tells whether a username exists, `projects` names the projects whose scripts answer calls,
    `directory` gives the people, `timezone` the name of the plant's time zone. They are asked at every
    request, so they may change while the gateway runs.
    """

    clock: Clock
    db: Database
    board: Board
    tokens: Tokens
    library: Library
    projects: Callable[[], Iterable[str]]
    knows: Callable[[str], bool]
    trace: Callable[[str], Awaitable[Mapping[str, Any] | None]]
    directory: Callable[[], Directory]
    timezone: Callable[[], str]
    messages: Messages
    calls: Calls
    tags: Tags
    runs: Runs
    manual: ManualRuns
    rosters: RosterDesk
    what_if: Callable[[], WhatIf] | None = None
    """The simulator of the configuration in force."""

    under_way: UnderWay = field(default_factory=dict, repr=False)
    """Requests with an Idempotency-Key that act beyond the database and have not ended yet."""

    given_back: set[tuple[str, str]] = field(default_factory=set, repr=False)
    """Of those that came to nothing: whose key may be used again, though the database does not know yet."""

    calendars: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held by whoever makes a calendar."""

    def name_of(self, username: str | None) -> str:
        """Give the name of a person for sentences; what is no user (a token, a source) as it is."""
        if username is None:
            return "Somebody"
        user = self.directory().users.get(username)
        return user.name if user is not None else username
