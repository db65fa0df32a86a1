"""Recordings over REST, finished and under way; their sound is silence of the recorded length.

https://www.twilio.com/docs/voice/api/recording
"""

from __future__ import annotations

import io
import wave
from typing import TYPE_CHECKING, Any

from tocsin.emulator.parameters import API_VERSION
from tocsin.emulator.recordings import NotRecordable
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest import calls
from tocsin.emulator.rest.wire import BASE, Body, Query, page, rfc2822, within

if TYPE_CHECKING:
    from tocsin.emulator.exchange import Exchange
    from tocsin.emulator.records import Recording

_RATE = 8000
_LONGEST_SOUND = 120
_CURRENT = "Twilio.CURRENT"
_CHANGES = {status: status for status in ("in-progress", "paused", "stopped")}


def shape(recording: Recording, *, of_call: bool = False) -> dict[str, Any]:
    """Give a recording as the resource shows it; under its call it has a track instead of a media URL."""
    uri = f"{BASE}/Accounts/{recording.account_sid}/Recordings/{recording.sid}"
    shown: dict[str, Any] = {
        "account_sid": recording.account_sid,
        "api_version": API_VERSION,
        "call_sid": recording.call_sid,
        "conference_sid": None,
        "date_created": rfc2822(recording.created),
        "date_updated": rfc2822(recording.updated),
        "start_time": rfc2822(recording.started),
        "duration": None if recording.seconds is None else str(recording.seconds),
        "sid": recording.sid,
        "price": None,
        "price_unit": "USD",
        "status": recording.status,
        "channels": recording.channels,
        "source": recording.source,
        "error_code": None,
        "uri": f"{uri}.json",
        "encryption_details": None,
    }
    if of_call:
        return shown | {"track": recording.track}
    names = {"add_on_results": "AddOnResults", "transcriptions": "Transcriptions"}
    return shown | {"subresource_uris": {key: f"{uri}/{name}.json" for key, name in names.items()}}


def _find(query: Query) -> Recording:
    """Find the recording of a path; raises Refused with 20404."""
    recording = query.account.recordings.get(query.path["sid"])
    if recording is None or query.path.get("call_sid", recording.call_sid) != recording.call_sid:
        raise Refused(20404, query.url)
    return recording


def create(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Begin to record a call in progress; raises Refused with 21220 for any other."""
    call, fields = calls.find(query, "call_sid"), query.fields
    if call.status != "in-progress":
        raise Refused(21220)
    recording = exchange.recordings.begin(
        call,
        "StartCallRecordingAPI",
        told=calls.told(fields),
        channels=calls.channels(fields),
        track=fields.choice("RecordingTrack", "both", calls.TRACKS),
    )
    return 201, shape(recording, of_call=True)


def update(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Pause, continue or stop a recording; `Twilio.CURRENT` names the one under way."""
    call = calls.find(query, "call_sid")
    if query.path["sid"] == _CURRENT:
        running = exchange.recordings.current(call)
        if not running:
            raise Refused(20404, query.url)
        recording = running[-1]
    else:
        recording = _find(query)
    status = query.fields.choice("Status", "", _CHANGES)
    if not status:
        raise Refused(20001, "", "Status")
    try:
        exchange.recordings.change(call, recording, status)
    except NotRecordable:
        raise Refused(21220) from None
    return 200, shape(recording, of_call=True)


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
    if recording.seconds is None:
        raise Refused(20404, query.url)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(_RATE)
        file.writeframes(b"\0\0" * _RATE * min(recording.seconds, _LONGEST_SOUND))
    return 200, buffer.getvalue()
