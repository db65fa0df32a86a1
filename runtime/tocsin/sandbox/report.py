"""Where in a script something is wrong: collects problems with line, column and the line itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tocsin.sandbox.script import Problem, Script

if TYPE_CHECKING:
    import ast

MOST: Final = 20
"""How many problems of one script are told; whoever has more mends these first."""

_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def printable(text: str) -> str:
    """Replace lone surrogates, which no file, socket or terminal takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def lines_of(source: str) -> list[str]:
    """Return the lines as Python counts them: str.splitlines knows further line ends."""
    return _LINE_END.split(source)


class Report:
    """The problems (or warnings) found in one script, in the order of its lines."""

    def __init__(self, script: Script) -> None:
        self._name = script.name
        self._source = script.source
        self._lines: list[str] = []
        self._found: dict[tuple[int, int], Problem] = {}

    def __bool__(self) -> bool:
        return bool(self._found)

    def problems(self) -> list[Problem]:
        """Return the first of them, by line and column."""
        return [self._found[place] for place in sorted(self._found)][:MOST]

    def at(self, node: ast.AST, message: str) -> None:
        """Note a problem where `node` begins."""
        line: int = getattr(node, "lineno", 0)
        byte: int = getattr(node, "col_offset", 0)
        text = self._line(line).encode("utf-8", "surrogatepass")[:byte]
        self.add(line, len(text.decode("utf-8", "replace")) + 1 if line else 0, message)

    def add(self, line: int, column: int, message: str) -> None:
        """Note a problem at a line and column counted from 1 (0: nowhere in particular)."""
        problem = Problem(self._name, line, column, printable(message), printable(self._line(line)))
        self._found.setdefault((line, column), problem)

    def _line(self, number: int) -> str:
        if not number:
            return ""
        if not self._lines:
            self._lines = lines_of(self._source)
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""
