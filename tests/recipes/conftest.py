"""The sample project as `tocsin new` makes it, for stories with a recipe beside its scripts."""

from __future__ import annotations

import shutil

import pytest

from tocsin.config import shipped
from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all stories, so that its workers are made once."""
    folder = tmp_path_factory.mktemp("recipes") / "riverside"
    shutil.copytree(
        shipped("sample_project"), folder, ignore=shutil.ignore_patterns(".tocsin", "__pycache__")
    )
    return folder


@pytest.fixture
def project(riverside):
    return riverside
