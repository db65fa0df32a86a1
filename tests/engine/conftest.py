"""The adapter under test over each database, and a clock that can be moved and set.

One database of each kind serves all tests here: a test begins by emptying the one table they use.
"""

import secrets

import pytest
from sqlalchemy import create_engine, delete, text
from sqlalchemy.engine import make_url
from tests.conftest import SERVER
from tests.engine.stand import SettableClock, Stand

from tocsin.clock import SystemClock
from tocsin.db import Database
from tocsin.engine import EmbeddedEngine
from tocsin.engine.tables import timers


@pytest.fixture(scope="package", params=["sqlite", "postgresql"])
def url(request, tmp_path_factory):
    if request.param == "sqlite":
        address = f"sqlite:///{tmp_path_factory.mktemp('engine')}/tocsin.db"
        migrated(address)
        yield address
        return
    if not SERVER:
        pytest.skip("TOCSIN_TEST_DATABASE_URL names no PostgreSQL server")
    server = make_url(SERVER).set(drivername="postgresql+psycopg")
    name = f"tocsin_engine_{secrets.token_hex(6)}"
    admin = create_engine(server, isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    address = server.set(database=name).render_as_string(hide_password=False)
    migrated(address)
    yield address
    with admin.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def migrated(address):
    database = Database.open(address, clock=SystemClock())
    database.migrate()
    database.close()


@pytest.fixture
def clock():
    return SettableClock()


@pytest.fixture
def db(url, clock):
    database = Database.open(url, clock=clock)
    database.write_now(lambda c: c.execute(delete(timers)))
    yield database
    database.close()


@pytest.fixture
def make():
    return lambda db, clock, owner: EmbeddedEngine(db, clock, owner=owner, look_s=0.02)


@pytest.fixture
async def stand(db, clock, make):
    found = Stand(db, clock, make)
    yield found
    await found.close()
