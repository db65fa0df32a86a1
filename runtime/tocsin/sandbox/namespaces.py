"""The two kinds of object a script may take members from by name: modules and types.

Both are opaque: Python itself finds no attribute on them. Only the guard for attribute access
(`guards.Guards.read`) looks into them, and it never hands out a name that starts with `_`.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class Namespace:
    """A frozen module: what `import math` or `import _greetings` gives a script.

    `members` may be the live globals of a script module, so that its functions and its readers see the
    same values; names that start with `_` stay hidden. `absent` gives a sentence for names a user will
    look for and not find, by name.
    """

    __slots__ = ("absent", "members", "name")

    def __init__(
        self, name: str, members: Mapping[str, Any], absent: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self.members = members
        self.absent: Mapping[str, str] = absent or {}

    def __repr__(self) -> str:
        return f"<module {self.name}>"

    def lacks(self, member: str) -> str:
        """Say in one sentence that there is no such member, and what there is instead."""
        if member in self.absent:
            return self.absent[member]
        offered = ", ".join(sorted(name for name in self.members if not name.startswith("_")))
        return f"{self.name} offers scripts no {member!r}; it offers {offered or 'nothing'}"


class TypeName:
    """What a script gets for `str`, `int` or `datetime.date`: call it, test with it, take members.

    `real` is the type that isinstance tests for and is never handed out, `make` what a call does, and
    `members` are class methods and constants (`str.lower`, `datetime.datetime.now`).
    """

    __slots__ = ("make", "members", "name", "real")

    def __init__(
        self, real: type, make: Callable[..., Any], members: Mapping[str, Any] | None = None
    ) -> None:
        self.name = real.__name__
        self.real = real
        self.make = make
        self.members: Mapping[str, Any] = members or {}

    def __call__(self, /, *args: Any, **kwargs: Any) -> Any:
        """Make a value of this type, after whatever check its maker holds."""
        return self.make(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<type {self.name}>"


# What Python's own messages call them: "'<' not supported between instances of 'type' and 'int'".
Namespace.__name__ = "module"
TypeName.__name__ = "type"


def introduce(name: str, value: Any) -> None:
    """Have Python's own messages call our functions by the names under which scripts know them.

    `choice() takes 1 positional argument` tells its author something, `namespace.<locals>.choice()` not.
    """
    if isinstance(value, FunctionType):
        value.__qualname__ = name
    elif isinstance(value, Namespace | TypeName):
        for member, inner in value.members.items():
            introduce(f"{name}.{member}", inner)
        if isinstance(value, TypeName):
            introduce(name, value.make)
