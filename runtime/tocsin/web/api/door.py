"""The door of the API: finds the operation, asks for the token, reads the body, answers in JSON.

Paths are matched on their raw, still encoded form, so that an id may hold an encoded slash. An alarm is
never refused for coming too often; only the size of one request is limited.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl, quote, unquote

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match

from tocsin.alarms import Raced
from tocsin.db import NotStored
from tocsin.web.api import (
    alarms,
    aside,
    calls,
    manual,
    messages,
    people,
    rosters,
    runs,
    scripts,
    tags,
    what_if,
)
from tocsin.web.api.openapi import document
from tocsin.web.api.operations import JSON, Asked, Operation, Reply
from tocsin.web.api.problems import Refused, not_stored

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from tocsin.web.api.services import ApiServices
    from tocsin.web.tokens import Token

log = structlog.get_logger("tocsin.web")

MOST_BYTES: Final = 4 * 1024 * 1024  # some 20,000 alarms in one array
OPERATIONS: Final[tuple[Operation, ...]] = (
    *alarms.OPERATIONS,
    *aside.OPERATIONS,
    *messages.OPERATIONS,
    *calls.OPERATIONS,
    *people.OPERATIONS,
    *rosters.OPERATIONS,
    *what_if.OPERATIONS,
    *runs.OPERATIONS,
    *tags.OPERATIONS,
    *scripts.OPERATIONS,
    *manual.OPERATIONS,
)
_DOCUMENT: Final = ("api", "openapi.json")


def routes(services: ApiServices) -> list[BaseRoute]:
    """Give the routes of `/api`, to be mounted in the application."""
    return [_Door(services)]


class _Door(BaseRoute):
    """The one route under `/api`; the framework's own patterns stop at a line break in a path."""

    def __init__(self, services: ApiServices) -> None:
        self._services = services
        self._document: dict[str, Any] | None = None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take every HTTP request under `/api`."""
        ours = scope["type"] == "http" and (scope["path"] + "/").startswith("/api/")
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; whatever goes wrong becomes a problem document."""
        request = Request(scope, receive)
        try:
            reply = await self._reply(request)
        except Refused as refused:
            reply = _problem(refused)
        except (NotStored, Raced) as error:
            reply = _problem(not_stored(str(error)))
        except Exception:
            log.exception("api-fault", method=request.method)
            reply = _problem(Refused("fault", "the request failed inside the gateway; its log tells why"))
        is_problem = reply.status >= 400
        response = Response(
            msgspec.json.encode(reply.value) if reply.media == JSON else reply.value,
            reply.status,
            media_type="application/problem+json" if is_problem else reply.media,
            headers={"cache-control": "no-store", **reply.headers},
        )
        await response(scope, receive, send)

    async def _reply(self, request: Request) -> Reply:
        path = _raw_path(request)
        segments = tuple(unquote(segment) for segment in path.strip("/").split("/"))
        if segments == _DOCUMENT and request.method in {"GET", "HEAD"}:
            self._document = self._document or document(OPERATIONS)
            return Reply(200, self._document)
        operation, parts = _operation(request.method, segments)
        token = await self._token(request, operation)
        body = await _body(request) if operation.writes else b""
        pairs = parse_qsl(request.url.query, keep_blank_values=True)
        asked = Asked(
            services=self._services,
            token=token,
            method=operation.method,
            path=path,
            parts=parts,
            query=dict(pairs),
            headers=request.headers,
            body=body,
            pairs=pairs,
        )
        return await operation.handle(asked)

    async def _token(self, request: Request, operation: Operation) -> Token:
        token = await self._services.tokens.check(request.headers.get("authorization"))
        if token is None:
            raise Refused(
                "no-token",
                "send `Authorization: Bearer …` with a token made by `tocsin token create`",
                headers={"www-authenticate": 'Bearer realm="tocsin"'},
            )
        if not token.opens(operation.scope):
            raise Refused(
                "scope-missing",
                f"the token {token.name!r} lacks the scope {operation.scope!r}; make one with it",
            )
        if operation.local and not token.is_local:
            raise Refused("scope-missing", "only the commands of the gateway's own machine may do this")
        return token


def _raw_path(request: Request) -> str:
    raw = request.scope.get("raw_path")
    if isinstance(raw, bytes) and raw:
        return raw.partition(b"?")[0].decode("latin-1")
    return quote(request.scope["path"])


def _operation(method: str, segments: tuple[str, ...]) -> tuple[Operation, dict[str, str]]:
    """Find the operation for a path; raises Refused where the path, or the method on it, is unknown."""
    wanted = "GET" if method == "HEAD" else method
    allowed: list[str] = []
    for operation in OPERATIONS:
        parts = operation.match(segments)
        if parts is None:
            continue
        if operation.method == wanted:
            return operation, parts
        allowed.append(operation.method)
    if allowed or segments == _DOCUMENT:
        names = ", ".join(allowed or ["GET"])
        raise Refused("no-such-method", f"only {names} is possible here", headers={"allow": names})
    raise Refused("not-found", "there is nothing at this path; see /api/openapi.json")


async def _body(request: Request) -> bytes:
    """Read the body up to the limit; raises Refused beyond it, without reading on."""
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > MOST_BYTES:
            raise Refused(
                "too-large", f"a body may have {MOST_BYTES} bytes; send the alarms in several requests"
            )
        parts.append(part)
    return b"".join(parts)


def _problem(refused: Refused) -> Reply:
    return Reply(refused.status, refused.problem(), refused.headers)
