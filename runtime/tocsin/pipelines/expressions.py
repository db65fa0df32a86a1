"""Expressions in pipelines: a small language of values, comparisons and arithmetic, evaluated without `eval`.

The syntax is a part of Python's, parsed by Python and then walked node by node; a node that is not listed
here does not exist. Pure, and bounded: no loops, no attributes, no calls but four functions, numbers only
up to a size, texts only up to a length.
"""

from __future__ import annotations

import ast
import math
import operator
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms.episode import PRIORITIES
from tocsin.config import did_you_mean
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

LONGEST: Final = 500
_NODES: Final = 100
_LARGEST: Final = 10**15
_TEXT: Final = 1000


class ExpressionRefused(TocsinError):  # noqa: N818  the past is what happened, as in ConfigRefused
    """An expression that can never be evaluated; the sentence says what is wrong and what to write."""


class ExpressionFailed(TocsinError):  # noqa: N818  likewise
    """An expression that came to nothing with the values at hand."""


_OPERATORS: Final[dict[type[ast.operator], Callable[[Any, Any], Any]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Mod: operator.mod,
}
_COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
    ast.Is: lambda one, other: one is other if other is None else one == other,
    ast.IsNot: lambda one, other: one is not other if other is None else one != other,
}


def _round(number: float, digits: int = 0) -> float:
    if not -15 <= digits <= 15:
        raise ExpressionFailed("round takes at most 15 digits")
    return round(number, digits) if digits else round(number)


_FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {"abs": abs, "min": min, "max": max, "round": _round}
_INSTEAD: Final[dict[type[ast.AST], str]] = {
    ast.Attribute: 'there are no attributes; write data["key"] for associated data',
    ast.Pow: "there is no power; multiply instead",
    ast.FloorDiv: "there is no //; write round(a / b)",
    ast.IfExp: "there is no if; use an expression or a switch block",
    ast.Lambda: "there are no functions to define",
    ast.NamedExpr: "nothing can be assigned here; use a set-property block",
    ast.JoinedStr: 'there are no f-strings; write "..." + name',
}
_LEAVES: Final = (ast.Load, ast.And, ast.Or, ast.Not, ast.USub, ast.UAdd)
_BRANCHES: Final = (
    ast.Expression, ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare, ast.Constant, ast.Name, ast.Subscript,
    ast.Tuple, ast.List, ast.Call,
)  # fmt: skip


@lru_cache(maxsize=1024)
def parsed(text: str) -> ast.expr:
    """Parse an expression; raises ExpressionRefused with one sentence."""
    if len(text) > LONGEST:
        raise ExpressionRefused(f"is longer than {LONGEST} characters; split it over set-property blocks")
    if "\\" in text:
        raise ExpressionRefused("there is no backslash in expressions; paths are written with /")
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ExpressionRefused(_misspelt(text, error)) from None
    nodes = list(ast.walk(tree))
    if len(nodes) > _NODES:
        raise ExpressionRefused("is too long; split it over set-property blocks")
    for node in nodes:
        _allowed(node)
    return tree.body


def _misspelt(text: str, error: Exception) -> str:
    if "=" in text and not any(sign in text for sign in ("==", "!=", "<=", ">=")):
        return f'"{text}" cannot be read; compare with ==, not with ='
    if "&&" in text or "||" in text:
        return f'"{text}" cannot be read; write and, or'
    what = error.msg if isinstance(error, SyntaxError) else "it is no expression"
    return f'"{text}" cannot be read: {what}'


def _allowed(node: ast.AST) -> None:
    if isinstance(node, ast.Constant):
        if not isinstance(node.value, str | int | float | bool | None):
            raise ExpressionRefused("only numbers, texts, True, False and None are values")
        if isinstance(node.value, int | float) and abs(node.value) > _LARGEST:
            raise ExpressionRefused(f"{node.value} is too large a number")
    elif isinstance(node, ast.Call):
        if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS or node.keywords:
            raise ExpressionRefused(f"the functions are {', '.join(sorted(_FUNCTIONS))}")
    elif not isinstance(node, (*_BRANCHES, *_LEAVES, *_OPERATORS, *_COMPARISONS)):
        instead = _INSTEAD.get(type(node), f"{type(node).__name__} is not part of expressions")
        raise ExpressionRefused(instead)


def problem(text: str, names: Collection[str]) -> str:
    """Say what is wrong with an expression in which these names may stand, or ""."""
    try:
        tree = parsed(text)
    except ExpressionRefused as error:
        return str(error)
    known = {*names, *PRIORITIES}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in known and node.id not in _FUNCTIONS:
            there = did_you_mean(node.id, known) or f"; names are: {', '.join(sorted(names))}"
            return f'there is no name "{node.id}"{there}'
    return ""


def evaluate(text: str, names: Mapping[str, Any]) -> Any:
    """Work out an expression; raises ExpressionFailed (or ExpressionRefused) with one sentence."""
    tree = parsed(text)
    try:
        return _value(tree, names)
    except ExpressionFailed:
        raise
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ExpressionFailed(f'"{text}" cannot be worked out: {error}') from None


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return _named(node.id, names)
    return _KINDS[type(node)](node, names)


def _named(name: str, names: Mapping[str, Any]) -> Any:
    if name in names:
        return names[name]
    if name in PRIORITIES:
        return name
    raise ExpressionFailed(f'"{name}" has no value yet; set it before with a set-property block')


def _logic(node: Any, names: Mapping[str, Any]) -> Any:
    stop = isinstance(node.op, ast.Or)
    value: Any = not stop
    for one in node.values:
        value = _value(one, names)
        if bool(value) is stop:
            break
    return value


def _single(node: Any, names: Mapping[str, Any]) -> Any:
    value = _value(node.operand, names)
    if isinstance(node.op, ast.Not):
        return not value
    return -value if isinstance(node.op, ast.USub) else +value


def _arithmetic(node: Any, names: Mapping[str, Any]) -> Any:
    left, right = _value(node.left, names), _value(node.right, names)
    if isinstance(left, str) != isinstance(right, str) or isinstance(left, list | tuple):
        raise ExpressionFailed(f"{left!r} and {right!r} cannot be put together")
    if isinstance(left, str) and not isinstance(node.op, ast.Add):
        raise ExpressionFailed(f"texts can only be joined with +, not {left!r}")
    found = _OPERATORS[type(node.op)](left, right)
    too_much = len(found) > _TEXT if isinstance(found, str) else not abs(found) <= _LARGEST
    if too_much:
        raise ExpressionFailed("the result is too large")
    return found


def _compare(node: Any, names: Mapping[str, Any]) -> bool:
    left = _value(node.left, names)
    for sign, other in zip(node.ops, node.comparators, strict=True):
        right = _value(other, names)
        one, two = _ranked(sign, left, right)
        if not _COMPARISONS[type(sign)](one, two):
            return False
        left = right
    return True


def _ranked(sign: ast.cmpop, left: Any, right: Any) -> tuple[Any, Any]:
    """Let the names of two priorities compare by how urgent they are."""
    ordering = isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE)
    if ordering and left in PRIORITIES and right in PRIORITIES:
        return PRIORITIES.index(left), PRIORITIES.index(right)
    return left, right


def _item(node: Any, names: Mapping[str, Any]) -> Any:
    whole, key = _value(node.value, names), _value(node.slice, names)
    return whole.get(key) if hasattr(whole, "get") else whole[key]


def _row(node: Any, names: Mapping[str, Any]) -> Any:
    return [_value(one, names) for one in node.elts]


def _call(node: Any, names: Mapping[str, Any]) -> Any:
    found = _FUNCTIONS[node.func.id](*(_value(one, names) for one in node.args))
    if isinstance(found, float) and not math.isfinite(found):
        raise ExpressionFailed("the result is no number")
    return found


_KINDS: Final[dict[type[ast.expr], Callable[[Any, Mapping[str, Any]], Any]]] = {
    ast.BoolOp: _logic,
    ast.UnaryOp: _single,
    ast.BinOp: _arithmetic,
    ast.Compare: _compare,
    ast.Subscript: _item,
    ast.Tuple: _row,
    ast.List: _row,
    ast.Call: _call,
}
