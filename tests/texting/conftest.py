"""A plant that tells people by text: Maria first, Jon five minutes later."""

from __future__ import annotations

import pytest
from tests.notifying.conftest import project, with_texts  # noqa: F401  as below
from tests.plant import write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name

PIPELINE = """
[pipelines.texts]
[[pipelines.texts.blocks]]
id = "first"
type = "notification"
roster = "operations"
profiles = ["text"]

[alarms."Plant/Power/Mains failure"]
priority = "Critical"
label = "Mains failure"
pipeline = "texts"

[alarms."Plant/Well/Low level"]
priority = "High"
label = "Well low level"
pipeline = "texts"

[alarms."Plant/Tank 1/Level"]
priority = "Low"
label = "Tank 1"
pipeline = "texts"

[alarms."Plant/Tank 2/Level"]
priority = "Low"
label = "Tank 2"
pipeline = "texts"

[alarms."Plant/Tank 3/Level"]
priority = "Low"
label = "Tank 3"
pipeline = "texts"

[alarms."Plant/Tank 4/Level"]
priority = "Low"
label = "Tank 4"
pipeline = "texts"
"""


def texting(toml: str, *, pin: str = "to-acknowledge") -> str:
    """Let the plant's alarms be told by text, with a policy for PINs."""
    toml = with_texts(toml).replace(
        'label = "Pump 2 high level"\n', 'label = "Pump 2 high level"\npipeline = "texts"\n'
    )
    policy = f'"{pin}"' if "{" not in pin else pin
    return toml.replace("[message_profiles.text]\n", f"[message_profiles.text]\npin = {policy}\n") + PIPELINE


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all tests, so that its workers are made once."""
    folder = write_project(tmp_path_factory.mktemp("texting") / "riverside")
    file = folder / "tocsin.toml"
    file.write_text(texting(file.read_text()))
    return folder


@pytest.fixture
def told(plant):  # noqa: F811
    """The plant, with pipelines that run; every text it sends about alarms takes a PIN to acknowledge."""
    return plant.tells_people()


@pytest.fixture
def open_told(plant):  # noqa: F811
    """The same without PINs."""
    return plant.configure(("message_profiles", "text", "pin"), "none").tells_people()
