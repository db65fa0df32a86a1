"""What pytest is given: the fixtures `plant` and `phone`, and the rule that a story must tell everything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tocsin.testing.plant import Plant
from tocsin.testing.stand import TestStand, WrongUse
from tocsin.testing.story import StoryFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from tocsin.testing.phone import Phone

# Where a test keeps its plant, however it came by it.
_PLANT = pytest.StashKey[Plant]()


@pytest.fixture(scope="session")
def tocsin_stand() -> Iterator[TestStand]:
    """Everything that stories share; they need not know it."""
    stand = TestStand()
    yield stand
    stand.close()


@pytest.fixture
def project(request: pytest.FixtureRequest) -> Path:
    """Find the project whose scripts are tested: the nearest folder above the test that holds tocsin.toml.

    Define a fixture of the same name to test another.
    """
    for folder in Path(request.path).parents:
        if (folder / "tocsin.toml").is_file():
            return folder
    raise WrongUse(f"no folder above {request.path} holds a tocsin.toml; define a fixture `project`")


@pytest.fixture
def plant(request: pytest.FixtureRequest, tocsin_stand: TestStand, project: Path) -> Iterator[Plant]:
    """Give the plant: its alarms, its people, its scripts, its time."""
    made = request.node.stash[_PLANT] = Plant(tocsin_stand, project)
    yield made
    made.close()


@pytest.fixture
def phone(plant: Plant) -> Callable[[str], Phone]:
    """Give any telephone, by its number or by the username of the person who holds it."""
    return plant.phone


def _plant_of(item: pytest.Item) -> Plant | None:
    found = item.stash.get(_PLANT, None)
    return found if found is not None and found.begun else None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, Any, Any]:
    """End the story with the test, and fail the test for what the story did not expect."""
    outcome = yield
    if (told := _plant_of(pyfuncitem)) is not None:
        unexpected = told.ends()
        if unexpected:
            # No line of the test is to blame, so none is shown.
            pytest.fail(unexpected, pytrace=False)
    return outcome


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the story below a test that failed for a reason of its own."""
    report = yield
    told = _plant_of(item)
    if told is None or told.ended or call.when != "call" or not report.failed:
        return report
    if call.excinfo is not None and not isinstance(call.excinfo.value, StoryFailed):
        report.sections.append(("The story", told.told()))
    return report
