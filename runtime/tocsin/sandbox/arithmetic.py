"""Operators whose result can be far larger than their operands, with a limit on the result.

The interpreter computes `9 ** 9 ** 9` or `"x" * 10**9` inside one instruction, where neither a timer
nor anything else can stop it. So the size of the result is worked out first. `+` needs no such care: it
at most doubles, and the memory limit of the process ends a loop of doublings.
"""

from __future__ import annotations

import math
import operator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

INT_BITS: Final = 65_536
"""The largest whole number, in bits: about 19 700 decimal digits."""
TEXT_CHARS: Final = 1 << 20
"""The longest text one operation may make, in characters."""
ITEMS: Final = 100_000
"""The longest range, and the longest list or tuple one repetition may make."""
MODULAR_BITS: Final = 2_048
"""The largest operand of a three-argument pow, in bits; its cost grows with the cube."""

_imul: Final[Callable[[Any, Any], Any]] = operator.imul
_WHOLE: Final = frozenset({int, bool})
_LISTED: Final = frozenset({list, tuple})


def whole(bits: int) -> None:
    """Raise OverflowError if a whole number of so many bits would be too large."""
    if bits > INT_BITS:
        raise OverflowError(f"the result would be a number of more than {INT_BITS} bits")


def text(chars: int) -> None:
    """Raise ValueError if a text of so many characters would be too long."""
    if chars > TEXT_CHARS:
        raise ValueError(f"the result would be a text of more than {TEXT_CHARS} characters")


def items(count: int) -> None:
    """Raise ValueError if a list or range of so many items would be too long."""
    if count > ITEMS:
        raise ValueError(f"the result would have more than {ITEMS} items")


def _fits(left: Any, right: Any) -> None:
    """Check the result of `left * right`, whichever of them is the sequence."""
    if type(left) in _WHOLE:
        if type(right) in _WHOLE:
            whole(left.bit_length() + right.bit_length() - 1)
            return
        left, right = right, left
    if type(right) in _WHOLE:
        if type(left) is str:
            text(len(left) * right)
        elif type(left) in _LISTED:
            items(len(left) * right)


def multiply(left: Any, right: Any) -> Any:
    """Compute `left * right`."""
    if type(left) is not float and type(right) is not float:
        _fits(left, right)
    return left * right


def multiply_in_place(left: Any, right: Any) -> Any:
    """Compute `left *= right`; a list stays the same list."""
    _fits(left, right)
    return _imul(left, right)


def power(base: Any, exponent: Any, modulus: Any = None) -> Any:
    """Compute `base ** exponent`, or `pow(base, exponent, modulus)`."""
    if modulus is not None:
        for operand in (base, exponent, modulus):
            if type(operand) in _WHOLE and operand.bit_length() > MODULAR_BITS:
                raise OverflowError(f"pow with a modulus takes numbers of up to {MODULAR_BITS} bits")
        return pow(base, exponent, modulus)
    if type(base) in _WHOLE and type(exponent) in _WHOLE and exponent > 1 and base not in (-1, 0, 1):
        whole(exponent)  # first, so that the product below stays within the range of a float
        whole(int(math.log2(abs(base)) * exponent) + 1)
    return base**exponent


def shift_left(number: Any, places: Any) -> Any:
    """Compute `number << places`."""
    if type(number) in _WHOLE and type(places) in _WHOLE and number:
        whole(number.bit_length() + places)
    return number << places


def rounded(number: Any, digits: Any = None) -> Any:
    """Compute `round(number, digits)`; rounding a whole number to -10**9 digits would never end."""
    if type(digits) in _WHOLE and not -400 <= digits <= 400:
        raise ValueError("round takes from -400 to 400 digits")
    return round(number, digits)


BINARY: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+=": operator.add,
    "-=": operator.sub,
    "*=": multiply,
    "/=": operator.truediv,
    "//=": operator.floordiv,
    "**=": power,
    "<<=": shift_left,
    ">>=": operator.rshift,
    "&=": operator.and_,
    "|=": operator.or_,
    "^=": operator.xor,
}
"""`x op= y` for everything that cannot change in place; `%=` stands in `guards`, as it formats text."""

IN_PLACE: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "+=": operator.iadd,
    "-=": operator.isub,
    "*=": multiply_in_place,
    "&=": operator.iand,
    "|=": operator.ior,
    "^=": operator.ixor,
}
"""`x op= y` for lists, sets and dictionaries, which stay the same object."""
