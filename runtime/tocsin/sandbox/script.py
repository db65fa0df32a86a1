"""What goes into the sandbox and what comes out of it, as plain values.

Scripts, the programs made of them, the limits they run under, and the three ways a run ends: an
`Outcome`, a list of `Problem`s before it began, or a `ScriptFailed`. No behaviour lives here, and
nothing may be imported that a locked worker should not hold in memory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from tocsin.errors import TocsinError

FailureKind = Literal[
    "rejected",  # did not compile, or is not a known program
    "exception",  # the script raised
    "cpu",  # used up its processor time
    "deadline",  # did not finish by the wall-clock deadline
    "memory",  # asked for more memory than it may have
    "killed",  # its process died or was killed
    "output",  # what it left in `response` or the log is too large or of the wrong type
    "host-calls",  # asked the host more often than it may
    "overloaded",  # no room in the queue
    "no-worker",  # no locked worker took it in time
    "protocol",  # its process said something the host does not understand
]
Stage = Literal["scripts", "fallback"]


@dataclass(frozen=True, slots=True)
class Script:
    """One source file; `name` is its bare file name such as `20_menu.py`, as shown in messages."""

    name: str
    source: str


def importable(name: str) -> str:
    """Return what a module is imported by, from its file name: `_words` for `default/_words.py`."""
    return name.rpartition("/")[2].removesuffix(".py")


def is_reserved(module: str) -> bool:
    """Tell whether a module's importable name could stand for something that scripts run on.

    Python's own names (`__builtins__`) and those of the guards (`_getattr_`) lie where every script's names
    are looked up. A module of such a name is none: it cannot be imported, and its name cannot be read.
    """
    return module.startswith("__") or module.endswith("_")


@dataclass(frozen=True, slots=True)
class Program:
    """What one release runs.

    `scripts` run in the order given, each with fresh globals. `modules` are `_name.py` files that
    they may import as `_name`. `fallback` runs, in order, only if the scripts left `response`
    blank. It imports `fallback_modules` and never a module of the scripts; these may import them too, so
    that a copy of the fallback runs among them, and of two modules with one name get their own.
    `key` names this content and no other.
    """

    key: str
    scripts: tuple[Script, ...]
    modules: tuple[Script, ...]
    fallback: tuple[Script, ...] = ()
    fallback_modules: tuple[Script, ...] = ()

    @property
    def parts(self) -> tuple[Script, ...]:
        """Everything it is made of; the names of the files differ."""
        return (*self.scripts, *self.modules, *self.fallback, *self.fallback_modules)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a script cannot run (or, as a warning, why it will raise).

    `line` and `column` count from 1, columns in characters; 0 means that no single place is at
    fault. `message` is one plain sentence: what is not allowed and what to use instead. `source`
    is the line itself.
    """

    name: str
    line: int
    column: int
    message: str
    source: str

    def __str__(self) -> str:
        """Give `file:line: message`, the form every command prints."""
        return f"{self.name}:{self.line}: {self.message}" if self.line else f"{self.name}: {self.message}"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one turn may use, for its whole chain of scripts together."""

    cpu_ms: int = 250
    memory_mb: int = 64
    host_calls: int = 32
    log_kb: int = 16
    response_kb: int = 64


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line a script printed or logged: where, at which level, what."""

    name: str
    line: int
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A finished run: what `Turn.finish` gave, and what it took to get there.

    `ran` names the scripts that ran, in order; `stage` says whether the fallback had to answer.
    """

    result: dict[str, Any]
    logs: list[LogLine]
    cpu_us: int
    host_calls: int
    stage: Stage
    ran: tuple[str, ...]


class ScriptFailed(TocsinError):  # noqa: N818 - says what happened, as users read it
    """A run that gave no outcome; `str()` is `file:line: message`, fit to be shown to its author.

    `line` is 0 and `source` empty where no line of a script is at fault; `logs` is what the script
    had said up to then.
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        name: str = "",
        line: int = 0,
        source: str = "",
        logs: list[LogLine] | None = None,
    ) -> None:
        place = f"{name}:{line}: " if name and line else f"{name}: " if name else ""
        super().__init__(place + message)
        self.kind: FailureKind = kind
        self.message = message
        self.name = name
        self.line = line
        self.source = source
        self.logs: list[LogLine] = logs if logs is not None else []
