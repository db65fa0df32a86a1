"""The OpenAPI document, made from the table of operations and their models."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

from tocsin.web.api.models import Problem
from tocsin.web.api.once import LONGEST_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tocsin.web.api.operations import Operation

_MAY_SAY: Final = {
    "GET": (401, 403, 404, 422, 503),
    "POST": (400, 401, 403, 404, 409, 413, 422, 503),
}
_MEANING: Final = {
    400: "The body is not JSON.",
    401: "No valid bearer token.",
    403: "The token lacks the scope.",
    404: "There is no such thing.",
    409: "The state of things does not allow it, or the Idempotency-Key was used before.",
    413: "The body is too large.",
    422: "The request cannot be understood.",
    503: "Nothing was stored; try again after Retry-After seconds.",
}


def document(operations: Sequence[Operation]) -> dict[str, Any]:
    """Describe the operations in OpenAPI 3.1."""
    shapes = [Problem]
    for operation in operations:
        shapes.extend(shape for shape, _ in operation.answers.values())
        if operation.body is not None:
            shapes.append(operation.body)
    schemas, components = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    remaining = iter(schemas)
    problem = next(remaining)
    paths: dict[str, Any] = {}
    for operation in operations:
        answers = {status: next(remaining) for status in operation.answers}
        body = next(remaining) if operation.body is not None else None
        described = _operation(operation, answers, body, problem)
        paths.setdefault(operation.path.replace("+}", "}"), {})[operation.method.lower()] = described
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "tocsin",
            "version": "1",
            "description": "Report alarms, see and acknowledge them, send texts and place calls; see who is"
            " on call, why something waits, and what happened.",
        },
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "Made by `tocsin token create`."}
            },
        },
    }


def _operation(operation: Operation, answers: dict[int, Any], body: Any, problem: Any) -> dict[str, Any]:
    responses: dict[str, Any] = {
        str(status): {
            "description": operation.answers[status][1],
            "content": {operation.media: _content(schema, operation.gives)},
        }
        for status, schema in answers.items()
    }
    for status in _MAY_SAY[operation.method]:
        responses[str(status)] = {
            "description": _MEANING[status],
            "content": {"application/problem+json": {"schema": problem}},
        }
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "description": "Only with the token of this machine's commands."
        if operation.local
        else f"Scope: {operation.scope}.",
        "parameters": _parameters(operation),
        "responses": responses,
    }
    if body is not None:
        described["requestBody"] = {
            "required": operation.body_required,
            "content": {"application/json": _content({**body, **operation.rules}, operation.asks)},
        }
    return described


def _content(schema: Any, example: Any) -> dict[str, Any]:
    return {"schema": schema} if example is None else {"schema": schema, "example": example}


def _parameters(operation: Operation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": "Percent-encode it." if rest else "An opaque id; percent-encode it.",
            "schema": {"type": "string", "minLength": 1},
        }
        for name, rest in re.findall(r"{(\w+)(\+?)}", operation.path)
    ]
    found.extend(
        {"name": one.name, "in": "query", "description": one.description, "schema": dict(one.schema)}
        | ({"required": True} if one.required else {})
        for one in operation.query
    )
    if operation.writes:
        found.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "The same key with the same request has its effect once, for 24 hours.",
                "schema": {"type": "string", "pattern": rf"^[!-~]([ -~]{{0,{LONGEST_KEY - 2}}}[!-~])?$"},
            }
        )
    return found
