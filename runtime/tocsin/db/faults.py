"""What can go wrong with storage itself, told apart from a mistake in one piece of work.

Pure: an exception in, a sentence out. A storage fault means that nothing of a transaction was kept and
that the next attempt may succeed by itself; anything else belongs to the caller whose work raised it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

from tocsin.errors import TocsinError


class NotStored(TocsinError):  # noqa: N818 named for what happened, as all of our errors
    """The database did not take the change; nothing of it was kept. Trying again later may succeed."""


@dataclass(frozen=True, slots=True)
class DbHealth:
    """Whether the database takes writes, since when (ms UTC) that is so, and the last refusal's sentence."""

    ok: bool
    since_ms: int
    error: str = ""


# https://www.sqlite.org/rescode.html: the primary codes that speak of the file, not of the statement.
_SQLITE: Final = {
    sqlite3.SQLITE_BUSY: "another program keeps {place} locked; end it (a copy, a database browser)",
    sqlite3.SQLITE_LOCKED: "another connection keeps a table of {place} locked; try again",
    sqlite3.SQLITE_NOMEM: "there was no memory left to write {place}; end other programs or add memory",
    sqlite3.SQLITE_READONLY: "{place} cannot be written; make the file, its folder and its disk writable",
    sqlite3.SQLITE_IOERR: "the disk failed to read or write {place}; check its space, limits and health",
    sqlite3.SQLITE_CORRUPT: "{place} is damaged; stop tocsin and restore a copy",
    sqlite3.SQLITE_FULL: "the disk of {place} is full; free some space",
    sqlite3.SQLITE_CANTOPEN: "{place} cannot be opened; check that its folder exists and is writable",
    sqlite3.SQLITE_NOTADB: "{place} is not a SQLite database; move it away or restore a copy",
    sqlite3.SQLITE_PERM: "{place} may not be accessed; check who owns it",
}

# https://www.postgresql.org/docs/current/errcodes-appendix.html: classes, and single codes.
_POSTGRESQL: Final = {
    "08": "the connection to {place} was lost",
    "53": "{place} is out of disk, memory or connections",
    "57": "{place} is being stopped or restarted",
    "58": "{place} reports a fault of its disk or system",
    "XX": "{place} reports damaged data",
    "25006": "{place} is read-only (a standby, or set so); connect to the primary",
    "28": "{place} refused the user name or password",
    "3D": "{place} does not exist; create it",
}


def storage_fault(error: BaseException, place: str) -> str | None:
    """Return one sentence if `error` is a fault of the storage at `place`, None if it is the work's own."""
    if isinstance(error, NotStored):
        return str(error)
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        code = getattr(cause, "sqlite_errorcode", None)
        sentence = _SQLITE.get(code & 0xFF) if isinstance(code, int) else None
        return f"{sentence.format(place=place)} (SQLite: {cause})" if sentence else None
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        sentence = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
        return f"{sentence.format(place=place)} (PostgreSQL: {state})" if sentence else None
    if error.connection_invalidated or isinstance(error, OperationalError):
        return f"{place} cannot be reached; check that it runs and that the address is right"
    return None


def worth_another_try(error: BaseException) -> bool:
    """Tell whether PostgreSQL undid a work only because a neighbour was in its way."""
    # 40001 serialization_failure, 40P01 deadlock_detected: the documented remedy is to run it again.
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


def is_change_while_reading(error: BaseException) -> bool:
    """Tell whether a work that was only to read tried to change something."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", 0)
    return bool(code & 0xFF == sqlite3.SQLITE_READONLY) or getattr(cause, "sqlstate", None) == "25006"
