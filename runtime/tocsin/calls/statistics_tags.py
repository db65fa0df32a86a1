"""The tags `System/Gateway/Twilio/...`: the gateway's counters, and everybody's as one dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tocsin.calls import statistics
from tocsin.calls.statistics import Counts, by_getter, by_tag_name
from tocsin.tags import Dataset, Node, Tag, int4

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.people import Directory

ROOT: Final = "System/Gateway/Twilio"
DATASET: Final = f"{ROOT}/UserStatistics"
COUNTERS: Final = {f"{ROOT}/{name}": name for name in by_tag_name(Counts())}
COLUMNS: Final = (
    ("id", "Int4"),
    ("username", "String"),
    ("phoneNumber", "String"),
    *((name, "Int4") for name in by_getter(Counts())),
)


class TwilioTags:
    """Provides the six Int4 counters and the dataset UserStatistics, counted live from the database."""

    root = ROOT

    def __init__(self, db: Database, clock: Clock, directory: Callable[[], Directory]) -> None:
        self._db = db
        self._clock = clock
        self._directory = directory
        self._nodes = [
            *(Node(path, data_type="Int4") for path in COUNTERS),
            Node(DATASET, data_type="DataSet"),
        ]

    def nodes(self) -> Sequence[Node]:
        """Return the seven tags there are."""
        return self._nodes

    async def read(self, paths: Sequence[str]) -> list[Tag]:
        """Read all of them from one state of the database. Raises NotStored where it cannot be read."""
        directory = self._directory()

        def work(conn: Connection) -> list[Tag]:
            totals = by_tag_name(statistics.totals(conn, directory))
            now_ms = self._clock.now_ms()
            return [
                Tag(path, int4(totals[COUNTERS[path]]), at_ms=now_ms)
                if path in COUNTERS
                else Tag(path, user_statistics(conn, directory), at_ms=now_ms)
                for path in paths
            ]

        return await self._db.read(work)


def user_statistics(conn: Connection, directory: Directory) -> Dataset:
    """Return id, username, phone number and the six counters of every user, by id."""
    rows = statistics.as_rows(statistics.all_users(conn, directory))
    return Dataset(COLUMNS, [(*row[:3], *map(int4, row[3:])) for row in rows])
