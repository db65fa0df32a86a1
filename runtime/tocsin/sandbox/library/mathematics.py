"""`import math`: functions on numbers, with a limit where a result can grow without one.

Left out: prod and sumprod (a growing product inside one call), lcm and perm of huge numbers are
limited below, nextafter and ulp (nobody needs them on the phone).
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from tocsin.sandbox import arithmetic
from tocsin.sandbox.namespaces import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

COUNTED: Final = 5_000
"""The largest n of factorial, comb and perm; 5000! is a number of about 54 000 bits."""

_PLAIN: Final = (
    "acos acosh asin asinh atan atan2 atanh ceil copysign cos cosh degrees e erf erfc exp expm1 fabs floor"
    " fmod frexp gamma gcd hypot inf isclose isfinite isinf isnan isqrt ldexp lgamma log log10 log1p log2"
    " modf nan pi pow radians remainder sin sinh sqrt tan tanh tau trunc"
)


def _counted(native: Callable[..., int]) -> Callable[..., int]:
    def count(*numbers: int) -> int:
        if any(type(number) is int and number > COUNTED for number in numbers):
            raise OverflowError(f"{native.__name__} takes numbers up to {COUNTED}")
        return native(*numbers)

    return count


def _lcm(*numbers: int) -> int:
    arithmetic.whole(sum(number.bit_length() for number in numbers))
    return math.lcm(*numbers)


def namespace(iterate: Callable[[Any], Any]) -> Namespace:
    """Return the frozen module; `iterate` is the guard for iteration."""
    return Namespace(
        "math",
        {name: getattr(math, name) for name in _PLAIN.split()}
        | {name: _counted(getattr(math, name)) for name in ("comb", "factorial", "perm")}
        | {"fsum": lambda values: math.fsum(iterate(values)), "lcm": _lcm},
    )
