"""What will raise when a script runs, told before it does: imports and builtins that are not there.

These are warnings, not problems. A script may well try an import and catch the ImportError, and the
language promises an ImportError, not a refusal.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tocsin.sandbox import allowed, problems

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tocsin.sandbox.namespaces import Namespace
    from tocsin.sandbox.report import Report


def warn(
    nodes: Sequence[ast.AST],
    modules: frozenset[str],
    further: frozenset[str],
    offered: Mapping[str, Namespace],
    report: Report,
) -> None:
    """Report what among a script's `nodes` will raise ImportError or NameError.

    `modules` are the program's own `_modules`, `further` those that no message offers, `offered` the
    library's. A name that the script binds anywhere is its own and never warned about.
    """
    bound = _bound(nodes)
    for node in nodes:
        if isinstance(node, ast.Name) and node.id in allowed.INSTEAD and node.id not in bound:
            report.at(node, problems.no_call(node.id))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name not in modules | further and alias.name not in offered:
                    report.at(node, f"{problems.no_module(alias.name, modules)}.")
        elif isinstance(node, ast.ImportFrom) and node.module not in modules | further:
            _warn_from(node, modules, offered, report)


def _warn_from(
    node: ast.ImportFrom, modules: frozenset[str], offered: Mapping[str, Namespace], report: Report
) -> None:
    module = offered.get(node.module or "")
    if module is None:
        if node.module != "__future__":
            report.at(node, f"{problems.no_module(node.module or '', modules)}.")
        return
    for alias in node.names:
        if alias.name not in module.members:
            report.at(node, f"{module.lacks(alias.name)}.")


def _bound(nodes: Sequence[ast.AST]) -> set[str | None]:
    """Return every name the script assigns, defines, imports or catches somewhere."""
    found: set[str | None] = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ExceptHandler):
            found.add(node.name)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name)
    return found
