"""What can go wrong with storage itself, told apart from a mistake in one piece of work.

Pure: an exception in, a sentence out. A storage fault means that nothing of a transaction was kept and
that the next attempt may succeed by itself; anything else belongs to the caller whose work raised it.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from sqlalchemy.exc import DBAPIError, InternalError, OperationalError

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
    "25P03": "{place} ended the transaction, because nothing happened in it for too long",
    "40": "{place} undid the change, because others were in its way again and again",
    "42501": "{place} does not permit it to this user; grant it again",
    "42P01": "a table of {place} is missing; restore a copy",
    "53": "{place} is out of disk, memory or connections",
    "55": "another program keeps a table of {place} locked; end it",
    "57": "{place} is being stopped or restarted",
    "58": "{place} reports a fault of its disk or system",
    "XX": "{place} reports damaged data",
    "25006": "{place} is read-only (a standby, or set so); connect to the primary",
    "28": "{place} refused the user name or password",
    "3D": "{place} does not exist; create it",
}


_TOO_MUCH: Final = "54"
"""PostgreSQL's class of what is too large or too complex for it: it will be so at the next attempt."""

_UNKNOWN: Final = "{place} could not do it"


def storage_fault(error: BaseException, place: str) -> str | None:
    """Return one sentence if `error` is a fault of the storage at `place`, None if it is the work's own."""
    if isinstance(error, NotStored):
        return str(error)
    if not isinstance(error, DBAPIError):
        return None
    cause = error.orig
    if isinstance(cause, sqlite3.Error):
        sentence = _of_sqlite(error, cause)
        return f"{sentence.format(place=place)} (SQLite: {cause})" if sentence else None
    state = getattr(cause, "sqlstate", None)
    if isinstance(state, str):
        sentence = _POSTGRESQL.get(state) or _POSTGRESQL.get(state[:2])
        unlisted = isinstance(error, OperationalError) and not state.startswith(_TOO_MUCH)
        if sentence is None and (unlisted or error.connection_invalidated):
            sentence = _UNKNOWN
        return f"{sentence.format(place=place)} (PostgreSQL: {state})" if sentence else None
    if error.connection_invalidated or isinstance(error, OperationalError):
        return f"{place} cannot be reached; check that it runs and that the address is right"
    return None


def _of_sqlite(error: DBAPIError, cause: sqlite3.Error) -> str | None:
    code = getattr(cause, "sqlite_errorcode", None)
    if not isinstance(code, int):
        return None
    if code == sqlite3.SQLITE_ERROR:
        # The code for a statement that is wrong. Ours name tables that are there unless the file is another.
        return "a table of {place} is missing; restore a copy" if "no such table" in str(cause) else None
    known = _SQLITE.get(code & 0xFF)
    return _UNKNOWN if known is None and isinstance(error, OperationalError | InternalError) else known


def worth_another_try(error: BaseException) -> bool:
    """Tell whether PostgreSQL undid a work only because a neighbour was in its way."""
    # 40001 serialization_failure, 40P01 deadlock_detected: the documented remedy is to run it again.
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in {"40001", "40P01"}


def is_change_while_reading(error: BaseException) -> bool:
    """Tell whether a work that was only to read tried to change something."""
    cause = getattr(error, "orig", None)
    code = getattr(cause, "sqlite_errorcode", 0)
    return bool(code & 0xFF == sqlite3.SQLITE_READONLY) or getattr(cause, "sqlstate", None) == "25006"
