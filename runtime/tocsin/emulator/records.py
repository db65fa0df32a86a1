"""What the fake account remembers: calls, messages, recordings, numbers, notifications, requests made.

Plain mutable records without behaviour; times are seconds since 1970-01-01 UTC. How they look over REST
is the business of `rest`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tocsin.emulator.call import Status


@dataclass(slots=True)
class WebhookRecord:
    """One HTTP request the emulator made, repeats apart; `ms` are real milliseconds."""

    at: float
    kind: str
    method: str
    url: str
    params: dict[str, str]
    signature: str
    token: str
    sid: str
    attempt: int = 1
    status: int | None = None
    ms: float = 0.0
    error: str = ""
    response: str = ""
    content_type: str = ""
    spoilt: str = ""
    """The fault that was done to the request on purpose, if any."""


@dataclass(slots=True)
class Notification:
    """One entry of Twilio's debugger: an error (log 0) or a warning (log 1) with its code."""

    sid: str
    account_sid: str
    call_sid: str
    at: float
    log: int
    code: int
    text: str
    url: str = ""
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class RecordingTold:
    """Who is told of a recording: a URL ("" for nobody), and of which of its statuses."""

    url: str = ""
    method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})


@dataclass(slots=True)
class CallOptions:
    """What was asked for when the call was made; none of it is readable over REST."""

    url: str = ""
    method: str = "POST"
    twiml: str = ""
    fallback_url: str = ""
    fallback_method: str = "POST"
    status_url: str = ""
    status_method: str = "POST"
    events: frozenset[str] = frozenset({"completed"})
    ring_seconds: float = 60.0
    time_limit: float = 14_400.0
    send_digits: str = ""
    machine_detection: str = ""
    machine_timeout: float = 30.0
    async_amd: bool = False
    amd_url: str = ""
    amd_method: str = "POST"
    record: bool = False
    recording_channels: int = 1
    recording_track: str = "both"
    recording_told: RecordingTold = field(default_factory=RecordingTold)


@dataclass(slots=True)
class Call:
    """One leg: between a Twilio number and one phone."""

    sid: str
    account_sid: str
    to: str
    from_: str
    direction: str
    created: float
    status: Status = "queued"
    parent_sid: str = ""
    updated: float = 0.0
    started: float | None = None
    answered: float | None = None
    ended: float | None = None
    duration: int | None = None
    answered_by: str = ""
    sip_code: int | None = None
    """The carrier's answer, where a fault names one."""
    detection_ms: int = 0
    queue_ms: int = 0
    options: CallOptions = field(default_factory=CallOptions)
    sequence: int = 0
    requests: list[WebhookRecord] = field(default_factory=list)
    notifications: list[Notification] = field(default_factory=list)
    timeline: list[tuple[float, str, str]] = field(default_factory=list)
    deleted: bool = False


@dataclass(slots=True)
class Message:
    """One SMS, in either direction."""

    sid: str
    account_sid: str
    to: str
    from_: str
    body: str
    direction: str
    status: str
    created: float
    updated: float
    segments: int = 1
    sent: float | None = None
    error_code: int | None = None
    service_sid: str = ""
    media: tuple[str, ...] = ()
    status_url: str = ""


@dataclass(slots=True)
class Recording:
    """One recorded stretch of a call; its sound is silence of the right length.

    `elapsed` is what was recorded up to the last pause, `running_since` the moment since when it goes on;
    `seconds` is the length once it has ended.
    """

    sid: str
    account_sid: str
    call_sid: str
    created: float
    started: float
    seconds: int | None = None
    source: str = ""
    spoken: str = ""
    status: str = "in-progress"
    channels: int = 1
    track: str = "both"
    updated: float = 0.0
    elapsed: float = 0.0
    running_since: float | None = None
    told: RecordingTold = field(default_factory=RecordingTold)


@dataclass(slots=True)
class Number:
    """A Twilio number of the account and where its calls and messages go."""

    sid: str
    account_sid: str
    phone_number: str
    created: float
    updated: float
    settings: dict[str, Any] = field(default_factory=dict)

    def setting(self, name: str) -> str:
        """Give a setting by its REST name (`voice_url`, `sms_method`, ...), "" where unset."""
        return str(self.settings.get(name) or "")
