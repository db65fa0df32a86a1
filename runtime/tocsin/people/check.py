"""Finding out whose PIN was entered, within the limits on wrong ones. The one place where PINs are compared.

Decisions are `lockout`'s, bookkeeping is `tries`'s; here they are put around the computation of one hash.
"""

from __future__ import annotations

import asyncio
import hmac
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import structlog

from tocsin.db import NotStored
from tocsin.people import tries
from tocsin.people.lockout import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.people.directory import User
    from tocsin.people.pins import PinKey

log = structlog.get_logger("tocsin.people")

Reason = Literal["ok", "wrong_pin", "locked", "pin_required", "not_recorded"]
Also: TypeAlias = "Callable[[Connection, Reason, User | None], None]"
"""Stores something more in the transaction that settles a try: (connection, reason, person)."""

_WAITING: Final = 64  # beyond so many at once a try is turned away unseen and uncounted
_LONGEST: Final = 64  # nobody types more; what is longer is wrong anyway


@dataclass(frozen=True, slots=True)
class PinVerdict:
    """What became of an entered PIN.

    `user` is who it was, with `ok` only. `tries_left` counts down to the lock, whose end is `until_ms`
    (None: not locked, or until an admin resets it). `not_recorded`: the try could not be counted, so the PIN
    was not looked at.
    """

    reason: Reason
    user: User | None = None
    tries_left: int = 0
    until_ms: int | None = None

    @property
    def ok(self) -> bool:
        """Whether the person is known now."""
        return self.reason == "ok"


class PinCheck:
    """Checks PINs for calls and texts alike, so that both share one count."""

    def __init__(self, *, key: PinKey, db: Database, clock: Clock) -> None:
        self._key = key
        self._db = db
        self._clock = clock
        # A hash takes a core for 30 ms: a guesser may have half of the machine, never all of it.
        self._hashing = ThreadPoolExecutor(
            max(1, (os.cpu_count() or 2) // 2), thread_name_prefix="tocsin-pin"
        )
        self._waiting = 0

    def close(self) -> None:
        """Stop the hashing threads."""
        self._hashing.shutdown(wait=False, cancel_futures=True)

    async def match(
        self,
        pin: str,
        among: Sequence[User],
        *,
        number: str,
        via: Literal["voice", "sms"],
        step: str = "",
        also: Also | None = None,
        claimed: int | None = None,
    ) -> PinVerdict:
        """Find who of `among` entered this PIN at `number` (E.164, empty where hidden).

        Every try is on disk before this returns. While the number, or the one person whose own number it is,
        is locked the PIN is not looked at and the try does not count. A right PIN of somebody who is locked
        elsewhere is answered exactly as a wrong one.

        `step` names the entry, so that one repeated after a crash counts once; `also` stores the caller's
        own record of the verdict in the transaction that settles it. `claimed` is the user id that was typed
        at a phone of nobody's: then tries count for that id and for all such phones together as well.
        """
        if not pin:
            return PinVerdict("pin_required")
        if self._waiting >= _WAITING:
            log.warning("pin-entry-crowded", waiting=self._waiting)
            return PinVerdict("not_recorded")
        self._waiting += 1
        try:
            beside = [] if claimed is None else [tries.STRANGERS, tries.claimed(claimed)]
            return await self._match(pin[:_LONGEST], among, number, via, step, also, beside)
        except NotStored as error:
            log.error("pin-not-recorded", reason=str(error))
            return PinVerdict("not_recorded")
        finally:
            self._waiting -= 1

    async def _match(
        self,
        pin: str,
        among: Sequence[User],
        number: str,
        via: Literal["voice", "sms"],
        step: str,
        also: Also | None,
        beside: Sequence[str],
    ) -> PinVerdict:
        now_ms = self._clock.now_ms()
        owner = _owner(among, number)
        subjects = [tries.telephone(number), *beside]
        if owner is not None:
            subjects.append(tries.person(owner.username))
        about = None
        if owner is not None:
            about = tries.concerned(owner.username, owner.id, [number])
        elif beside and among:
            about = tries.concerned(among[0].username, among[0].id, among[0].numbers)
        booking = await self._db.write(
            lambda conn: tries.book(conn, subjects, via=via, now_ms=now_ms, step=step, about=about)
        )
        if isinstance(booking, Verdict):
            return PinVerdict("locked", until_ms=booking.until_ms)
        loop = asyncio.get_running_loop()
        entered = await loop.run_in_executor(self._hashing, self._key.hash_pin, pin)
        user = _whose(pin, entered, among, number)
        # Right or wrong, the way is as long: one write before the hash, one after it.
        username = None if user is None else user.username

        def settle(conn: Connection) -> bool:
            right = tries.settle(conn, booking, username, number=number, via=via, now_ms=now_ms)
            if also is not None:
                also(conn, "ok" if right else "wrong_pin", user if right else None)
            return right

        if await self._db.write(settle):
            return PinVerdict("ok", user, booking.before.tries_left)
        return PinVerdict("wrong_pin", None, booking.after.tries_left, booking.after.until_ms)

    async def reset(self, user: User, *, by: str) -> None:
        """Unlock a person and their own numbers, as an admin; raises NotStored."""
        subjects = [tries.person(user.username), tries.claimed(user.id), *map(tries.telephone, user.numbers)]
        await self._reset(subjects, user.username, by)

    async def reset_number(self, number: str, *, by: str) -> None:
        """Unlock a number, such as that of a shared phone, as an admin; raises NotStored."""
        subject = tries.telephone(number)
        await self._reset([subject], subject, by)

    async def _reset(self, subjects: Sequence[str], about: str, by: str) -> None:
        now_ms = self._clock.now_ms()
        await self._db.write(lambda conn: tries.reset(conn, subjects, about=about, by=by, now_ms=now_ms))

    async def locked(self) -> dict[str, Verdict]:
        """Return who and which numbers are locked now, as `user:NAME` and `number:+46...`."""
        now_ms = self._clock.now_ms()
        return await self._db.read(lambda conn: tries.locked(conn, now_ms))


def _owner(among: Sequence[User], number: str) -> User | None:
    """Return the one person whom the number tells, None on a shared phone."""
    owners = [user for user in among if number in user.numbers]
    return owners[0] if len(owners) == 1 else None


def _whose(pin: str, entered: str, among: Sequence[User], number: str) -> User | None:
    """Compare with everybody's, in a time that does not tell who it is; the number's owner goes first."""
    fitting = [user for user in among if _fits(user, pin, entered)]
    fitting.sort(key=lambda user: number not in user.numbers)
    return fitting[0] if fitting else None


def _fits(user: User, pin: str, entered: str) -> bool:
    hashed = hmac.compare_digest(entered, user.pin_hash or "-")
    literal = hmac.compare_digest(pin.encode(errors="replace"), (user.pin_literal or "-").encode())
    return hashed or (literal and user.pin_literal is not None)
