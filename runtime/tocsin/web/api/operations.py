"""What an operation is: one row of the table that dispatching and the OpenAPI document are made from."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from tocsin.alarms import plain
from tocsin.telephony.numbers import is_e164
from tocsin.web.api.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from tocsin.web.api.services import ApiServices
    from tocsin.web.tokens import Scope, Token

_CURSOR: Final = re.compile(r"(\d{1,15})\.([0-9A-Za-z_-]{1,64})")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, read and allowed: path parameters decoded, the body still as it came.

    `query` has the last value of each parameter, `pairs` all of them in their order.
    """

    services: ApiServices
    token: Token
    method: str
    path: str
    parts: Mapping[str, str]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    pairs: Sequence[tuple[str, str]] = ()

    def all(self, name: str) -> list[str]:
        """Give every value of a parameter that may be repeated in the query."""
        return [value for one, value in self.pairs if one == name]

    def read(self, shape: Any) -> Any:
        """Decode the body; an empty one counts as an empty object. Raises Refused."""
        try:
            return msgspec.json.decode(self.body or b"{}", type=shape)
        except msgspec.ValidationError as error:
            raise Refused("invalid", f"the body does not fit: {error}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise Refused("bad-json", f"the body is not JSON: {error}") from None

    def by(self, given: str | None) -> str:
        """Give the name to act under: the user named, else the token's own. Raises Refused."""
        if given is None:
            return self.token.name
        if not self.services.knows(given):
            raise Refused(
                "not-found", f"there is no user {plain(given)!r}; leave `by` out to act as the token itself"
            )
        return given

    def limit(self, usually: int, most: int) -> int:
        """Give how many the query asks for. Raises Refused."""
        text = self.query.get("limit", str(usually))
        if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= most):
            raise Refused("invalid", f"limit={text!r} must be a number from 1 to {most}")
        return int(text)

    def before(self) -> tuple[int, str] | None:
        """Give where the page before ended: (ms UTC, id). Raises Refused."""
        if "before" not in self.query:
            return None
        found = _CURSOR.fullmatch(self.query["before"])
        if found is None or not self.query["before"].isascii():
            raise Refused("invalid", "before must be the `next` of the page before")
        return int(found[1]), found[2]

    def choice(self, name: str, known: Sequence[str]) -> str:
        """Give the query's word for `name`, the first known one where it is absent. Raises Refused."""
        word = self.query.get(name, known[0])
        if word not in known:
            raise Refused("invalid", f"{name}={word!r} is not known; use one of {', '.join(known)}")
        return word


JSON: Final = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to be sent: as JSON, or, of another media type, the bytes as they are."""

    status: int
    value: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    media: str = JSON


@dataclass(frozen=True, slots=True)
class QueryParameter:
    """One parameter of the query string, with its JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any]
    required: bool = False


def limit_of(usually: int, most: int) -> QueryParameter:
    """Describe the parameter that `Asked.limit` reads."""
    schema = {"type": "integer", "minimum": 1, "maximum": most, "default": usually}
    return QueryParameter("limit", "How many at most.", schema)


def choice_of(name: str, description: str, known: Sequence[str]) -> QueryParameter:
    """Describe the parameter that `Asked.choice` reads."""
    return QueryParameter(name, description, {"enum": list(known), "default": known[0]})


def e164(number: str) -> str:
    """Give a number back that is one. Raises Refused."""
    if not is_e164(number):
        raise Refused("invalid", f"{plain(number)!r} is not an E.164 number; write it like +46701234567")
    return number


NUMBER: Final = {"properties": {"number": {"pattern": r"^\+[1-9][0-9]{6,14}$"}}}
"""What `e164` asks of a body's number, as JSON Schema."""

BEFORE: Final = QueryParameter(
    "before",
    "The `next` of the page before.",
    {"type": "string", "pattern": r"^[0-9]{1,15}\.[0-9A-Za-z_-]{1,64}$"},
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path; `answers` maps a status to its shape and what it means.

    `{name}` in the path is one segment, `{name+}` at its end all that follow. `local` opens
    it to the token of this machine's commands alone. `rules` is
    JSON Schema for what the body's shape cannot say; `asks` and `gives` are an example of a body and of the
    first answer. `media` is the answer's media type.
    """

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
    local: bool = False
    rules: Mapping[str, Any] = field(default_factory=dict)
    asks: Any = None
    gives: Any = None
    media: str = JSON

    @property
    def writes(self) -> bool:
        """Whether the operation changes something, and so heeds an Idempotency-Key."""
        return self.method == "POST"

    def match(self, segments: tuple[str, ...]) -> dict[str, str] | None:
        """Give the path's parameters if the decoded segments fit, else None."""
        wanted = self.path.strip("/").split("/")
        if wanted[-1].endswith("+}") and len(segments) > len(wanted):
            segments = (*segments[: len(wanted) - 1], "/".join(segments[len(wanted) - 1 :]))
        if len(wanted) != len(segments):
            return None
        parts: dict[str, str] = {}
        for pattern, segment in zip(wanted, segments, strict=True):
            if pattern.startswith("{"):
                parts[pattern.strip("{+}")] = segment
            elif pattern != segment:
                return None
        return parts
