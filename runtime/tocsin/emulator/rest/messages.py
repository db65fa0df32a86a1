"""Messages over REST: create, list, fetch, redact, cancel, delete.

https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.emulator import numbers
from tocsin.emulator.account import TEST_NUMBER
from tocsin.emulator.overrides import is_url
from tocsin.emulator.parameters import API_VERSION
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest.wire import BASE, Body, Query, page, rfc2822, shown_until, within

if TYPE_CHECKING:
    from tocsin.emulator.exchange import Exchange
    from tocsin.emulator.records import Message

_ERRORS = {
    30001: "Queue overflow",
    30003: "Unreachable destination handset",
    30005: "Unknown destination handset",
    30007: "Message filtered",
}


def shape(message: Message) -> dict[str, Any]:
    """Give a message as the resource shows it."""
    uri = f"{BASE}/Accounts/{message.account_sid}/Messages/{message.sid}"
    code = message.error_code
    return {
        "body": message.body,
        "num_segments": str(message.segments),
        "direction": message.direction,
        "from": message.from_,
        "to": message.to,
        "date_updated": rfc2822(message.updated),
        "price": None,
        "error_message": None if code is None else _ERRORS.get(code, "Message delivery failed"),
        "uri": f"{uri}.json",
        "account_sid": message.account_sid,
        "num_media": str(len(message.media)),
        "status": message.status,
        "messaging_service_sid": message.service_sid or None,
        "sid": message.sid,
        "date_sent": rfc2822(message.sent),
        "date_created": rfc2822(message.created),
        "error_code": code,
        "price_unit": "USD",
        "api_version": API_VERSION,
        "subresource_uris": {"media": f"{uri}/Media.json"},
    }


def _find(query: Query, part: str = "sid") -> Message:
    message = query.account.messages.get(query.path[part])
    if message is None:
        raise Refused(20404, query.url)
    return message


def create(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Send a message."""
    fields = query.fields
    service = fields.get("MessagingServiceSid").strip()
    from_ = fields.get("From").strip() or (TEST_NUMBER if service else "")
    media = tuple(fields.every("MediaUrl"))
    for url in media:
        if not is_url(url):
            raise Refused(21620, url)
    message = exchange.messaging.send(
        query.account,
        to=fields.get("To").strip(),
        from_=from_,
        body=fields.get("Body"),
        status_url=fields.url("StatusCallback", 21609),
        service_sid=service,
        media=media,
    )
    if numbers.is_e164(from_):
        exchange.world.accounts.own(query.account, from_)
    return 201, shape(message)


def listing(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """List messages, newest first, by To, From and DateSent."""
    fields = query.fields
    sent = within(fields, "DateSent")
    newest = shown_until(exchange, query)
    found = [
        message
        for message in reversed(query.account.messages.values())
        if message.created <= newest
        and fields.get("To") in ("", message.to)
        and fields.get("From") in ("", message.from_)
        and sent(message.sent)
    ]
    return 200, page(query, "messages", found, shape)


def fetch(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Show one message."""
    return 200, shape(_find(query))


def update(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Redact a body (an empty `Body`) or cancel a message not yet sent."""
    message, fields = _find(query), query.fields
    if "Body" in fields:
        if fields.get("Body"):
            raise Refused(20001, fields.get("Body"), "Body")
        message.body = ""
    if fields.choice("Status", "", {"canceled": "canceled"}):
        if message.status not in ("queued", "accepted"):
            raise Refused(20001, message.status, "Status")
        message.status = "canceled"
    message.updated = exchange.world.clock.now()
    return 200, shape(message)


def delete(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Remove a message that is no longer under way."""
    message = _find(query)
    if message.status in ("queued", "accepted"):
        raise Refused(20009, message.sid)
    del query.account.messages[message.sid]
    return 204, None


def media(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """List the media of a message; the emulator keeps none, so the list is empty."""
    _find(query)
    nothing: list[Message] = []
    return 200, page(query, "media_list", nothing, shape)
