"""Bringing the tables up to date: nothing to do costs one query, a fresh database is made in one go.

Alembic is imported only for a database that is behind. Revisions are numbered `0001`, `0002`, … in
`migrations/versions`; the highest file is what this program knows.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog
from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table, inspect, select
from sqlalchemy.exc import DBAPIError

from tocsin.db.engines import UnusableAddress, file_of, postgresql_engine, sqlite_engine
from tocsin.db.faults import NotStored, storage_fault
from tocsin.db.metadata import metadata
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL

log = structlog.get_logger("tocsin.db")

MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "ts_schema_version"
NOTHING: Final = "0000"  # the revision of a program without any migration

# The shape Alembic gives its own table, so that either may make it.
_version: Final = Table(
    VERSION_TABLE,
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name=f"{VERSION_TABLE}_pkc"),
)
_LOCK: Final = 7_466_119_020  # any number that only tocsin's migrations lock on PostgreSQL


class SchemaUnknown(TocsinError):  # noqa: N818 as NotStored
    """The tables are not ones this program knows how to bring up to date."""


def head() -> str:
    """Give the newest revision this program carries."""
    return max((file.name[:4] for file in (MIGRATIONS / "versions").glob("[0-9]*.py")), default=NOTHING)


def load_tables() -> None:
    """Import every room's `tables.py`, so that `metadata` is complete."""
    rooms = Path(__file__).parent.parent
    for file in sorted(rooms.glob("*/tables.py")):
        importlib.import_module(f"tocsin.{file.parent.name}.tables")


def bring_up_to_date(url: URL, *, place: str) -> None:
    """Make or upgrade the tables of the database at `url`; see `Database.migrate`."""
    engine = schema_engine(url)
    try:
        with engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                _demand_utf8(connection, place)
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            found = _revision(connection)
            if found == head():
                return
            if found is None:
                _create(connection)
            elif found > head():
                raise SchemaUnknown(
                    f"{place} was written by a newer tocsin (tables {found}, this one knows {head()}); "
                    "install that version, or restore the copy made before the update"
                )
            else:
                _upgrade(connection)
    except DBAPIError as error:
        sentence = storage_fault(error, place)
        if sentence is None:
            raise
        raise NotStored(sentence) from error
    finally:
        engine.dispose()


def _demand_utf8(connection: Connection, place: str) -> None:
    """Raise UnusableAddress for a PostgreSQL database that could not keep every name and label."""
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise UnusableAddress(
            f"{place} keeps text as {encoding}, which does not hold every letter; make it anew with: "
            "CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0"
        )


def schema_engine(url: URL) -> Engine:
    """Make an engine for changing tables."""
    if file_of(url) is not None:
        # SQLite changes a table by replacing it; with foreign keys on that would empty its dependants.
        return sqlite_engine(url, writes=True, foreign_keys=False)
    return postgresql_engine(url, size=1)


def _revision(connection: Connection) -> str | None:
    """Give the revision the tables are at, None for a database without tocsin's tables."""
    names = inspect(connection).get_table_names()
    if VERSION_TABLE not in names:
        if any(name.startswith("ts_") for name in names):
            raise SchemaUnknown(
                f"the database holds tables named ts_* but no {VERSION_TABLE}; "
                "give tocsin a database of its own"
            )
        return None
    return connection.execute(select(_version.c.version_num)).scalar_one_or_none()


def _create(connection: Connection) -> None:
    """Make all tables of a fresh database; tests hold this equal to running every migration."""
    load_tables()
    metadata.create_all(connection, checkfirst=False)
    _version.create(connection)
    connection.execute(_version.insert().values(version_num=head()))
    log.info("database-created", revision=head(), tables=len(metadata.tables))


def _upgrade(connection: Connection) -> None:
    from tocsin.db.migrations.run import upgrade

    upgrade(connection)
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise SchemaUnknown(
                f"the migration would leave rows of {broken[0]} that point nowhere; nothing was changed"
            )
    log.info("database-upgraded", revision=head())
