"""Runs one turn inside a worker: the chain of scripts, then the fallback where nobody answered.

Knows code objects, the language and a vocabulary; no sockets, timers or limits.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tocsin.sandbox import failures

if TYPE_CHECKING:
    from types import CodeType, FrameType

    from tocsin.sandbox.language import Language
    from tocsin.sandbox.script import FailureKind, Stage
    from tocsin.sandbox.vocabulary import Ask, Log, Turn, Vocabulary


class Stop(BaseException):
    """Ends the turn in a way no script can catch: scripts cannot name BaseException."""

    def __init__(self, kind: FailureKind, message: str) -> None:
        super().__init__(message)
        self.kind: FailureKind = kind
        self.message = message


@dataclass(frozen=True, slots=True)
class Runnable:
    """A program as a worker holds it: code objects by name."""

    scripts: tuple[tuple[str, CodeType], ...]
    modules: dict[str, CodeType]
    fallback: tuple[tuple[str, CodeType], ...]
    fallback_modules: dict[str, CodeType]
    names: frozenset[str]
    """File names of all of its parts, by which frames of user code are told from all others."""


class Execution:
    """One turn of one program; `run` is called once."""

    def __init__(self, program: Runnable, language: Language, vocabulary: Vocabulary) -> None:
        self._program = program
        self._language = language
        self._vocabulary = vocabulary
        self.running = ""
        """The script that runs now, or ran last: to blame where an error has no line of its own."""
        self.ran: list[str] = []
        self.stage: Stage = "scripts"

    def run(self, given: dict[str, Any], ask: Ask, log: Log, *, fallback_only: bool) -> dict[str, Any]:
        """Return the turn's result as plain data; raises whatever the scripts raise, and Stop."""
        turn = self._vocabulary.open_turn(given, ask, log)
        if not fallback_only:
            for name, code in self._program.scripts:
                self._execute(name, code, self._program.modules, turn, log)
        if fallback_only or (self._program.fallback and turn.blank()):
            self.stage = "fallback"
            for name, code in self._program.fallback:
                self._execute(name, code, self._program.fallback_modules, turn, log)
        return turn.finish()

    def _execute(self, name: str, code: CodeType, modules: dict[str, CodeType], turn: Turn, log: Log) -> None:
        self.running = name
        self.ran.append(name)
        scope = self._language.scope(turn.globals(name), modules, log)
        try:
            exec(code, scope.globals)  # noqa: S102 - this is what the sandbox is for
            try:
                turn.after(scope.globals)
            except TypeError as error:
                raise Stop("output", str(error)) from None
        finally:
            # Whatever the script left suspended ends now, on its own budget, not in a later call.
            scope.clear()

    def place(self, error: BaseException) -> tuple[str, int]:
        """Return (script name, line) of the innermost line of user code that an error came through."""
        return failures.place(error, self._program.names) or (self.running, 0)

    def here(self, frame: FrameType | None = None) -> tuple[str, int]:
        """Return (script name, line) of the innermost line of user code that runs, or has just failed.

        What a script leaves behind by its failure is let go after it, on its own budget.
        """
        frame = frame or sys._getframe(1)  # noqa: SLF001 - the way CPython documents to one's callers
        while frame is not None:
            if frame.f_code.co_filename in self._program.names:
                return frame.f_code.co_filename, frame.f_lineno
            frame = frame.f_back
        error = sys.exception()
        return self.place(error) if error is not None else (self.running, 0)
