"""Where an expected text and what was really said part ways. Pure."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIKE = 0.5
"""Below half of the letters in common, two sentences have nothing to do with each other."""


def folded(text: str) -> str:
    """Return a text without differences that nobody hears: case and white space."""
    return " ".join(text.casefold().split())


def contains(sentences: Iterable[str], wanted: str) -> bool:
    """Tell whether a text was said, within one sentence or across several that followed each other."""
    return folded(wanted) in folded(" ".join(sentences))


def nearest(sentences: Iterable[str], wanted: str) -> list[str]:
    """Return three lines that put `wanted` under the sentence most like it and point to the difference.

    No lines where nothing that was said is like it.
    """
    best, start, found = _LIKE, 0, ""
    for sentence in sentences:
        likeness, at = _likeness(sentence, wanted)
        if likeness > best:
            best, start, found = likeness, at, sentence
    if not found:
        return []
    part = found[start:]
    same = next(
        (at for at, pair in enumerate(zip(part, wanted, strict=False)) if folded(pair[0]) != folded(pair[1])),
        min(len(part), len(wanted)),
    )
    lead = "..." if start else ""
    return [
        f"heard     {lead}{part}",
        f"expected  {lead}{wanted}",
        f"{'':10}{' ' * (len(lead) + same)}^",
    ]


def _likeness(sentence: str, wanted: str) -> tuple[float, int]:
    """Return what part of `wanted` stands in the sentence, and where in it `wanted` would begin."""
    matcher = SequenceMatcher(None, sentence.casefold(), wanted.casefold(), autojunk=False)
    blocks = [block for block in matcher.get_matching_blocks() if block.size > 1]
    if not blocks:
        return 0.0, 0
    longest = max(blocks, key=lambda block: block.size)
    return sum(block.size for block in blocks) / len(wanted), max(0, longest.a - longest.b)
