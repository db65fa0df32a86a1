"""Rows that may arrive a moment late: gathered cheaply by their callers, written many at a time.

A row given here is on disk within a fraction of a second, and lost by a kill -9 in that time. Whatever
an alarm depends on goes through `Database.write` instead. Values are given for every column that has no
default in the database itself; defaults of the Python side are not applied.
"""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import structlog

from tocsin.db.faults import storage_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection, Dialect, Table

log = structlog.get_logger("tocsin.db")

CAPACITY: Final = 65_536  # rows held while the database refuses them; beyond, the oldest are let go
_CHUNKS: Final = (64, 8, 1)  # rows per statement: few statements to prepare, few hand-overs of the GIL

Row: TypeAlias = dict[str, Any]


class _Insert:
    """The INSERT for one table and one set of columns, for each size of chunk."""

    def __init__(self, dialect: Dialect, table: Table, names: Sequence[str]) -> None:
        quote = dialect.identifier_preparer
        mark = "?" if dialect.paramstyle == "qmark" else "%s"
        columns = ", ".join(quote.quote(name) for name in names)
        values = "(" + ", ".join([mark] * len(names)) + ")"
        self.width = len(names)
        self.sql = {
            size: f"INSERT INTO {quote.format_table(table)} ({columns}) VALUES {', '.join([values] * size)}"  # noqa: S608 names come from Table objects
            for size in _CHUNKS
        }
        converters = (
            (place, table.c[name].type.dialect_impl(dialect).bind_processor(dialect))
            for place, name in enumerate(names)
        )
        self.converters: list[tuple[int, Callable[[Any], Any]]] = [
            (place, convert) for place, convert in converters if convert is not None
        ]

    def run(self, connection: Connection, rows: Sequence[Row]) -> None:
        values = [value for row in rows for value in row.values()]
        for place, convert in self.converters:
            values[place :: self.width] = map(convert, values[place :: self.width])
        connection.exec_driver_sql(self.sql[len(rows)], tuple(values))


class AppendBuffer:
    """Rows waiting to be written. `add` is for any thread; the rest is the writer's."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Table, Row]] = deque(maxlen=CAPACITY)
        self._inserts: dict[tuple[Table, tuple[str, ...]], _Insert] = {}
        self.lock: Final = Lock()  # held from taking rows until they are committed
        self.armed = False  # somebody has promised to come and write

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, table: Table, row: Row) -> bool:
        """Keep a row; True if nobody has been asked yet to come and write."""
        self._waiting.append((table, row))
        if self.armed:
            return False
        self.armed = True
        return True

    def take(self) -> list[tuple[Table, Row]]:
        """Take out every row there is now, oldest first; the caller holds `lock`."""
        # Disarmed before taking: a row that comes after the last one taken then asks for a new round.
        self.armed = False
        waiting = self._waiting
        if len(waiting) == CAPACITY:
            log.warning("trace-rows-dropped", waiting=CAPACITY)
        return [waiting.popleft() for _ in range(len(waiting))]

    def put_back(self, rows: Sequence[tuple[Table, Row]]) -> None:
        """Return rows that could not be written to the front of the queue, as many as there is room for."""
        room = CAPACITY - len(self._waiting)
        self._waiting.extendleft(reversed(rows[max(0, len(rows) - room) :]))

    def write(self, connection: Connection, rows: Sequence[tuple[Table, Row]]) -> None:
        """Insert the rows in the connection's transaction; a row the database refuses is logged, not kept.

        Raises what the driver raises where the storage itself is at fault.
        """
        groups: dict[tuple[Table, tuple[str, ...]], list[Row]] = {}
        for table, row in rows:
            groups.setdefault((table, tuple(row)), []).append(row)
        for (table, names), group in groups.items():
            start = 0
            for size in _CHUNKS:
                while len(group) - start >= size:
                    self._insert(connection, table, names, group[start : start + size])
                    start += size

    def _insert(
        self, connection: Connection, table: Table, names: tuple[str, ...], rows: Sequence[Row]
    ) -> None:
        connection.exec_driver_sql("SAVEPOINT appended")
        try:
            insert = self._inserts.get((table, names))
            if insert is None:
                insert = self._inserts[table, names] = _Insert(connection.dialect, table, names)
            insert.run(connection, rows)
        except Exception as error:
            if storage_fault(error, "") is not None:
                raise
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT appended")
            if len(rows) == 1:
                # The driver's own message would show the row's values, which may be anybody's.
                cause = getattr(error, "orig", None) or error
                log.error("trace-row-refused", table=table.name, reason=f"{type(cause).__name__}: {cause}")
            else:
                for row in rows:
                    self._insert(connection, table, names, [row])
        connection.exec_driver_sql("RELEASE SAVEPOINT appended")
