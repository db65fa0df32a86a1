"""Bearer tokens: 256 random bits shown once, kept as SHA-256, each with the scopes it opens.

The commands of the same machine use a token of their own, in a file only the gateway's user can read; it
is made anew at every start and never enters the database.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import math
import os
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, get_args

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from tocsin.db import NotStored
from tocsin.errors import TocsinError
from tocsin.journal import record
from tocsin.web.tables import tokens

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from sqlalchemy import Connection
    from starlette.requests import Request

    from tocsin.clock import Clock
    from tocsin.db import Database

log = structlog.get_logger("tocsin.web")

Scope: TypeAlias = Literal["read", "raise", "operate", "roster", "send", "admin"]
SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
"""read: see everything. raise: report alarms. operate: acknowledge and shelve. roster: overrides and swaps.
send: messages and calls. admin: all of these, and what the gateway's own machine may do."""

PREFIX: Final = "tocsin_"  # so that a token found somewhere can be told for what it is
_LOCAL: Final = "cli"
CLI_TOKEN: Final = "cli-token"  # noqa: S105 the name of a file
_TRUST_S: Final = 5.0  # a token revoked by another process is refused after at most this long
_NEWS_S: Final = 1.0  # a token made by another process is known after at most this long
_USED_MS: Final = 60_000  # how exact last_used_ms is


class TokenRefused(TocsinError):  # noqa: N818 it names what happened, as its siblings do
    """A token cannot be made as asked."""


@dataclass(frozen=True, slots=True)
class Token:
    """Who is asking, and what for it is trusted with. The secret itself is nowhere."""

    name: str
    scopes: frozenset[str]
    created_ms: int
    last_used_ms: int | None = None

    def opens(self, scope: Scope) -> bool:
        """Tell whether the token is good for this scope; admin is good for all."""
        return scope in self.scopes or "admin" in self.scopes

    @property
    def is_local(self) -> bool:
        """Whether it is that of this machine's commands, whose name no other may have."""
        return self.name == _LOCAL


def create_in(connection: Connection, name: str, scopes: Collection[str], *, now_ms: int) -> str:
    """Make a token in the caller's transaction and return it, for the only time.

    Raises TokenRefused for a name in use, an empty or unprintable name, and scopes nobody knows.
    """
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not scopes:
        told = f"scope {unknown[0]!r} is not known" if unknown else "a token needs a scope"
        raise TokenRefused(f"{told}; choose among {', '.join(SCOPES)}")
    if not name.strip() or not name.isprintable() or len(name) > 100 or name == _LOCAL:
        raise TokenRefused('a token needs a name of 1 to 100 printable characters other than "cli"')
    token = PREFIX + secrets.token_urlsafe(32)
    row = {"name": name, "hash": _hash(token), "scopes": sorted(set(scopes)), "created_ms": now_ms}
    try:
        with connection.begin_nested():
            connection.execute(insert(tokens).values(**row))
    except IntegrityError:
        raise TokenRefused(f"there is a token named {name!r} already; revoke it first") from None
    record(connection, kind="token.created", at_ms=now_ms, subject=name, data={"scopes": row["scopes"]})
    return token


def revoke_in(connection: Connection, name: str, *, now_ms: int) -> bool:
    """Remove a token in the caller's transaction; False where there is none of that name."""
    gone = connection.execute(delete(tokens).where(tokens.c.name == name)).rowcount > 0
    if gone:
        record(connection, kind="token.revoked", at_ms=now_ms, subject=name)
    return gone


def listed(connection: Connection) -> list[Token]:
    """Give all tokens, by name."""
    return [_token(row) for row in connection.execute(select(tokens).order_by(tokens.c.name))]


class Tokens:
    """Checks who is asking. `start` it before the first request."""

    def __init__(self, db: Database, clock: Clock, *, folder: Path) -> None:
        self._db = db
        self._clock = clock
        self._file = folder / CLI_TOKEN
        self._local = ""
        self._known: dict[str, Token] = {}
        self._read_at = -math.inf
        self._reading = asyncio.Lock()
        self._noted: dict[str, int] = {}
        self._background: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Write a fresh token for the commands of this machine, readable by this user alone."""
        token = PREFIX + secrets.token_urlsafe(32)
        self._local = _hash(token)
        fresh = self._file.with_name(f".{CLI_TOKEN}.{secrets.token_hex(4)}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(token)
        fresh.replace(self._file)

    async def aclose(self) -> None:
        """Take the local token back and finish what is being noted."""
        self._local = ""
        self._file.unlink(missing_ok=True)
        await asyncio.gather(*self._background, return_exceptions=True)

    async def check(self, authorization: str | None) -> Token | None:
        """Give the token of an `Authorization` header, None where there is none or it is not valid.

        Raises NotStored where the database has to be asked and cannot answer.
        """
        scheme, _, given = (authorization or "").partition(" ")
        given = given.strip()
        if scheme.casefold() != "bearer" or not given.startswith(PREFIX) or len(given) > 100:
            return None
        hashed = _hash(given)
        if self._local and hmac.compare_digest(hashed, self._local):
            return Token(_LOCAL, frozenset({"admin"}), 0)
        found = await self._find(hashed)
        if found is not None:
            self._note_use(hashed)
        return found

    async def _find(self, hashed: str) -> Token | None:
        """Look in memory, which is read anew now and then: guessing costs the database nothing."""
        async with self._reading:
            age = self._clock.monotonic() - self._read_at
            if age > _TRUST_S or (age > _NEWS_S and hashed not in self._known):
                self._known = await self._db.read(_by_hash)
                self._read_at = self._clock.monotonic()
        return self._known.get(hashed)

    async def trusted(self, request: Request) -> bool:
        """Tell whether a request bears a valid token, whatever its scopes."""
        try:
            return await self.check(request.headers.get("authorization")) is not None
        except NotStored:
            return False

    def _note_use(self, hashed: str) -> None:
        now_ms = self._clock.now_ms()
        if now_ms - self._noted.get(hashed, -_USED_MS) < _USED_MS:
            return
        self._noted[hashed] = now_ms
        task = asyncio.ensure_future(self._write_use(hashed, now_ms))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    async def _write_use(self, hashed: str, now_ms: int) -> None:
        # Two uses may be written in either order; the later one stays.
        earlier = tokens.c.last_used_ms.is_(None) | (tokens.c.last_used_ms < now_ms)
        used = update(tokens).where(tokens.c.hash == hashed, earlier).values(last_used_ms=now_ms)
        try:
            await self._db.write(lambda connection: connection.execute(used))
        except NotStored as error:
            log.warning("token-use-not-noted", reason=str(error))


def _hash(token: str) -> str:
    # A plain hash is enough for 256 random bits; there is nothing to guess.
    return hashlib.sha256(token.encode()).hexdigest()


def _by_hash(connection: Connection) -> dict[str, Token]:
    return {row.hash: _token(row) for row in connection.execute(select(tokens))}


def _token(row: Any) -> Token:
    return Token(row.name, frozenset(row.scopes), row.created_ms, row.last_used_ms)
