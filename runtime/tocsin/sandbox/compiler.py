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


_WARM_UP = """
from math import floor

def told(names, *, most=3):
    found = {name: f"{name!r:>8}" for name in sorted(names) if not name.startswith("x")}
    for number, (name, text) in enumerate(found.items()):
        if number >= most or (text and name in ("a", "b")):
            break
        try:
            found[name] += text[1:-1].strip()
        except (KeyError, ValueError) as error:
            raise RuntimeError(str(error)) from None
    return " ".join(found.values()) or None

def above(value, limit={"low": -1, "high": 2.5}):
    return value > limit["high"] and not value == limit["low"]

while callAction == "menu":
    response = told([each.name for each in call.alarms], most=floor(2.5))
    break
else:
    response = "<Response><Say>" + escape(params.get("Digits", "")) + "</Say></Response>"
"""


def warm_up(language: Language) -> None:
    """Compile a script that uses what scripts use: the first takes four times as long as those that follow.

    Most of that is the memory of the zygote, which becomes a process's own as it is touched.
    """
    language.compile(Script("warm_up.py", _WARM_UP), frozenset(), frozenset())


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
