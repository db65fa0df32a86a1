"""Record: what the phone says until a key, a silence, the longest time or the end of the call.

https://www.twilio.com/docs/voice/twiml/record
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.emulator import speech
from tocsin.emulator.leg import Ended, Goto, HungUp, Key, Moved, Said
from tocsin.emulator.recordings import EVENTS
from tocsin.emulator.records import RecordingTold
from tocsin.emulator.verbs import attributes, speak

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.records import Recording
    from tocsin.emulator.session import Session


@dataclass(slots=True)
class Take:
    """What was recorded so far and why it ended."""

    text: str = ""
    digits: str = ""


async def _listen(session: Session, take: Take, *, silence: float, longest: float, keys: str) -> None:
    leg = session.leg
    end = leg.clock.now() + longest
    quiet_from = leg.clock.now()
    while (now := leg.clock.now()) < end - 1e-6:
        event = await leg.listen(min(end, quiet_from + silence) - now)
        if isinstance(event, Said):
            take.text = f"{take.text} {event.text}".strip()
            quiet_from = max(quiet_from, leg.clock.now()) + event.seconds
        elif isinstance(event, Key):
            if event.key in keys:
                take.digits = event.key
                return
        elif leg.clock.now() >= quiet_from + silence - 1e-6:
            return


def _params(session: Session, take: Take, recording: Recording) -> dict[str, str]:
    return {
        "RecordingUrl": session.exchange.recordings.url(recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.seconds),
        "Digits": take.digits,
    }


def told(session: Session, element: Element, *, code: int) -> RecordingTold:
    """Read who is told of a recording that a verb makes, and of what."""
    url = element.get("recordingStatusCallback")
    if not url:
        return RecordingTold()
    method = attributes.method(session, element, "recordingStatusCallbackMethod", code=code)
    named = frozenset((element.get("recordingStatusCallbackEvent") or "completed").split())
    return RecordingTold(attributes.absolute(session, url), method, named & EVENTS or named)


async def record(session: Session, element: Element) -> Goto | None:
    """Execute Record; an empty recording falls through."""
    silence = attributes.integer(session, element, "timeout", 5, code=13612, low=1)
    longest = attributes.integer(session, element, "maxLength", 3600, code=13613, low=1)
    keys = element.get("finishOnKey", "1234567890*#")
    method = attributes.method(session, element, code=13611)
    action = attributes.absolute(session, element.get("action"))
    if attributes.flag(session, element, "playBeep", default=True):
        await speak.sound(session, "(beep)", 0.5, lambda _: False)
    take, recordings = Take(), session.exchange.recordings
    made = recordings.begin(session.call, "RecordVerb", told=told(session, element, code=13612))
    session.leg.collect(wanted=True)
    session.leg.prompted = True
    gone: HungUp | Ended | Moved | None = None
    try:
        await _listen(session, take, silence=silence, longest=longest, keys=keys)
    except (HungUp, Ended) as why:
        take.digits, gone = "hangup", why
    except Moved as why:
        gone = why
    finally:
        session.leg.collect(wanted=False)
    seconds = max(1, round(min(speech.seconds(take.text), longest))) if take.text else 0
    recordings.end(session.call, made, seconds=seconds, spoken=take.text)
    if take.text:
        params = _params(session, take, made)
        if gone is None:
            return Goto(action, method, params)
        if not isinstance(gone, Moved):
            session.report(action, method, params, status="completed")
    if gone is not None:
        raise gone
    return None
