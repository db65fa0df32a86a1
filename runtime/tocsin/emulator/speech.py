"""How long a sentence takes to say, and where one sentence ends.

Nothing is synthesised. Durations are those of an unhurried voice, the same every time, so that what
overlaps in a run overlaps in the next.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_LETTERS_PER_SECOND = 14.0
_SECONDS_PER_DIGIT = 0.35
_BREATH = 0.3
_ENDS = re.compile(r"(?<=[.!?…])\s+")
_BLANKS = re.compile(r"\s+")
_BREAK = re.compile(r"(\d+(?:\.\d+)?)(ms|s)")
_BREAK_STRENGTHS = {"none": 0.0, "x-weak": 0.1, "weak": 0.25, "medium": 0.5, "strong": 0.75, "x-strong": 1.0}


@lru_cache(maxsize=2048)
def seconds(text: str) -> float:
    """Give the seconds it takes to say `text`, in tenths: digits are spoken one by one."""
    digits = sum(letter.isdigit() for letter in text)
    return round(_BREATH + (len(text) - digits) / _LETTERS_PER_SECOND + digits * _SECONDS_PER_DIGIT, 1)


@lru_cache(maxsize=2048)
def sentences(text: str) -> tuple[str, ...]:
    """Split what is said into sentences, white space folded, empty ones left out."""
    folded = _BLANKS.sub(" ", text).strip()
    return tuple(part for part in _ENDS.split(folded) if part)


def words(element: Element) -> str:
    """Give the text of a Say with its SSML marks left out."""
    return "".join(element.itertext()) if len(element) else (element.text or "")


def silences(element: Element) -> float:
    """Give the seconds of silence that SSML `break` elements inside a Say ask for."""
    total = 0.0
    for mark in element.iter("break"):
        given = _BREAK.fullmatch(mark.get("time", ""))
        if given is not None:
            total += float(given[1]) / (1000 if given[2] == "ms" else 1)
        else:
            total += _BREAK_STRENGTHS.get(mark.get("strength", "medium"), 0.5)
    return min(total, 60.0)
