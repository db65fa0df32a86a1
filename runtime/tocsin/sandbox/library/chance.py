"""`import random`: choices nobody can predict, from the operating system's source.

Left out: seed, getstate and setstate (there is no state), Random and SystemRandom (classes), randbytes
(no bytes), the distributions.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final

from tocsin.sandbox import arithmetic
from tocsin.sandbox.namespaces import Namespace

if TYPE_CHECKING:
    from collections.abc import Callable

_SOURCE: Final = random.SystemRandom()


def namespace(iterate: Callable[[Any], Any]) -> Namespace:
    """Return the frozen module; `iterate` is the guard for iteration."""

    def choices(population: Any, weights: Any = None, *, cum_weights: Any = None, k: int = 1) -> list[Any]:
        arithmetic.items(k)
        return _SOURCE.choices(list(iterate(population)), weights, cum_weights=cum_weights, k=k)

    def sample(population: Any, k: int) -> list[Any]:
        return _SOURCE.sample(list(iterate(population)), k)

    def choice(population: Any) -> Any:
        return _SOURCE.choice(list(iterate(population)))

    def shuffle(values: list[Any]) -> None:
        if type(values) is not list:
            raise TypeError("random.shuffle takes a list")
        _SOURCE.shuffle(values)

    def getrandbits(k: int) -> int:
        arithmetic.whole(k)
        return _SOURCE.getrandbits(k)

    plain = ("randint", "random", "randrange", "triangular", "uniform")
    return Namespace(
        "random",
        {name: getattr(_SOURCE, name) for name in plain}
        | {
            "choice": choice,
            "choices": choices,
            "getrandbits": getrandbits,
            "sample": sample,
            "shuffle": shuffle,
        },
    )
