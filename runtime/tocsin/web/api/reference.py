"""The reference page of the REST interface, made from the table of operations and their examples."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tocsin.web.tokens import SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tocsin.web.api.operations import Operation
    from tocsin.web.tokens import Scope

_OPENS: Final[dict[Scope, str]] = {
    "read": "see everything",
    "raise": "report alarms",
    "operate": "acknowledge, shelve, suppress, take out of service, cancel",
    "roster": "override and swap shifts",
    "send": "send texts, place calls",
    "admin": "all of these",
}


def render(operations: Sequence[Operation]) -> str:
    """Return the page as Markdown: one heading per operation, with an example of each side."""
    scopes = "\n".join(f"| `{scope}` | {_OPENS[scope]} |" for scope in SCOPES)
    preamble = (
        "Bodies and answers are JSON. `tocsin token create NAME --scope SCOPE` makes a token; send it as "
        "`authorization: Bearer TOKEN`. With an `Idempotency-Key` header a POST has its effect once, for 24 "
        "hours. A refusal is a problem document (RFC 9457): `detail` says in one sentence what to do. Times "
        "end in `_ms` and are milliseconds since 1970, UTC. The gateway gives the same as OpenAPI at "
        "`/api/openapi.json`, with every shape."
    )
    blocks = [
        "# REST interface",
        preamble,
        f"| Scope | What it opens |\n|---|---|\n{scopes}",
    ]
    for operation in operations:
        blocks += _described(operation)
    return "\n\n".join(blocks) + "\n"


def _described(operation: Operation) -> Iterator[str]:
    yield f"## `{operation.method} {operation.path.replace('+}', '}')}`"
    scope = f"Scope `{operation.scope}`."
    yield f"{operation.summary}{'' if operation.local else f' {scope}'}"
    if operation.query:
        rows = [f"| `{one.name}` | {one.description}{_choices(one.schema)} |" for one in operation.query]
        yield "\n".join(["| Query | Meaning |", "|---|---|", *rows])
    if operation.asks is not None:
        yield _example(operation.asks)
    (status, (_, meaning)) = next(iter(operation.answers.items()))
    yield f"{status}: {meaning}"
    if not isinstance(operation.gives, str):
        yield _example(operation.gives)


def _choices(schema: Mapping[str, Any]) -> str:
    known = ", ".join(f"`{one}`" for one in schema.get("enum", ()))
    return f" One of {known}." if known else ""


def _example(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```"
