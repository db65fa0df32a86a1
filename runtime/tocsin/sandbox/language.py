"""Joins the language half to the process half: what the zygote, its workers and its compilers call.

Made once in the zygote for one vocabulary; nothing here keeps anything of a run.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from tocsin.sandbox import policy
from tocsin.sandbox.guards import Guards
from tocsin.sandbox.namespaces import Namespace

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import CodeType

    from tocsin.sandbox.script import Problem, Script
    from tocsin.sandbox.vocabulary import Log, Vocabulary


class Language:
    """The script language with the words of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._guards = Guards(vocabulary.ATTRIBUTES, vocabulary.WRITABLE)

    def scope(self, words: Mapping[str, Any], modules: Mapping[str, CodeType], log: Log) -> Scope:
        """Return what one script runs in; `modules` are those it may import, by importable name."""
        return Scope(self._guards, words, modules, log)

    def compile(
        self, script: Script, modules: frozenset[str], further: frozenset[str] = frozenset()
    ) -> policy.Compiled | list[Problem]:
        """Compile one script; see `policy.compile_script`."""
        return policy.compile_script(script, modules, further)


class Scope:
    """The globals of one script in one turn, and of the modules it imports."""

    __slots__ = ("_builtins", "_codes", "_guards", "_modules", "_words", "_write", "globals")

    def __init__(
        self, guards: Guards, words: Mapping[str, Any], modules: Mapping[str, CodeType], log: Log
    ) -> None:
        self._guards = guards
        self._words = words
        self._builtins: dict[str, Any] = {}
        self._codes = modules
        self._modules: dict[str, tuple[Namespace, dict[str, Any]]] = {}
        self._write = partial(log, "info")
        self.globals = guards.globals(words, self._import, self._write)

    def _import(self, name: str) -> Namespace | None:
        """Return the module `name`, run on its first import; its globals outlive that only in this scope."""
        if (found := self._modules.get(name)) is not None:
            return found[0]
        if (code := self._codes.get(name)) is None:
            return None
        module_globals = self._guards.globals({}, self._import, self._write)
        # The words are builtins to a module: it may use them, and does not offer them as its own.
        self._builtins = self._builtins or {**self._guards.builtins, **self._words}
        module_globals["__builtins__"] = self._builtins
        namespace = Namespace(name, module_globals)
        self._modules[name] = namespace, module_globals
        try:
            exec(code, module_globals)  # noqa: S102 - compiled by the policy, run with its guards
        except BaseException:
            del self._modules[name]
            raise
        return namespace

    def clear(self) -> None:
        """Let go of everything the script and its modules left behind."""
        self.globals.clear()
        for _, module_globals in self._modules.values():
            module_globals.clear()
        self._modules.clear()
