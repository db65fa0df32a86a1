"""What a configuration model allows at a path: used for "did you mean" and for the reference page."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

Path = tuple[str | int, ...]


def key_of(name: str, field: FieldInfo) -> str:
    """Return the key by which the files know a field: its alias where it has one."""
    return field.alias or name


def keys_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """Return a section's keys in order of definition."""
    return {key_of(name, field): field for name, field in model.model_fields.items()}


def members(annotation: Any) -> Iterator[Any]:
    """Yield the types a value may have, unions taken apart and annotations taken off."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from members(get_args(annotation)[0])
    elif origin in {Union, types.UnionType}:
        for member in get_args(annotation):
            yield from members(member)
    else:
        yield annotation


def models_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the sections among the types a value may have."""
    return [one for one in members(annotation) if isinstance(one, type) and issubclass(one, BaseModel)]


def item_of(member: Any) -> Any:
    """Return the type of what a mapping or list holds, or None where it is neither."""
    origin, args = get_origin(member), get_args(member)
    if not isinstance(origin, type) or not args:
        return None
    if issubclass(origin, Mapping):
        return args[1]
    if issubclass(origin, (Sequence, AbstractSet)):
        return args[0]
    return None


def sections_along(model: type[BaseModel], path: Sequence[str | int]) -> list[tuple[Path, type[BaseModel]]]:
    """Return every section that lies on the way to `path`, outermost first, with the path to it."""
    found: list[tuple[Path, type[BaseModel]]] = [((), model)]
    level: list[Any] = [model]
    for depth, step in enumerate(path):
        level = [inner for outer in level for inner in _inside(outer, step)]
        here = tuple(path[: depth + 1])
        found.extend((here, one) for annotation in level for one in models_in(annotation))
    return found


def _inside(annotation: Any, step: str | int) -> Iterator[Any]:
    for member in members(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            field = keys_of(member).get(str(step))
            if field is not None:
                yield field.annotation
        elif (item := item_of(member)) is not None:
            yield item
