"""What is copied from the sample project and the recipes rings no stranger and takes no key without saying so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.config import shipped

SHIPPED = (shipped("sample_project"), shipped("user_scripts"))
SCRIPTS = sorted(
    [*SHIPPED[0].glob("twilio_scripts/[!_]*.py"), *SHIPPED[1].glob("recipes/*.py")],
    key=lambda path: path.name,
)
GUIDES = Path(__file__).parents[2] / "docs"
FICTION = range(46701740605, 46701740700)
"""The numbers from 070-1740605 to 070-1740699, which PTS keeps for films and books; they are never given out."""


def numbers(path):
    return {int(found) for found in re.findall(r"\+(467\d{8})\b", path.read_text(encoding="utf-8"))}


def test_every_number_of_the_sample_and_the_recipes_is_nobodys():
    """Whoever forgets to replace one rings nobody."""
    files = [
        path for folder in SHIPPED for path in folder.rglob("*") if path.suffix in {".py", ".toml", ".md"}
    ]
    found = {number: path.name for path in files for number in numbers(path)}
    assert len(found) >= 4
    assert {number: name for number, name in found.items() if number not in FICTION} == {}


def test_every_number_of_the_guides_is_nobodys():
    """They are copied as well."""
    readme = GUIDES.parent / "README.md"
    found = {number: path.name for path in (readme, *GUIDES.glob("*.md")) for number in numbers(path)}
    assert {number: name for number, name in found.items() if number not in FICTION} == {}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_that_takes_a_key_of_the_default_says_so_at_its_top(script):
    """All keys have a meaning; who copies the script learns which one is lost."""
    text = script.read_text(encoding="utf-8")
    comment = " ".join(line.lstrip("# ") for line in text.partition("\n\n")[0].splitlines())
    taken = re.findall(r'callAction == "menu" and Digits == "(.)"', text)
    assert taken == re.findall(r"takes the place of the default script's (?:key )?(\d)", comment)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_a_script_that_answers_a_turn_of_the_default_looks_whether_one_before_it_has(script):
    """Else two that are copied together both act, and the second takes back what the first has said."""
    text = script.read_text(encoding="utf-8")
    assert re.search(r"^if not response and ", text, re.MULTILINE)
