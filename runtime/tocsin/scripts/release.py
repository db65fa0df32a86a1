"""A release: the scripts in force together, named by a hash of their content. Values only, no I/O."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property

from tocsin.sandbox.script import Program, Script

DEFAULT_DOMAIN = "default"
"""Where the shipped default runs when no script of a project stands before it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One script file as it was read: bare file name, text, and the SHA-256 of the text in hexadecimal."""

    name: str
    text: str = field(repr=False)
    hash: str

    @property
    def is_module(self) -> bool:
        """Whether the file is imported by scripts (`_name.py`) rather than run for each turn."""
        return self.name.startswith("_")


def source(name: str, text: str) -> Source:
    """Make a Source, computing its hash."""
    return Source(name, text, hashlib.sha256(text.encode()).hexdigest())


@dataclass(frozen=True)
class Release:
    """What answers calls: a project's files in the order of their names, and the default behind them.

    `project` is the name that voice profiles give it, empty where no file of a project takes part.
    `domain` is where the sandbox runs it: workers never hold the scripts of two domains. Two releases
    with the same `id` have the same project, the same files and the same default. `default` is the shipped
    script that answers what no other does, and the modules that it imports.
    """

    project: str
    domain: str
    files: tuple[Source, ...]
    default: tuple[Source, ...]

    @cached_property
    def id(self) -> str:
        """The release's name: 32 hexadecimal digits made from everything in it."""
        files, default = ([f"{one.name}\0{one.hash}" for one in part] for part in (self.files, self.default))
        parts = [self.project, *files, "", *default]
        return hashlib.sha256("\0\0".join(parts).encode()).hexdigest()[:32]

    @property
    def key(self) -> str:
        """The name under which the sandbox holds it."""
        return self.id

    @cached_property
    def program(self) -> Program:
        """What the sandbox is given."""
        scripts, modules = _parted(self.files)
        # A project may have files of the same names: people begin with a copy of the default.
        fallback, fallback_modules = _parted(self.default, "default/")
        return Program(self.key, scripts, modules, fallback, fallback_modules)


def _parted(files: tuple[Source, ...], folder: str = "") -> tuple[tuple[Script, ...], tuple[Script, ...]]:
    """Return what is run for each turn, and what that may import."""
    return (
        tuple(Script(folder + one.name, one.text) for one in files if not one.is_module),
        tuple(Script(folder + one.name, one.text) for one in files if one.is_module),
    )


def default_release(default: tuple[Source, ...]) -> Release:
    """Make the release of nothing but the shipped default."""
    return Release("", DEFAULT_DOMAIN, (), default)
