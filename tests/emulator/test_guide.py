"""docs/emulator.md is held against the emulator: routes, faults, verbs, what is not emulated, examples."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator, faults, persona
from tocsin.emulator.account import DEFAULT_AUTH_TOKEN, TEST_NUMBER
from tocsin.emulator.control import Control
from tocsin.emulator.limits import Limits
from tocsin.emulator.sids import MARKER
from tocsin.emulator.verbs import VERBS
from tocsin.emulator.verbs.attributes import NOT_EMULATED

GUIDE = (Path(__file__).parents[2] / "docs" / "emulator.md").read_text(encoding="utf-8")


def part(name: str) -> str:
    """Return what stands between two marks."""
    return GUIDE.partition(f"<!-- {name}: begin -->")[2].partition(f"<!-- {name}: end -->")[0]


def section(title: str) -> str:
    return GUIDE.partition(f"## {title}\n")[2].partition("\n## ")[0]


def test_every_route_of_the_control_api_is_told_and_no_other() -> None:
    """Method and path, as one sends them."""
    routes = {
        f"{method} {route.path}"
        for route in Control(Emulator(clock=VirtualClock())).routes()
        for method in route.methods or ()
        if method != "HEAD"
    }
    table = "".join(line for line in section("Control API").splitlines(keepends=True) if line.startswith("|"))
    assert set(re.findall(r"`((?:GET|PUT|POST) /[^`]*)`", table)) == routes


def test_every_fault_is_told_in_words_that_are_understood() -> None:
    """The words of the table make exactly the faults there are."""
    rows = re.findall(r"^\| (`.*?`) \|", section("Faults"), re.MULTILINE)
    told = [faults.parse({"fault": words}) for row in rows for words in re.findall(r"`([^`]+)`", row)]
    assert {one.kind for one in told} == faults.KINDS


def test_every_verb_is_told() -> None:
    """Those that run, and those attributes that do nothing."""
    assert set(re.findall(r"^\| `(\w+)` \|", part("verbs"), re.MULTILINE)) == set(VERBS)
    told = {
        tag: frozenset(re.findall(r"`(\w+)`", names))
        for tag, names in re.findall(r"`(\w+)`: ((?:`\w+`(?:, )?)+)", part("not emulated"))
    }
    assert told == NOT_EMULATED


def test_every_answer_step_and_chance_of_a_phone_is_told() -> None:
    """As are the limits."""
    phones = section("Phones")
    for name in (*persona.KINDS, *persona.CHANCES, *Limits.__dataclass_fields__):
        assert f"`{name}`" in phones + section("Control API"), name
    for step in persona.STEPS:
        assert f'"{step}"' in phones, step


@pytest.mark.parametrize("example", re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL))
def test_examples_are_taken(example: str) -> None:
    """A phone that can be put, faults that can be put."""
    given = json.loads(example)
    if isinstance(given, list):
        assert all(faults.parse(one) for one in given)
    else:
        assert persona.read(given).steps


def test_names_and_numbers_are_those_of_the_code() -> None:
    """Token, number, mark of the SIDs."""
    for known in (DEFAULT_AUTH_TOKEN, TEST_NUMBER, MARKER):
        assert f"`{known}`" in GUIDE
