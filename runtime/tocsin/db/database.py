"""The face of storage: hand in a piece of work, get its result once it is on disk.

`write` is for whatever must not be lost, `append` for the trace, `read` for everything else. Threads,
batching and recovery are behind this; see `writer`, `appended` and `reader`.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

from tocsin.db.appended import AppendBuffer
from tocsin.db.engines import address, file_of, keep_private, place_of, postgresql_engine, sqlite_engine
from tocsin.db.reader import Reader
from tocsin.db.schema import bring_up_to_date
from tocsin.db.writer import Job, Writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection, Table
    from sqlalchemy.engine import URL

    from tocsin.clock import Clock
    from tocsin.db.faults import DbHealth

T = TypeVar("T")

_READERS = 3
_POSTGRESQL_WRITERS = 4
_SQLITE_BATCH = 256


class Database:
    """One open database. Made by `open`, ended by `aclose` (or `close` where there is no event loop)."""

    def __init__(self, url: URL, *, clock: Clock) -> None:
        self._url = url
        self._place = place_of(url)
        self._buffer = AppendBuffer()
        file = file_of(url)
        if file is not None:
            keep_private(file)
            engine, reading = sqlite_engine(url, writes=True), sqlite_engine(url, writes=False)
        else:
            engine = reading = postgresql_engine(url, size=_POSTGRESQL_WRITERS + _READERS)
        self._engine = engine
        self._writer = Writer(
            engine,
            clock=clock,
            place=self._place,
            file=file,
            threads=1 if file is not None else _POSTGRESQL_WRITERS,
            # Works of one PostgreSQL transaction would keep each other's row locks until all are done.
            batch=_SQLITE_BATCH if file is not None else 1,
            buffer=self._buffer,
        )
        self._reader = Reader(reading, place=self._place, file=file, threads=_READERS)
        self._writer.start()

    @classmethod
    def open(cls, url: str, *, clock: Clock) -> Database:
        """Open `sqlite:////folder/tocsin.db` or `postgresql://user@host/name`.

        Raises UnusableAddress for anything else. A database that cannot be reached does not hinder the
        opening; every work then raises NotStored, and `health` says why, until it can be reached.
        """
        return cls(address(url), clock=clock)

    def migrate(self) -> None:
        """Bring the tables up to what this program knows; costs one query where they are. Blocks.

        Raises NotStored where the storage refuses, SchemaUnknown where a newer tocsin wrote the tables,
        UnusableAddress where a PostgreSQL database is not one for UTF-8.
        """
        bring_up_to_date(self._url, place=self._place)

    @property
    def health(self) -> DbHealth:
        """Whether the database takes writes, since when, and why not."""
        return self._writer.health

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return its result once that is committed and synced to disk.

        What `work` raises undoes its own changes alone and is raised here. Raises NotStored where the
        storage refused. `work` runs on another thread, may be run again after a deadlock, must not
        commit, and is carried out even where the caller is cancelled while waiting.
        """
        loop = asyncio.get_running_loop()
        future: asyncio.Future[T] = loop.create_future()
        self._writer.submit(Job(work, future, loop))
        return await future

    def append(self, table: Table, row: dict[str, Any]) -> None:
        """Keep a trace row, on disk within about 200 ms; the row must not be changed afterwards.

        Never raises and never waits: a row that cannot be kept is logged and dropped.
        """
        if self._buffer.add(table, row):
            self._writer.wake()

    async def flush(self) -> None:
        """Return once every row appended so far is on disk; raises NotStored where that cannot be."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[None] = loop.create_future()
        self._writer.submit(Job(None, future, loop))
        await future

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent state of the database, without changing it."""
        return await asyncio.wrap_future(self._reader.submit(work))

    def write_now(self, work: Callable[[Connection], T]) -> T:
        """Do what `write` does, blocking; for commands and start-up, not for an event loop's thread."""
        future: Future[T] = Future()
        self._writer.submit(Job(work, future, None))
        return future.result()

    def read_now(self, work: Callable[[Connection], T]) -> T:
        """Do what `read` does, blocking."""
        return self._reader.submit(work).result()

    async def aclose(self) -> None:
        """Finish what was handed in, write the trace and close; further work raises NotStored."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """Do what `aclose` does, blocking."""
        self._writer.close()
        self._reader.close()
        self._engine.dispose()
