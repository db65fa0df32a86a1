"""The one collection of tables, and the column types every room uses for keys, times and documents.

No table stands here: each room defines its own, in its `tables.py`. States are text with a CHECK, not
enumerations of the database, so that a new state is an ordinary migration on both databases.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Text, TypeDecorator

if TYPE_CHECKING:
    from sqlalchemy.types import TypeEngine

_decode: Final = msgspec.json.Decoder().decode

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


class Json(TypeDecorator[Any]):
    """A JSON value kept as text; Python's None is the database's NULL.

    Not the databases' own JSON types: SQLite's turns the text 1.0 into the number 1 and cuts long numbers,
    PostgreSQL's refuses some characters, and a plant's values must come back as they were.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ARG002 the base class's signature
        """Give the text that is stored."""
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ARG002 the base class's signature
        """Give the value back."""
        return None if value is None else _decode(value)
