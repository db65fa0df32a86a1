"""The shipped languages say the same things: no phrase is missing, and none wants another value."""

from __future__ import annotations

import pytest

from tocsin.calls.phrases import ENGLISH, PHRASES, placeholders, texts_of
from tocsin.calls.phrases_section import crosscheck
from tocsin.calls.spoken import tongue
from tocsin.telephony import gsm7

TRANSLATIONS = sorted(set(PHRASES) - {ENGLISH})


def wanted(language: str, key: str) -> set[str]:
    """The values that any form of a phrase wants."""
    return {name for text in texts_of(PHRASES[language][key]) for name in placeholders(text)}


def test_swedish_and_german_are_shipped() -> None:
    """More are added by adding a file."""
    assert TRANSLATIONS == ["de", "sv"]


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_phrase_is_translated(language: str) -> None:
    """A caller never hears half a call in English; no translation is left behind either."""
    assert set(PHRASES[language]) == set(PHRASES[ENGLISH])


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_a_translation_says_every_value(language: str) -> None:
    """What English names, the others name: who, when, how many."""
    differing = {key for key in PHRASES[ENGLISH] if wanted(language, key) != wanted(ENGLISH, key)}
    assert differing == set()


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_counted_phrases_have_the_forms_of_their_language(language: str) -> None:
    """Exactly those that CLDR tells apart, and the same phrases are counted in every language."""
    known = tongue(language)
    assert known is not None
    for key, forms in PHRASES[language].items():
        assert isinstance(forms, str) == isinstance(PHRASES[ENGLISH][key], str), key
        assert isinstance(forms, str) or set(forms) == known.categories, key


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_the_shipped_phrases_pass_the_check_of_a_projects(language: str) -> None:
    """Whoever copies a shipped table into phrases.toml is not told off."""
    assert list(crosscheck({language: PHRASES[language]}, {}, {})) == []


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_texts_keep_to_the_sms_alphabet(language: str) -> None:
    """One letter outside it would make a segment 70 characters short."""
    texts = [
        text
        for key, forms in PHRASES[language].items()
        if key.startswith("text-")
        for text in texts_of(forms)
    ]
    assert [text for text in texts if gsm7.plain(text) != text] == []
    assert [text for text in texts if gsm7.segments(text) != 1] == []


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_no_phrase_is_left_empty(language: str) -> None:
    """Silence is a project's choice."""
    assert [key for key, forms in PHRASES[language].items() if not all(map(str.strip, texts_of(forms)))] == []
