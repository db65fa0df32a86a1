"""The guard functions that transformed scripts call, and the globals they run with.

`policy.compile_script` rewrites every attribute access, subscript, iteration, unpacking, assignment to
an item, import, f-string field and growing operator into a call of a function below. Each decides by the
exact type of the object, from the tables in `attributes` plus those of the vocabulary: what is in no
table is refused, whatever it is.

Made once per process, before the lockdown; nothing here keeps anything of a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, Final

from tocsin.sandbox import allowed, arithmetic, attributes, builtin, formatting, library, methods, problems
from tocsin.sandbox.namespaces import Namespace, TypeName, introduce

Unpacking = tuple[int, tuple[tuple[int, Any], ...]]
"""What a nested target needs: how many items at least, and the (index, Unpacking) of inner targets."""

LoadModule = Callable[[str], Namespace | None]
"""Gives the frozen namespace of a `_module` of the same program, or None where there is none."""

_PLAIN: Final = object()
_CHANGING: Final = frozenset({list, set, dict})


class _Sealed:
    """Stands in for an object in `x.name = value`: attributes are never writable."""

    __slots__ = ()

    def __setitem__(self, name: str, value: Any) -> None:
        raise TypeError(f"attributes cannot be assigned ({name!r}); keep values in a dictionary")

    def __delitem__(self, name: str) -> None:
        raise TypeError(f"attributes cannot be deleted ({name!r})")


class _Slices:
    """Stands in for a list in `x[a:b] = values`, to check the values that will be iterated over."""

    __slots__ = ("_iterate", "_values")

    def __init__(self, values: Any, iterate: Callable[[Any], Any]) -> None:
        self._values = values
        self._iterate = iterate

    def __setitem__(self, place: Any, values: Any) -> None:
        self._values[place] = self._iterate(values)

    def __delitem__(self, place: Any) -> None:
        del self._values[place]


_SEALED: Final = _Sealed()


class Guards:
    """Everything a transformed script calls by a reserved name, for one vocabulary.

    `readable` names the attributes (methods included) scripts may read on the vocabulary's own objects,
    by exact type; a type that defines `__iter__` may be iterated over, one that defines `__getitem__`
    subscripted. Items of the types in `writable` may be assigned and deleted.
    """

    def __init__(
        self,
        readable: Mapping[type, frozenset[str]] | None = None,
        writable: frozenset[type] = frozenset(),
    ) -> None:
        words = readable or {}
        self._iterable = attributes.ITERABLE | {kind for kind in words if hasattr(kind, "__iter__")}
        self._subscriptable = attributes.SUBSCRIPTABLE | {k for k in words if hasattr(k, "__getitem__")}
        self._writable = attributes.WRITABLE | writable
        checked = methods.guarded(self.iterate, formatting.Formatter(self.read, self.item))
        self._attributes: dict[type, dict[str, Any]] = {
            kind: dict.fromkeys(names, _PLAIN) | checked.get(kind, {})
            for kind, names in {**attributes.READABLE, **words}.items()
        }
        self._modules = library.namespaces(self.iterate)
        self.builtins: Final[dict[str, Any]] = {
            **allowed.UNTOUCHED,
            **allowed.EXCEPTIONS,
            **builtin.types(self.iterate, checked),
            **builtin.functions(self.iterate, self.read),
            "isinstance": builtin.is_instance(frozenset(words)),
            **self._reserved(),
        }
        for kind, table in checked.items():
            for name, method in table.items():
                introduce(f"{kind.__name__}.{name}", method)
        for name, value in {**self._modules, **self.builtins}.items():
            if not name.startswith("_"):
                introduce(name, value)

    def _reserved(self) -> dict[str, Any]:
        return {
            "_getattr_": self.read,
            "_getitem_": self.item,
            "_getiter_": self.iterate,
            "_mapping_": self.mapping,
            "_write_": self.write,
            "_write_slice_": self.write_slice,
            "_sealed_": lambda _: _SEALED,
            "_inplacevar_": self.in_place,
            "_place_": self.place,
            "_inplaceitem_": self.in_place_item,
            "_unpack_sequence_": self.unpack,
            "_iter_unpack_sequence_": self.unpack_each,
            "_multiply_": arithmetic.multiply,
            "_power_": arithmetic.power,
            "_shift_left_": arithmetic.shift_left,
            "_modulo_": self.modulo,
            "_text_": formatting.field,
            "_exception_": Exception,
        }

    def globals(
        self, words: Mapping[str, Any], load_module: LoadModule, write: Callable[[str], None]
    ) -> dict[str, Any]:
        """Return fresh globals for one script: the vocabulary's `words`, `print` and the imports.

        `write` takes each line `print` makes. The dict is the caller's, to clear after the run; the
        `__builtins__` in it is shared by all runs and must never be handed out or changed.
        """
        return {
            "print": builtin.printing(write),
            **words,
            "__builtins__": self.builtins,
            "_import_": partial(self._module, load_module),
            "_import_from_": partial(self._member, load_module),
        }

    # --- reading -------------------------------------------------------------------------------

    def read(self, value: Any, name: str) -> Any:
        """Read `value.name`, an attribute from the tables; raises AttributeError."""
        kind = type(value)
        if kind is Namespace or kind is TypeName:
            if name in value.members and not name.startswith("_"):
                return value.members[name]
            return self._no_attribute(value, name)
        try:
            how = self._attributes[kind][name]
        except KeyError:
            return self._no_attribute(value, name)
        return getattr(value, name) if how is _PLAIN else partial(how, value)

    def _no_attribute(self, value: Any, name: str) -> Any:
        if isinstance(value, BaseException) and name == "args":
            return tuple(formatting.text(argument) for argument in value.args)
        raise AttributeError(problems.no_attribute(value, name))

    def item(self, value: Any, key: Any) -> Any:
        """Read `value[key]`; raises TypeError for objects that have no items for scripts."""
        if type(value) in self._subscriptable:
            return value[key]
        raise TypeError(f"{problems.kind(value)} has no items to read with [ ]")

    def iterate(self, value: Any) -> Any:
        """Return `value` if its items may be gone through, as in `for item in value`."""
        if type(value) in self._iterable:
            return value
        raise TypeError(f"{problems.kind(value)} has no items to go through")

    def mapping(self, value: Any) -> Any:
        """Return `value` if it may stand behind ** in a call or a dict display."""
        if type(value) in self._iterable and type(value) in self._subscriptable:
            return value
        raise TypeError(f"** takes a dictionary, not {problems.kind(value)}")

    # --- writing -------------------------------------------------------------------------------

    def write(self, value: Any) -> Any:
        """Return `value` if its items may be changed: `value[key] = ...`, `del value[key]`."""
        if type(value) in self._writable:
            return value
        raise TypeError(f"items of {problems.kind(value)} cannot be changed")

    def write_slice(self, value: Any) -> Any:
        """Return what takes `value[a:b] = ...` and `del value[a:b]` in its place."""
        return _Slices(self.write(value), self.iterate)

    def in_place(self, sign: str, value: Any, other: Any) -> Any:
        """Compute `value op= other`; returns what the name is then bound to."""
        if sign == "%=":
            return self.modulo(value, other)
        kind = type(value)
        if kind not in _CHANGING:
            return arithmetic.BINARY[sign](value, other)
        if sign == "+=" or (sign == "|=" and kind is dict):
            other = self.iterate(other)
        return arithmetic.IN_PLACE.get(sign, arithmetic.BINARY[sign])(value, other)

    def place(self, value: Any, key: Any) -> tuple[Any, Any, Any]:
        """Return what `value[key] op= other` changes: the object, the key and the item as it is now."""
        return self.write(value), key, self.item(value, key)

    def in_place_item(self, sign: str, place: tuple[Any, Any, Any], other: Any) -> None:
        """Carry out `value[key] op= other`."""
        target, key, item = place
        target[key] = self.in_place(sign, item, other)

    # --- unpacking -----------------------------------------------------------------------------

    def unpack(self, value: Any, shape: Unpacking) -> Any:
        """Return what `a, (b, c) = value` takes apart, every level of it checked."""
        least, inner = shape
        if not inner:
            return self.iterate(value)
        items = list(self.iterate(value))
        if len(items) >= least:
            for index, child in inner:
                items[index] = self.unpack(items[index], child)
        return items

    def unpack_each(self, values: Any, shape: Unpacking) -> Iterator[Any]:
        """Go through `for a, (b, c) in values`."""
        for value in self.iterate(values):
            yield self.unpack(value, shape)

    # --- the rest ------------------------------------------------------------------------------

    def modulo(self, left: Any, right: Any) -> Any:
        """Compute `left % right`, for numbers and for text."""
        if type(left) is str:
            made = formatting.percent(left, right)
            arithmetic.text(len(made))
            return made
        return left % right

    def _module(self, load_module: LoadModule, name: str) -> Namespace:
        found = self._modules.get(name)
        if found is None and name.startswith("_"):
            found = load_module(name)
        if found is None:
            raise ImportError(problems.no_module(name))
        return found

    def _member(self, load_module: LoadModule, name: str, member: str) -> Any:
        found = self._module(load_module, name)
        if member.startswith("_") or member not in found.members:
            raise ImportError(found.lacks(member))
        return found.members[member]
