"""INSERT that may say ON CONFLICT, of which SQLAlchemy has one for each kind of database.

What is inserted, and what a conflict means, stands in the rooms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlalchemy.dialects import postgresql, sqlite

if TYPE_CHECKING:
    from sqlalchemy import Connection, Table
    from sqlalchemy.dialects.sqlite import Insert


def insert_into(table: Table, connection: Connection | str) -> Insert:
    """Return an INSERT that has `on_conflict_do_nothing` and `on_conflict_do_update`.

    `connection` may be the name of its dialect, for statements that are made once. Both databases spell
    these alike, so one type stands for the two.
    """
    dialect = connection if isinstance(connection, str) else connection.dialect.name
    return cast("Insert", postgresql.insert(table)) if dialect == "postgresql" else sqlite.insert(table)
