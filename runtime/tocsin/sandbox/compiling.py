"""The server's side of compiling: one disposable process per program, and another after each crash."""

from __future__ import annotations

import hashlib
import signal
from collections import OrderedDict
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import structlog

from tocsin.sandbox import frames
from tocsin.sandbox.nursery import SandboxUnavailable
from tocsin.sandbox.script import Problem, Script

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Sequence

    from tocsin.sandbox.nursery import Nursery

log = structlog.get_logger("tocsin.sandbox")

_SCRIPT_S = 5.0  # a script that takes longer to compile is refused
_CRASHES = 5  # so many scripts that crash the compiler are named; the rest is left uncompiled
_REMEMBERED = 256  # scripts, or twice those of the program at hand: what was saved long ago is compiled again


@dataclass(frozen=True, slots=True)
class Part:
    """What compiling one script gave. `code` is opaque to the server; empty where there are problems."""

    digest: str
    code: bytes
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...] = ()
    imports: frozenset[str] = frozenset()


class Compiler:
    """Compiles for one domain and remembers by content, so that a reload costs what has changed.

    What one domain's compiler made never reaches another's workers: whoever breaks a compiler gains what
    its workers could do anyway.
    """

    def __init__(self, nursery: Callable[[], Nursery]) -> None:
        self._nursery = nursery
        self._known: OrderedDict[str, Part] = OrderedDict()

    async def compile(
        self, scripts: Sequence[Script], modules: frozenset[str], further: frozenset[str] = frozenset()
    ) -> list[Part]:
        """Return the parts of `scripts`, in their order; raises SandboxUnavailable.

        `modules` are the importable names of the program's modules, `further` those of its fallback's.
        """
        parts: dict[str, Part] = {}
        missing: dict[str, Script] = {}
        digests = [digest(script) for script in scripts]
        for script, key in zip(scripts, digests, strict=True):
            part = self._known.get(key)
            # Code stays good while all it imports is still there; a refusal may have a new reason.
            if part is not None and not part.problems and part.imports <= modules | further:
                parts[key] = part
                self._known.move_to_end(key)
            elif not script.name.isprintable():
                parts[key] = _refused(key, script, "Its file name cannot be shown; give it another.")
            else:
                missing[key] = script
        crashes = 0
        while missing and crashes < _CRASHES:
            made = await _Compilation(self._nursery(), missing, modules, further).run()
            crashes += len(made) < len(missing) and (not made or any(part.problems for part in made.values()))
            parts.update(made)
            missing = {key: script for key, script in missing.items() if key not in made}
        for key, script in missing.items():
            parts[key] = _refused(key, script, "It was not compiled, as too many others crash the compiler.")
        self._remember(parts)
        return [parts[key] for key in digests]

    def _remember(self, parts: dict[str, Part]) -> None:
        self._known.update(parts)
        while len(self._known) > max(_REMEMBERED, 2 * len(parts)):
            self._known.popitem(last=False)


@lru_cache(maxsize=512)
def digest(script: Script) -> str:
    """Return the content hash of a script, its name included (messages of its code name it).

    A reload asks for those of all scripts, and all but one are as they were.
    """
    return hashlib.sha256(f"{script.name}\0{script.source}".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _refused(key: str, script: Script, why: str) -> Part:
    return Part(key, b"", (Problem(script.name, 0, 0, why, ""),))


class _Compilation:
    """One compiler process: as many scripts as it lives to compile."""

    def __init__(
        self, nursery: Nursery, scripts: dict[str, Script], modules: frozenset[str], further: frozenset[str]
    ) -> None:
        self._loop = nursery.loop
        self._scripts = list(scripts.items())
        self._modules = modules
        self._further = further
        self._is_ready = False
        self._announced = -1
        self._has_crashed = False
        self._fault = ""
        self._unavailable = ""
        self._unlocked = False
        self._made: dict[str, Part] = {}
        self._ended: asyncio.Future[int | None] = self._loop.create_future()
        self._child = nursery.fork("compiler", self)
        self._watchdog = self._loop.call_later(_SCRIPT_S, self._overdue)
        if self._child.ready is not None:
            self._begin(self._child.ready)

    async def run(self) -> dict[str, Part]:
        """Return what was compiled; a script that ended the process is among it, with that problem.

        What was not compiled for no fault of its own is not among it: where a process from the reserve ended
        before it began, or all of the sandbox with it. Raises SandboxUnavailable where there was no process.
        """
        try:
            status = await self._ended
        finally:
            self._watchdog.cancel()
            self._child.kill()
        if unavailable := self._child.unborn or self._unavailable:
            raise SandboxUnavailable(f"no process can be made to compile them: {unavailable}")
        fault = self._fault
        if not fault:
            was_spare = self._child.ready is not None and self._announced < 0
            if status is None or was_spare:
                return self._made
            fault = _crash(status)
        blamed = self._scripts[len(self._made) :]
        for key, script in blamed if self._unlocked else blamed[:1]:
            self._made[key] = _refused(key, script, fault)
        return self._made

    def _overdue(self) -> None:
        if self._announced < 0:
            self._unavailable = f"none was ready within {_SCRIPT_S:g} s"
        else:
            self._fault = f"It takes longer than {_SCRIPT_S:g} s to compile; make it simpler."
        self._child.kill()
        self.ended(None)  # by now or soon; what makes it late may be what keeps its end from being told

    def heard(self, message: bytes | memoryview) -> None:
        """Take one message of the compiler."""
        said = frames.decode_compiler_report(message)
        if self._has_crashed:
            raise frames.Violation("it goes on after its last words")
        if isinstance(said, frames.Crashed):
            self._has_crashed = True
            log.error("compiler-crashed", text=said.text)
            return
        if isinstance(said, frames.Ready):
            if self._is_ready:
                raise frames.Violation("ready twice")
            self._begin(said)
        elif said.index != len(self._made) or said.index >= len(self._scripts):
            raise frames.Violation("scripts out of order")
        elif isinstance(said, frames.Compiled):
            self._take(said)
        elif said.index > self._announced:
            self._announced = said.index
        else:
            raise frames.Violation("the same script begun twice")
        # Each message so far is one that comes once, so that nobody is kept waiting without end.
        self._watchdog.cancel()
        self._watchdog = self._loop.call_later(_SCRIPT_S, self._overdue)

    def _begin(self, ready: frames.Ready) -> None:
        self._is_ready = True
        if missing := [name for name, held, required, _ in ready.measures if required and not held]:
            self._fault = f"Scripts are not compiled, as the compiler is not locked: {', '.join(missing)}."
            self._unlocked = True
        sources = [(each.name, each.source.encode("utf-8", "surrogatepass")) for _, each in self._scripts]
        order = frames.Compile(sources, sorted(self._modules), sorted(self._further))
        self._child.channel.send(frames.encode_order(order))

    def _take(self, compiled: frames.Compiled) -> None:
        key, script = self._scripts[compiled.index]
        problems = [Problem(script.name, *note) for note in compiled.problems]
        if not compiled.code and not problems:
            raise frames.Violation("neither code nor problems")
        self._made[key] = Part(
            key,
            b"" if problems else compiled.code,
            tuple(problems),
            tuple(Problem(script.name, *note) for note in compiled.warnings),
            frozenset(compiled.imports),
        )
        if len(self._made) == len(self._scripts):
            # Nothing it could still say counts, so nobody waits for its funeral.
            self._child.kill()
            self.ended(None)

    def violated(self, violation: frames.Violation) -> None:
        """End a compiler that breaks the protocol; the script it was at is to blame."""
        self._fault = f"The compiler was taken over while it was at this script ({violation})."
        self._child.kill()

    def closed(self) -> None:
        """Wait for `ended`, which says how."""
        self._child.kill()

    def ended(self, status: int | None) -> None:
        """Hear that the compiler is gone."""
        if not self._ended.done():
            self._ended.set_result(status)


def _crash(status: int) -> str:
    what = signal.Signals(-status).name if status < 0 else f"exit status {status}"
    return f"Python's own compiler crashes on this script ({what}); write it in a simpler way."
