"""What a script says while it runs: bounded, placed and cleaned, ready for the wire."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Entry = tuple[str, int, str, str]
_FULL = "The log of this turn is full; the rest is left out."
_LINE = 64  # bytes that a line costs beside its text: its place, or endless empty lines would have no bound
_LEVELS = frozenset({"trace", "debug", "info", "warning", "error", "critical"})


def clean(text: str, most: int) -> str:
    """Return `text` cut to `most` characters, with lone surrogates (which no encoder takes) replaced."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return cut if cut.isascii() else cut.encode("utf-8", "replace").decode("utf-8")


def size(entries: Sequence[Entry]) -> int:
    """Return what lines cost of a turn's log, or less: characters are counted for bytes."""
    return sum(len(text) + _LINE for *_, text in entries)


def largest(limit: int) -> int:
    """Return the largest size of a log that was kept to `limit` bytes, with the line that says it is full."""
    return limit + 2 * _LINE + len(_FULL)


class ScriptLog:
    """The log of one turn, up to `most` bytes; what is beyond is left out and that is said once."""

    def __init__(self, most: int, place: Callable[[], tuple[str, int]]) -> None:
        self._left = most
        self._place = place
        self.entries: list[Entry] = []

    def log(self, level: str, text: str) -> None:
        """Add one line, said at the place in user code that runs now."""
        if self._left <= 0:
            return
        name, line = self._place()
        text = clean(str(text), self._left)
        encoded = text.encode()
        if len(encoded) > self._left:
            text = encoded[: max(self._left - 3, 0)].decode("utf-8", "ignore") + "…"
        self._left -= len(encoded) + _LINE
        self.entries.append((name, line, level if level in _LEVELS else "info", text))
        if self._left <= 0:
            self.entries.append((name, line, "warning", _FULL))
