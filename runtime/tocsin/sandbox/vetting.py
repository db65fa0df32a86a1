"""What a script may not contain, found by walking its tree before anything is rewritten.

Two nets hang here. A node of a type that is not listed as known is refused, so that syntax which a later
Python adds stays out until someone has looked at it. And every name is checked wherever the grammar
keeps names: in any text field of any node, because a list of the places would miss the next one (a match
capture, a positional-only parameter and a type parameter each were such a place).
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from RestrictedPython.transformer import INSPECT_ATTRIBUTES

from tocsin.sandbox import problems, shape
from tocsin.sandbox.script import is_reserved

if TYPE_CHECKING:
    from tocsin.sandbox.report import Report

_REFUSED: Final[dict[str, str]] = {
    "AsyncFor": problems.NO_ASYNC,
    "AsyncFunctionDef": problems.NO_ASYNC,
    "AsyncWith": problems.NO_ASYNC,
    "Await": problems.NO_ASYNC,
    "ClassDef": problems.NO_CLASS,
    "Interpolation": problems.NO_TEMPLATE,
    "Match": problems.NO_MATCH,
    "Nonlocal": problems.NO_NONLOCAL,
    "ParamSpec": problems.NO_TYPE_PARAMETERS,
    "TemplateStr": problems.NO_TEMPLATE,
    "TryStar": problems.NO_GROUP,
    "TypeAlias": problems.NO_TYPE_ALIAS,
    "TypeVar": problems.NO_TYPE_PARAMETERS,
    "TypeVarTuple": problems.NO_TYPE_PARAMETERS,
    "With": problems.NO_WITH,
    "Yield": problems.NO_YIELD,
    "YieldFrom": problems.NO_YIELD,
}
_KNOWN: Final = frozenset(
    "Module FunctionDef Return Delete Assign AugAssign AnnAssign For While If Raise Try Assert Import"  # noqa: SIM905 - words read better as words
    " ImportFrom Global Expr Pass Break Continue BoolOp NamedExpr BinOp UnaryOp Lambda IfExp Dict Set"
    " ListComp SetComp DictComp GeneratorExp Compare Call FormattedValue JoinedStr Constant Attribute"
    " Subscript Starred Name List Tuple Slice Load Store Del And Or Add Sub Mult Div Mod Pow LShift RShift"
    " BitOr BitXor MatMult BitAnd FloorDiv Invert Not UAdd USub Eq NotEq Lt LtE Gt GtE Is IsNot In NotIn"
    " comprehension ExceptHandler arguments arg keyword alias".split()
)
_REFUSED_CALLS: Final = frozenset({"eval", "exec"})
_REFUSED_NAMES: Final = frozenset({"breakpoint", "builtins"})
_FUTURE: Final = ("__future__", "annotations")


def vet(tree: ast.Module, modules: frozenset[str], report: Report) -> None:
    """Report everything in `tree` that is not part of the script language.

    `modules` are the names of the program's own `_modules`. Expects a tree that `shape` has measured.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        kind = type(node).__name__
        if kind in _REFUSED:
            report.at(node, _REFUSED[kind])
        elif kind not in _KNOWN:
            report.at(node, problems.UNKNOWN.format(kind))
        else:
            _known(node, modules, report)
            waiting.extend(ast.iter_child_nodes(node))


def _known(node: ast.AST, modules: frozenset[str], report: Report) -> None:
    if isinstance(node, ast.Constant):
        _constant(node, report)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        _import(node, modules, report)
    elif not isinstance(node, ast.alias):
        _special(node, report)
        _names(node, modules, report)


def _constant(node: ast.Constant, report: Report) -> None:
    if isinstance(node.value, bytes):
        report.at(node, problems.NO_BYTES)
    elif isinstance(node.value, complex):
        report.at(node, problems.NO_COMPLEX)
    else:
        shape.check_number(node, report)


def _special(node: ast.AST, report: Report) -> None:
    """Refuse what only some uses of an allowed node are."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _REFUSED_CALLS:
        report.at(node, problems.no_call(node.func.id))
    elif isinstance(node, ast.comprehension) and node.is_async:
        report.at(node.target, problems.NO_ASYNC)
    elif isinstance(node, ast.AugAssign):
        _augmented(node, report)
    elif isinstance(node, ast.Starred):
        if isinstance(node.ctx, ast.Store) and isinstance(node.value, ast.Tuple | ast.List):
            report.at(node, problems.NO_UNPACKED_STAR)  # no guard looks at what is taken apart there
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        report.at(node, problems.NO_MATRIX)
    elif isinstance(node, shape.COMPREHENSION_TYPES):
        element = node.value if isinstance(node, ast.DictComp) else node.elt
        if element is None or isinstance(element, ast.Starred):  # new in Python 3.15
            report.at(node, problems.NO_UNPACKED_COMPREHENSION)


def _augmented(node: ast.AugAssign, report: Report) -> None:
    if isinstance(node.op, ast.MatMult):
        report.at(node, problems.NO_MATRIX)
    if isinstance(node.target, ast.Attribute):
        report.at(node, problems.NO_ATTRIBUTE_CHANGE)
    elif isinstance(node.target, ast.Subscript) and isinstance(node.target.slice, ast.Slice):
        report.at(node, problems.NO_SLICE_CHANGE)


def _names(node: ast.AST, modules: frozenset[str], report: Report) -> None:
    """Check every text field of `node` as a name."""
    for _, value in ast.iter_fields(node):
        for name in value if isinstance(value, list) else (value,):
            if isinstance(name, str):
                _name(node, name, modules, report)


def _name(node: ast.AST, name: str, modules: frozenset[str], report: Report) -> None:
    if isinstance(node, ast.Attribute):
        if name.startswith("_"):
            report.at(node, problems.underscore_attribute(name))
        elif name in INSPECT_ATTRIBUTES:
            report.at(node, problems.inside_attribute(name))
    elif name.startswith("_") and name != "_":
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and name in modules:
            return
        report.at(node, problems.underscore_name(name))
    elif name in _REFUSED_NAMES:
        report.at(node, problems.RESERVED_BUILTINS if name == "builtins" else problems.no_call(name))


def _import(node: ast.Import | ast.ImportFrom, modules: frozenset[str], report: Report) -> None:
    if getattr(node, "is_lazy", 0):  # new in Python 3.15
        report.at(node, problems.NO_LAZY_IMPORT)
    if isinstance(node, ast.ImportFrom):
        if node.level:
            report.at(node, problems.NO_RELATIVE_IMPORT)
            return
        if node.module == _FUTURE[0] and all(alias.name == _FUTURE[1] for alias in node.names):
            return
        _module(node, node.module or "", modules, report)
    for alias in node.names:
        if isinstance(node, ast.Import):
            _module(node, alias.name, modules, report)
        elif alias.name == "*":
            report.at(node, problems.NO_STAR_IMPORT)
        elif alias.name.startswith("_"):
            report.at(node, problems.underscore_name(alias.name))
        bound = alias.asname or ""
        if (bound.startswith("_") and bound != "_") or bound in _REFUSED_NAMES:
            report.at(node, problems.underscore_name(bound))


def _module(node: ast.AST, name: str, modules: frozenset[str], report: Report) -> None:
    """Check the name of an imported module; one outside the sandbox's list fails when it runs."""
    if name in _REFUSED_NAMES:
        report.at(node, f"{problems.no_module(name, modules)}.")
    elif any(part.startswith("_") for part in name.split(".")):
        if is_reserved(name):
            report.at(node, problems.reserved_module(name))
        elif name not in modules:
            report.at(node, problems.no_own_module(name))
