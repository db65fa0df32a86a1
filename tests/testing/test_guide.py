"""The guide's section about tests: its example runs, its failure is the real one, its tables are complete."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

from tocsin.config import shipped
from tocsin.testing.alarm import Alarm
from tocsin.testing.phone import Phone
from tocsin.testing.plant import Plant
from tocsin.testing.story import StoryFailed

GUIDE = (Path(__file__).parents[2] / "docs/scripting.md").read_text(encoding="utf-8")
SECTION = GUIDE.partition("\n## Testing your scripts\n")[2]
NAMED = set(re.findall(r"(\w+)\(", " ".join(re.findall(r"`([^`\n]+)`", SECTION))))
INNER = {
    Plant: {"phone", "running", "timezone", "now", "now_ms", "find_episode", "do", "begun", "ended", "told"}
    | {"fail", "ends", "close"},
    Phone: {"put_down", "unexpected"},
    Alarm: {"episode"},
}
"""What is public between the parts of the kit, or a value to look at, and no step of a story."""


@pytest.fixture
def project():
    return shipped("sample_project")


def example():
    """Return the test function that readers copy."""
    (source,) = re.findall(r"^```py\n(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    names: dict = {}
    exec(source, names)
    (found,) = (value for name, value in names.items() if name.startswith("test_"))
    return found


def test_the_example_passes_on_the_sample_plant(plant, phone):
    """Word for word, and nothing in it is left unexpected."""
    example()(plant, phone)

    assert plant.ends() == ""


def test_the_failure_in_the_guide_is_the_one_that_appears(plant):
    """Every line that is shown, in this order."""
    (shown,) = re.findall(r"^```\n(maria \(.*?)^```", SECTION, re.MULTILINE | re.DOTALL)
    plant.raises("Plant/Pump 2/High level", value=93)
    with pytest.raises(StoryFailed) as caught:
        plant.calls("maria").answers().hears("Pump 3 needs you")

    real = iter(str(caught.value).splitlines())
    assert [line for line in shown.splitlines() if line != "..." and line not in real] == []


@pytest.mark.parametrize("cls", [Plant, Phone, Alarm], ids=lambda cls: cls.__name__)
def test_every_step_is_explained(cls):
    """Whatever an author may write stands in the tables."""
    steps = {name for name, _ in inspect.getmembers(cls) if not name.startswith("_")} - INNER[cls]

    assert steps - NAMED == set()
