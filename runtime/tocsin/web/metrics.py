"""`/metrics` in Prometheus' text format, for programs of this machine and bearers of a token.

What is measured is the gateway's to say; here it becomes lines.
Format: https://prometheus.io/docs/instrumenting/exposition_formats/ (text, version 0.0.4).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.routing import Route

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from tocsin.web.health import Trusted

_FORMAT = "text/plain; version=0.0.4; charset=utf-8"
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers of a proxy: behind one, everybody seems to come from this machine."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One number, and what tells it from others of its metric."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric: `tocsin_...`, in base units, with its samples."""

    name: str
    kind: Literal["gauge", "counter"]
    told: str
    samples: tuple[Sample, ...]


def written(metrics: Iterable[Metric]) -> str:
    """Return metrics as Prometheus reads them."""
    lines: list[str] = []
    for metric in metrics:
        lines += [f"# HELP {metric.name} {_escaped(metric.told)}", f"# TYPE {metric.name} {metric.kind}"]
        for one in metric.samples:
            labels = ",".join(f'{name}="{_escaped(value)}"' for name, value in one.labels.items())
            number = int(one.value) if one.value == int(one.value) else one.value
            lines.append(f"{metric.name}{f'{{{labels}}}' if labels else ''} {number}")
    return "\n".join([*lines, ""])


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace('"', '\\"')


def routes(measured: Callable[[], Iterable[Metric]], trusted: Trusted) -> list[Route]:
    """Return `/metrics`."""

    async def metrics(request: Request) -> Response:
        if not _from_here(request) and not await trusted(request):
            return PlainTextResponse(
                "Metrics are for programs on this machine that ask 127.0.0.1 or localhost, "
                "or with a token: tocsin token create NAME\n",
                status_code=401,
                headers={"www-authenticate": "Bearer"},
            )
        return PlainTextResponse(written(measured()), media_type=_FORMAT)

    return [Route("/metrics", metrics)]


def _from_here(request: Request) -> bool:
    """Tell whether a program of this machine asks, and not a proxy on somebody's behalf.

    Some proxies add none of their headers, but hand on the host that was asked.
    """
    if request.client is None or any(name in request.headers for name in _FORWARDED):
        return False
    try:
        asked = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    except ValueError:
        return False
    return _is_here(request.client.host) and _is_here(asked)


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
