"""What a project configures about its sentences: `[phrases.*]`, `[pronunciations.*]`, `[units.*]`.

The types check what one value says alone; `crosscheck` holds it against the shipped phrases and what CLDR
knows of the language. Each table's name is a language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tocsin.calls.phrases import COUNT, ENGLISH, OWN, PHRASES, Forms, chain, placeholders, texts_of
from tocsin.calls.spoken import tongue
from tocsin.config import Fault, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.calls.spoken import Tongue

_PLACE = re.compile(r"\{[a-z][a-z0-9_]*\}")
_KEY = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_UNSPEAKABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# What XML 1.0 leaves out of its characters (https://www.w3.org/TR/xml/#charsets).

MOST_WORDS = 500
"""Entries of one pronunciation table; they are looked for in every name that is spoken."""

LONGEST_TEXT = 1000
"""Characters of one phrase: more than a minute of speech."""


PhraseTables = dict[str, dict[str, str | dict[str, str]]]
"""Language -> key -> text, or plural form -> text."""
PronunciationTables = dict[str, dict[str, str]]
"""Language -> as written -> as spoken."""
UnitTables = dict[str, dict[str, str | dict[str, str]]]
"""Language -> unit as written -> words, or plural form -> words."""


def crosscheck(
    phrases: Mapping[str, Mapping[str, Forms]],
    pronunciations: Mapping[str, Mapping[str, str]],
    units: Mapping[str, Mapping[str, Forms]],
) -> Iterator[Fault]:
    """Yield what is wrong with the tables: languages, keys, values and plural forms."""
    for language, table in phrases.items():
        at = ("phrases", language)
        known = tongue(language)
        wrong = _wrong_language(language, known)
        if wrong or known is None:
            yield Fault(at, wrong)
            continue
        for key, forms in table.items():
            yield from _phrase((*at, key), key, forms, known)
        yield from _missing(language, phrases)
    for language, words in pronunciations.items():
        yield from _pronunciations(language, words)
    for language, names in units.items():
        known = tongue(language)
        wrong = _wrong_language(language, known)
        if wrong or known is None:
            yield Fault(("units", language), wrong)
            continue
        for unit, forms in names.items():
            yield from _forms(("units", language, unit), forms, known)
            if any(placeholders(text) for text in texts_of(forms)):
                yield Fault(("units", language, unit), "is said after the number; write its words alone")


def _wrong_language(language: str, known: Tongue | None) -> str:
    """Say what is wrong with a table's name, "" where nothing is."""
    if known is None:
        return f'"{language}" is no language that is known; write it like "sv" or "en-GB" (BCP 47)'
    if known.tag != language:
        return f'"{language}" is not written as BCP 47 writes it; write "{known.tag}"'
    return ""


def _phrase(at: tuple[str, str, str], key: str, forms: Forms, known: Tongue) -> Iterator[Fault]:
    ours = PHRASES[ENGLISH].get(key)
    if ours is None and not key.startswith(OWN):
        yield Fault(
            at,
            f'there is no phrase "{key}"{did_you_mean(key, PHRASES[ENGLISH]) or "."}'
            f' A phrase of your own begins with {OWN}, such as "{OWN}{key}"',
        )
        return
    if not _KEY.fullmatch(key):
        yield Fault(at, "a key is written in small letters, digits and hyphens, such as x-ask-the-dam")
        return
    yield from _forms(at, forms, known)
    if ours is None:
        return
    wanted = {name for text in texts_of(ours) for name in placeholders(text)}
    if not isinstance(forms, str) and isinstance(ours, str) and COUNT not in wanted:
        yield Fault(at, "this phrase is told without a number; write one text for it")
    for name in sorted({name for text in texts_of(forms) for name in placeholders(text)} - wanted):
        there = ", ".join(f"{{{one}}}" for one in sorted(wanted)) or "none"
        yield Fault(at, f"{{{name}}} is no value of this phrase{did_you_mean(name, wanted)}; it has: {there}")


def _forms(at: tuple[str, str, str], forms: Forms, known: Tongue) -> Iterator[Fault]:
    """Look at each text, and hold the forms of a counted phrase against those that the language has."""
    if isinstance(forms, str):
        yield from _text(at, forms)
        return
    for form, text in forms.items():
        yield from _text((*at, form), text)
    all_of_them = ", ".join(sorted(known.categories))
    lacking, strange = known.categories - forms.keys(), forms.keys() - known.possible
    if lacking:
        yield Fault(at, f"lacks the plural form {', '.join(sorted(lacking))}; {known.tag} has {all_of_them}")
    for form in sorted(strange):
        yield Fault((*at, form), f'{known.tag} has no plural form "{form}"; it has {all_of_them}')


def _text(at: tuple[str, ...], text: str) -> Iterator[Fault]:
    rest = _PLACE.sub("", text)
    if "{" in rest or "}" in rest:
        yield Fault(
            at,
            "has a brace that belongs to no value; a value is one word of small letters in braces, "
            "such as {count}",
        )
    if _UNSPEAKABLE.search(text):
        yield Fault(at, "holds a control character, which cannot be spoken")
    if len(text) > LONGEST_TEXT:
        yield Fault(at, f"has {len(text)} characters; nobody listens to more than {LONGEST_TEXT}")


def _missing(language: str, phrases: Mapping[str, Mapping[str, Forms]]) -> Iterator[Fault]:
    """Warn of what a language that tocsin does not ship says in English."""
    written: set[str] = set()
    for one in chain(language):
        if one in PHRASES:
            return
        written.update(phrases.get(one, {}))
    missing = sorted(set(PHRASES[ENGLISH]) - written)
    if missing and language == chain(language)[-1]:
        yield Fault(
            ("phrases", language),
            f"lacks {len(missing)} of {len(PHRASES[ENGLISH])} phrases, which are said in English by the "
            "voice of that language; give it to nobody before they are written: "
            + ", ".join(missing[:10])
            + (", ..." if len(missing) > 10 else ""),
            "warning",
        )


def _pronunciations(language: str, words: Mapping[str, str]) -> Iterator[Fault]:
    at = ("pronunciations", language)
    wrong = _wrong_language(language, tongue(language))
    if wrong:
        yield Fault(at, wrong)
        return
    if len(words) > MOST_WORDS:
        yield Fault(at, f"has {len(words)} words; at most {MOST_WORDS} are looked for")
        return
    for written, spoken in words.items():
        if not written.strip() or written != written.strip():
            yield Fault((*at, written), "a word is written without blanks around it, and is not empty")
            continue
        yield from _text((*at, written), spoken)
        if not spoken.strip():
            yield Fault((*at, written), "is empty; write how it is spoken")
        again = next((one for one in words if one.strip() and _holds(spoken, one)), None)
        if again is not None:
            yield Fault(
                (*at, written),
                f'is spoken with the word "{again}", which stands in this table too; '
                "write what is to be said without it",
            )


def _holds(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) is not None
