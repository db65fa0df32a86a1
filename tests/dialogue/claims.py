"""What a sentence claims, told by the phrase it was made of, so that it holds in every language.

The project of the walk overrides every phrase with its key and its text, as in "[[acknowledged]] Acknowledged.":
what is heard then names its keys. A key claims an acknowledgement if its English text does.
"""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

PHRASES = Path(__file__).parents[2] / "user_scripts" / "phrases"
LANGUAGES = ("en", "sv", "de")

_MARK = re.compile(r"\[\[([a-z0-9-]+)\]\]")
_CLAIM = re.compile(r"\backnowledged\b", re.IGNORECASE)
_NO_CLAIM = re.compile(
    r"\b(not|nothing|nobody|none|no longer|un\w*acknowledged|already|unless|until|if|stays?|without)\b",
    re.IGNORECASE,
)
_WORDS = re.compile("(state|priority|text|unit)-.*|star|true|false|minus|just-now")
"""Keys of single words, and of what is never spoken in a call."""


def tables() -> dict[str, dict[str, Any]]:
    """Return the shipped phrases by language and key: a text, or a text per number."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted(PHRASES.glob("*.toml")):
        for language, table in tomllib.loads(file.read_text()).get("phrases", {}).items():
            found.setdefault(language, {}).update(table)
    return found


def marked(phrases: dict[str, dict[str, Any]]) -> str:
    """Return a phrases.toml in which every phrase names its key; what is not translated is said in English."""
    lines = []
    for language in LANGUAGES:
        lines.append(f"[phrases.{language}]")
        for key, english in phrases["en"].items():
            if not _WORDS.fullmatch(key):
                lines.append(f"{key} = {_marked(key, phrases.get(language, {}).get(key, english))}")
    return "\n".join(lines)


def _marked(key: str, text: Any) -> str:
    if isinstance(text, str):
        return json.dumps(f"[[{key}]] {text}", ensure_ascii=False)
    return "{ " + ", ".join(f"{number} = {_marked(key, one)}" for number, one in text.items()) + " }"


def _sentences(text: Any) -> list[str]:
    whole = text if isinstance(text, str) else " ".join(text.values())
    return re.split(r"(?<=[.!?;:])\s+", whole)


def claims(english: Any) -> bool:
    """Tell whether an English phrase claims that this caller has acknowledged something."""
    return any(
        _CLAIM.search(one) and not _NO_CLAIM.search(one) and "{by}" not in one for one in _sentences(english)
    )


def says_already(english: Any) -> bool:
    """Tell whether an English phrase says that somebody has acknowledged an alarm before."""
    return any(_CLAIM.search(one) and ("{by}" in one or "lready" in one) for one in _sentences(english))


def keys_in(said: str) -> list[str]:
    """Return the keys of the phrases that were spoken."""
    return _MARK.findall(said)


def without_keys(said: str) -> str:
    """Return what was said without the marks."""
    return _MARK.sub("", said)
