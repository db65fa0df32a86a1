"""The alphabet of SMS: how many segments a text takes, and how to write it so that it takes fewer.

GSM 03.38, today 3GPP TS 23.038: 160 characters of its alphabet make one segment, each of a longer text
carries 153; a single character outside it makes the whole text UCS-2, with 70 and 67 UTF-16 units.
What a text says has no place here.
"""

from __future__ import annotations

import unicodedata
from typing import Final, Literal, TypeAlias

Encoding: TypeAlias = Literal["GSM-7", "UCS-2"]

BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED: Final = frozenset("^{}\\[~]|€\f")
"""Characters that take two septets."""

# What reads the same to a person, and lies in the alphabet. Decomposition finds the letters with accents.
_ALIKE: Final = str.maketrans({
    "\u2018": "'", "\u2019": "'", "\u201a": "'", "\u2032": "'", "`": "'", "\u00b4": "'",
    "\u201c": '"', "\u201d": '"', "\u201e": '"', "\u00ab": '"', "\u00bb": '"', "\u2033": '"',
    "\u2010": "-", "\u2011": "-", "\u2012": "-", "\u2013": "-", "\u2014": "-", "\u2212": "-",
    "\u2026": "...", "\u2022": "*", "\u00b7": ".", "\u00d7": "x", "\u00f7": "/", "\u2044": "/",
    "\u00b0": "", "\u2103": "C", "\u2109": "F", "\u00b5": "u", "\u03bc": "u",
    "\u00b2": "2", "\u00b3": "3", "\u2082": "2", "\u2264": "<=", "\u2265": ">=", "\u2192": "->",
    "\u00c0": "A", "\u00d0": "D", "\u00f0": "d", "\u00de": "Th", "\u00fe": "th",
    "\u0141": "L", "\u0142": "l", "\u0111": "d", "\u0110": "D", "\u0131": "i", "\u0152": "OE", "\u0153": "oe",
    "\u00a0": " ", "\u2009": " ", "\u202f": " ", "\u200b": "", "\ufeff": "", "\u00ad": "", "\t": " ",
})  # fmt: skip


def encoding(text: str) -> Encoding:
    """Give the encoding a text is sent in."""
    return "GSM-7" if all(letter in BASIC or letter in EXTENDED for letter in text) else "UCS-2"


def length(text: str) -> int:
    """Give the length of a text in the units of its encoding: septets, or UTF-16 units."""
    if encoding(text) == "GSM-7":
        return len(text) + sum(letter in EXTENDED for letter in text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def segments(text: str) -> int:
    """Give how many segments a text takes, and is billed for; an empty one takes one."""
    single, joined = (160, 153) if encoding(text) == "GSM-7" else (70, 67)
    units = length(text)
    return 1 if units <= single else -(-units // joined)


def plain(text: str) -> str:
    """Give a text in the alphabet that reads the same, or the text as it is where that cannot be.

    Punctuation becomes what a telephone has, letters lose accents the alphabet lacks. A text in another
    script stays whole: it is better long than unreadable.
    """
    if encoding(text) == "GSM-7":
        return text
    folded = "".join(map(_folded, unicodedata.normalize("NFC", text)))
    return folded if encoding(folded) == "GSM-7" else text


def _folded(letter: str) -> str:
    if letter in BASIC or letter in EXTENDED:
        return letter
    alike = letter.translate(_ALIKE)
    if alike != letter:
        return alike
    parts = unicodedata.normalize("NFKD", letter)
    base = "".join(part for part in parts if not unicodedata.combining(part))
    return base.translate(_ALIKE) or letter
