"""The disposable process that compiles: one line of source can crash CPython's own compiler.

Locked like a worker. Says which script it is about to compile before it does, so that its death has a
culprit, and gives code back marshalled; only workers ever read that.
"""

from __future__ import annotations

import marshal
from typing import TYPE_CHECKING

from tocsin.sandbox import frames
from tocsin.sandbox.script import Script
from tocsin.sandbox.scriptlog import clean

if TYPE_CHECKING:
    from tocsin.sandbox.language import Language
    from tocsin.sandbox.link import Link
    from tocsin.sandbox.policy import Compiled
    from tocsin.sandbox.script import Problem


def serve(link: Link, language: Language) -> None:
    """Compile what the one order of this process's life asks for."""
    message = link.receive()
    if message is None:
        return
    order = frames.decode_order(message)
    if not isinstance(order, frames.Compile):
        return
    modules, further = frozenset(order.modules), frozenset(order.further)
    for index, (name, source) in enumerate(order.scripts):
        link.send(frames.encode_compiler_report(frames.Compiling(index)))
        script = Script(name, source.decode("utf-8", "surrogatepass"))
        link.send(frames.encode_compiler_report(_compile(index, language.compile(script, modules, further))))


def _compile(index: int, compiled: Compiled | list[Problem]) -> frames.Compiled:
    if isinstance(compiled, list):
        return frames.Compiled(index, [_wired(each) for each in compiled], [], [], b"")
    notes = [_wired(each) for each in compiled.warnings]
    return frames.Compiled(index, [], notes, sorted(compiled.imports), marshal.dumps(compiled.code))


def _wired(problem: Problem) -> frames.Note:
    return problem.line, problem.column, clean(problem.message, 4_000), clean(problem.source, 4_000)
