"""What tests of several rooms stand on: a database of their own, on each kind, and a clock they move."""

import gc
import os
import secrets
import shutil

import pytest
from hypothesis import settings
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool
from tests.turns import pytest_runtest_protocol  # noqa: F401  a hook, for pytest to find here

from tocsin.clock import VirtualClock
from tocsin.db import Database, metadata
from tocsin.db.schema import VERSION_TABLE, load_tables

# The same examples at every run, so that a change fails by itself and not by chance;
# TOCSIN_TEST_EXAMPLES=random looks for new ones.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("random", derandomize=False)
settings.load_profile("random" if os.environ.get("TOCSIN_TEST_EXAMPLES") == "random" else "repeatable")


def pytest_collection_finish():
    """What was imported and collected stays; no test's garbage is looked for among it."""
    gc.collect()
    gc.freeze()


SERVER = os.environ.get("TOCSIN_TEST_DATABASE_URL", "")


def on_server(statement):
    """Run one statement that PostgreSQL takes outside of transactions only."""
    url = make_url(SERVER).set(drivername="postgresql+psycopg")
    with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        connection.execute(text(statement))


def address_of(name):
    """Return the address of a database on the server."""
    server = make_url(SERVER).set(drivername="postgresql+psycopg")
    return server.set(database=name).render_as_string(hide_password=False)


def with_tables(url):
    """Give a database all its tables, and let go of it."""
    database = Database.open(url, clock=VirtualClock())
    database.migrate()
    database.close()


@pytest.fixture(scope="session")
def with_every_table():
    """Make a PostgreSQL database with all tables once; emptying it is much quicker than making another."""
    name = f"tocsin_test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name}")
    with_tables(address_of(name))
    yield name
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


def emptied(name):
    """Empty every table of a database, whoever still holds one, and drop those that a test made for itself."""
    on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    load_tables()
    with create_engine(address_of(name), poolclass=NullPool).begin() as connection:
        kept = {*metadata.tables, VERSION_TABLE}
        strangers = [table for table in inspect(connection).get_table_names() if table not in kept]
        if strangers:
            connection.execute(text(f"DROP TABLE {', '.join(strangers)} CASCADE"))
        connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} RESTART IDENTITY CASCADE"))


@pytest.fixture(scope="session")
def template_file(tmp_path_factory):
    """Make an SQLite file with all tables once."""
    file = tmp_path_factory.mktemp("template") / "tocsin.db"
    with_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Give the address of a fresh database: a file, or one on the server TOCSIN_TEST_DATABASE_URL names.

    For a test that opens it by `db` the tables are there already.
    """
    ready = "db" in request.fixturenames
    if request.param == "sqlite":
        if ready:
            shutil.copy(request.getfixturevalue("template_file"), tmp_path / "tocsin.db")
        yield f"sqlite:///{tmp_path}/tocsin.db"
        return
    if not SERVER:
        pytest.skip("TOCSIN_TEST_DATABASE_URL names no PostgreSQL server")
    if ready:
        name = request.getfixturevalue("with_every_table")
        emptied(name)
        yield address_of(name)
        return
    name = f"tocsin_test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name}")
    yield address_of(name)
    on_server(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def clock():
    """Give a clock the test moves."""
    return VirtualClock()


@pytest.fixture
def db(url, clock):
    """Give an open database with its tables."""
    database = Database.open(url, clock=clock)
    database.migrate()
    yield database
    database.close()
