"""A database of its own for every test: a SQLite file, and PostgreSQL where a server is named."""

import os
import secrets

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tocsin.clock import SystemClock
from tocsin.db import Database

SERVER = os.environ.get("TOCSIN_TEST_DATABASE_URL", "")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
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
def file_url(tmp_path):
    return f"sqlite:///{tmp_path}/tocsin.db"


@pytest.fixture
def open_database():
    opened = []

    def opener(address, clock=None):
        database = Database.open(address, clock=clock or SystemClock())
        opened.append(database)
        return database

    yield opener
    for database in opened:
        database.close()
