"""Calls over REST: create, list, fetch, update, delete, and what Twilio tells of a call afterwards.

https://www.twilio.com/docs/voice/api/call-resource
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tocsin.emulator import numbers
from tocsin.emulator.call import FINAL, SUBSCRIPTIONS
from tocsin.emulator.leg import Ended, Goto, Moved
from tocsin.emulator.parameters import API_VERSION
from tocsin.emulator.recordings import EVENTS
from tocsin.emulator.records import Call, CallOptions, RecordingTold, WebhookRecord
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest.wire import BASE, Body, Fields, Query, page, rfc2822, shown_until, within

if TYPE_CHECKING:
    from tocsin.emulator.exchange import Exchange

_TWIML = 4000
_TONES = re.compile(r"[0-9#*wW]{0,32}")
_SUBRESOURCES = (
    "events", "notifications", "payments", "recordings", "siprec", "streams", "transcriptions",
    "user_defined_message_subscriptions", "user_defined_messages",
)  # fmt: skip
TRACKS = {track: track for track in ("inbound", "outbound", "both")}
_STATUSES = {status: status for status in (*FINAL, "queued", "ringing", "in-progress")}


def shape(exchange: Exchange, call: Call) -> dict[str, Any]:
    """Give a call as the resource shows it."""
    uri = f"{BASE}/Accounts/{call.account_sid}/Calls/{call.sid}"
    own = call.to if call.direction == "inbound" else call.from_
    number = exchange.world.accounts.owner(own)
    return {
        "sid": call.sid,
        "date_created": rfc2822(call.created),
        "date_updated": rfc2822(call.updated),
        "parent_call_sid": call.parent_sid or None,
        "account_sid": call.account_sid,
        "to": call.to,
        "to_formatted": numbers.formatted(call.to),
        "from": call.from_,
        "from_formatted": numbers.formatted(call.from_),
        "phone_number_sid": number.sid
        if number is not None and number.account_sid == call.account_sid
        else None,
        "status": call.status,
        "start_time": rfc2822(call.started),
        "end_time": rfc2822(call.ended),
        "duration": str(call.duration) if call.duration is not None else None,
        "price": None,
        "price_unit": "USD",
        "direction": call.direction,
        "answered_by": call.answered_by or None,
        "api_version": API_VERSION,
        "forwarded_from": None,
        "group_sid": None,
        "caller_name": None,
        "queue_time": str(call.queue_ms),
        "trunk_sid": None,
        "uri": f"{uri}.json",
        "subresource_uris": {name: f"{uri}/{_title(name)}.json" for name in _SUBRESOURCES},
    }


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def find(query: Query, part: str = "sid") -> Call:
    """Find the call of a path; raises Refused with 20404."""
    call = query.account.calls.get(query.path[part])
    if call is None or call.deleted:
        raise Refused(20404, query.url)
    return call


def _ends(fields: Fields) -> tuple[str, str]:
    to, from_ = fields.get("To").strip(), fields.get("From").strip()
    if not to:
        raise Refused(21201)
    if not from_:
        raise Refused(21213)
    if (code := numbers.MAGIC_CALL_FROM.get(from_)) is not None:
        raise Refused(code, from_)
    if (code := numbers.MAGIC_CALL_TO.get(to)) is not None:
        raise Refused(code, to)
    if not numbers.is_callable(to) or to == from_:
        raise Refused(21211, to)
    if not numbers.is_callable(from_):
        raise Refused(21212, from_)
    return to, from_


def _events(fields: Fields) -> frozenset[str]:
    named = {word for value in fields.every("StatusCallbackEvent") for word in value.split()}
    return frozenset(named & SUBSCRIPTIONS) or frozenset({"completed"})


def _document(fields: Fields) -> tuple[str, str]:
    """Give the URL and the inline TwiML of a request; the URL wins where both are given."""
    url, twiml = fields.url("Url", 21205), fields.get("Twiml")
    if len(twiml) > _TWIML:
        raise Refused(32018, len(twiml))
    return url, "" if url else twiml


def _options(fields: Fields) -> CallOptions:
    url, twiml = _document(fields)
    if not url and not twiml:
        if "ApplicationSid" in fields:
            raise Refused(21218, fields.get("ApplicationSid"))
        raise Refused(21205, "")
    if not _TONES.fullmatch(fields.get("SendDigits")):
        raise Refused(21206, fields.get("SendDigits"))
    return CallOptions(
        url=url,
        method=fields.method("Method"),
        twiml=twiml,
        fallback_url=fields.url("FallbackUrl", 21205),
        fallback_method=fields.method("FallbackMethod"),
        status_url=fields.url("StatusCallback", 21609),
        status_method=fields.method("StatusCallbackMethod"),
        events=_events(fields),
        ring_seconds=float(fields.integer("Timeout", 60, low=1, high=600, code=21208)),
        time_limit=float(fields.integer("TimeLimit", 14_400, low=1, high=86_400)),
        send_digits=fields.get("SendDigits"),
        machine_detection=fields.choice(
            "MachineDetection", "", {"enable": "Enable", "detectmessageend": "DetectMessageEnd", "none": ""}
        ),
        machine_timeout=float(fields.integer("MachineDetectionTimeout", 30, low=3, high=120)),
        async_amd=fields.flag("AsyncAmd"),
        amd_url=fields.url("AsyncAmdStatusCallback", 21609),
        amd_method=fields.method("AsyncAmdStatusCallbackMethod"),
        record=fields.flag("Record"),
        recording_channels=channels(fields),
        recording_track=fields.choice("RecordingTrack", "both", TRACKS),
        recording_told=told(fields),
    )


def channels(fields: Fields) -> int:
    """Read into how many channels a recording goes."""
    return 2 if fields.choice("RecordingChannels", "mono", {"mono": "mono", "dual": "dual"}) == "dual" else 1


def told(fields: Fields) -> RecordingTold:
    """Read who is told of a recording, and of what."""
    named = {word for value in fields.every("RecordingStatusCallbackEvent") for word in value.split()}
    return RecordingTold(
        fields.url("RecordingStatusCallback", 21609),
        fields.method("RecordingStatusCallbackMethod"),
        frozenset(named & EVENTS) or frozenset({"completed"}),
    )


def create(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Place a call."""
    to, from_ = _ends(query.fields)
    options = _options(query.fields)
    if numbers.is_e164(from_):
        exchange.world.accounts.own(query.account, from_)
    return 201, shape(exchange, exchange.place(query.account, to, from_, options))


def listing(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """List calls, newest first, by To, From, Status, ParentCallSid, StartTime and EndTime."""
    fields = query.fields
    status = fields.choice("Status", "", _STATUSES)
    started, ended = within(fields, "StartTime"), within(fields, "EndTime")
    newest = shown_until(exchange, query)
    found = [
        call
        for call in reversed(query.account.calls.values())
        if not call.deleted
        and call.created <= newest
        and fields.get("To") in ("", call.to)
        and fields.get("From") in ("", call.from_)
        and fields.get("ParentCallSid") in ("", call.parent_sid)
        and status in ("", call.status)
        and started(call.started)
        and ended(call.ended)
    ]
    return 200, page(query, "calls", found, lambda call: shape(exchange, call))


def fetch(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Show one call."""
    return 200, shape(exchange, find(query))


def update(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """End a call, cancel it before its answer, or give it another document."""
    call, fields = find(query), query.fields
    status = fields.choice("Status", "", {"completed": "completed", "canceled": "canceled"})
    url, twiml = _document(fields)
    leg = exchange.legs.get(call.sid)
    if leg is None and (status or url or twiml):
        raise Refused(21220)
    becomes = ""
    if leg is not None:
        goto = Goto(url, fields.method("Method"), twiml=twiml)
        becomes = _change(leg.call.status, leg.interrupt, status, goto)
    options = call.options
    if "FallbackUrl" in fields:
        options.fallback_url = fields.url("FallbackUrl", 21205)
    if "StatusCallback" in fields:
        options.status_url = fields.url("StatusCallback", 21609)
    if "TimeLimit" in fields and leg is not None:
        exchange.limit(leg, float(fields.integer("TimeLimit", 14_400, low=1, high=86_400)))
    # Whoever runs the call hears of it in a moment; the answer tells what then is.
    return 200, shape(exchange, call) | ({"status": becomes} if becomes else {})


def _change(state: str, interrupt: Any, status: str, goto: Goto) -> str:
    """End or move a call in `state`; returns the status it comes to, "" where it stays as it is."""
    ringing = state in ("queued", "ringing")
    if status == "completed":
        interrupt(Ended("cancel" if ringing else "hangup"))
        return "canceled" if ringing else "completed"
    if status == "canceled":
        if not ringing:
            raise Refused(21220)
        interrupt(Ended("cancel"))
        return "canceled"
    if goto.url or goto.twiml:
        if state != "in-progress":
            raise Refused(21220)
        interrupt(Moved(goto))
    return ""


def delete(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Remove the record of a finished call."""
    call = find(query)
    if call.sid in exchange.legs:
        raise Refused(20009, call.sid)
    call.deleted = True
    return 204, None


def _event(record: WebhookRecord) -> dict[str, Any]:
    names = {
        re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower(): value for name, value in record.params.items()
    }
    return {
        "request": {"method": record.method, "url": record.url, "parameters": names},
        "response": {
            "response_code": record.status,
            "request_duration": round(record.ms),
            "content_type": record.content_type or None,
            "response_body": record.response,
            "date_created": rfc2822(record.at),
        },
    }


def events(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """List the webhooks of a call with their parameters."""
    return 200, page(query, "events", find(query).requests, _event)
