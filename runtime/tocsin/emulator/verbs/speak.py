"""Say, Play and Pause: what the phone hears, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tocsin.emulator import speech
from tocsin.emulator.leg import Key, Said
from tocsin.emulator.verbs import attributes

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session

_MOST_SAID = 4096
_MOST_LOOPS = 1000
_PLAY_SECONDS = 3.0
_TONE_SECONDS = 0.25
Wanted = Callable[[Key | Said], bool]


def _nothing(_: Key | Said) -> bool:
    return False


async def sound(session: Session, shown: str, seconds: float, wanted: Wanted) -> Key | Said | None:
    """Let the phone hear `shown` for `seconds`; returns early with the first wanted key or words."""
    leg = session.leg
    if leg.line is not None and shown:
        leg.line.hears(shown)
    end = leg.clock.now() + seconds
    try:
        while True:
            event = await leg.listen(max(0.0, end - leg.clock.now()))
            if event is None:
                break
            if wanted(event):
                return event
    finally:
        # Cut short or not, nobody speaks any more.
        if leg.line is not None:
            leg.line.speaking = ""
    if leg.line is not None and shown:
        leg.line.heard(shown)
    return None


async def utter(session: Session, text: str, wanted: Wanted = _nothing) -> Key | Said | None:
    """Say `text` sentence by sentence."""
    for sentence in speech.sentences(text):
        event = await sound(session, sentence, speech.seconds(sentence), wanted)
        if event is not None:
            return event
    return None


def _times(session: Session, element: Element, *, code: int) -> int:
    """Read `loop`: 0, and anything above, is 1000 times, which is what Twilio makes of 0."""
    return min(attributes.integer(session, element, "loop", 1, code=code) or _MOST_LOOPS, _MOST_LOOPS)


async def say(session: Session, element: Element, wanted: Wanted = _nothing) -> Key | Said | None:
    """Execute Say; `loop` 0 is up to 1000 times."""
    text = speech.words(element)
    if not text.strip():
        session.warn(13520, "<Say> has no text")
        return None
    if len(text) > _MOST_SAID:
        session.warn(13521, f"<Say> has {len(text)} characters; Twilio says at most {_MOST_SAID}")
        text = text[:_MOST_SAID]
    silent = speech.silences(element) if len(element) else 0.0
    for _ in range(_times(session, element, code=13510)):
        event = await utter(session, text, wanted)
        if event is None and silent:
            event = await sound(session, "", silent, wanted)
        if event is not None:
            return event
    return None


async def play(session: Session, element: Element, wanted: Wanted = _nothing) -> Key | Said | None:
    """Execute Play: every sound lasts three seconds and is heard as its URL; `digits` are heard as tones."""
    tones = element.get("digits")
    url = "".join(element.itertext()).strip()
    if tones is None and not url:
        session.warn(13420, "<Play> has neither a URL nor digits")
        return None
    shown = f"(tones {tones})" if tones is not None else f"(plays {attributes.absolute(session, url)})"
    seconds = len(tones) * _TONE_SECONDS if tones is not None else _PLAY_SECONDS
    for _ in range(_times(session, element, code=13410)):
        event = await sound(session, shown, seconds, wanted)
        if event is not None:
            return event
    return None


async def pause(session: Session, element: Element, wanted: Wanted = _nothing) -> Key | Said | None:
    """Execute Pause: silence, one second where nothing else is said."""
    seconds = attributes.integer(session, element, "length", 1, code=13910)
    return await sound(session, "", seconds, wanted)


PROMPTS = {"Say": say, "Play": play, "Pause": pause}


async def run(session: Session, element: Element) -> None:
    """Execute one of the three as a verb of its own, where keys are lost."""
    await PROMPTS[element.tag](session, element)
