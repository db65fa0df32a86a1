"""Sets of stretches of time: sorted, apart from each other, each from an instant up to before another."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Span: TypeAlias = tuple[int, int]
"""From an instant up to, and without, a later one; ms UTC."""


def union(spans: Iterable[Span]) -> list[Span]:
    """Return what lies in any of the spans, which may be in any order and overlap."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if end <= begin:
            continue
        if found and begin <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((begin, end))
    return found


def intersection(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return what lies in both sets."""
    found: list[Span] = []
    here = there = 0
    while here < len(some) and there < len(others):
        begin = max(some[here][0], others[there][0])
        end = min(some[here][1], others[there][1])
        if begin < end:
            found.append((begin, end))
        if some[here][1] < others[there][1]:
            here += 1
        else:
            there += 1
    return found


def within(span: Span, spans: Sequence[Span]) -> list[Span]:
    """Return what of a set lies within one span, without looking at all of it."""
    begin, end = span
    place = bisect_right(spans, begin, key=_end)
    found: list[Span] = []
    while place < len(spans) and spans[place][0] < end:
        found.append((max(begin, spans[place][0]), min(end, spans[place][1])))
        place += 1
    return found


def _end(span: Span) -> int:
    return span[1]


def difference(some: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return what lies in the first set and not in the second."""
    found: list[Span] = []
    there = 0
    for begin, end in some:
        at = begin
        while there < len(others) and others[there][1] <= at:
            there += 1
        look = there
        while look < len(others) and others[look][0] < end:
            if at < others[look][0]:
                found.append((at, others[look][0]))
            at = max(at, others[look][1])
            look += 1
        if at < end:
            found.append((at, end))
    return found
