"""The parameters of every voice and message webhook: names, presence and shape as Twilio sends them.

https://www.twilio.com/docs/voice/twiml#request-parameters
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from tocsin.emulator.call import Step, billed_minutes
from tocsin.emulator.numbers import country

if TYPE_CHECKING:
    from tocsin.emulator.records import Call, Message, Recording

API_VERSION = "2010-04-01"
ACCOUNTS = f"/{API_VERSION}/Accounts"
# The SIP answers that stand behind the final statuses of a call.
_SIP = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


@lru_cache(maxsize=64)
def rfc2822(second: int) -> str:
    """Write a moment as `Thu, 01 Jan 2026 00:00:00 +0000`."""
    return format_datetime(datetime.fromtimestamp(second, UTC))


@lru_cache(maxsize=4096)
def places(to: str, from_: str, *, voice: bool) -> dict[str, str]:
    """Give the City, State, Zip and Country parameters of both ends: there, and empty where unknown."""
    pairs = [("To", to), ("From", from_)]
    if voice:
        pairs += [("Called", to), ("Caller", from_)]
    found: dict[str, str] = {}
    for name, number in pairs:
        found |= {f"{name}City": "", f"{name}State": "", f"{name}Zip": "", f"{name}Country": country(number)}
    return found


def resolve(base: str, relative: str) -> str:
    """Resolve a URL against the document it stands in; an empty one is the document itself.

    One that cannot be taken apart stays as it is: whoever fetches it says that it is none.
    """
    relative = relative.strip()
    try:
        return urljoin(base, relative) if relative else base
    except ValueError:
        return relative


def voice(call: Call, status: str) -> dict[str, str]:
    """Give what every voice webhook of a call carries; `status` is the CallStatus told."""
    params = {
        "CallSid": call.sid,
        "AccountSid": call.account_sid,
        "From": call.from_,
        "To": call.to,
        "Caller": call.from_,
        "Called": call.to,
        "CallStatus": status,
        "ApiVersion": API_VERSION,
        "Direction": call.direction,
        **places(call.to, call.from_, voice=True),
    }
    if call.parent_sid:
        params["ParentCallSid"] = call.parent_sid
    if call.answered_by and not call.options.async_amd:
        params["AnsweredBy"] = call.answered_by
        params["MachineDetectionDuration"] = str(call.detection_ms)
    return params


def status(call: Call, step: Step, sequence: int, now: float) -> dict[str, str]:
    """Give the parameters of one status callback; the final one tells seconds and billed minutes."""
    params = voice(call, step.told)
    params |= {
        "Timestamp": rfc2822(int(now)),
        "CallbackSource": "call-progress-events",
        "SequenceNumber": str(sequence),
    }
    if step.subscription == "completed":
        seconds = call.duration or 0
        params |= {
            "CallDuration": str(seconds),
            "Duration": str(billed_minutes(seconds)),
            "SipResponseCode": str(call.sip_code or _SIP[step.told]),
        }
    return params


def detection(call: Call) -> dict[str, str]:
    """Give the short body that asynchronous machine detection posts."""
    return {
        "CallSid": call.sid,
        "AccountSid": call.account_sid,
        "AnsweredBy": call.answered_by,
        "MachineDetectionDuration": str(call.detection_ms),
    }


def recording(made: Recording, url: str) -> dict[str, str]:
    """Give what a recording status callback carries; the length only once it has one."""
    params = {
        "AccountSid": made.account_sid,
        "CallSid": made.call_sid,
        "RecordingSid": made.sid,
        "RecordingUrl": url,
        "RecordingStatus": made.status,
        "RecordingChannels": str(made.channels),
        "RecordingStartTime": rfc2822(int(made.started)),
        "RecordingSource": made.source,
        "RecordingTrack": made.track,
    }
    if made.seconds is not None:
        params["RecordingDuration"] = str(made.seconds)
    return params


def message_in(message: Message) -> dict[str, str]:
    """Give what the webhook of an incoming message carries."""
    params = {
        "ToCountry": country(message.to),
        **places(message.to, message.from_, voice=False),
        "SmsMessageSid": message.sid,
        "NumMedia": str(len(message.media)),
        "SmsSid": message.sid,
        "SmsStatus": "received",
        "Body": message.body,
        "To": message.to,
        "From": message.from_,
        "NumSegments": str(message.segments),
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
    }
    for index, url in enumerate(message.media):
        params |= {f"MediaUrl{index}": url, f"MediaContentType{index}": "application/octet-stream"}
    return params


def message_status(message: Message, now: float) -> dict[str, str]:
    """Give what a delivery callback carries."""
    params = {
        "SmsSid": message.sid,
        "SmsStatus": message.status,
        "MessageStatus": message.status,
        "To": message.to,
        "From": message.from_,
        "MessageSid": message.sid,
        "AccountSid": message.account_sid,
        "ApiVersion": API_VERSION,
    }
    if message.service_sid:
        params["MessagingServiceSid"] = message.service_sid
    if message.error_code is not None:
        params["ErrorCode"] = str(message.error_code)
    if message.status in ("delivered", "undelivered"):
        params["RawDlrDoneDate"] = datetime.fromtimestamp(now, UTC).strftime("%y%m%d%H%M")
    return params
