"""The last level of the default answer: the shipped script, byte-identical, run inside the gateway.

Only ever the file tocsin ships; a project's script never comes here. It is used when the lockdown does not
hold or no worker takes the default in time, so that a call acknowledges even then.
"""

from __future__ import annotations

import asyncio
import builtins
from types import ModuleType
from typing import TYPE_CHECKING, Any

from tocsin.calls import vocabulary
from tocsin.sandbox.script import LogLine, importable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import CodeType

    from tocsin.calls.host import TurnHost
    from tocsin.sandbox.script import Program, Script


class PlainScripts:
    """Scripts and the modules they may import, compiled once by plain Python."""

    def __init__(self, scripts: Sequence[Script], modules: Sequence[Script]) -> None:
        self._scripts = [(one.name, _compiled(one)) for one in scripts]
        self._modules = {importable(one.name): _compiled(one) for one in modules}

    def run(self, turn: vocabulary.Turn, **words: Any) -> list[str]:
        """Run the chain for one turn, with `words` beside the turn's own; return what ran."""
        for name, code in self._scripts:
            names = turn.globals(name)
            names.update(words)
            if self._modules:
                # As in a worker: a module sees the turn's words as builtins, and runs once for each script.
                imports = _Imports(self._modules, names)
                names["__builtins__"] = {**vars(builtins), **names, "__import__": imports}
            exec(code, names)  # noqa: S102  whose scripts these may be is said by the classes that use this
            turn.after(names)
        return [name for name, _ in self._scripts]


class _Imports:
    """`__import__` of one script in one turn: its own modules before Python's."""

    def __init__(self, codes: dict[str, CodeType], names: dict[str, Any]) -> None:
        self._codes = codes
        self._names = names
        self._held: dict[str, ModuleType] = {}

    def __call__(self, name: str, *how: Any) -> Any:
        """Return the module, run on its first import."""
        code = self._codes.get(name)
        if code is None:
            return __import__(name, *how)
        if name not in self._held:
            module = self._held[name] = ModuleType(name)
            vars(module)["__builtins__"] = self._names["__builtins__"]
            exec(code, vars(module))  # noqa: S102  as above
        return self._held[name]


def _compiled(script: Script) -> CodeType:
    return compile(script.source, script.name, "exec")


class InProcessDefault:
    """The default of a program; the program's own scripts are never looked at."""

    def __init__(self, program: Program) -> None:
        self._default = PlainScripts(program.fallback, program.fallback_modules)

    async def run(
        self, given: dict[str, Any], host: TurnHost, *, wall_s: float
    ) -> tuple[dict[str, Any], list[LogLine]]:
        """Answer one turn within `wall_s` seconds; TimeoutError or the script's own error otherwise."""
        loop = asyncio.get_running_loop()
        logs: list[LogLine] = []

        def ask(name: str, args: list[Any]) -> Any:
            return asyncio.run_coroutine_threadsafe(host.ask(name, args), loop).result(timeout=wall_s)

        def work() -> dict[str, Any]:
            turn = vocabulary.open_turn(
                given, ask, lambda level, text: logs.append(LogLine("default", 0, level, text))
            )

            def printed(*values: object) -> None:
                logs.append(LogLine("default", 0, "info", " ".join(map(str, values))))

            self._default.run(turn, print=printed)
            return turn.finish()

        return await asyncio.wait_for(asyncio.to_thread(work), wall_s), logs
