"""The network of a test: webhooks reach the gateway without a socket, and everything else is out of reach.

URLs, headers and bodies are those that Twilio would send, so that signatures are made and checked over
the external hostname of the configuration, whatever it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx2

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.types import ASGIApp


class TestNetwork(httpx2.AsyncBaseTransport):
    """Delivers requests for a gateway's own addresses to it; refuses all others as unreachable."""

    __test__ = False  # the name is no invitation to pytest

    def __init__(self) -> None:
        self._bases: tuple[httpx2.URL, ...] = ()
        self._gateway: httpx2.ASGITransport | None = None

    def connect(self, app: ASGIApp, bases: Iterable[str]) -> None:
        """Let `app` be found at each of `bases` (scheme, host, port, path prefix)."""
        self._gateway = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        self._bases = tuple(httpx2.URL(base) for base in bases)

    def leads_to_gateway(self, url: str) -> bool:
        """Tell whether a URL is the gateway's own."""
        return self._prefix(httpx2.URL(url)) is not None

    def _prefix(self, url: httpx2.URL) -> bytes | None:
        """Give the path under which the gateway is found at this address, None at any other address."""
        return next((base.raw_path.rstrip(b"/") for base in self._bases if _within(url, base)), None)

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request; raises ConnectError for an address that is not the gateway's."""
        prefix = self._prefix(request.url)
        if prefix is None or self._gateway is None:
            host = f"{request.url.scheme}://{request.url.netloc.decode()}"
            raise httpx2.ConnectError(f"{host} is not this gateway, and a test reaches nothing else")
        if prefix:
            # A proxy in front of the gateway strips the prefix; the signature covers it all the same.
            stripped = request.url.copy_with(raw_path=request.url.raw_path.removeprefix(prefix))
            request = httpx2.Request(
                request.method,
                stripped,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        return await self._gateway.handle_async_request(request)


def _within(url: httpx2.URL, base: httpx2.URL) -> bool:
    if (url.scheme, url.netloc) != (base.scheme, base.netloc):
        return False
    return url.raw_path.startswith(base.raw_path.rstrip(b"/") + b"/")
