"""HTTP around the REST handlers: routes, Basic auth, form parsing, faults, errors in Twilio's shape."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from starlette.responses import Response
from starlette.routing import Route

from tocsin.emulator.faults import REST_KINDS, Fault
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest import calls, messages, numbers, recordings, usage
from tocsin.emulator.rest.wire import BASE, Fields, Handler, Query

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from tocsin.emulator.exchange import Exchange

_MAX_BODY = 256 * 1024
_STATUS_FAULTS = {"429": 20429, "500": 20500, "503": 20503}
_OF_ACCOUNT = f"{BASE}/Accounts/{{account}}"

# Path below the account -> handlers by method.
TABLE: dict[str, dict[str, Handler]] = {
    "/Calls.json": {"POST": calls.create, "GET": calls.listing},
    "/Calls/{sid}.json": {"GET": calls.fetch, "POST": calls.update, "DELETE": calls.delete},
    "/Calls/{sid}/Events.json": {"GET": calls.events},
    "/Calls/{call_sid}/Notifications.json": {"GET": usage.notifications},
    "/Calls/{call_sid}/Notifications/{sid}.json": {"GET": usage.notification},
    "/Calls/{call_sid}/Recordings.json": {"POST": recordings.create, "GET": recordings.of_call},
    "/Calls/{call_sid}/Recordings/{sid}.json": {
        "GET": recordings.fetch,
        "POST": recordings.update,
        "DELETE": recordings.delete,
    },
    "/Messages.json": {"POST": messages.create, "GET": messages.listing},
    "/Messages/{sid}.json": {"GET": messages.fetch, "POST": messages.update, "DELETE": messages.delete},
    "/Messages/{sid}/Media.json": {"GET": messages.media},
    "/Recordings.json": {"GET": recordings.listing},
    "/Recordings/{sid}.json": {"GET": recordings.fetch, "DELETE": recordings.delete},
    "/Recordings/{sid}.wav": {"GET": recordings.sound},
    "/Recordings/{sid}": {"GET": recordings.sound},
    "/IncomingPhoneNumbers.json": {"POST": numbers.create, "GET": numbers.listing},
    "/IncomingPhoneNumbers/{sid}.json": {
        "GET": numbers.fetch,
        "POST": numbers.update,
        "DELETE": numbers.delete,
    },
    "/Usage/Records.json": {"GET": usage.records},
    "/Usage/Records/{period}.json": {"GET": usage.records},
    "/Notifications.json": {"GET": usage.notifications},
    "/Notifications/{sid}.json": {"GET": usage.notification},
    "/Balance.json": {"GET": usage.balance},
    ".json": {"GET": usage.account},
}
# Twilio's recordings are public by default, so that a player needs no credentials.
_OPEN = frozenset({recordings.sound})


# Where the scope of a request holds the transport of its socket, None in one process.
SOCKET = "tocsin.socket"


class Cut(Response):
    """No answer: the connection breaks off."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002  # ASGI
        """Cut the socket; without one, raise what the caller of a cut socket would see."""
        if scope[SOCKET] is None:
            raise ConnectionResetError("the emulator cut this connection on purpose")
        scope[SOCKET].abort()


def _json(status: int, body: object) -> Response:
    text = json.dumps(body, separators=(",", ":"), ensure_ascii=False)
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else None
    return Response(text, status, headers, "application/json")


def refused(refusal: Refused) -> Response:
    """Answer with Twilio's error body."""
    return _json(refusal.status, refusal.body())


def _credentials(request: Request) -> tuple[str, str]:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        raise Refused(20003)
    try:
        user, _, password = base64.b64decode(given, validate=True).decode().partition(":")
    except ValueError:
        raise Refused(20003) from None
    return user, password


async def _query(exchange: Exchange, request: Request, *, guarded: bool) -> Query:
    sid = request.path_params["account"]
    if not (len(sid) == 34 and sid.startswith("AC") and sid.isalnum() and sid.isascii()):
        raise Refused(20404, request.url.path)
    if guarded:
        user, password = _credentials(request)
        if not exchange.world.accounts.allows(sid, user, password):
            raise Refused(20003)
    text = request.scope["query_string"].decode("latin-1")
    if request.method == "POST":
        body = await request.body()
        if len(body) > _MAX_BODY:
            raise Refused(20001, f"{len(body)} bytes", "body")
        text = body.decode("utf-8", "replace")
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=2000)
    except ValueError:
        raise Refused(20001, "the form", "body") from None
    return Query(exchange.world.accounts.get(sid), request.path_params, Fields(pairs), request.url.path)


def _fault(exchange: Exchange, request: Request, query: Query) -> Fault | None:
    fields = query.fields
    return exchange.world.faults.take(
        REST_KINDS, path=query.url, method=request.method, to=fields.get("To"), **{"from": fields.get("From")}
    )


def _answer(exchange: Exchange, query: Query, handler: Handler) -> Response:
    status, body = handler(exchange, query)
    if isinstance(body, bytes):
        return Response(body, status, media_type="audio/x-wav")
    return Response(status_code=status) if body is None else _json(status, body)


async def _spoilt(exchange: Exchange, query: Query, handler: Handler, fault: Fault) -> Response:
    """Answer as a fault wants it: before the request took effect, or after."""
    kind = fault.kind
    if kind in _STATUS_FAULTS:
        raise Refused(_STATUS_FAULTS[kind])
    if kind == "reset-before":
        return Cut()
    if kind == "hang":
        await asyncio.sleep(fault.value)
        return Cut()
    answer = _answer(exchange, query, handler)
    if kind == "500-after":
        raise Refused(20500)
    if kind in ("reset-after", "hang-after"):
        await asyncio.sleep(fault.value)
        return Cut()
    answer.body = answer.body[: len(bytes(answer.body)) // 2]
    answer.headers["content-length"] = str(len(answer.body))
    return answer


def _endpoint(exchange: Exchange, handlers: dict[str, Handler]) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        handler = handlers.get("GET" if request.method == "HEAD" else request.method)
        if handler is None:
            return refused(Refused(20004))
        try:
            with exchange.world.pace.busy():
                query = await _query(exchange, request, guarded=handler not in _OPEN)
                fault = _fault(exchange, request, query)
                if fault is None:
                    return _answer(exchange, query, handler)
            # Outside `busy`: a request that hangs must not stop virtual time.
            return await _spoilt(exchange, query, handler, fault)
        except Refused as refusal:
            return refused(refusal)

    return serve


def routes(exchange: Exchange) -> list[Route]:
    """Make the routes of the whole REST API."""
    every = ["GET", "POST", "DELETE", "PUT", "PATCH"]
    made: list[Route] = []
    for path, handlers in TABLE.items():
        made.append(Route(_OF_ACCOUNT + path, _endpoint(exchange, handlers), methods=every))
    return made
