"""The hostile scripts as the tests read them: source, and from the first lines class, outcome and turns.

A file begins with `# class: ...; expected: OUTCOME`, where several outcomes are joined by "or". Lines
`# beside: NAME ...` follow where (empty) files of these names lie beside the script, then lines
`# turn: ACTION Name=value ...` where one bare `answer` would not do; values are quoted as in a shell, `\\n`
and the like in them are read as in Python.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"

KINDS = {
    "rejected at compile": "rejected",
    "exception": "exception",
    "killed by cpu": "cpu",
    "killed by memory": "memory",
    "killed by the kernel": "killed",
    "host-calls": "host-calls",
    "output": "output",
    "protocol": "protocol",
    "refused twiml": "twiml",
    "harmless": "harmless",
}
"""What a header may expect -> the kind of failure that the gateway tells."""


@dataclass(frozen=True)
class Turn:
    """One webhook of the attacker's call."""

    action: str
    fields: dict[str, str]


@dataclass(frozen=True)
class Attack:
    """One hostile script."""

    name: str
    source: str
    what: str
    expected: frozenset[str]
    turns: tuple[Turn, ...]
    beside: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """The folder it lies in."""
        return self.name.partition("/")[0]

    @property
    def is_raw(self) -> bool:
        """Whether it is to run without any guard, inside a locked worker."""
        return self.group == "raw"


def read(path: Path) -> Attack:
    """Read one file; ValueError where its header is none."""
    # Not read_text: the scripts may hold carriage returns on purpose.
    source = path.read_bytes().decode("utf-8", "surrogatepass")
    first, *rest = source.splitlines()
    what, found, outcomes = first.removeprefix("# class: ").partition("; expected: ")
    if not found:
        raise ValueError(f"{path}: the first line is no `# class: ...; expected: ...`")
    turns, beside = [], []
    for line in rest:
        if line.startswith("# beside: "):
            beside += line.removeprefix("# beside: ").split()
            continue
        if not line.startswith("# turn: "):
            break
        action, *fields = shlex.split(line.removeprefix("# turn: "))
        pairs = (field.partition("=") for field in fields)
        turns.append(Turn(action, {name: _unescaped(value) for name, _, value in pairs}))
    expected = frozenset(KINDS[outcome.strip()] for outcome in outcomes.split(" or "))
    name = str(path.relative_to(CORPUS).with_suffix(""))
    return Attack(name, source, what, expected, tuple(turns) or (Turn("answer", {}),), tuple(beside))


def all_attacks() -> list[Attack]:
    """Read the whole corpus, in the order of names."""
    return [read(path) for path in sorted(CORPUS.rglob("*.py"))]


def _unescaped(value: str) -> str:
    return value.encode("latin-1", "backslashreplace").decode("unicode_escape") if "\\" in value else value
