"""A board over a database of its own, with a clock the test moves."""

import os
import secrets

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from tocsin.alarms import Board
from tocsin.alarms.sections import AlarmSection
from tocsin.clock import VirtualClock
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
def clock():
    return VirtualClock()


@pytest.fixture
def db(url, clock):
    database = Database.open(url, clock=clock)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def rules():
    """The rules of a small plant, written as in alarms.toml."""
    written = {
        "Plant/Pump 2/High level": {
            "priority": "Critical", "label": "Pump 2 high level", "pipeline": "night",
            "displayPath": "Riverside / Pump 2", "notes": "Start the spare pump.", "data": {"area": "north"},
        },
        "Plant/Door": {"ackMode": "Auto", "priority": "Low", "shelvingAllowed": False},
        "Plant/Test": {"ackMode": "Unused", "priority": "Diagnostic"},
        "Plant/Chlorine": {"ackNotesReqd": True, "priority": "High"},
    }  # fmt: skip
    return {path: AlarmSection.model_validate(section) for path, section in written.items()}


@pytest.fixture
async def board(db, clock, rules):
    built = Board(db, clock, rules, pipelines={"default", "night"})
    await built.start()
    return built


@pytest.fixture
def heard(board):
    """Every change the board has told its subscribers, as (kind, path)."""
    told = []
    board.subscribe(lambda change: told.append((change.kind, change.episode.path)))
    return told
