"""Tables are made once, upgraded in one transaction, and the two ways of getting there agree."""

import re
import secrets
import shutil
import subprocess
import sys

import pytest
from sqlalchemy import inspect, text
from tests.conftest import SERVER, address_of, on_server

from tocsin.db import schema
from tocsin.db.engines import UnusableAddress, address
from tocsin.db.metadata import metadata
from tocsin.db.migrations.run import upgrade
from tocsin.db.revision import differences, write_next
from tocsin.db.schema import SchemaUnknown, load_tables, schema_engine


@pytest.fixture
def versions(tmp_path, monkeypatch):
    """A folder of migrations of the test's own, with one that makes the tables of today."""
    folder = tmp_path / "migrations"
    shutil.copytree(schema.MIGRATIONS, folder)
    for file in (folder / "versions").glob("[0-9]*.py"):
        file.unlink()
    monkeypatch.setattr(schema, "MIGRATIONS", folder)
    engine = schema_engine(address(f"sqlite:///{tmp_path}/scratch.db"))
    with engine.begin() as connection:
        write_next(connection, "All tables")
    engine.dispose()
    return folder / "versions"


def _texts(options):
    return tuple(sorted((name, str(value)) for name, value in options.items()))


def described(connection):
    """Everything about the tables that a program could notice."""
    found = inspect(connection)
    return {
        name: {
            "columns": {
                (c["name"], str(c["type"]), c["nullable"], str(c["default"]), c.get("primary_key", 0))
                for c in found.get_columns(name)
            },
            "indexes": {
                (i["name"], tuple(i["column_names"]), bool(i["unique"]), _texts(i.get("dialect_options", {})))
                for i in found.get_indexes(name)
            },
            "unique": {(u["name"], tuple(u["column_names"])) for u in found.get_unique_constraints(name)},
            "foreign": {
                (f["name"], tuple(f["constrained_columns"]), f["referred_table"], str(f["options"]))
                for f in found.get_foreign_keys(name)
            },
            "checks": {
                (c["name"], re.sub(r"\s+", " ", c["sqltext"])) for c in found.get_check_constraints(name)
            },
            "key": found.get_pk_constraint(name)["name"],
        }
        for name in found.get_table_names()
    }


def test_a_fresh_database_has_every_table_of_every_room(url, open_database):
    """`migrate` on an empty database makes all tables named ts_*, and a second time changes nothing."""
    db = open_database(url)
    db.migrate()
    load_tables()
    before = db.read_now(described)

    assert set(before) == {*metadata.tables, "ts_schema_version"}
    assert all(name.startswith("ts_") for name in metadata.tables)
    db.migrate()
    assert db.read_now(described) == before


def test_making_all_tables_at_once_equals_running_every_migration(url, open_database):
    """The short way of a fresh database and the long way of an old one end in the same tables."""
    if schema.head() == schema.NOTHING:
        pytest.skip("there is no migration yet")
    open_database(url).migrate()
    engine = schema_engine(address(url))
    with engine.begin() as connection:
        short = described(connection)
        for table in reversed(metadata.sorted_tables):
            table.drop(connection)
        connection.execute(text("DROP TABLE ts_schema_version"))
        upgrade(connection)
        assert described(connection) == short
        assert differences(connection) == []
    engine.dispose()


def test_the_tables_have_not_changed_without_a_migration(file_url, open_database):
    """Whoever changes a table writes its migration: `python -m tocsin.db.revision "what changes"`."""
    if schema.head() == schema.NOTHING:
        pytest.skip("there is no migration yet")
    engine = schema_engine(address(file_url))
    with engine.begin() as connection:
        upgrade(connection)
        assert differences(connection) == []
    engine.dispose()


def test_a_migration_written_by_the_tool_makes_the_tables_of_today(url, versions, open_database, tmp_path):
    """What the tool writes, run on an empty database, gives what the rooms define now."""
    assert [file.name for file in versions.glob("0*.py")] == ["0001_all_tables.py"]
    engine = schema_engine(address(url))
    with engine.begin() as connection:
        upgrade(connection)
        upgraded = described(connection)
        for table in reversed(metadata.sorted_tables):
            table.drop(connection)
        connection.execute(text("DROP TABLE ts_schema_version"))
    open_database(url).migrate()

    with engine.begin() as connection:
        assert upgraded == described(connection)
    engine.dispose()


def test_an_older_database_keeps_its_rows(url, versions, open_database):
    """An upgrade runs the missing migrations only, and a failing one leaves everything as it was."""
    body = "from alembic import op\nrevision = '{}'\ndown_revision = '{}'\ndef upgrade():\n    {}\n"
    db = open_database(url)
    db.migrate()
    db.write_now(
        lambda c: c.execute(text("INSERT INTO ts_journal (at_ms, kind, subject) VALUES (1, 'a', 'b')"))
    )
    (versions / "0002_more.py").write_text(
        body.format("0002", "0001", "op.execute('CREATE TABLE ts_more (a TEXT)')")
    )
    db.migrate()
    db.write_now(lambda c: c.execute(text("INSERT INTO ts_more VALUES ('kept')")))
    (versions / "0003_bad.py").write_text(
        body.format("0003", "0002", "op.execute('DROP TABLE ts_more'); op.execute('nonsense')")
    )

    with pytest.raises(Exception, match="nonsense"):
        db.migrate()
    assert db.read_now(lambda c: c.execute(text("SELECT a FROM ts_more")).scalar_one()) == "kept"
    assert db.read_now(lambda c: c.execute(text("SELECT kind FROM ts_journal")).scalar_one()) == "a"
    assert (
        db.read_now(lambda c: c.execute(text("SELECT version_num FROM ts_schema_version")).scalar_one())
        == "0002"
    )


def test_a_newer_database_is_refused(file_url, open_database):
    """An older program does not touch what a newer one wrote."""
    db = open_database(file_url)
    db.migrate()
    db.write_now(lambda c: c.execute(text("UPDATE ts_schema_version SET version_num='9999'")))

    with pytest.raises(SchemaUnknown, match="written by a newer tocsin"):
        db.migrate()


def test_somebody_elses_tables_are_left_alone(file_url, open_database):
    """Tables that look like ours but carry no version are not guessed at."""
    db = open_database(file_url)
    db.write_now(lambda c: c.execute(text("CREATE TABLE ts_call (a TEXT)")))

    with pytest.raises(SchemaUnknown, match="a database of its own"):
        db.migrate()


def test_starting_up_to_date_does_not_import_alembic(file_url, open_database):
    """The usual start pays one query, not a second of imports."""
    open_database(file_url).migrate()
    code = (
        "import sys; from tocsin.clock import SystemClock; from tocsin.db import Database\n"
        f"db = Database.open({file_url!r}, clock=SystemClock()); db.migrate(); db.close()\n"
        "sys.exit('alembic' in sys.modules or 'mako' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.skipif(not SERVER, reason="TOCSIN_TEST_DATABASE_URL names no PostgreSQL server")
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_is_not_for_utf8_is_refused_by_a_sentence(encoding, open_database):
    """A server that was set up on a bare machine keeps plain ASCII; whoever starts tocsin learns the remedy."""
    name = f"tocsin_test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name} ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    try:
        db = open_database(address_of(name))
        with pytest.raises(UnusableAddress, match=rf"keeps text as {encoding}.*ENCODING 'UTF8'"):
            db.migrate()
        assert (
            db.read_now(lambda c: c.execute(text("SELECT CAST(:name AS TEXT)"), {"name": "Åsa"}).scalar())
            == "Åsa"
        )
        db.close()
    finally:
        on_server(f"DROP DATABASE {name} WITH (FORCE)")
