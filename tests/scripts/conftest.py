"""A library over a project on disk and a real database."""

import pytest
from tests.scripts.plant import GREETING, MENU, CompilingSandbox, Project

from tocsin.clock import VirtualClock
from tocsin.config import shipped
from tocsin.db import Database
from tocsin.scripts import Library

DEFAULT = shipped("user_scripts") / "acknowledge.py"


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
async def db(tmp_path, clock):
    database = Database.open(f"sqlite:///{tmp_path}/tocsin.db", clock=clock)
    database.migrate()
    yield database
    await database.aclose()


@pytest.fixture
def sandbox():
    return CompilingSandbox()


@pytest.fixture
def project(tmp_path):
    found = Project(tmp_path / "plant")
    found.save("10_greeting.py", GREETING)
    found.save("20_menu.py", MENU)
    return found


@pytest.fixture
async def library(sandbox, db, clock, project):
    found = Library(sandbox=sandbox, db=db, clock=clock, default=DEFAULT)
    await found.start({".": project.path})
    yield found
    await found.aclose()


@pytest.fixture
def another_library(db, clock):
    """As after a restart: the same database, nothing in memory."""

    def make(sandbox=None):
        return Library(sandbox=sandbox or CompilingSandbox(), db=db, clock=clock, default=DEFAULT)

    return make
