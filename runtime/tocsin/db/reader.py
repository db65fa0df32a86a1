"""The threads that read: a few connections that can change nothing, beside the writer's.

Each work sees one consistent state of the database for as long as it runs.
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from tocsin.db.engines import file_mark
from tocsin.db.faults import NotStored, is_change_while_reading, storage_fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection, Engine

T = TypeVar("T")


class Reader:
    """A small pool of reading threads, each with its own connection on SQLite."""

    def __init__(self, engine: Engine, *, place: str, file: Path | None, threads: int) -> None:
        self._engine = engine
        self._place = place
        self._file = file
        self._own = threading.local()
        self._connections: list[Connection] = []
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-db-read")

    def submit(self, work: Callable[[Connection], T]) -> Future[T]:
        """Run the work on a reading thread; raises NotStored where the reader is closed."""
        try:
            return self._pool.submit(self._run, work)
        except RuntimeError:
            raise NotStored("not read: the database is closed, because tocsin is stopping") from None

    def close(self) -> None:
        """Wait for what runs and close the connections; blocks."""
        self._pool.shutdown(wait=True)
        for connection in self._connections:
            connection.close()

    def _run(self, work: Callable[[Connection], T]) -> T:
        try:
            if self._file is None:
                with self._engine.connect() as connection, connection.begin():
                    connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    return work(connection)
            with self._connection(self._file).begin() as transaction:
                return work(transaction.connection)
        except Exception as error:
            sentence = storage_fault(error, self._place)
            if sentence is None or is_change_while_reading(error):
                raise
            raise NotStored(f"not read: {sentence}") from error

    def _connection(self, file: Path) -> Connection:
        """Give this thread's connection, opened anew where the file was replaced."""
        mark = file_mark(file)
        held: tuple[Any, Connection] | None = getattr(self._own, "held", None)
        if held is not None and held[0] == mark and not held[1].closed:
            return held[1]
        if held is not None:
            self._own.held = None  # before what may fail: the file may not be there yet
            self._connections.remove(held[1])
            held[1].close()
        connection = self._engine.connect()
        self._connections.append(connection)
        self._own.held = (mark, connection)
        return connection
