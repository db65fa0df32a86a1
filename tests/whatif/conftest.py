"""The plant of tests/notifying once more: a real gateway, emulated phones, a clock that tests move."""

from __future__ import annotations

import pytest
from tests.notifying.conftest import with_texts
from tests.plant import write_project
from tests.whatif.lived import SCRIPTS

from tocsin.testing.plugin import tocsin_stand  # noqa: F401  fixtures are found by name


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all tests, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("what-if") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()))
    (folder / "pipeline_scripts").mkdir()
    for name, source in SCRIPTS.items():
        (folder / "pipeline_scripts" / name).write_text(source)
    return folder
