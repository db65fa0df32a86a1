"""Twilio's webhooks as a bare ASGI application: read, check, hand to calls, answer.

No framework object is made on this path, because a turn of a call passes here. It answers 403 to what is
not Twilio's, 400 and 413 to what is no webhook, and never 5xx because of a script.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import structlog

from tocsin.calls.webhook import Answer, VoiceWebhook, own_query
from tocsin.telephony.addresses import MESSAGE, TOLD, VOICE
from tocsin.telephony.form import BadForm
from tocsin.web.genuine import MOST_BYTES, Genuine, NotGenuine, Received, checked

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from tocsin.calls.conversation import Conversation
    from tocsin.calls.events import CallEvents
    from tocsin.calls.messages import Messages
    from tocsin.clock import Clock
    from tocsin.telephony.profiles import Profiles

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger("tocsin.web")

MOST_REFUSALS_TOLD = 3
"""So many refused signatures are told one by one within a minute."""

_XML = (b"content-type", b"application/xml; charset=utf-8")
_TEXT = (b"content-type", b"text/plain; charset=utf-8")
_PRIVATE = (b"cache-control", b"no-store")


class TooLarge(Exception):  # noqa: N818  it names the fault of the request
    """The body is longer than any webhook."""


class Refusals:
    """Tells the log of refused signatures, a few a minute: strangers must not be able to fill a disk."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._minute = -1
        self._told = 0
        self._untold = 0

    def note(self, path: str) -> None:
        """Tell of one more, or count it; `untold` are those since the line before."""
        minute = int(self._clock.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._told = minute, 0
        if self._told == MOST_REFUSALS_TOLD:
            self._untold += 1
            return
        self._told += 1
        log.warning("signature-refused", path=path[:120], untold=self._untold)
        self._untold = 0


class Webhooks:
    """The ASGI application under both webhook paths."""

    def __init__(
        self,
        profiles: Callable[[], Profiles],
        conversation: Conversation,
        events: CallEvents,
        messages: Messages,
        clock: Clock,
    ) -> None:
        self._profiles = profiles
        self._conversation = conversation
        self._events = events
        self._messages = messages
        self._refusals = Refusals(clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["method"] not in ("POST", "GET"):
            await _refuse(send, 405, "A webhook is a POST or a GET.", [(b"allow", b"GET, POST")])
            return
        path = scope["raw_path"].decode("latin-1").partition("?")[0]
        kind, action, ref = _place(path)
        if not kind:
            await _refuse(send, 404, "No webhook has this path; it ends in /twilio-voice/{callAction}/{id}.")
            return
        told = kind == "message" or action in TOLD
        if told and scope["method"] != "POST":
            await _refuse(send, 405, "What Twilio tells here comes by POST.", [(b"allow", b"POST")])
            return
        try:
            request = await _received(scope, receive, path)
            genuine = checked(request, self._profiles(), told=told)
            if kind == "message":
                _refuse_call(genuine, path)
        except TooLarge:
            await _refuse(send, 413, f"A webhook's body has at most {MOST_BYTES} bytes.")
        except BadForm as error:
            await _refuse(send, 400, str(error))
        except NotGenuine:
            self._refusals.note(path)
            await _refuse(send, 403, "The signature does not fit; see the external hostname and auth token.")
        else:
            await _send(send, await self._dispatch(kind, action, ref, request, genuine))

    async def _dispatch(
        self, kind: str, action: str, ref: str, request: Received, genuine: Genuine
    ) -> Answer:
        if kind == "message":
            return await self._message(action, ref, genuine)
        hook = _voice_webhook(action, ref, request, genuine)
        if action == "fallback":
            return self._conversation.fallback(hook)
        if action == "status":
            return await self._events.status(hook)
        if action == "amd":
            return await self._events.machine(hook)
        return await self._conversation.answer(hook)

    async def _message(self, action: str, ref: str, genuine: Genuine) -> Answer:
        if action == "status":
            return await self._messages.status(genuine.params, genuine.account, ref)
        if action.startswith("inbound"):
            return await self._messages.inbound(genuine.params, genuine.account)
        log.warning("unknown-message-action", action=action[:40])
        return Answer(None, 204)


def _refuse_call(genuine: Genuine, path: str) -> None:
    """Refuse a call's webhook at an address of texts: its From and To would count as those of a text."""
    if "CallSid" in genuine.params:
        log.warning("call-at-an-address-of-texts", path=path[:120])
        raise BadForm(f"This address takes texts; a call's webhook goes to one under {VOICE}")


def _place(path: str) -> tuple[str, str, str]:
    """Return (kind, action, id) of a path, or empty texts; with and without a slash at the end."""
    for kind, start in (("voice", VOICE), ("message", MESSAGE)):
        if path.startswith(start):
            rest = path[len(start) :].removesuffix("/").split("/")
            if len(rest) == 2 and rest[0] and rest[1]:
                return kind, unquote(rest[0]), unquote(rest[1])
    return "", "", ""


def _voice_webhook(action: str, ref: str, request: Received, genuine: Genuine) -> VoiceWebhook:
    turn, wait = own_query(genuine.own) if genuine.own else (None, 0)
    return VoiceWebhook(
        action=action,
        ref=ref,
        params=genuine.params,
        account=genuine.account,
        token=request.token,
        turn=turn,
        wait=wait,
        step=genuine.own.get("step", ""),
        path=request.path,
        query=genuine.query,
    )


async def _received(scope: Scope, receive: Receive, path: str) -> Received:
    content_type = signature = token = b""
    for name, value in scope["headers"]:
        if name == b"x-twilio-signature":
            signature = value
        elif name == b"content-type":
            content_type = value
        elif name == b"i-twilio-idempotency-token":
            token = value
    message = await receive()
    body: bytes = message.get("body", b"")
    while message.get("more_body"):
        if len(body) > MOST_BYTES:
            break
        message = await receive()
        body += message.get("body", b"")
    if len(body) > MOST_BYTES:
        raise TooLarge
    return Received(
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        content_type=content_type.decode("latin-1").lower(),
        signature=signature.decode("latin-1"),
        token=token.decode("latin-1")[:100],
        body=body,
    )


async def _send(send: Send, answer: Answer) -> None:
    body = answer.twiml.encode() if answer.twiml is not None else b""
    headers = [_PRIVATE, (b"content-length", str(len(body)).encode())] if answer.status != 204 else [_PRIVATE]
    if answer.twiml is not None:
        headers.append(_XML)
    if answer.status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _refuse(
    send: Send, status: int, sentence: str, more: list[tuple[bytes, bytes]] | None = None
) -> None:
    body = f"{sentence}\n".encode()
    headers = [_TEXT, _PRIVATE, (b"content-length", str(len(body)).encode()), *(more or [])]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
