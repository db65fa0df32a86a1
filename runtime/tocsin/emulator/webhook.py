"""The client that asks the product what to do next: signed, impatient, and with a memory of every request.

Limits and repeats follow Twilio's: 5 s to connect, tried twice; 15 s in all, in real time whatever the
clock; 64 kB of answer; fragment overrides read and never sent; 301, 302 and 303 fetched again by GET
without parameters; no cookies. https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import httpx2

from tocsin.emulator import overrides, parameters, signing
from tocsin.emulator.records import WebhookRecord
from tocsin.emulator.twiml import MAX_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tocsin.clock import Clock
    from tocsin.emulator.events import Events
    from tocsin.emulator.faults import Faults
    from tocsin.emulator.pace import Pace
    from tocsin.emulator.sids import Sids

_MAX_REDIRECTS = 10
_TO_GET = frozenset({301, 302, 303})
_AS_IS = frozenset({307, 308})
_KEPT = 200_000
# A pool looks at every connection it has for every request, so many small ones, filled in order, are
# cheaper than a large one; together they have no limit, for a slow product must not delay other calls.
_POOL_SIZE = 8
_POOL = httpx2.Limits(max_connections=_POOL_SIZE, max_keepalive_connections=_POOL_SIZE, keepalive_expiry=60.0)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer below 400, whole and within the size limit."""

    status: int
    content_type: str
    body: bytes
    url: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no usable answer: Twilio's error code, one sentence, and what a repeat policy calls it."""

    code: int
    message: str
    outcome: str


@dataclass(slots=True)
class Ask:
    """One webhook to make: where, with what, and on whose behalf."""

    url: str
    params: Mapping[str, str]
    kind: str
    account_sid: str
    sid: str
    method: str = "POST"
    to: str = ""
    from_: str = ""
    log: list[WebhookRecord] = field(default_factory=list)


class Pools:
    """As many small connection pools as there are requests at once, or the one transport given instead."""

    def __init__(self, given: httpx2.AsyncBaseTransport | None) -> None:
        self._given = given
        self._pools: list[httpx2.AsyncHTTPTransport] = []
        self._busy: list[int] = []
        self._tls: ssl.SSLContext | None = None

    @contextlib.contextmanager
    def claimed(self) -> Iterator[httpx2.AsyncBaseTransport]:
        """Give a transport with a connection to spare while the body runs."""
        if self._given is not None:
            yield self._given
            return
        index = next((at for at, busy in enumerate(self._busy) if busy < _POOL_SIZE), len(self._busy))
        if index == len(self._busy):
            # One context for all: making one costs tens of milliseconds.
            self._tls = self._tls or httpx2.create_ssl_context(trust_env=False)
            self._pools.append(httpx2.AsyncHTTPTransport(verify=self._tls, limits=_POOL, trust_env=False))
            self._busy.append(0)
        self._busy[index] += 1
        try:
            yield self._pools[index]
        finally:
            self._busy[index] -= 1

    async def aclose(self) -> None:
        """Close every connection."""
        for pool in (self._given, *self._pools):
            if pool is not None:
                await pool.aclose()


class Webhooks:
    """Makes webhooks and remembers each of them in `records`, oldest first."""

    def __init__(
        self,
        *,
        clock: Clock,
        pace: Pace,
        sids: Sids,
        faults: Faults,
        events: Events,
        auth_token: str,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        self._clock = clock
        self._pace = pace
        self._sids = sids
        self._faults = faults
        self._events = events
        self._token = auth_token
        self._pools = Pools(transport)
        self.records: deque[WebhookRecord] = deque(maxlen=_KEPT)

    async def aclose(self) -> None:
        """Close idle connections."""
        await self._pools.aclose()

    async def send(self, ask: Ask) -> Reply | Failure:
        """Make one webhook with its repeats; returns the first usable answer or the last failure."""
        wire, rules = overrides.read(ask.url)
        if not overrides.is_url(wire):
            return Failure(11100, f"{wire!r} is not a URL that can be fetched", "url")
        token = self._sids.token()
        result: Reply | Failure = Failure(11200, "no answer in time", "rt")
        with self._pace.busy():
            try:
                async with asyncio.timeout(rules.total_ms / 1000):
                    for attempt in range(1, rules.retries + 2):
                        result = await self._attempt(ask, wire, rules, token, attempt)
                        if isinstance(result, Reply) or not rules.repeats_after(result.outcome):
                            break
            except TimeoutError:
                result = Failure(11200, _too_late(rules), "rt")
        return result

    def _prepare(
        self, ask: Ask, wire: str, method: str, params: Mapping[str, str], token: str
    ) -> tuple[httpx2.Request, WebhookRecord]:
        """Sign one request and open its record."""
        form = list(params.items()) if method == "POST" else []
        if method == "GET" and params:
            wire = f"{wire}{'&' if '?' in wire else '?'}{urlencode(params)}"
        sent = _as_sent(wire)
        facts = {
            "url": sent, "path": urlsplit(sent).path, "method": method, "sid": ask.sid, "event": ask.kind,
            "to": ask.to, "from": ask.from_,
        }  # fmt: skip
        forged = self._faults.take(("wrong-signature",), **facts)
        signed = signing.signature(self._token if forged is None else "not the token", sent, form)
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Connection": "keep-alive",
            "X-Home-Region": "us1",
            "I-Twilio-Idempotency-Token": token,
            "X-Twilio-Signature": signed,
        }
        body, cut = b"", None
        if method == "POST":
            charset = "" if ask.kind.startswith("message") else "; charset=UTF-8"
            headers["Content-Type"] = "application/x-www-form-urlencoded" + charset
            body = urlencode(form).encode()
            cut = self._faults.take(("truncated-body",), **facts)
            body = body if cut is None else body[: len(body) // 2]
        spoilt = " and ".join(fault.kind for fault in (forged, cut) if fault is not None)
        record = WebhookRecord(
            self._clock.now(), ask.kind, method, sent, dict(params), signed, token, ask.sid, spoilt=spoilt
        )
        return httpx2.Request(method, wire, headers=headers, content=body), record

    async def _attempt(
        self, ask: Ask, wire: str, rules: overrides.Overrides, token: str, attempt: int
    ) -> Reply | Failure:
        method, params = ask.method, ask.params
        for _ in range(_MAX_REDIRECTS):
            try:
                request, record = self._prepare(ask, wire, method, params, token)
            except httpx2.InvalidURL as error:
                return Failure(11100, f"{wire!r} is not a URL that can be fetched: {error}", "url")
            record.attempt = attempt
            self.records.append(record)
            ask.log.append(record)
            began = time.perf_counter()
            try:
                answer = await self._fetch(request, rules)
            except asyncio.CancelledError:
                self._note(record, began, _too_late(rules))
                raise
            if isinstance(answer, Failure):
                self._note(record, began, answer.message)
                return answer
            status, headers, body = answer
            record.status = status
            record.content_type = headers.get("content-type", "")
            record.response = body[:MAX_BYTES].decode("utf-8", "replace")
            self._note(record, began)
            target = headers.get("location")
            if not target or status not in _TO_GET | _AS_IS:
                return _judge(status, record, body, wire)
            wire = parameters.resolve(wire, target)
            if not overrides.is_url(wire):
                return Failure(11216, f"the redirect to {target!r} leads nowhere", "redirect")
            if status in _TO_GET:
                method, params = "GET", {}
        return Failure(11215, f"more than {_MAX_REDIRECTS} redirects", "redirect")

    async def _fetch(
        self, request: httpx2.Request, rules: overrides.Overrides
    ) -> tuple[int, httpx2.Headers, bytes] | Failure:
        read = rules.read_ms / 1000
        request.extensions["timeout"] = {
            "connect": rules.connect_ms / 1000,
            "read": read,
            "write": read,
            "pool": None,
        }
        body = bytearray()
        try:
            with self._pools.claimed() as transport:
                response = await transport.handle_async_request(request)
                try:
                    async for chunk in response.aiter_bytes():
                        body += chunk
                        if len(body) > MAX_BYTES:
                            break
                finally:
                    await response.aclose()
        except (httpx2.RequestError, OSError) as error:
            return _explain(error)
        return response.status_code, response.headers, bytes(body)

    def _note(self, record: WebhookRecord, began: float, error: str = "") -> None:
        """Enter how long a request took and what went wrong, and tell whoever listens."""
        record.ms = round((time.perf_counter() - began) * 1000, 3)
        record.error = error
        self._events.publish(
            "webhook",
            record.at,
            kind=record.kind,
            url=record.url,
            sid=record.sid,
            status=record.status,
            ms=record.ms,
            error=record.error,
        )


def _too_late(rules: overrides.Overrides) -> str:
    return f"no answer within {rules.total_ms / 1000:g} s"


def _as_sent(wire: str) -> str:
    """Give a URL as the server sees it, which is what is signed; the port stays as its owner wrote it."""
    sent = str(httpx2.URL(wire))
    port = urlsplit(wire).port
    authority = urlsplit(sent).netloc
    if port is None or urlsplit(sent).port is not None:
        return sent
    return sent.replace(f"//{authority}", f"//{authority}:{port}", 1)


def _judge(status: int, record: WebhookRecord, body: bytes, url: str) -> Reply | Failure:
    if status >= 500:
        return Failure(11200, f"the server answered {status}", "5xx")
    if status >= 400:
        return Failure(11200, f"the server answered {status}", "4xx")
    if len(body) > MAX_BYTES:
        return Failure(11750, f"the answer is larger than {MAX_BYTES} bytes", "size")
    return Reply(status, record.content_type, body, url)


def _explain(error: Exception) -> Failure:
    """Turn what went wrong on the wire into Twilio's code for it."""
    causes: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in causes:
        causes.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(one, socket.gaierror) for one in causes):
        return Failure(11210, f"the host name is not known: {error}", "ct")
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return Failure(11220, f"no TLS connection: {error}", "ct")
    if isinstance(error, (httpx2.ConnectError, httpx2.ConnectTimeout)):
        return Failure(11205, f"no connection: {error}", "ct")
    if isinstance(error, httpx2.TimeoutException):
        return Failure(11200, "no answer in time", "rt")
    return Failure(11200, f"the connection broke: {error}", "rt")
