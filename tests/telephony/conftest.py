"""Where the shared research data lies, for the tests that hold tocsin against it."""

import json
from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"
DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def shared_data():
    """Give a reader of one shared JSON file; the test is skipped where the folder is absent."""

    def read(name):
        path = SHARED / name
        if not path.is_file():
            pytest.skip(f"the shared research data ({name}) is not beside this clone")
        return json.loads(path.read_text("utf-8"))

    return read
