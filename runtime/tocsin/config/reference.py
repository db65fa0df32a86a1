"""The reference page of the configuration, made from the sections' own types, defaults and descriptions.

The page cannot differ from what is accepted, because it is written from it. Words about a key stand in the
`description` of its field, words about a table in the docstring of its section; none stand here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from tocsin.config.secret import Secret
from tocsin.config.shape import item_of, keys_of, members, models_in

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

_PLAIN: Mapping[Any, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "`true` or `false`",
    Secret: 'text, `{ env = "NAME" }` or `{ file = "path" }`',
    Any: "anything",
}
_BOUNDS = (("gt", "above {}"), ("ge", "{} or more"), ("lt", "below {}"), ("le", "{} or less"))


def render(model: type[BaseModel], *, title: str = "Configuration") -> str:
    """Return the page as Markdown: one heading per table, one row per key."""
    blocks = [f"# {title}", *_paragraphs(model)]
    for heading, section in tables(model):
        blocks.append(f"## `{heading}`")
        blocks.extend(_paragraphs(section))
        rows = [_row(key, field) for key, field in keys_of(section).items() if not _own_table(field)]
        if rows:
            blocks.append("\n".join(["| Key | Type | Default | Meaning |", "|---|---|---|---|", *rows]))
    for key, field in keys_of(model).items():
        if _has_free_keys(field):
            blocks += [f"## `[{key}.NAME]`", _sentence(field.description or "")]
    return "\n\n".join(blocks) + "\n"


def tables(model: type[BaseModel], within: str = "") -> Iterator[tuple[str, type[BaseModel]]]:
    """Yield each table's heading as TOML writes it, and its section; inner tables follow their outer one."""
    for key, field in keys_of(model).items():
        for heading, section in _own_table(field, f"{within}{key}"):
            yield heading, section
            yield from tables(section, heading.strip("[]") + ".")


def _own_table(field: FieldInfo, path: str = "") -> list[tuple[str, type[BaseModel]]]:
    return [(f"[{path}]", one) for one in models_in(field.annotation)] + _inner_tables(field.annotation, path)


def _inner_tables(annotation: Any, path: str) -> list[tuple[str, type[BaseModel]]]:
    """Return the sections below tables of tables, however deep, each with its heading."""
    found: list[tuple[str, type[BaseModel]]] = []
    for member in members(annotation):
        inner = item_of(member)
        if inner is not None:
            named = isinstance(get_origin(member), type) and issubclass(get_origin(member) or dict, Mapping)
            below = f"{path}.NAME" if named else path
            heading = f"[{below}]" if named else f"[[{below}]]"
            found += [(heading, one) for one in models_in(inner)] + _inner_tables(inner, below)
    return found


def _has_free_keys(field: FieldInfo) -> bool:
    """Tell whether a field is a table of tables in which the reader chooses every key."""
    inner = [item_of(one) for one in members(field.annotation)]
    return not _own_table(field) and any(item_of(one) is not None for one in inner)


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}."


def _paragraphs(model: type[BaseModel]) -> list[str]:
    text = (model.__doc__ or "").strip()
    return ["\n".join(line.strip() for line in text.splitlines())] if text else []


def _row(key: str, field: FieldInfo) -> str:
    kind = " or ".join(
        dict.fromkeys(_words(one) for one in members(field.annotation) if one is not type(None))
    )
    bounds = ", ".join(_bounds(field))
    cells = [f"`{key}`", f"{kind}, {bounds}" if bounds else kind, _default(field), field.description or ""]
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def _alternatives(kinds: Iterable[Any]) -> str:
    return " or ".join(dict.fromkeys(_words(one) for one in kinds))


def _words(member: Any) -> str:
    if get_origin(member) is Literal:
        return " or ".join(f"`{json.dumps(value)}`" for value in get_args(member))
    if isinstance(member, type) and issubclass(member, Enum):
        return " or ".join(f"`{json.dumps(one.value)}`" for one in member)
    inner = item_of(member)
    if inner is None:
        return _PLAIN.get(member, getattr(member, "__name__", str(member)).lower())
    words = _alternatives(members(inner))
    origin = get_origin(member)
    mapping = isinstance(origin, type) and issubclass(origin, Mapping)
    return f"table of {words}" if mapping else f"list of {words}"


def _bounds(field: FieldInfo) -> Iterator[str]:
    for name, words in _BOUNDS:
        for one in field.metadata:
            if (bound := getattr(one, name, None)) is not None:
                yield words.format(bound)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = (
        field.get_default(call_default_factory=True)
        if not field.default_factory_takes_validated_data
        else None
    )
    if value is None or value is PydanticUndefined or isinstance(value, BaseModel):
        return "absent"
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, (tuple, set, frozenset)):
        value = list(value)
    if isinstance(value, Secret):
        value = value.reveal()  # what stands in the program for everybody is no secret
    return f"`{json.dumps(value, ensure_ascii=False, default=str)}`"
