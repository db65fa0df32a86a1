"""Liveness and readiness as codes a watcher can act on; details only for a bearer of a token.

What makes a gateway unready is decided by the gateway; here it becomes HTTP.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response


class Readiness(Protocol):
    """What the gateway says of itself."""

    def __call__(self) -> Sequence[tuple[str, str]]:
        """Return (code, sentence) for each reason not to be ready; empty when ready."""


class Trusted(Protocol):
    """Tells whether a request bears a valid token."""

    async def __call__(self, request: Request) -> bool:
        """Return True for a bearer of a valid token."""


def routes(readiness: Readiness, trusted: Trusted, notes: Readiness = tuple) -> list[Route]:
    """Return `/healthz` and `/readyz`; `notes` are details that do not make the gateway unready."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(request: Request) -> Response:
        reasons = readiness()
        details = dict([*reasons, *notes()])
        body: dict[str, object] = {"ready": not reasons, "codes": [code for code, _ in reasons]}
        if details and await trusted(request):
            body["details"] = details
        return JSONResponse(body, status_code=503 if reasons else 200, headers={"cache-control": "no-store"})

    return [Route("/healthz", healthz), Route("/readyz", readyz)]
