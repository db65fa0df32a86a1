"""The control API: phones to answer, faults to make, time to move, and everything that happened to read.

No credentials: it is served on loopback only and governs nothing but pretence.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from tocsin.emulator import export, numbers, overrides, retelling
from tocsin.emulator.faults import BadFault
from tocsin.emulator.limits import BadLimit
from tocsin.emulator.pace import NotMovable
from tocsin.emulator.persona import BadPersona
from tocsin.emulator.phone import NotPossible, Phone

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request

    from tocsin.emulator.emulator import Emulator
    from tocsin.emulator.records import WebhookRecord

_MAX_BODY, _MAX_RUN = 1_000_000, 200_000_000
_NAME = re.compile(r"[a-z0-9_]{0,80}")


class _BadBodyError(ValueError):
    """A request body that cannot be used."""


async def _body(request: Request, most: int = _MAX_BODY) -> Any:
    raw = await request.body()
    if len(raw) > most:
        raise _BadBodyError(f"the body has {len(raw)} bytes; at most {most} are read")
    if not raw:
        return {}
    try:
        value = json.loads(raw.decode())
        # Half a surrogate pair is JSON and no text: taken in, it could be shown to nobody ever after.
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError:
        raise _BadBodyError("the body is not text in UTF-8, or holds half a surrogate pair") from None
    except ValueError as error:
        raise _BadBodyError(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise _BadBodyError("the body is nested too deeply") from None
    return value


def _text(body: Any, *names: str, required: bool = True) -> str:
    """Read a text under any of its names."""
    if not isinstance(body, dict):
        raise _BadBodyError(f"the body is a JSON object, not {body!r}")
    for name in names:
        if isinstance(value := body.get(name), str):
            return value
    if required:
        raise _BadBodyError(f"the body needs {names[0]!r}, a text")
    return ""


def _guarded(work: Callable[[Request], Awaitable[Response]]) -> Callable[[Request], Awaitable[Response]]:
    """Turn what is wrong with a request into 400, and what cannot be done now into 409."""

    async def serve(request: Request) -> Response:
        try:
            return await work(request)
        except (_BadBodyError, BadPersona, BadFault, BadLimit, UnicodeError) as error:
            return JSONResponse({"error": str(error)}, 400)
        except (NotPossible, NotMovable) as error:
            return JSONResponse({"error": str(error)}, 409)

    return serve


def shown(record: WebhookRecord) -> dict[str, Any]:
    """Give one request made to the product as `GET /webhooks` shows it."""
    return asdict(record)


def _alarm(text: str) -> retelling.Alarm:
    """Read an alarm as a query names it: its path, perhaps `=` and a value."""
    path, equals, value = text.partition("=")
    if not equals:
        return retelling.Alarm(path)
    try:
        return retelling.Alarm(path, json.loads(value))
    except ValueError:
        return retelling.Alarm(path, value)


class Control:
    """The handlers of the control API."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    def _phone(self, request: Request) -> Phone:
        number = request.path_params["number"]
        if not numbers.is_callable(number):
            raise _BadBodyError(f"{number!r} is not an E.164 number; write it as +46701234567")
        return self._emulator.phone(number)

    async def put_phone(self, request: Request) -> Response:
        """`PUT /phones/{e164}`: who answers."""
        number = self._phone(request).number
        phone = self._emulator.put_phone(number, await _body(request))
        return JSONResponse(phone.shown())

    async def get_phone(self, request: Request) -> Response:
        """`GET /phones/{e164}`: state, failures, transcript."""
        return JSONResponse(self._phone(request).shown())

    async def get_phones(self, request: Request) -> Response:  # noqa: ARG002  # the shape of every handler
        """`GET /phones`: every phone by number."""
        return JSONResponse({phone.number: phone.shown() for phone in self._emulator.phones})

    async def act(self, request: Request) -> Response:
        """`POST /phones/{e164}/answer|press|say|hangup|sms|dial`: be the person at the phone."""
        phone, body = self._phone(request), await _body(request)
        action, extra = request.path_params["action"], {}
        if action == "answer":
            phone.answer()
        elif action == "hangup":
            phone.hangup()
        elif action == "press":
            phone.press(_text(body, "digits", "press", "keys"))
        elif action == "say":
            phone.say(_text(body, "text", "say"))
        elif action == "sms":
            message = phone.sms(
                _text(body, "body", "sms", "text", "message"), _text(body, "to", required=False)
            )
            extra = {"sid": message.sid}
        elif action == "dial":
            extra = {"sid": phone.dial(_text(body, "to", "dial", required=False)).sid}
        else:
            raise _BadBodyError(f"{action!r} is not one of answer, press, say, hangup, sms, dial")
        return JSONResponse(phone.shown() | extra)

    async def put_faults(self, request: Request) -> Response:
        """`PUT /faults`: replace what goes wrong on purpose."""
        self._emulator.faults.put(await _body(request) or [])
        return JSONResponse(self._emulator.faults.listing())

    async def get_faults(self, request: Request) -> Response:  # noqa: ARG002  # the shape of every handler
        """`GET /faults`: what is still in force."""
        return JSONResponse(self._emulator.faults.listing())

    async def advance(self, request: Request) -> Response:
        """`POST /clock/advance`: move virtual time."""
        body = await _body(request)
        seconds = body.get("seconds") if isinstance(body, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, (int, float)) or not 0 <= seconds <= 10**9:
            raise _BadBodyError('the body is {"seconds": n} with n from 0 up')
        await self._emulator.advance(float(seconds))
        return JSONResponse({"now": self._emulator.clock.now()})

    async def clock(self, request: Request) -> Response:  # noqa: ARG002  # the shape of every handler
        """`GET /clock`: the emulator's time in seconds since 1970-01-01 UTC, and the calls under way."""
        emulator = self._emulator
        return JSONResponse(
            {"now": emulator.clock.now(), "live_calls": emulator.live, "autojump": emulator.autojumps}
        )

    async def autojump(self, request: Request) -> Response:
        """`POST /clock/autojump`: let virtual time jump by itself while nothing else happens, or stop it."""
        body = await _body(request)
        wanted = body.get("on") if isinstance(body, dict) else None
        if not isinstance(wanted, bool):
            raise _BadBodyError('the body is {"on": true} or {"on": false}')
        await self._emulator.autojump(on=wanted)
        return await self.clock(request)

    async def put_limits(self, request: Request) -> Response:
        """`PUT /limits`: how fast accounts may call and text."""
        self._emulator.limits.put(await _body(request))
        return await self.get_limits(request)

    async def get_limits(self, request: Request) -> Response:  # noqa: ARG002  # the shape of every handler
        """`GET /limits`: the limits in force, null where there is none."""
        return JSONResponse(asdict(self._emulator.limits))

    async def webhooks(self, request: Request) -> Response:
        """`GET /webhooks`: every request made, oldest first; `?sid=` and `?kind=` choose."""
        sid, kind = request.query_params.get("sid", ""), request.query_params.get("kind", "")
        found = [
            shown(record)
            for record in self._emulator.webhooks
            if sid in ("", record.sid) and kind in ("", record.kind)
        ]
        return JSONResponse(found)

    async def events(self, request: Request) -> Response:  # noqa: ARG002  # the shape of every handler
        """`GET /events`: what happens from now on, as server-sent events."""
        queue = self._emulator.events.subscribe()

        async def stream() -> AsyncIterator[str]:
            try:
                yield ": listening\n\n"
                while True:
                    event = await queue.get()
                    yield f"event: {event['event']}\ndata: {json.dumps(event)}\n\n"
            finally:
                self._emulator.events.unsubscribe(queue)

        return StreamingResponse(
            stream(), media_type="text/event-stream", headers={"Cache-Control": "no-store"}
        )

    async def export(self, request: Request) -> Response:  # noqa: ARG002  # the shape of every handler
        """`GET /export`: the whole run as a replay file."""
        return JSONResponse(export.run(self._emulator))

    async def conversation(self, request: Request) -> Response:
        """`GET /phones/{e164}/test`: what happened at a phone, as a conversation test."""
        return self._test(request, [self._phone(request)])

    async def whole_conversation(self, request: Request) -> Response:
        """`GET /test`: what happened at every phone, as one conversation test."""
        return self._test(request, self._emulator.phones)

    def _test(self, request: Request, phones: list[Phone]) -> Response:
        """Write the test; `?alarm=PATH` or `?alarm=PATH=VALUE` (again for more) says what was active."""
        query = request.query_params
        name = query.get("name", "")
        if not _NAME.fullmatch(name):
            raise _BadBodyError(f"a test's name is of a-z, 0-9 and _, not {name!r}")
        alarms = [_alarm(text) for text in query.getlist("alarm")]
        return PlainTextResponse(retelling.conversation(self._emulator, phones, name=name, alarms=alarms))

    async def replay(self, request: Request) -> Response:
        """`POST /replay`: put the webhooks of an exported run to a product again; gives what differs."""
        body = await _body(request, _MAX_RUN)
        run, base = (body.get("run"), body.get("base")) if isinstance(body, dict) else (None, None)
        if not isinstance(run, dict) or not isinstance(base, str) or not overrides.is_url(base):
            raise _BadBodyError('the body is {"run": what GET /export gave, "base": "http://127.0.0.1:8088"}')
        try:
            found = await export.resend(run, self._emulator.world.webhooks, base=base)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _BadBodyError(f"the run cannot be replayed: {error}") from None
        return JSONResponse([asdict(one) for one in found])

    def routes(self) -> list[Route]:
        """Make the routes of the control API."""
        return [
            Route("/phones", _guarded(self.get_phones), methods=["GET"]),
            Route("/phones/{number}", _guarded(self.put_phone), methods=["PUT"]),
            Route("/phones/{number}", _guarded(self.get_phone), methods=["GET"]),
            Route("/phones/{number}/test", _guarded(self.conversation), methods=["GET"]),
            Route("/phones/{number}/{action}", _guarded(self.act), methods=["POST"]),
            Route("/faults", _guarded(self.put_faults), methods=["PUT"]),
            Route("/faults", _guarded(self.get_faults), methods=["GET"]),
            Route("/clock/advance", _guarded(self.advance), methods=["POST"]),
            Route("/clock/autojump", _guarded(self.autojump), methods=["POST"]),
            Route("/clock", _guarded(self.clock), methods=["GET"]),
            Route("/limits", _guarded(self.put_limits), methods=["PUT"]),
            Route("/limits", _guarded(self.get_limits), methods=["GET"]),
            Route("/test", _guarded(self.whole_conversation), methods=["GET"]),
            Route("/replay", _guarded(self.replay), methods=["POST"]),
            Route("/webhooks", _guarded(self.webhooks), methods=["GET"]),
            Route("/export", _guarded(self.export), methods=["GET"]),
            Route("/events", _guarded(self.events), methods=["GET"]),
        ]
