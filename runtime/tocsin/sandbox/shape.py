"""How large and how deep a script may be, decided before Python's compiler sees it.

The compiler recurses on nesting, copies every `finally` block once per way out of its `try`, and crashes
the whole process on some deeply nested sources. So a script is measured first: as text, then as a tree.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tocsin.sandbox.report import Report

SOURCE_BYTES: Final = 65_536
NODES: Final = 20_000
DEPTH: Final = 80
COMPREHENSIONS: Final = 10
"""Comprehensions inside one another; CPython 3.12.1 dies of a segmentation fault from 21 on."""
COMPILED_NODES: Final = 60_000
"""Nodes after the compiler has copied the `finally` blocks; each level of nesting doubles its own."""
INT_BITS: Final = 65_536

_TOO_DEEP: Final = (
    f"This is nested more than {DEPTH} levels deep (each elif and each + of one long chain counts);"
    " split it into smaller steps."
)
_TOO_MANY: Final = f"The script is too large: it may have up to {NODES} names, values and operators."
_TOO_LONG: Final = (
    f"The script is longer than {SOURCE_BYTES} bytes; move parts of it to _modules of their own."
)
_NULL: Final = "The file contains a null byte; save it as plain text (UTF-8)."
_SURROGATE: Final = "The file contains half a character (a lone surrogate); save it as UTF-8."
_REORDERING: Final = "There is an invisible character here that reorders text on screen; delete it."
_ODD: Final = re.compile("[\0\ud800-\udfff\u202a-\u202e\u2066-\u2069]")

COMPREHENSION_TYPES: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_WAYS_OUT: Final = (ast.Return, ast.Break, ast.Continue)


def check_text(source: str, report: Report) -> None:
    """Refuse a source that is too long or holds characters no source may hold."""
    if len(source) > SOURCE_BYTES or len(source.encode("utf-8", "surrogatepass")) > SOURCE_BYTES:
        report.add(0, 0, _TOO_LONG)
        return
    odd = _ODD.search(source)
    if odd:
        before = source[: odd.start()]
        line = len(re.findall(r"\r\n|\r|\n", before)) + 1
        column = odd.start() - max(before.rfind("\n"), before.rfind("\r"))
        sentence = {"\0": _NULL}.get(odd[0], _SURROGATE if "\ud800" <= odd[0] <= "\udfff" else _REORDERING)
        report.add(line, column, sentence)


def check_tree(tree: ast.Module, report: Report) -> None:
    """Refuse a tree with too many nodes, too many levels, or whose compiled form would be too large.

    Walks without recursion, so that no tree is too deep to be measured.
    """
    count = 0
    finally_seen = False
    waiting: list[tuple[ast.AST, int, int]] = [(tree, 1, 0)]
    while waiting:
        node, depth, comprehensions = waiting.pop()
        count += 1
        comprehensions += isinstance(node, COMPREHENSION_TYPES)
        finally_seen = finally_seen or bool(getattr(node, "finalbody", None))
        if depth > DEPTH and hasattr(node, "lineno"):
            report.at(node, _TOO_DEEP)
            return
        if count > NODES:
            report.add(0, 0, _TOO_MANY)
            return
        if comprehensions > COMPREHENSIONS:
            report.at(node, f"More than {COMPREHENSIONS} comprehensions stand inside one another; use loops.")
            return
        waiting.extend((child, depth + 1, comprehensions) for child in ast.iter_child_nodes(node))
    if finally_seen and _compiled_size(tree)[0] > COMPILED_NODES:
        report.add(
            0, 0, "The `finally` blocks are nested too deeply or are left in too many ways; simplify them."
        )


def _compiled_size(node: ast.AST) -> tuple[int, int]:
    """Return how many nodes the compiler will emit for `node`, and how many ways out of it there are."""
    if isinstance(node, ast.Try) and node.finalbody:
        size, ways = _total([*node.body, *node.handlers, *node.orelse])
        again, again_ways = _total(node.finalbody)
        copies = ways + 2  # once at the normal end, once when an exception passes
        return size + again * copies, ways + again_ways * copies
    size, ways = _total(ast.iter_child_nodes(node))
    if isinstance(node, ast.FunctionDef | ast.Lambda):
        ways = 0
    return size + 1, ways + isinstance(node, _WAYS_OUT)


def _total(nodes: Iterable[ast.AST]) -> tuple[int, int]:
    sizes = [_compiled_size(node) for node in nodes]
    return sum(size for size, _ in sizes), sum(ways for _, ways in sizes)


def check_number(node: ast.Constant, report: Report) -> None:
    """Refuse a whole number that no operator could have made (`0xffff...`)."""
    if type(node.value) is int and node.value.bit_length() > INT_BITS:
        report.at(node, f"This number has more than {INT_BITS} bits.")
