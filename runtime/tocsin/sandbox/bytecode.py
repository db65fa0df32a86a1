"""The last check: the compiled script holds only instructions that transformed scripts need.

The transformer works on syntax, and every few years new syntax found a way around such a transformer. So
its result is checked once more where no syntax is left: code that was rewritten reads no attribute,
imports nothing, subscripts nothing, multiplies nothing by itself. An instruction that is not listed here
is refused, whatever Python version invented it.
"""

from __future__ import annotations

import dis
import inspect
from types import CodeType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

RESERVED: Final = frozenset(
    "_getattr_ _getitem_ _getiter_ _mapping_ _write_ _write_slice_ _sealed_ _inplacevar_ _inplaceitem_"  # noqa: SIM905 - words read better as words
    " _unpack_sequence_ _iter_unpack_sequence_ _multiply_ _power_ _shift_left_ _modulo_ _text_ _exception_"
    " _import_ _import_from_ _held_ _place_ __doc__".split()
)
"""Every name starting with `_` that a transformed script may hold (`__doc__` is where Python keeps the
text a script begins with)."""

_ALLOWED_NAMES: Final = frozenset(
    # What every interpreter version needs around the instructions proper.
    "CACHE RESUME NOP EXTENDED_ARG COPY SWAP PUSH_NULL POP_TOP NOT_TAKEN PRECALL KW_NAMES"  # noqa: SIM905 - words read better as words
    # Constants and names.
    " LOAD_CONST RETURN_CONST LOAD_SMALL_INT LOAD_COMMON_CONSTANT LOAD_ASSERTION_ERROR LOAD_NAME STORE_NAME"
    " DELETE_NAME LOAD_GLOBAL STORE_GLOBAL DELETE_GLOBAL LOAD_FAST STORE_FAST DELETE_FAST LOAD_FAST_CHECK"
    " LOAD_FAST_AND_CLEAR LOAD_FAST_LOAD_FAST STORE_FAST_LOAD_FAST STORE_FAST_STORE_FAST LOAD_FAST_BORROW"
    " LOAD_FAST_BORROW_LOAD_FAST_BORROW LOAD_CLOSURE LOAD_DEREF STORE_DEREF DELETE_DEREF MAKE_CELL"
    " COPY_FREE_VARS"
    # Calls and functions. Generators are looked at more closely below.
    " CALL CALL_KW CALL_FUNCTION_EX MAKE_FUNCTION SET_FUNCTION_ATTRIBUTE RETURN_VALUE RETURN_GENERATOR"
    " YIELD_VALUE CALL_INTRINSIC_1"
    # Literals. UNPACK_* take apart what a guard returned, STORE_* change what a guard returned.
    " BUILD_LIST BUILD_TUPLE BUILD_SET BUILD_MAP BUILD_CONST_KEY_MAP BUILD_STRING BUILD_SLICE LIST_APPEND"
    " LIST_EXTEND LIST_TO_TUPLE SET_ADD SET_UPDATE MAP_ADD DICT_UPDATE DICT_MERGE UNPACK_SEQUENCE UNPACK_EX"
    " STORE_SUBSCR STORE_SLICE DELETE_SUBSCR FORMAT_VALUE FORMAT_SIMPLE"
    # Operators that cannot grow. The arguments of BINARY_OP are looked at below.
    " BINARY_OP UNARY_NEGATIVE UNARY_POSITIVE UNARY_NOT UNARY_INVERT TO_BOOL COMPARE_OP IS_OP CONTAINS_OP"
    # Loops and branches.
    " GET_ITER FOR_ITER END_FOR POP_ITER JUMP_FORWARD JUMP_BACKWARD JUMP_BACKWARD_NO_INTERRUPT"
    " POP_JUMP_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE POP_JUMP_FORWARD_IF_TRUE"
    " POP_JUMP_FORWARD_IF_FALSE POP_JUMP_FORWARD_IF_NONE POP_JUMP_FORWARD_IF_NOT_NONE"
    " POP_JUMP_BACKWARD_IF_TRUE POP_JUMP_BACKWARD_IF_FALSE POP_JUMP_BACKWARD_IF_NONE"
    " POP_JUMP_BACKWARD_IF_NOT_NONE JUMP_IF_TRUE_OR_POP JUMP_IF_FALSE_OR_POP"
    # Exceptions.
    " PUSH_EXC_INFO POP_EXCEPT CHECK_EXC_MATCH RAISE_VARARGS RERAISE".split()
)
_ALLOWED: Final = frozenset(dis.opmap[name] for name in _ALLOWED_NAMES if name in dis.opmap)

_SIGNS: Final = frozenset({"+", "-", "/", "//", "&", "|", "^", ">>"})
_INTRINSICS: Final = frozenset(
    {"INTRINSIC_STOPITERATION_ERROR", "INTRINSIC_UNARY_POSITIVE", "INTRINSIC_LIST_TO_TUPLE"}
)
_ARGUMENTS: Final[dict[str, frozenset[int]]] = {
    "BINARY_OP": frozenset(n for n, entry in enumerate(getattr(dis, "_nb_ops", ())) if entry[1] in _SIGNS),
    "CALL_INTRINSIC_1": frozenset(
        n for n, name in enumerate(getattr(dis, "_intrinsic_1_descs", ())) if name in _INTRINSICS
    ),
    "FORMAT_VALUE": frozenset({0}),  # no conversion, no format specification
}
"""Instructions whose argument says what they do, with the arguments that are allowed."""
_CLOSER: Final = {dis.opmap[name]: allowed for name, allowed in _ARGUMENTS.items() if name in dis.opmap}
_ASYNCHRONOUS: Final = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR | inspect.CO_ITERABLE_COROUTINE


def foreign(code: CodeType, modules: frozenset[str]) -> str | None:
    """Return what in `code`, or in any code inside it, no transformed script needs; None if all is well.

    `modules` are the program's own: with RESERVED, the names starting with `_` that it may use. Of Python's
    own names (`__builtins__`) none is let through, whatever a module is called.
    """
    for part in _parts(code):
        found = _instructions(part)
        if part.co_flags & _ASYNCHRONOUS:
            return "a coroutine"
        if part.co_flags & inspect.CO_GENERATOR and part.co_name != "<genexpr>":
            return "a generator function"
        names = (*part.co_names, *part.co_varnames, *part.co_cellvars, *part.co_freevars)
        odd = [n for n in names if n.startswith("_") and n not in RESERVED | modules and n != "_"]
        odd += [n for n in names if n.startswith("__") and n not in RESERVED]
        if found or odd:
            return found or odd[0]
    return None


def _parts(code: CodeType) -> Iterator[CodeType]:
    waiting = [code]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(each for each in part.co_consts if isinstance(each, CodeType))


def _instructions(part: CodeType) -> str | None:
    raw = part.co_code
    for number, argument in set(zip(raw[::2], raw[1::2], strict=True)):
        if number not in _ALLOWED:
            return dis.opname[number]
        if number in _CLOSER and argument not in _CLOSER[number]:
            return f"{dis.opname[number]} {argument}"
    return None
