"""A started gateway behind its port: the HTTP server, signals, and the files a command finds it by."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.calls import store as call_store
from tocsin.calls.manual_run import ManualRuns
from tocsin.calls.on_request import OnRequest
from tocsin.errors import TocsinError
from tocsin.gateway import descriptors, measuring, readiness
from tocsin.gateway.auditing import audit_profile
from tocsin.gateway.connections import listening
from tocsin.gateway.what_if import what_if_in
from tocsin.people.roster_desk import desk
from tocsin.web import api, health, metrics
from tocsin.web.app import App
from tocsin.web.webhooks import Webhooks

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tocsin.gateway.gateway import Gateway

log = structlog.get_logger("tocsin.gateway")


class CannotListen(TocsinError):  # noqa: N818  it says what is the case
    """The address to listen on cannot be had."""


def application(gateway: Gateway) -> App:
    """Return the HTTP application of a started gateway."""
    webhooks = Webhooks(
        lambda: gateway.profiles, gateway.conversation, gateway.events, gateway.messages, gateway.clock
    )
    routes = health.routes(
        lambda: readiness.reasons(gateway), gateway.tokens.trusted, lambda: readiness.notes(gateway)
    )
    routes += metrics.routes(lambda: measuring.measured(gateway), gateway.tokens.trusted)
    return App(webhooks, [*routes, *api.routes(_api_services(gateway))])


def _api_services(gateway: Gateway) -> api.ApiServices:
    services = gateway.services

    async def trace(call_id: str) -> dict[str, Any] | None:
        await services.db.flush()
        return await services.db.read(lambda conn: call_store.trace(conn, call_id))

    on_request = OnRequest(lambda: gateway.services, gateway.ledger)
    return api.ApiServices(
        clock=gateway.clock,
        db=services.db,
        board=services.board,
        tokens=gateway.tokens,
        library=services.library,
        projects=lambda: gateway.projects,
        knows=lambda username: username in gateway.services.directory.users,
        trace=trace,
        directory=lambda: gateway.services.directory,
        timezone=lambda: gateway.configuration.gateway.timezone,
        messages=on_request,
        calls=on_request,
        tags=gateway.tags,
        runs=gateway.notifying.runs,
        manual=ManualRuns(
            lambda: gateway.services,
            on_request,
            folder=gateway.folder,
            reload=gateway.reload,
            lockdown=lambda: gateway.configuration.scripts.lockdown,
            runs=lambda: gateway.notifying.runs,
        ),
        rosters=desk(
            gateway.folder,
            directory=lambda: gateway.services.directory,
            db=services.db,
            clock=gateway.clock,
            reload=gateway.reload,
            audit=lambda: audit_profile(gateway.configuration),
        ),
        what_if=lambda: what_if_in(gateway),
    )


def bound(listen: str) -> socket.socket:
    """Bind host:port without listening yet; raises CannotListen."""
    host, _, port = listen.rpartition(":")
    host = host.strip("[]")
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, int(port)))
    except (OSError, TypeError) as error:  # TypeError: no encoding of the host for a look-up
        sock.close()
        raise _cannot_listen(listen, error) from None
    return sock


def _cannot_listen(listen: str, error: OSError | TypeError) -> CannotListen:
    why = error.strerror if isinstance(error, OSError) else "this is no name of a host"
    port = isinstance(error, OSError) and error.errno in (errno.EADDRINUSE, errno.EACCES)
    return CannotListen(
        f"cannot listen on {listen}: {why}; choose another with {'--port' if port else '--host'}"
    )


@contextlib.asynccontextmanager
async def running(gateway: Gateway, sock: socket.socket) -> AsyncIterator[str]:
    """Start a gateway, serve it on a bound socket, yield its base URL, stop both."""
    with contextlib.closing(sock):
        host, port = sock.getsockname()[:2]
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        async with contextlib.AsyncExitStack() as stack:
            await gateway.start()
            stack.push_async_callback(gateway.stop)
            try:
                await stack.enter_async_context(listening(application(gateway), sock))
            except OSError as error:
                raise _cannot_listen(place, error) from None
            address = gateway.state / "address"
            address.write_text(f"{place}\n")
            stack.callback(address.unlink, missing_ok=True)
            yield f"http://{place}"


async def serve(gateway: Gateway, sock: socket.socket, *, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is called with the base URL once the port is open."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with running(gateway, sock) as url:
        descriptors.allow_more()
        log.info("serving", url=url, folder=str(gateway.folder), process=os.getpid())
        ready(url)
        await stop.wait()
        log.info("stopping")
