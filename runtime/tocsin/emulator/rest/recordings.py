"""Recordings over REST; their sound is silence of the recorded length.

https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any

from tocsin.emulator.parameters import API_VERSION
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest import calls
from tocsin.emulator.rest.wire import BASE, Body, Query, page, rfc2822, within

if TYPE_CHECKING:
    from tocsin.emulator.exchange import Exchange
    from tocsin.emulator.records import Recording

_RATE = 8000
_LONGEST_SOUND = 120


def shape(recording: Recording, *, of_call: bool = False) -> dict[str, Any]:
    """Give a recording as the resource shows it; under its call it has a track instead of a media URL."""
    uri = f"{BASE}/Accounts/{recording.account_sid}/Recordings/{recording.sid}"
    shown: dict[str, Any] = {
        "account_sid": recording.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.created),
        "start_time": rfc2822(recording.started),
        "duration": str(recording.seconds),
        "sid": recording.sid,
        "price": None,
        "price_unit": "USD",
        "status": "completed",
        "channels": 1,
        "source": recording.source,
        "error_code": None,
        "uri": f"{uri}.json",
        "encryption_details": None,
    }
    if of_call:
        return shown | {"track": "both"}
    names = {"add_on_results": "AddOnResults", "transcriptions": "Transcriptions"}
    return shown | {"subresource_uris": {key: f"{uri}/{name}.json" for key, name in names.items()}}


def _find(query: Query) -> Recording:
    recording = query.account.recordings.get(query.path["sid"])
    if recording is None or query.path.get("call_sid", recording.call_sid) != recording.call_sid:
        raise Refused(20404, query.url)
    return recording


def listing(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """List the account's recordings, newest first, by CallSid and DateCreated."""
    created = within(query.fields, "DateCreated")
    found = [
        recording
        for recording in reversed(query.account.recordings.values())
        if query.fields.get("CallSid") in ("", recording.call_sid) and created(recording.created)
    ]
    return 200, page(query, "recordings", found, shape)


def of_call(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """List the recordings of one call."""
    call = calls.find(query, "call_sid")
    found = [one for one in reversed(query.account.recordings.values()) if one.call_sid == call.sid]
    return 200, page(query, "recordings", found, lambda one: shape(one, of_call=True))


def fetch(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Show one recording."""
    return 200, shape(_find(query), of_call="call_sid" in query.path)


def delete(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Remove one recording."""
    del query.account.recordings[_find(query).sid]
    return 204, None


def sound(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Give the sound as a WAV file."""
    recording = _find(query)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(b"\0\0" * _RATE * min(recording.seconds, _LONGEST_SOUND))
    return 200, buffer.getvalue()
