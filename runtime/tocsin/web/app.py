"""The one HTTP application: webhooks by path first, everything else through the framework's router."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

from tocsin.telephony.addresses import MESSAGE, VOICE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping, Sequence

    from starlette.routing import BaseRoute

    from tocsin.web.webhooks import Webhooks

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class App:
    """Hands a request to the webhooks or to the routes."""

    def __init__(self, webhooks: Webhooks, routes: Sequence[BaseRoute]) -> None:
        self._webhooks = webhooks
        self._rest = Starlette(routes=routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http" and scope["path"].startswith((VOICE, MESSAGE)):
            await self._webhooks(scope, receive, send)
        else:
            await self._rest(scope, receive, send)
