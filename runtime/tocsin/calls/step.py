"""One request of one turn: its name, how its arguments are read, what it does, and its place in the record.

What the requests are is in `requests` (those with an effect) and in `reading`.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.calls import store
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.services import Line, Services
    from tocsin.people import User

    Result = dict[str, Any]

log = structlog.get_logger("tocsin.calls")


@dataclass(frozen=True, slots=True)
class Step:
    """One lasting request of one turn, with what it needs to act and to be found again."""

    services: Services
    line: Line
    call: Call
    key: str
    ordinal: int
    turn: int
    name: str
    asked: str = ""
    entered: dict[tuple[str, str | None], tuple[str, User | None]] = field(default_factory=dict)
    """What the PINs of this turn were found to be, by (PIN, user id): whoever asks again enters none anew."""

    def note(self, conn: Connection, result: Mapping[str, Any], *, part: int = 1) -> None:
        """Store this step's result in the caller's transaction; part 0 is its PIN, part 1 its action."""
        if not self.call.stored:
            store.save_call(conn, self.call)
        store.add_effect(
            conn,
            call_id=self.call.id,
            key=self.key,
            ordinal=self.ordinal * 2 + part,
            turn=self.turn,
            name=self.name,
            result=self.kept(result),
            at_ms=self.services.clock.now_ms(),
        )

    async def committed(self, result: Awaitable[Result], *, failed: str) -> Result:
        """Wait for a transaction in which this step was noted; `failed` is the event logged where it was not.

        The reason is "not_recorded" then, and nothing was done.
        """
        try:
            done = await result
        except NotStored as error:
            log.error(failed, call=self.call.id, why=str(error))
            return {"reason": "not_recorded"}
        self.call.stored = True
        return done

    def kept(self, result: Mapping[str, Any]) -> dict[str, Any]:
        """Return a result as it is remembered: with what was asked, so that nothing else finds it."""
        return {**result, "asked": self.asked}

    def recall(self, result: Mapping[str, Any]) -> None:
        """Take over what an earlier run of this step found out about the person on the line."""
        username = result.get("identified")
        if username:
            self.call.identified = self.services.directory.users.get(username)


@dataclass(frozen=True, slots=True)
class Request:
    """One name scripts may ask for. `lasting` requests have an effect and happen once per step."""

    read: Callable[[list[Any]], Any]
    act: Callable[[Step, Any], Awaitable[Any]]
    lasting: bool = True
    open: Callable[[Any], Any] = lambda arguments: arguments

    def asked(self, name: str, arguments: Any) -> str:
        """Name this request and what it is about, the PIN left out: a hash of few digits hides nothing."""
        about = store.to_json(self.open(arguments)).encode()
        return f"{name}:{hashlib.sha256(about).hexdigest()[:16]}"
