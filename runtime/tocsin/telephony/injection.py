"""Whether a caller's words became markup: the place of a value in a document that is known to be well-formed.

A script that pastes `Body` or `SpeechResult` into TwiML without escaping lets the sender write TwiML. That
shows in the text itself: the value stands there verbatim, yet not inside one text or one attribute value.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING
from xml.parsers import expat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

MARKUP = re.compile("[<>&\"']")

_ATTRIBUTE = re.compile(rb"""=\s*(?:"([^"]*)"|'([^']*)')""")

Span = tuple[int, int]


def _events(document: bytes) -> list[tuple[int, str]]:
    """List where each event of the parse begins, as (byte offset, kind)."""
    found: list[tuple[int, str]] = []
    parser = expat.ParserCreate("utf-8")

    def note(kind: str) -> Callable[..., None]:
        return lambda *_: found.append((parser.CurrentByteIndex, kind))

    parser.StartElementHandler = note("tag")
    parser.EndElementHandler = note("end")
    parser.CharacterDataHandler = note("text")
    parser.CommentHandler = note("other")
    parser.ProcessingInstructionHandler = note("other")
    parser.StartCdataSectionHandler = note("other")
    parser.EndCdataSectionHandler = note("other")
    parser.Parse(document, True)
    return found


def _harmless(document: bytes) -> list[Span]:
    """List the texts and attribute values of a document as byte spans, in order."""
    events = _events(document)
    spans: list[Span] = []
    for n, (begin, kind) in enumerate(events):
        # An empty element's end has the same offset as its start.
        end = next((at for at, _ in events[n + 1 : n + 3] if at > begin), len(document))
        if kind == "text":
            if spans and spans[-1][1] == begin:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((begin, end))
        elif kind == "tag":
            quoted = _ATTRIBUTE.finditer(document, begin, end)
            spans += [value.span(1) if value[1] is not None else value.span(2) for value in quoted]
    return spans


def escaped_from(document: str, values: Iterable[str]) -> tuple[str, int] | None:
    """Give the first value that stands somewhere as more than text, and at which character; or None.

    `document` is well-formed and without DOCTYPE. Blanks around a value do not count, for scripts strip
    them. A single character is passed over: alone it either stays text or breaks the document, and every
    document holds quotes and angle brackets of its own.
    """
    suspects = [(value, inner) for value in values if len(inner := value.strip()) > 1 and inner in document]
    suspects = [(value, inner) for value, inner in suspects if MARKUP.search(inner) is not None]
    if not suspects:
        return None
    raw = document.encode()
    spans = _harmless(raw)
    for value, inner in suspects:
        at = _outside(raw, inner.encode(), spans)
        if at is not None:
            return value, len(raw[:at].decode())
    return None


def _outside(document: bytes, words: bytes, spans: list[Span]) -> int | None:
    """Give the first offset at which the words stand and no span holds them whole, or None."""
    begins = [begin for begin, _ in spans]
    at = document.find(words)
    while at >= 0:
        n = bisect_right(begins, at) - 1
        if n < 0 or at + len(words) > spans[n][1]:
            return at
        at = document.find(words, at + 1)
    return None
