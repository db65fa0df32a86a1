"""Adding an element `[[a.b.c]]` to a laid-out TOML text, and removing one: all other lines stay as they are.

Text in, text out; whoever writes it to a file holds the parsed values against what was meant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tomlkit

from tocsin.config.places import headings, written

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.config.places import Heading


@dataclass(frozen=True, slots=True)
class _Lines:
    """From a line up to, and without, a later one."""

    first: int
    end: int


def with_element(text: str, path: Sequence[str], index: int, keys: Mapping[str, Any]) -> str | None:
    """Return the text with an element at `index` of the array of tables at `path`.

    It goes where its siblings stand, or below the table around it. None where there is neither as a heading
    of its own, so that it has no place.
    """
    there = list(headings(text))
    siblings = _elements(there, path)
    around = [one for one in there if one.path == path[:-1] or _inside(one, path[:-1])]
    if siblings and index < len(siblings):
        at = _own_comment(text, siblings[index].first)
        return _inserted(text, at, _block(path, keys), before=True)
    if siblings:
        return _inserted(text, siblings[-1].end, _block(path, keys))
    if around:
        return _inserted(text, max(one.end for one in around), _block(path, keys))
    return None


def without_element(text: str, path: Sequence[str], index: int) -> str | None:
    """Return the text without one element and what belongs to it; None where it has no heading of its own.

    Comments on its own lines go with it, those above it stay.
    """
    siblings = _elements(list(headings(text)), path)
    if index >= len(siblings):
        return None
    going = siblings[index]
    lines = _lines(text)
    before, after = lines[: going.first], lines[going.end :]
    # One blank line set it apart, above it or, as the first of a file, below.
    if before and not before[-1].strip():
        del before[-1]
    elif after and not after[0].strip():
        del after[0]
    return "".join([*before, *after])


def _elements(there: Sequence[Heading], path: Sequence[str]) -> list[_Lines]:
    """Return the lines of each element, its tables below included."""
    found: list[_Lines] = []
    for one in there:
        if one.path == tuple(path) and one.is_array:
            found.append(_Lines(one.first, one.end))
        elif found and _inside(one, path):
            found[-1] = _Lines(found[-1].first, one.end)
    return found


def _inside(one: Heading, path: Sequence[str]) -> bool:
    return len(one.path) > len(path) and one.path[: len(path)] == tuple(path)


def _own_comment(text: str, first: int) -> int:
    """Return the line at which the comment above a heading begins, which is its own."""
    lines = _lines(text)
    while first and lines[first - 1].lstrip().startswith("#"):
        first -= 1
    return first


def _lines(text: str) -> list[str]:
    """Return the lines as TOML counts them, each with its end."""
    *whole, rest = text.split("\n")
    return [*(f"{one}\n" for one in whole), *([rest] if rest else [])]


def _block(path: Sequence[str], keys: Mapping[str, Any]) -> list[str]:
    return [f"[[{written(path)}]]\n", *(f"{key} = {_value(value)}\n" for key, value in keys.items())]


def _value(value: Any) -> str:
    if isinstance(value, dict):
        table = tomlkit.inline_table()
        table.update(value)
        return str(table.as_string())
    return str(tomlkit.item(value).as_string())


def _inserted(text: str, at: int, block: Sequence[str], *, before: bool = False) -> str:
    lines = _lines(text)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if before:
        return "".join([*lines[:at], *block, "\n", *lines[at:]])
    return "".join([*lines[:at], "\n", *block, *lines[at:]])
