"""Reading the attributes of a verb: what is missing or wrong gets a default, what is wrong a warning too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.emulator import parameters

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session

# What each element may carry; anything else is warned of as 12200 and ignored.
KNOWN: dict[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "Say": "voice loop language",
        "Play": "loop digits",
        "Pause": "length",
        "Gather": "action method input timeout speechTimeout maxSpeechTime profanityFilter finishOnKey"
        " numDigits partialResultCallback partialResultCallbackMethod language hints bargeIn debug"
        " actionOnEmptyResult speechModel enhanced",
        "Record": "action method timeout finishOnKey maxLength playBeep trim recordingStatusCallback"
        " recordingStatusCallbackEvent recordingStatusCallbackMethod transcribe transcribeCallback"
        " recordingConfigurationId transcriptionConfigurationId",
        "Dial": "action method timeout hangupOnStar timeLimit callerId record trim answerOnBridge ringTone"
        " recordingStatusCallback recordingStatusCallbackMethod recordingStatusCallbackEvent recordingTrack"
        " sequential referUrl referMethod events recordingConfigurationId",
        "Redirect": "method",
        "Hangup": "",
        "Leave": "",
        "Reject": "reason",
        "Sms": "to from action method statusCallback",
        "Message": "to from action method statusCallback",
        "Number": "url method sendDigits statusCallback statusCallbackEvent statusCallbackMethod byoc"
        " phoneNumber machineDetection machineDetectionTimeout machineDetectionSilenceTimeout"
        " amdStatusCallback machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold"
        " amdStatusCallbackMethod",
        "Client": "url method statusCallback statusCallbackEvent statusCallbackMethod",
        "Sip": "url method username password statusCallback statusCallbackEvent statusCallbackMethod"
        " machineDetection machineDetectionTimeout machineDetectionSilenceTimeout amdStatusCallback"
        " machineDetectionSpeechThreshold machineDetectionSpeechEndThreshold amdStatusCallbackMethod",
        "Sim": "",
        "Conference": "muted beep startConferenceOnEnter endConferenceOnExit participantLabel waitUrl"
        " waitMethod maxParticipants record region trim coach statusCallback statusCallbackEvent"
        " statusCallbackMethod recordingStatusCallback recordingStatusCallbackMethod eventCallbackUrl"
        " recordingStatusCallbackEvent jitterBufferSize recordingConfigurationId",
        "Queue": "url method reservationSid postWorkActivitySid",
        "Enqueue": "action method maxQueueSize waitUrl waitUrlMethod workflowSid",
    }.items()
}


# What Twilio would do and the emulator does not: said in the timeline of the call, so that nobody waits.
NOT_EMULATED: dict[str, frozenset[str]] = {
    tag: frozenset(names.split())
    for tag, names in {
        "Record": "transcribe transcribeCallback transcriptionConfigurationId trim",
        "Dial": "referUrl events trim",
        "Number": "machineDetection amdStatusCallback",
        "Sip": "machineDetection amdStatusCallback username password",
        "Conference": "record coach recordingStatusCallback eventCallbackUrl trim",
        "Queue": "reservationSid postWorkActivitySid",
        "Enqueue": "workflowSid",
    }.items()
}


def check(session: Session, element: Element) -> None:
    """Warn of attributes that `element` does not have at Twilio, and note those without effect here."""
    for name in element.attrib:
        if name not in KNOWN[element.tag]:
            session.warn(12200, f"<{element.tag}> has no attribute {name!r}; it is ignored")
        elif name in NOT_EMULATED.get(element.tag, ()):
            session.leg.note("not-emulated", f"<{element.tag} {name}> is accepted and has no effect here")


def integer(session: Session, element: Element, name: str, default: int, *, code: int, low: int = 0) -> int:
    """Read a whole number of at least `low`."""
    given = element.get(name)
    if given is None:
        return default
    text = given.strip()
    if text.isascii() and text.isdigit() and len(text) < 7 and int(text) >= low:
        return int(text)
    session.warn(code, f"<{element.tag} {name}={given!r}> is no whole number from {low}; {default} is used")
    return default


def choice(
    session: Session, element: Element, name: str, default: str, *, allowed: tuple[str, ...], code: int
) -> str:
    """Read one of a few words, whatever their case."""
    given = element.get(name)
    if given is None:
        return default
    for word in allowed:
        if word.lower() == given.strip().lower():
            return word
    session.warn(
        code, f"<{element.tag} {name}={given!r}> is not one of {', '.join(allowed)}; {default} is used"
    )
    return default


def flag(session: Session, element: Element, name: str, *, default: bool, code: int = 12200) -> bool:
    """Read true or false."""
    return (
        choice(session, element, name, str(default).lower(), allowed=("true", "false"), code=code) == "true"
    )


def method(session: Session, element: Element, name: str = "method", *, code: int) -> str:
    """Read GET or POST."""
    return choice(session, element, name, "POST", allowed=("GET", "POST"), code=code)


def absolute(session: Session, relative: str | None) -> str:
    """Resolve a URL against the document it stands in; none, or an empty one, is the document itself."""
    return parameters.resolve(session.base, relative or "")
