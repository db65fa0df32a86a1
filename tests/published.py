"""Reference data that others published and that is not copied into this repository.

TOCSIN_TEST_REFERENCES names a folder with it; a test that wants a file that is not there is skipped.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

FOLDER = os.environ.get("TOCSIN_TEST_REFERENCES", "")


def published(name: str) -> Any:
    """Read one JSON file of the folder, or skip."""
    path = Path(FOLDER, name)
    if not FOLDER or not path.is_file():
        pytest.skip(f"TOCSIN_TEST_REFERENCES names no folder with {name}")
    return json.loads(path.read_text("utf-8"))
