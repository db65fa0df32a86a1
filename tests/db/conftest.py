"""A database of its own for every test: a SQLite file, and PostgreSQL where a server is named."""

import pytest

from tocsin.clock import SystemClock
from tocsin.db import Database


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
