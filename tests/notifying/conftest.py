"""A plant whose alarms are told: two people, each with a phone and texts, on one roster."""

from __future__ import annotations

import pytest
from tests.plant import JON, MARIA, write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name


def with_texts(toml: str) -> str:
    """Give each person a contact for texts beside the phone."""
    for number in (MARIA, JON):
        phone_contact = f'[[users.{"maria" if number == MARIA else "jon"}.contacts]]\ntype = "phone"\nvalue = "{number}"\n'
        assert phone_contact in toml
        toml = toml.replace(phone_contact, phone_contact + phone_contact.replace('"phone"', '"sms"'))
    return toml + '\n[message_profiles.text]\ntwilio_profile = "plant"\n'


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all tests, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("notifying") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(with_texts(file.read_text()))
    return folder


@pytest.fixture
def project(riverside):
    return riverside


@pytest.fixture
def told(plant):  # noqa: F811
    """The plant, with pipelines that run."""
    return plant.tells_people()
