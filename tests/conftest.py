"""What tests of several rooms stand on: a database of their own, on each kind, and a clock they move."""

import os
import secrets

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tocsin.clock import VirtualClock
from tocsin.db import Database

SERVER = os.environ.get("TOCSIN_TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Give the address of a fresh database: a file, or one on the server TOCSIN_TEST_DATABASE_URL names."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/tocsin.db"
        return
    if not SERVER:
        pytest.skip("TOCSIN_TEST_DATABASE_URL names no PostgreSQL server")
    server = make_url(SERVER).set(drivername="postgresql+psycopg")
    name = f"tocsin_test_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


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
