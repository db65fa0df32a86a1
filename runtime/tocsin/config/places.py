"""Where a value stands in its file: tree-sitter's TOML grammar gives the lines that tomllib does not keep.

Values never come from here, only lines, and the grammar is loaded only when somebody asks for one.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

from tocsin.config.toml_files import MAIN, TomlFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tree_sitter import Node, Parser

Path: TypeAlias = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_KEYS = frozenset({"bare_key", "quoted_key", "dotted_key"})


def written(path: Sequence[str | int]) -> str:
    """Write a path as TOML users do: `users.maria.contacts[0].value`, quoting keys that need it."""
    parts: list[str] = []
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        else:
            shown = step if _BARE.fullmatch(step) else _quoted(step)
            parts.append(f".{shown}" if parts else shown)
    return "".join(parts)


def _quoted(key: str) -> str:
    plain = key.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(f"\\u{ord(c):04X}" if c < " " or c == "\x7f" else c for c in plain) + '"'


class Places:
    """The lines of all keys of the loaded files."""

    def __init__(self, files: Sequence[TomlFile]) -> None:
        self._files = files
        self._lines: dict[str, dict[Path, int]] = {}

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files read, `tocsin.toml` first."""
        return tuple(file.name for file in self._files)

    @property
    def texts(self) -> list[tuple[str, str]]:
        """The names and texts of the files read; not to be shown, as they may hold secrets."""
        return [(file.name, file.text) for file in self._files]

    def line(self, path: Sequence[str | int]) -> tuple[str, int | None]:
        """Return the file and line of the key, or of the nearest table around it that exists."""
        wanted = tuple(path)
        for length in range(len(wanted), 0, -1):
            for file in self._files:
                line = self._of(file).get(wanted[:length])
                if line is not None:
                    return file.name, line
        return (self._files[0].name if self._files else MAIN), None

    def source(self, file: str, line: int | None) -> str:
        """Return the text of a line; do not show it where it may hold a secret."""
        for known in self._files:
            if known.name == file and line is not None:
                lines = known.text.splitlines()
                return lines[line - 1] if line <= len(lines) else ""
        return ""

    def _of(self, file: TomlFile) -> dict[Path, int]:
        known = self._lines.get(file.name)
        if known is None:
            known = self._lines[file.name] = {}
            for path, line, _ in key_lines(file.text):
                known.setdefault(path, line)
        return known


def set_twice(text: str) -> tuple[str, int, int] | None:
    """Return the first key or table that the text sets twice, as `(path, first line, second line)`."""
    first: dict[Path, int] = {}
    for path, line, kind in key_lines(text):
        if kind == "around":
            continue
        if path in first:
            return written(path), first[path], line
        first[path] = line
    return None


def key_lines(text: str) -> Iterator[tuple[Path, int, str]]:
    """Yield `(path, line, kind)` in the order of the text.

    `kind` is `value`, `table`, `item` (an element of an array), or `around` for the tables a dotted key or
    heading only passes through.
    """
    counts: dict[Path, int] = {}
    for node in _parser().parse(text.encode()).root_node.children:
        if node.type == "pair":
            yield from _pair(node, ())
        elif node.type in {"table", "table_array_element"}:
            yield from _table(node, counts)


@dataclass(frozen=True, slots=True)
class Heading:
    """A `[table]`, or with `is_array` a `[[table]]`: its steps, and its lines from 0, `end` not included.

    Comments and blank lines below its last key are not counted to it.
    """

    path: tuple[str, ...]
    is_array: bool
    first: int
    end: int


def headings(text: str) -> Iterator[Heading]:
    """Yield the headings of the text in their order."""
    for node in _parser().parse(text.encode()).root_node.children:
        if node.type not in {"table", "table_array_element"}:
            continue
        heading = next((child for child in node.children if child.type in _KEYS), None)
        if heading is not None:
            last = max((pair.end_point.row for pair in node.children if pair.type == "pair"), default=0)
            is_array = node.type == "table_array_element"
            first = heading.start_point.row
            yield Heading(tuple(_steps(heading)), is_array, first, max(first, last) + 1)


def _table(node: Node, counts: dict[Path, int]) -> Iterator[tuple[Path, int, str]]:
    heading = next((child for child in node.children if child.type in _KEYS), None)
    if heading is None:
        return
    line = heading.start_point.row + 1
    path: Path = ()
    steps = list(_steps(heading))
    for step in steps[:-1]:
        path = (*path, step)
        yield path, line, "around"
        if path in counts:
            path = (*path, counts[path])
    path = (*path, *steps[-1:])
    if node.type == "table_array_element":
        yield path, line, "around"
        counts[path] = counts.get(path, -1) + 1
        path = (*path, counts[path])
        yield path, line, "item"
    else:
        yield path, line, "table"
    for child in node.children:
        if child.type == "pair":
            yield from _pair(child, path)


def _pair(node: Node, within: Path) -> Iterator[tuple[Path, int, str]]:
    """Yield a `key = value` and all inside its value, without recursion: arrays may be nested deeply."""
    waiting: list[tuple[Node, Path]] = [(node, within)]
    while waiting:
        current, path = waiting.pop()
        if current.type == "pair":
            keys = [child for child in current.children if child.is_named and child.type != "comment"]
            if len(keys) < 2 or keys[0].type not in _KEYS:
                continue  # a piece the grammar could not read
            line = current.start_point.row + 1
            steps = list(_steps(keys[0]))
            for length in range(1, len(steps)):
                yield (*path, *steps[:length]), line, "around"
            path = (*path, *steps)
            yield path, line, "value"
            waiting.append((keys[1], path))
        elif current.type == "inline_table":
            waiting.extend((child, path) for child in reversed(current.children) if child.type == "pair")
        elif current.type == "array":
            items = [child for child in current.children if child.is_named and child.type != "comment"]
            for index, item in enumerate(items):
                yield (*path, index), item.start_point.row + 1, "item"
            waiting.extend((item, (*path, index)) for index, item in reversed(list(enumerate(items))))


def _steps(key: Node) -> Iterator[str]:
    """Yield the parts of a key; the grammar nests dotted keys to the left."""
    reversed_parts: list[str] = []
    waiting = [key]
    while waiting:
        node = waiting.pop()
        if node.type == "dotted_key":
            waiting.extend(child for child in node.children if child.type in _KEYS)
        else:
            reversed_parts.append(_decoded(node))
    yield from reversed(reversed_parts)


def _decoded(node: Node) -> str:
    text = (node.text or b"").decode(errors="replace")
    if node.type == "bare_key":
        return text
    try:
        pair: dict[str, Any] = tomllib.loads(f"{text} = 0")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text.strip("\"'")
    return next(iter(pair))


@cache
def _parser() -> Parser:
    import tree_sitter_toml
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_toml.language()))
