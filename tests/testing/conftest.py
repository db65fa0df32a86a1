"""A small plant of its own for the tests of the kit; its scripts are written by the tests."""

from __future__ import annotations

import pytest
from tests.plant import write_project

from tocsin.testing.plugin import phone, plant, tocsin_stand  # noqa: F401  fixtures are found by name
from tocsin.testing.story import StoryFailed


@pytest.fixture(scope="session")
def riverside(tmp_path_factory):
    """One folder for all tests, so that its workers are made once."""
    return write_project(tmp_path_factory.mktemp("kit") / "riverside", {"10_talk.py": ""})


@pytest.fixture
def project(riverside):
    return riverside


@pytest.fixture
def answering(plant):  # noqa: F811
    """Let the plant's script answer everybody who calls in with this TwiML."""

    def saying(inside, *, then=""):
        source = f'if callAction == "inbound":\n    response = """<Response>{inside}</Response>"""\n'
        source += f'elif callAction == "menu":\n    response = """<Response>{then}</Response>"""\n'
        assert plant.saves("10_talk.py", source) == []

    return saying


@pytest.fixture
def told():
    """Run a step that must fail, and return what its author reads."""

    def reading(step):
        with pytest.raises(StoryFailed) as caught:
            step()
        return str(caught.value)

    return reading
