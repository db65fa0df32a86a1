"""The base class of every configuration section; what one holds is its room's business."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, GetCoreSchemaHandler

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

_SCALARS = frozenset({"bool", "float", "int", "str"})
_NOT_SCHEMAS = frozenset({"cls", "config", "default", "expected", "metadata", "ref", "serialization"})


def _make_scalars_strict(node: Any) -> None:
    if isinstance(node, dict):
        kind = node.get("type")
        if isinstance(kind, str) and kind in _SCALARS:
            node.setdefault("strict", True)
        for key, child in node.items():
            if key == "fields" and isinstance(child, dict):
                _make_scalars_strict(list(child.values()))  # its keys are the user's words
            elif key not in _NOT_SCHEMAS:
                _make_scalars_strict(child)
    elif isinstance(node, (list, tuple)):
        for child in node:
            _make_scalars_strict(child)


class Section(BaseModel):
    """A table of the configuration: unknown keys are refused, values never change after loading.

    Numbers, texts and truth values are taken as TOML wrote them (`"5"` is no number), while arrays may
    fill tuples and sets. Give every field a `description`: the reference page and the messages about a
    missing key are made from it. A key that is a Python keyword gets an alias (`Field(alias="from")`).
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        hide_input_in_errors=True,  # a value put under the wrong key may be a secret
        protected_namespaces=(),
    )

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Make scalars strict and leave containers lenient, which neither of pydantic's two modes does."""
        schema = handler(source)
        _make_scalars_strict(schema)
        return schema
