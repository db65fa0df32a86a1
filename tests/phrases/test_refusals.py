"""A mistake in phrases.toml is named with its file and line, before anybody hears it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tocsin.config import ConfigRefused
from tocsin.gateway import checks


def found(folder: Path, phrases: str) -> list[str]:
    """What `tocsin check` says of a project with this phrases.toml."""
    (folder / "tocsin.toml").write_text('[gateway]\nname = "Riverside"\n')
    (folder / "phrases.toml").write_text(phrases, encoding="utf-8")
    try:
        return [str(one) for one in checks.read(folder)[1]]
    except ConfigRefused as refused:
        return [str(one) for one in refused.findings]


@pytest.mark.parametrize(
    ("phrases", "said"),
    [
        (
            '[phrases.en]\ngoodby = "Bye."',
            (
                'phrases.toml:2: phrases.en.goodby: there is no phrase "goodby"; did you mean "goodbye"? '
                'A phrase of your own begins with x-, such as "x-goodby"'
            ),
        ),
        (
            '[phrases.en]\n\nalready-by = "Taken by {whom}."',
            "phrases.toml:3: phrases.en.already-by: {whom} is no value of this phrase; it has: {by}",
        ),
        (
            '[phrases.en]\nalready-by = "Taken by {by."',
            (
                "phrases.toml:2: phrases.en.already-by: has a brace that belongs to no value; "
                "a value is one word of small letters in braces, such as {count}"
            ),
        ),
        (
            '[phrases.pl.x-pumps]\none = "pompa"\nother = "pompy"',
            "phrases.toml:1: phrases.pl.x-pumps: lacks the plural form few, many; pl has few, many, one, other",
        ),
        (
            '[phrases.en]\nstill-open = { one = "a", many = "b", other = "c" }',
            'phrases.toml:2: phrases.en.still-open.many: en has no plural form "many"; it has one, other',
        ),
        (
            '[phrases.en]\ngoodbye = { one = "a", other = "b" }',
            "phrases.toml:2: phrases.en.goodbye: this phrase is told without a number; write one text for it",
        ),
        (
            '[phrases.sv-se]\ngoodbye = "Hej då."',
            'phrases.toml:1: phrases.sv-se: "sv-se" is not written as BCP 47 writes it; write "sv-SE"',
        ),
        (
            '[phrases.swedish]\ngoodbye = "Hej då."',
            (
                'phrases.toml:1: phrases.swedish: "swedish" is no language that is known; '
                'write it like "sv" or "en-GB" (BCP 47)'
            ),
        ),
        (
            "[phrases.en]\nthank-you = 5",
            (
                "phrases.toml:2: phrases.en.thank-you: expected text in quotes or a table, "
                'found the whole number 5; write "5"'
            ),
        ),
        (
            '[pronunciations.en]\nP2 = "pump two"\nP2A = "P2 A"',
            (
                'phrases.toml:3: pronunciations.en.P2A: is spoken with the word "P2", which stands in this table '
                "too; write what is to be said without it"
            ),
        ),
        (
            '[units.en]\n"m3/h" = "{count} cubic metres per hour"',
            'phrases.toml:2: units.en."m3/h": is said after the number; write its words alone',
        ),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, phrases: str, said: str) -> None:
    """One line: where it stands, what is wrong, what to write instead."""
    assert [one for one in found(tmp_path, phrases) if "are said in English" not in one] == [said]


def test_a_new_language_may_grow_phrase_by_phrase(tmp_path: Path) -> None:
    """What it lacks is said in English by its voice; a warning says so, and to give it to nobody yet."""
    (warning,) = found(tmp_path, '[phrases.fi]\ngoodbye = "Näkemiin."')
    assert warning.startswith("phrases.toml:1: phrases.fi: lacks ")
    assert "which are said in English by the voice of that language; give it to nobody before" in warning


def test_a_region_of_a_shipped_language_needs_only_what_differs(tmp_path: Path) -> None:
    """Everything else it takes from the language at large."""
    assert found(tmp_path, '[phrases.en-GB]\ngoodbye = "Cheerio."') == []


def test_phrases_of_ones_own_are_welcome(tmp_path: Path) -> None:
    """Their keys begin with x-, and they may want any values."""
    assert found(tmp_path, '[phrases.en]\nx-dam-level = "The dam stands at {level}."') == []


GUIDE = Path(__file__).parents[2] / "docs/phrases.md"
EXAMPLES = re.findall(r"^```toml\n(.*?)^```", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize(
    "example", [one for one in EXAMPLES if one.startswith(("[phrases", "[pronunciations", "[units"))]
)
def test_the_guides_examples_are_accepted(tmp_path: Path, example: str) -> None:
    """What a reader copies passes the check."""
    assert [one for one in found(tmp_path, example) if "are said in English" not in one] == []
