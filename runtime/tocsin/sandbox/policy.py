"""From a script's source to code that may run, or to the list of reasons why it may not.

The steps, each of which may end it: the text is measured, parsed, the tree measured (`shape`), vetted
(`vetting`), rewritten (`transformer`), compiled, and the result checked (`bytecode`). Needs
RestrictedPython, and is therefore loaded only where scripts are compiled.

Some source crashes CPython's compiler as a process, and no check in here can promise to know it all: call
this in a process that may die.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tocsin.sandbox import bytecode, forecast, library, problems, shape, vetting
from tocsin.sandbox.report import Report, printable
from tocsin.sandbox.script import Script, is_reserved
from tocsin.sandbox.transformer import ScriptTransformer

if TYPE_CHECKING:
    from types import CodeType

    from tocsin.sandbox.script import Problem

_OFFERED: Final = library.namespaces(iter)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A script that may run: `exec(compiled.code, guards.globals(...))`.

    `code.co_filename` is the script's name, so a traceback's frames tell which lines are the script's.
    `warnings` are lines that will raise when they run (an import or a builtin that is not there), `imports`
    the `_modules` of the program that it imports somewhere.
    """

    name: str
    code: CodeType
    imports: frozenset[str]
    warnings: tuple[Problem, ...]


def compile_script(
    script: Script, modules: frozenset[str], further: frozenset[str] = frozenset()
) -> Compiled | list[Problem]:
    """Compile one script, or say why not: a list of at least one problem, in the order of lines.

    `modules` are the importable names of the program's own modules (`_greetings` for `_greetings.py`),
    `further` those that it may import too, though no message offers them. Reserved names among them count
    as not there: each step below lets the names of modules be read.
    Reads nothing, changes nothing, and raises nothing whatever the source is; but see the module.
    """
    script = Script(script.name, script.source.removeprefix("\ufeff"))  # some editors begin a file so
    report = Report(script)
    try:
        compiled = _compile(script, _usable(modules), _usable(further), report)
    except SyntaxError as error:
        _explain(error, report)
    except (RecursionError, MemoryError):
        report.add(0, 0, problems.TOO_NESTED)
    except Exception as error:  # noqa: BLE001 - the boundary: a fault of ours must refuse, not raise
        report.add(0, 0, f"Python could not compile this script ({type(error).__name__}).")
    else:
        if compiled is not None:
            return compiled
    return report.problems()


def _compile(script: Script, own: frozenset[str], further: frozenset[str], report: Report) -> Compiled | None:
    modules = own | further
    shape.check_text(script.source, report)
    if report:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's opinion on style is not the author's business here
        tree = ast.parse(script.source, script.name)
        shape.check_tree(tree, report)
        if not report:
            vetting.vet(tree, modules, report)
        if report:
            return None
        notes = Report(script)
        nodes = list(ast.walk(tree))
        forecast.warn(nodes, own, further, _OFFERED, notes)
        imports = frozenset(_imported(nodes)) & modules
        ScriptTransformer(modules, report).visit(tree)
        if report:
            return None
        code = compile(ast.fix_missing_locations(tree), script.name, "exec", dont_inherit=True, optimize=0)
    found = bytecode.foreign(code, modules)
    if found:
        report.add(0, 0, f"This script uses something that is not part of the script language ({found}).")
        return None
    return Compiled(script.name, code, imports, tuple(notes.problems()))


def _usable(modules: frozenset[str]) -> frozenset[str]:
    return frozenset(name for name in modules if not is_reserved(name))


def _imported(nodes: list[ast.AST]) -> list[str]:
    found: list[str] = []
    for node in nodes:
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.append(node.module or "")
    return found


def _explain(error: SyntaxError, report: Report) -> None:
    report.add(error.lineno or 0, max(error.offset or 0, 0), problems.syntax(printable(str(error.msg))))
