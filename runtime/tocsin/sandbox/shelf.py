"""The programs a worker holds, as code objects that programs share where their content is the same."""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

from tocsin.sandbox.execution import Runnable
from tocsin.sandbox.script import importable

if TYPE_CHECKING:
    from types import CodeType

    from tocsin.sandbox import frames


class Shelf:
    """Programs by key, code by content hash; both halves of the sandbox count the same way."""

    def __init__(self) -> None:
        self._codes: dict[str, CodeType] = {}
        self._programs: dict[str, tuple[Runnable, frozenset[str]]] = {}

    def keep(self, order: frames.Code) -> None:
        """Hold one piece of code; one that cannot be read is missing when its program is loaded."""
        try:
            self._codes[order.digest] = marshal.loads(order.code)  # noqa: S302 - made by this domain's own compiler
        except (ValueError, EOFError, TypeError):
            self._codes.pop(order.digest, None)

    def load(self, order: frames.Load) -> str:
        """Make a program runnable; return "" or why it is not."""
        parts = [*order.scripts, *order.modules, *order.fallback, *order.fallback_modules]
        for name, digest in parts:
            if digest not in self._codes:
                return f"the compiled code of {name} cannot be read"
        modules, fallback_modules = (
            {importable(name): self._codes[digest] for name, digest in part}
            for part in (order.modules, order.fallback_modules)
        )
        runnable = Runnable(
            scripts=tuple((name, self._codes[digest]) for name, digest in order.scripts),
            modules=fallback_modules | modules,
            fallback=tuple((name, self._codes[digest]) for name, digest in order.fallback),
            fallback_modules=fallback_modules,
            names=frozenset(name for name, _ in parts),
        )
        self._programs[order.key] = runnable, frozenset(digest for _, digest in parts)
        return ""

    def drop(self, key: str) -> None:
        """Forget a program and every piece of code that no other program uses."""
        if (dropped := self._programs.pop(key, None)) is None:
            return
        used = frozenset[str]().union(*(digests for _, digests in self._programs.values()))
        for digest in dropped[1] - used:
            self._codes.pop(digest, None)

    def __getitem__(self, key: str) -> Runnable:
        """Return the program `key`; raises KeyError."""
        return self._programs[key][0]
