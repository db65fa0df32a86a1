"""A plant whose alarms are told by telephone and by text, for stories; and phones to live through them."""

from __future__ import annotations

import pytest
from tests.notifying.conftest import project, told, with_texts  # noqa: F401  as below
from tests.plant import write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all stories, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("dialogue") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()))
    return folder
