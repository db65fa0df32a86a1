"""Twilio's published description of its REST API, cut to what the emulator serves, as checks can use it."""

from __future__ import annotations

import copy
import re
from typing import Any

from tests.published import published

from tocsin.emulator.rest.routes import TABLE

_PREFIX = "/2010-04-01/Accounts/{AccountSid}"
# Declared `format: uri` in the description, while Twilio itself returns relative paths there.
RELATIVE = frozenset({"uri", "first_page_uri", "next_page_uri", "previous_page_uri"})


def _relative(part: Any) -> None:
    """Correct in place what the description says of the links of a list."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name in RELATIVE and isinstance(value, dict) and value.get("format") == "uri":
                value["format"] = "uri-reference"
            _relative(value)
    elif isinstance(part, list):
        for one in part:
            _relative(one)


def _repeated(part: Any) -> None:
    """Say in place what the description leaves open: a list in a form is its field, repeated."""
    for media, content in part.get("requestBody", {}).get("content", {}).items():
        lists = [k for k, v in content["schema"].get("properties", {}).items() if v.get("type") == "array"]
        if lists and media == "application/x-www-form-urlencoded":
            content["encoding"] = {name: {"style": "form", "explode": True} for name in lists}


def _shape(path: str) -> str:
    return re.sub(r"\{\w+\}", "{}", path)


def described() -> dict[str, Any]:
    """Give the description of the paths and methods the emulator has, or skip where there is none."""
    whole = published("twilio_api_v2010.json")
    served = {
        _shape(_PREFIX + path): {method.lower() for method in handlers} for path, handlers in TABLE.items()
    }
    cut = {key: value for key, value in whole.items() if key != "paths"}
    cut["paths"] = {}
    for path, item in whole["paths"].items():
        methods = served.get(_shape(path))
        if methods is None and _shape(path).startswith(_shape(_PREFIX) + "/Usage/Records/"):
            methods = {"get"}
        kept = {name: copy.deepcopy(part) for name, part in item.items() if methods and name in methods}
        for operation in kept.values():
            _repeated(operation)
        if kept:
            cut["paths"][path] = {**{k: v for k, v in item.items() if k in ("servers", "parameters")}, **kept}
    _relative(cut["paths"])
    return cut


def plain(schema: Any, whole: dict[str, Any]) -> Any:
    """Turn an OpenAPI 3.0 schema into JSON Schema: references resolved, nullable as a type, nothing beside."""
    if isinstance(schema, list):
        return [plain(one, whole) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        target: Any = whole
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        return plain(target, whole)
    made = {key: plain(value, whole) for key, value in schema.items() if key not in ("nullable", "format")}
    if "properties" in made:
        made["additionalProperties"] = False
    return {"anyOf": [made, {"type": "null"}]} if schema.get("nullable") else made
