"""What a vocabulary module must offer: the words that scripts of one product may use.

A vocabulary is imported by dotted name into the zygote before the lockdown, so it may import only the
standard library, `tocsin.sandbox.*` and other modules that do the same. It holds no secret: everything
it knows of a turn arrives as plain data in `given`, and everything it wants done goes through `ask`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

Ask = Callable[[str, list[Any]], Any]
"""`ask("call.acknowledge", [...])`: blocks until the server has answered; raises HostRefused."""

Log = Callable[[str, str], None]
"""`log(level, text)`: one line of the script's log; the place in the script is added by the worker."""


class Turn(Protocol):
    """One run of a program: the scripts of its chain one after the other, then perhaps the fallback."""

    def globals(self, name: str) -> dict[str, Any]:
        """Return fresh globals for the script file `name`, with what the one before left in them.

        The sandbox copies them into a dict of its own, with the guards and `print`, and hands that to
        `after`.
        """

    def after(self, script_globals: dict[str, Any]) -> None:
        """Take over what the script left (its `response`); raises TypeError with a friendly sentence."""

    def blank(self) -> bool:
        """Tell whether nobody has produced a result yet, so that the fallback scripts should run."""

    def finish(self) -> dict[str, Any]:
        """Return the turn's result as plain JSON data: string keys, no objects of the vocabulary."""


class Vocabulary(Protocol):
    """The module itself."""

    ATTRIBUTES: Mapping[type, frozenset[str]]
    """By exact type, the attributes (methods included) a script may read on the vocabulary's objects."""

    WRITABLE: frozenset[type]
    """Types whose items a script may assign or delete (`session["tries"] = 2`); attributes never are."""

    def open_turn(self, given: dict[str, Any], ask: Ask, log: Log) -> Turn:
        """Begin a turn with the caller's plain data; runs inside the worker, on its CPU budget."""
