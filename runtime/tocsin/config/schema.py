"""The JSON Schema of a configuration, for editors that complete and check TOML."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic.json_schema import GenerateJsonSchema

if TYPE_CHECKING:
    from pydantic import BaseModel


def json_schema(model: type[BaseModel], *, title: str = "tocsin.toml") -> dict[str, Any]:
    """Return the schema (draft 2020-12) of what the files may hold, keys as they are written there."""
    schema = model.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": title}
