"""What is said to people: the shipped phrase tables, and how a phrase becomes text.

Loaded inside the locked worker, and by the gateway for what it says itself, so that both say the same. It
must import nothing but the standard library. The shipped tables are read when this module is imported,
before a worker is locked; a project's own phrases arrive with each turn. What needs locale data (plural
rules, units, times) is prepared by `speaking` and arrives as plain data, too.
"""

from __future__ import annotations

import math
import re
import tomllib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Forms: TypeAlias = "str | Mapping[str, str]"
"""A phrase: its text, or a text for each plural category (CLDR's one, two, few, many, other)."""

ENGLISH: Final = "en"
"""The language in which every phrase exists."""

OWN: Final = "x-"
"""How the keys of a project's own phrases begin, so that a mistyped key is told from a new one."""

WRITTEN: Final = ("text-", "x-text-")
"""How the keys of phrases begin that are written in a text message: their values are left as they stand."""

COUNT: Final = "count"
"""The value whose number chooses among the forms of a phrase."""

PLURALS: Final = 200
"""Whole numbers below this one have their plural category looked up as they are."""

LARGEST: Final = 1e15
"""From here on a number with a fraction is written with an exponent; nothing sensible is that large."""

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the values that a text wants: `count` of "{count} alarms"."""
    return frozenset(_PLACE.findall(text))


def texts_of(forms: Forms) -> tuple[str, ...]:
    """Return all texts of a phrase."""
    return (forms,) if isinstance(forms, str) else tuple(forms.values())


def chain(language: str) -> list[str]:
    """Return a language tag and what it narrows down, nearest first: de-AT, de."""
    parts = language.split("-")
    return ["-".join(parts[:length]) for length in range(len(parts), 0, -1)]


def plain_words(key: str) -> str:
    """Return a key as words, for a phrase that nobody has written."""
    return key.removeprefix(OWN).replace("-", " ").replace("_", " ")


def _read_shipped() -> dict[str, dict[str, dict[str, Any]]]:
    """Return section -> language -> table of `user_scripts/phrases`: in the package, else in the repository.

    `config.shipped` looks in the same two places, but would bring the configuration's loader into workers.
    """
    package = Path(__file__).resolve().parents[1]
    places = [root / "user_scripts" / "phrases" for root in (package, package.parents[1])]
    folder = next((place for place in places if place.is_dir()), None)
    if folder is None:
        raise FileNotFoundError(
            f'the phrases are neither in "{places[0]}" nor "{places[1]}"; install tocsin again'
        )
    merged: dict[str, dict[str, dict[str, Any]]] = {}
    for file in sorted(folder.glob("*.toml")):
        for section, languages in tomllib.loads(file.read_text(encoding="utf-8")).items():
            merged.setdefault(section, {}).update(languages)
    return merged


_SHIPPED: Final = _read_shipped()
PHRASES: Final[dict[str, dict[str, Forms]]] = _SHIPPED["phrases"]
"""The shipped phrases: language -> key -> phrase."""
PRONUNCIATIONS: Final[dict[str, dict[str, str]]] = _SHIPPED.get("pronunciations", {})
"""The shipped pronunciations: language -> written -> spoken."""
UNITS: Final[dict[str, dict[str, Forms]]] = _SHIPPED.get("units", {})
"""The shipped words for units: language -> unit -> words."""

ENGLISH_MANNER: Final[dict[str, Any]] = {
    "language": "en-US",
    "voice": "",
    "tables": [ENGLISH],
    "phrases": {},
    "words": {},
    "plurals": {1: "one"},
    "decimal": ".",
    "time": ["HH", ":", "mm"],
    "day_periods": ["AM", "PM"],
}
"""How English is spoken where nobody has prepared more: what `speaking` makes for each language."""


class Speech:
    """Says phrases in one language, the way `manner` (see `ENGLISH_MANNER`) lays down."""

    __slots__ = ("_manner", "_phrases")

    def __init__(self, manner: Mapping[str, Any]) -> None:
        self._manner = manner
        self._phrases: Mapping[str, Forms] = manner["phrases"]

    def phrase(self, key: str, values: Mapping[str, object]) -> str:
        """Return the phrase `key` with its values put in.

        A key that the language lacks is said in English, one that nobody has written as its plain words.
        Raises TypeError for a value that cannot be said, ValueError for one that the text wants and lacks.
        """
        forms = self._forms(key)
        if forms is None:
            return plain_words(key)
        text = forms if type(forms) is str else self._form(key, forms, values)  # type: ignore[arg-type]  # the other kind
        if "{" not in text:
            return text
        parts = list(_split(text))
        written = key.startswith(WRITTEN)
        for at in range(1, len(parts), 2):
            name = parts[at]
            if name not in values:
                raise ValueError(f'phrase("{key}") needs {name}: write phrase("{key}", {name}=...)')
            value = values[name]
            parts[at] = value if written and type(value) is str else self.words(value, name)
        return "".join(parts)

    def _forms(self, key: str) -> Forms | None:
        forms = self._phrases.get(key)
        if forms is not None:
            return forms
        for table in self._manner["tables"]:
            forms = PHRASES[table].get(key)
            if forms is not None:
                return forms
        return None

    def _form(self, key: str, forms: Mapping[str, str], values: Mapping[str, object]) -> str:
        count = values.get(COUNT)
        if type(count) is not int and type(count) is not float:
            raise ValueError(
                f'phrase("{key}") needs a number to choose its form: phrase("{key}", {COUNT}=...)'
            )
        return form(forms, count, self._manner["plurals"])

    def words(self, value: object, name: str = "it") -> str:
        """Return a value as it is said: a text with its pronunciations, a number, the time of a datetime."""
        kind = type(value)
        if kind is str:
            return pronounced(value, self._manner["words"])  # type: ignore[arg-type]  # it is a str
        if kind is int or kind is float:
            return self._number(value)  # type: ignore[arg-type]  # looked at above
        if isinstance(value, datetime):
            return self._time(value)
        if value is None:
            return ""
        raise TypeError(f"{name} of a phrase is a text, a number or a datetime, not {kind.__name__}")

    def _number(self, number: float) -> str:
        text = in_digits(abs(number), self._manner["decimal"])
        return text if number >= 0 or not text.strip("0.,") else self.phrase("minus", {"number": text})

    def _time(self, at: datetime) -> str:
        twelfth = at.hour % 12 or 12
        known = {
            "H": str(at.hour),
            "HH": f"{at.hour:02}",
            "h": str(twelfth),
            "hh": f"{twelfth:02}",
            "m": str(at.minute),
            "mm": f"{at.minute:02}",
            "a": self._manner["day_periods"][at.hour >= 12],
        }
        return "".join([known.get(token, token) for token in self._manner["time"]])


@lru_cache(maxsize=1024)
def _split(text: str) -> tuple[str, ...]:
    """Return literal, name, literal, name, ... literal."""
    return tuple(_PLACE.split(text))


def category(number: float, plurals: Mapping[int, str]) -> str:
    """Return the plural category of a number.

    `plurals` holds those of 0 to 199 that are not "other". CLDR's rules for whole numbers look at the number
    itself where it is small and at its last two digits else
    (https://cldr.unicode.org/index/cldr-spec/plural-rules); fractions are "other" but for few languages.
    """
    if number % 1 != 0:
        return "other"
    whole = abs(int(number))
    return plurals.get(whole if whole < PLURALS else 100 + whole % 100, "other")


def form(forms: Forms, number: float, plurals: Mapping[int, str]) -> str:
    """Return the text for a number; what a language does not tell apart is "other"."""
    if isinstance(forms, str):
        return forms
    return forms.get(category(number, plurals)) or forms["other"]


def in_digits(number: float, decimal: str) -> str:
    """Return a number as it is read out, without grouping: 93.4000001 is "93.4", 93.0 is "93".

    Two decimals, or two digits that count where it is smaller than 0.1.
    """
    if type(number) is float and math.isfinite(number) and abs(number) < LARGEST:
        small = 0 < abs(number) < 0.1
        number = float(f"{number:.2g}") if small else round(number, 2)
        return f"{number:.10f}".rstrip("0").rstrip(".").replace(".", decimal)
    return str(number)


def pronounced(text: str, words: Mapping[str, str]) -> str:
    """Return `text` with every whole word of `words` (written -> spoken) replaced; case counts."""
    if not words:
        return text
    return _pattern(tuple(words)).sub(lambda found: words[found[0]], text)


@lru_cache(maxsize=16)
def _pattern(written: tuple[str, ...]) -> re.Pattern[str]:
    longest_first = sorted(written, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest_first)) + r")(?!\w)")
