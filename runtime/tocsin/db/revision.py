"""For developers: `python -m tocsin.db.revision "what changes"` writes the next migration.

It builds a scratch database from the migrations there are, compares it with the tables the rooms define
now, and writes the difference as the next number. Read the result before committing it. `--check` writes
nothing and exits 1 where the tables have changed without a migration.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING, Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tocsin.db import schema
from tocsin.db.engines import address
from tocsin.db.metadata import metadata
from tocsin.db.migrations.run import configured, upgrade
from tocsin.db.schema import VERSION_TABLE, head, load_tables, schema_engine

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection


def differences(connection: Connection) -> list[Any]:
    """List what the rooms' tables have that the database at `connection` has not, or has otherwise."""
    load_tables()
    context = MigrationContext.configure(
        connection,
        opts={
            "compare_server_default": True,
            "include_name": lambda name, kind, _parents: kind != "table" or name.startswith("ts_"),
            "version_table": VERSION_TABLE,
        },
    )
    return list(compare_metadata(context, metadata))


def write_next(connection: Connection, message: str) -> Path:
    """Write the migration from the database at `connection` to the rooms' tables; returns its file."""
    number = f"{int(head()) + 1:04d}"
    script = command.revision(configured(connection), message, autogenerate=True, rev_id=number)
    file = next((schema.MIGRATIONS / "versions").glob(f"{number}_*.py"), None)
    if script is None or file is None:
        raise FileNotFoundError(f"Alembic wrote no file for revision {number}")
    return file


def main(arguments: list[str]) -> int:
    """Write or check, as the module's docstring tells."""
    if len(arguments) != 1:
        sys.stderr.write('usage: python -m tocsin.db.revision "what changes" | --check\n')
        return 2
    with tempfile.TemporaryDirectory() as folder:
        engine = schema_engine(address(f"sqlite:///{folder}/scratch.db"))
        with engine.begin() as connection:
            if head() != "0000":
                upgrade(connection)
            changed = differences(connection)
            if arguments[0] == "--check":
                sys.stdout.writelines(f"{str(change)[:150]}\n" for change in changed)
                return 1 if changed else 0
            if not changed:
                sys.stdout.write("the tables and the migrations agree; nothing to write\n")
                return 0
            file = write_next(connection, arguments[0])
        engine.dispose()
    for tool in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *tool, str(file)], check=False)  # noqa: S603 our own arguments
    sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
