"""Where everything that must outlive the process is kept: one SQLite file, or PostgreSQL.

This room knows SQLAlchemy and no domain. Rooms define their tables in their own `tables.py` on
`metadata`, named `ts_*`, and hand pieces of work (functions of a connection) to a `Database`.
It never runs inside a sandbox worker.
"""

from tocsin.db.database import Database
from tocsin.db.faults import DbHealth, NotStored
from tocsin.db.inserting import insert_into
from tocsin.db.metadata import BigKey, Json, Ms, metadata
from tocsin.db.writer import after_commit

__all__ = [
    "BigKey",
    "Database",
    "DbHealth",
    "Json",
    "Ms",
    "NotStored",
    "after_commit",
    "insert_into",
    "metadata",
]
