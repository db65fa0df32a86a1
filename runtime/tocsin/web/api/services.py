"""What the API needs of the rest; the gateway binds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from tocsin.alarms import Board
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.scripts import Library
    from tocsin.web.tokens import Tokens


@dataclass(frozen=True)
class ApiServices:
    """Everything the operations act on.

    `knows` tells whether a username exists, `projects` names the projects whose scripts answer calls,
    `trace` gives a call with its turns as JSON values, or None. They are asked at every request, so they
    may change while the gateway runs.
    """

    clock: Clock
    db: Database
    board: Board
    tokens: Tokens
    library: Library
    projects: Callable[[], Iterable[str]]
    knows: Callable[[str], bool]
    trace: Callable[[str], Awaitable[Mapping[str, Any] | None]]
