"""The reference of `system`: every function and getter stands in it, and every example prints what it says."""

from __future__ import annotations

import datetime as dt
import inspect
import re
import time
from pathlib import Path

import pytest
from tests.calls.asking import MARIA, asking

from tocsin.calls import statistics, system_functions, system_results

REFERENCE = (Path(__file__).parents[2] / "docs/reference/system-functions.md").read_text(encoding="utf-8")
NAMESPACES = {
    "alarm": system_functions.AlarmFunctions,
    "roster": system_functions.RosterFunctions,
    "tag": system_functions.TagFunctions,
    "twilio": system_functions.Twilio,
    "user": system_functions.UserFunctions,
    "util": system_functions.Util,
}
HEADINGS = re.findall(r"^### `system\.(\w+)\.(\w+)\((.*)\)`$", REFERENCE, re.MULTILINE)
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", REFERENCE, re.MULTILINE | re.DOTALL)
MONDAY = dt.datetime(2026, 3, 2, 13, tzinfo=dt.UTC)


def test_every_function_has_its_section():
    """What a script may call is in the reference, and nothing else is."""
    offered = {
        (name, function) for name, cls in NAMESPACES.items() for function in system_functions.ATTRIBUTES[cls]
    }

    assert {(name, function) for name, function, _ in HEADINGS} == offered
    assert set(NAMESPACES) == set(system_functions.ATTRIBUTES[system_functions.System])


@pytest.mark.parametrize(
    ("name", "function", "arguments"), HEADINGS, ids=[".".join(one[:2]) for one in HEADINGS]
)
def test_arguments_are_those_of_the_function(name, function, arguments):
    """In their order; a default that is not None is printed."""
    real = list(inspect.signature(getattr(NAMESPACES[name], function)).parameters.values())[1:]
    printed = [part.strip().partition("=") for part in arguments.split(",") if part.strip()]

    assert [one for one, _, _ in printed] == [one.name for one in real]
    for (_, _, default), one in zip(printed, real, strict=True):
        if default:
            assert default == repr(one.default).replace("'", '"')


@pytest.mark.parametrize("cls", system_results.ATTRIBUTES, ids=lambda cls: cls.__name__)
def test_every_getter_of_what_is_returned_is_explained(cls):
    """Whatever a script may read on a result stands in the reference by name."""
    words = set(re.findall(r"\w+", " ".join(re.findall(r"`([^`\n]+)`", REFERENCE))))

    assert system_results.ATTRIBUTES[cls] - words == set()


def test_every_section_has_an_example():
    """One to copy for each function; the sections about what is returned have one too."""
    assert len(EXAMPLES) >= len(HEADINGS)
    for section in re.split(r"^##+ ", REFERENCE, flags=re.MULTILINE)[1:]:
        assert not section.startswith("`system.") or "```python" in section, section[:60]


@pytest.fixture
async def plant(db, clock, monkeypatch):
    """Give the plant of the reference, on a Monday afternoon; its zone is the process's, as in a worker."""
    monkeypatch.setenv("TZ", "Europe/Stockholm")
    time.tzset()
    await clock.advance(MONDAY.timestamp() - clock.now())
    made = asking(db, clock)
    for path, value in (("Plant/Pump 2/High level", 93.5), ("Plant/Pump 1/Stopped", True), ("Plant/Door", 1)):
        await made.raise_alarm(path, value=value)
        await clock.advance(60)
    gate = await made.raise_alarm("Plant/Gate")
    await made.services.board.shelve([gate], by="maria", via="voice", minutes=15)
    facts = {"account": "AC1", "direction": "outbound", "number": MARIA, "minutes": 2}
    for sid in ("CA1", "CA2"):
        await db.write(lambda conn, sid=sid: statistics.counted_in(conn, "call", sid=sid, **facts))
    yield made
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("number", range(len(EXAMPLES)))
async def test_every_example_prints_what_stands_below_it(plant, number):
    """What a reader copies runs in the script language, and does what the reference says."""
    example, printed = EXAMPLES[number]

    await plant.script(example)

    assert [line.partition(" ")[2] for line in plant.log] == printed.splitlines()
