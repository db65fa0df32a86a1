"""What Alembic runs first: our metadata, our version table, only tables named `ts_*`."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from tocsin.db.metadata import Json, metadata
from tocsin.db.schema import VERSION_TABLE, load_tables


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    # A task engine may keep its own tables in the same PostgreSQL database.
    return kind != "table" or (name is not None and name.startswith("ts_"))


def _rendered(kind: str, item: Any, _autogenerate: Any) -> str | Literal[False]:
    # A migration must not change its meaning when our classes do.
    return "sa.Text()" if kind == "type" and isinstance(item, Json) else False


load_tables()
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    include_name=_ours,
    render_as_batch=True,
    render_item=_rendered,
    compare_server_default=True,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
