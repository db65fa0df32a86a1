"""The ASGI application of an emulator: Twilio's REST API beside the control API."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from tocsin.emulator.control import Control
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest import routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tocsin.emulator.emulator import Emulator


class WithSocket:
    """Lets the handlers below reach the socket, so that a fault can cut it without a byte of answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve; uvicorn's `send` is a method of what owns the socket, and no ASGI message cuts one."""
        scope[routes.SOCKET] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)


async def _unknown(request: Request, _: Exception) -> Response:
    return routes.refused(Refused(20404, request.url.path))


def create_app(emulator: Emulator) -> ASGIApp:
    """Make the application; its lifespan starts and closes the emulator."""

    @contextlib.asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with emulator:
            yield

    app = Starlette(
        routes=[*routes.routes(emulator.exchange), *Control(emulator).routes()],
        lifespan=lifespan,
        exception_handlers={404: _unknown, 405: _unknown},
    )
    app.router.redirect_slashes = False
    return WithSocket(app)
