"""The one collection of tables, and the column types every room uses for keys, times and documents.

No table stands here: each room defines its own, in its `tables.py`. States are text with a CHECK, not
enumerations of the database, so that a new state is an ordinary migration on both databases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import JSON, BigInteger, Integer, MetaData

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

metadata: Final = MetaData(
    # Every constraint has a name of its own, because a migration can only change what it can name.
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigKey: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")
"""A counted primary key; SQLite counts only a column declared INTEGER."""

Ms: Final[TypeEngine[int]] = BigInteger()
"""Whole milliseconds since 1970-01-01 UTC."""

Json: Final[TypeEngine[object]] = JSON(none_as_null=True)
"""A JSON document; Python's None is the database's NULL."""
