"""Opening the database: pragmas, transactions and the sentence for an address that cannot be used.

Only engine construction lives here; who runs what on which thread is `writer` and `database`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool, QueuePool

from tocsin.errors import TocsinError

BUSY_MS: Final = 5_000  # another program may hold the file that long before a write is refused

_IDLE_MS: Final = 30_000
_NO_ADDRESS: Final = (
    "the database address is not a URL; write sqlite:////folder/tocsin.db or "
    "postgresql://user:password@host:5432/name, with %40 for @ and %3A for : in the password"
)


class UnusableAddress(TocsinError):  # noqa: N818 as NotStored
    """The address of the database is one tocsin cannot work with."""


def address(url: str) -> URL:
    """Read a database address, `sqlite:///…/tocsin.db` or `postgresql://…`; raises UnusableAddress."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # ValueError: a port that is none, which may be part of a password
        raise UnusableAddress(_NO_ADDRESS) from None
    if "@" in (parsed.host or ""):  # what stands before it is part of a password
        raise UnusableAddress(_NO_ADDRESS)
    if parsed.drivername in {"postgresql", "postgres"}:
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        if parsed.database in {None, "", ":memory:"}:
            raise UnusableAddress("a database in memory forgets every alarm at a restart; name a file")
        return parsed
    if parsed.drivername != "postgresql+psycopg":
        raise UnusableAddress(
            f"a database of the kind {parsed.drivername!r} is not known; use sqlite or postgresql"
        )
    if find_spec("psycopg") is None:
        raise UnusableAddress(
            "a database on PostgreSQL needs psycopg, which is not installed here; install tocsin with it, "
            "as in: pip install 'tocsin-0.1.0-py3-none-any.whl[postgresql]'"
        )
    return parsed


def place_of(url: URL) -> str:
    """Name the database for a message, without user or password."""
    if url.get_backend_name() == "sqlite":
        return f"the database {url.database}"
    return f"the database {url.database} on {url.host or 'this machine'}"


def sqlite_engine(url: URL, *, writes: bool, foreign_keys: bool = True) -> Engine:
    """Make an engine for one thread's own connection to a SQLite file.

    Write-ahead log with `synchronous=FULL`: one fsync per commit, and what was acknowledged survives a
    power cut (https://www.sqlite.org/pragma.html#pragma_synchronous).
    """
    pragmas = [
        f"PRAGMA busy_timeout={BUSY_MS}",
        "PRAGMA journal_mode=WAL" if writes else "PRAGMA query_only=ON",
        "PRAGMA synchronous=FULL",
        f"PRAGMA foreign_keys={'ON' if foreign_keys else 'OFF'}",
        "PRAGMA temp_store=MEMORY",
    ]
    # Only the writer makes a file: a reader that came first would leave an empty database behind.
    mode = "rwc" if writes else "rw"
    file = quote(os.path.abspath(url.database or ""))  # noqa: PTH100 the text is what SQLite takes

    def connect() -> sqlite3.Connection:
        # Without the driver's own transactions ours mean what they say, for tables being created too.
        return sqlite3.connect(
            f"file:{file}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=512,
        )

    engine = create_engine(url, poolclass=NullPool, creator=connect, hide_parameters=True)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def start(connection: Connection) -> None:
        # Taking the write lock at once avoids the upgrade from reading to writing, which cannot wait.
        connection.exec_driver_sql(begin)

    return engine


def postgresql_engine(url: URL, *, size: int) -> Engine:
    """Make a small pool of PostgreSQL connections that notices a restart of the server.

    A transaction in which nothing happens for half a minute is ended by the server: a gateway that stands
    still (a suspended machine) must not hold the rows that another one needs. `options` of the address go
    before.
    """
    settings: dict[str, str | int] = {
        "connect_timeout": 5,
        "application_name": "tocsin",
        "client_encoding": "utf8",  # not the locale's, nor the server's: a bare machine's is plain ASCII
    }
    if "options" not in url.query:
        settings["options"] = f"-c idle_in_transaction_session_timeout={_IDLE_MS}"
    return create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=2,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args=settings,
        hide_parameters=True,
    )


def file_of(url: URL) -> Path | None:
    """Give the file of a SQLite address, None for PostgreSQL."""
    if url.get_backend_name() != "sqlite" or url.database is None:
        return None
    return Path(url.database)


def keep_private(file: Path) -> None:
    """Make a database file readable by its owner alone, whoever made or restored it: it names people."""
    with contextlib.suppress(OSError):  # whatever is wrong with the place is told by whoever opens it
        os.close(os.open(file, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    for one in (file, Path(f"{file}-wal"), Path(f"{file}-shm")):
        with contextlib.suppress(OSError):
            mode = stat.S_IMODE(one.stat().st_mode)
            if mode & 0o077:
                one.chmod(mode & 0o600)


def file_mark(file: Path) -> tuple[int, int] | None:
    """Tell one file from another that took its name; None where there is none."""
    try:
        found = os.stat(file)  # noqa: PTH116 twice as fast as Path.stat, and asked for at every transaction
    except OSError:
        return None
    return found.st_dev, found.st_ino
