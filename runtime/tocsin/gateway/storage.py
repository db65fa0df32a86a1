"""Where a project's database is, and who may bring its tables up to date.

The gateway does at its start. A command does only while no gateway holds the folder: the one that runs may
be of another version, and must not find its tables changed.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from sqlalchemy import text

from tocsin.db import Database
from tocsin.db.schema import NOTHING, VERSION_TABLE, head
from tocsin.errors import TocsinError
from tocsin.gateway.lock import AlreadyRunning, FolderLock

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from tocsin.clock import Clock
    from tocsin.gateway.configuration import Configuration


class OtherSchema(TocsinError):  # noqa: N818  it says what is the case
    """A running gateway keeps its tables in another shape than this program knows."""


def is_embedded(value: Configuration) -> bool:
    """Tell whether the database is the one in the project's folder, which nobody else uses."""
    return value.gateway.database.reveal() == "sqlite"


def owner_of(value: Configuration, state: Path) -> str:
    """Return the name under which this replica takes jobs: the same after a restart, nobody else's."""
    return "gateway" if is_embedded(value) else f"{socket.gethostname()}:{state.resolve()}"


def address_of(value: Configuration, state: Path) -> str:
    """Return the URL of the configured database; `state` holds the embedded one."""
    address = value.gateway.database.reveal()
    return f"sqlite:///{(state / 'tocsin.db').resolve()}" if address == "sqlite" else address


def open_database(value: Configuration, state: Path, clock: Clock) -> Database:
    """Open the configured database with its tables up to date; raises NotStored or UnusableAddress."""
    db = Database.open(address_of(value, state), clock=clock)
    db.migrate()
    return db


def open_beside(value: Configuration, state: Path, clock: Clock) -> Database:
    """Open the database for a command, which leaves a running gateway's tables as they are.

    Raises OtherSchema where that gateway's tables are not those of this program, and what `open_database`
    raises.
    """
    try:
        lock = FolderLock(state)
    except AlreadyRunning:
        db = Database.open(address_of(value, state), clock=clock)
        found = db.read_now(_revision)
        if found != head():
            db.close()
            raise OtherSchema(
                f"a gateway of another version serves {state.parent} (tables {found}, this program knows "
                f"{head()}); use its own tocsin command, or restart it with this version first"
            ) from None
        return db
    try:
        return open_database(value, state, clock)
    finally:
        lock.close()


def _revision(connection: Connection) -> str:
    if not connection.dialect.has_table(connection, VERSION_TABLE):
        return NOTHING
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608  our own name
    return str(found or NOTHING)
