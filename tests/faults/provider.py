"""The provider as a process of its own that is never killed: the emulator, and what it really received.

`python -m tests.faults.provider` prints its URL. `GET /received` lists every call and text that was taken,
each with the id that stands in the URL it was asked with: by that a record of the gateway is recognised
without asking the gateway. It never forgets and is never wrong, unlike the lists over REST, which lag when
a fault says so. `PUT /slowness` with {"seconds": s, "every": n} holds back every n-th answer to a request
for a call or text by so many real seconds, after it has taken effect: its callbacks come first.
"""

from __future__ import annotations

import asyncio
import re
import signal
from typing import TYPE_CHECKING, Any

import uvloop
from starlette.requests import Request
from starlette.responses import JSONResponse
from tests.faults.told_clock import ToldClock
from tests.plant import TOKEN

from tocsin.emulator import Emulator
from tocsin.emulator import emulator as emulator_module
from tocsin.emulator.serve import served
from tocsin.emulator.webhook import Failure, Webhooks

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

_SEEN_TO = re.compile("[Aa]lready acknowledged|nothing to acknowledge")
_REF = re.compile(r"/twilio-(?:voice|message)/[^/]+/([^/?#]+)")


def ref_of(*urls: str) -> str:
    """Give the id in the first of these URLs that has one."""
    return next((found[1] for url in urls if (found := _REF.search(url))), "")


def received(emulator: Emulator) -> dict[str, Any]:
    """List what was taken, oldest first; times are ms UTC."""
    calls = [
        {
            "sid": call.sid,
            "ref": ref_of(call.options.url, call.options.status_url),
            "inline": bool(call.options.twiml),
            "to": call.to,
            "created_ms": round(call.created * 1000),
            "answered_ms": call.answered and round(call.answered * 1000),
            "ended_ms": call.ended and round(call.ended * 1000),
            "status": call.status,
            "duration": call.duration,
            "already": any(_SEEN_TO.search(asked.response) for asked in call.requests),
        }
        for call in emulator.calls
        if call.direction == "outbound-api"
    ]
    texts = [
        {
            "sid": text.sid,
            "ref": ref_of(text.status_url),
            "to": text.to,
            "body": text.body,
            "created_ms": round(text.created * 1000),
            "status": text.status,
        }
        for text in emulator.messages
        if text.direction == "outbound-api"
    ]
    return {"calls": calls, "texts": texts, "errors": [repr(one) for one in emulator.internal_errors]}


class Steady(Webhooks):
    """A client that takes any fault of its HTTP library for a broken connection.

    Where the other side is killed just as the connection is made, asyncio has no socket any more to ask
    for its peer, and says so with an AttributeError.
    """

    async def _fetch(self, request: Any, rules: Any) -> Any:
        try:
            return await super()._fetch(request, rules)
        except AttributeError as error:
            return Failure(11205, f"no connection: {error}", "ct")


class Provider:
    """The emulator's application, with two paths more."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        self._plain = emulator.app
        self._seconds = 0.0
        self._every = 1
        self._asked = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if path == "/received":
            await JSONResponse(received(self._emulator))(scope, receive, send)
        elif path == "/slowness":
            wanted = await Request(scope, receive).json()
            self._seconds, self._every = float(wanted["seconds"]), int(wanted.get("every", 1))
            await JSONResponse(wanted)(scope, receive, send)
        elif scope.get("method") == "POST" and path.endswith(("/Calls.json", "/Messages.json")):
            await self._plain(scope, receive, self._held_back(send))
        else:
            await self._plain(scope, receive, send)

    def _held_back(self, send: Send) -> Send:
        self._asked += 1
        if not self._seconds or self._asked % self._every:
            return send
        seconds = self._seconds

        async def later(message: Message) -> None:
            if message["type"] == "http.response.start":
                await asyncio.sleep(seconds)
            await send(message)

        return later


async def main() -> None:
    emulator_module.Webhooks = Steady  # type: ignore[misc] # of this process alone
    emulator = Emulator(clock=ToldClock(), auth_token=TOKEN)
    emulator._app = Provider(emulator)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with served(emulator, port=0) as url:
        print(url, flush=True)
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(main())
