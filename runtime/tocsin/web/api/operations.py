"""What an operation is: one row of the table that dispatching and the OpenAPI document are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tocsin.web.api.services import ApiServices
    from tocsin.web.tokens import Scope, Token

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read and allowed: path parameters decoded, the body still as it came."""

    services: ApiServices
    token: Token
    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def read(self, shape: Any) -> Any:
        """Decode the body; an empty one counts as an empty object. Raises Refused."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise Refused("invalid", f"the body does not fit: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("bad-json", f"the body is not JSON: {error}") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to be sent as JSON."""

    status: int
    value: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One parameter of the query string, with its JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `answers` maps a status to its shape and what it means."""

    method: Literal["GET", "POST"]
    path: str
    scope: Scope
    name: str
    summary: str
    handle: Callable[[Asked], Awaitable[Reply]]
    answers: Mapping[int, tuple[Any, str]]
    body: Any = None
    body_required: bool = True
    query: tuple[QueryParameter, ...] = ()

    @property
    def writes(self) -> bool:
        """Whether the operation changes something, and so heeds an Idempotency-Key."""
        return self.method == "POST"

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Give the path's parameters if the decoded segments fit, else None."""
        wanted = self.path.strip("/").split("/")
        if len(wanted) != len(segments):
            return None
        parts: dict[str, str] = {}
        for pattern, segment in zip(wanted, segments, strict=True):
            if pattern.startswith("{"):
                parts[pattern.strip("{}")] = segment
            elif pattern != segment:
                return None
        return parts
