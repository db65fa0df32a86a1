"""A plant whose alarms are told by telephone and by text, for stories; and phones to live through them."""

from __future__ import annotations

import pytest
from tests.plant import JON, MARIA, write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all stories, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("dialogue") / "riverside")
    file = folder / "tocsin.toml"
    toml = file.read_text()
    for number in (MARIA, JON):
        voice = f'type = "phone"\nvalue = "{number}"\n'
        person = "maria" if number == MARIA else "jon"
        assert voice in toml
        toml = toml.replace(voice, f'{voice}[[users.{person}.contacts]]\ntype = "sms"\nvalue = "{number}"\n')
    file.write_text(toml + '\n[message_profiles.text]\ntwilio_profile = "plant"\n')
    return folder


@pytest.fixture
def project(riverside):
    return riverside


@pytest.fixture
def told(plant):  # noqa: F811
    """The plant, with pipelines that run."""
    return plant.tells_people()
