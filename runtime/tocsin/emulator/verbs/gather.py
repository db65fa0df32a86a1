"""Gather: keys and spoken words, with prompts that either of them interrupts.

https://www.twilio.com/docs/voice/twiml/gather
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.emulator import parameters
from tocsin.emulator.leg import Goto, Key, Said
from tocsin.emulator.verbs import attributes, speak
from tocsin.emulator.webhook import Ask

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session

_CONFIDENCE = "0.9"
_INPUTS = ("dtmf", "speech")


@dataclass(frozen=True, slots=True)
class Rules:
    """How one Gather listens."""

    inputs: frozenset[str]
    timeout: float
    silence: float
    finish: str
    most: int | None
    barge_in: bool

    def takes(self, event: Key | Said) -> bool:
        """Tell whether this Gather listens to such an event at all."""
        return ("dtmf" if isinstance(event, Key) else "speech") in self.inputs


def _inputs(session: Session, element: Element) -> frozenset[str]:
    named = frozenset((element.get("input") or "dtmf").replace(",", " ").split())
    if named <= frozenset(_INPUTS) and named:
        return named
    session.warn(13333, f"<Gather input={element.get('input')!r}> is not dtmf, speech or both; dtmf is used")
    return frozenset({"dtmf"})


def _rules(session: Session, element: Element) -> Rules:
    automatic = element.get("timeout") == "auto"
    timeout = 5 if automatic else attributes.integer(session, element, "timeout", 5, code=13313)
    finish = element.get("finishOnKey", "#")
    if len(finish) > 1 or finish not in "0123456789*#":
        session.warn(13311, f"<Gather finishOnKey={finish!r}> is not one key; # is used")
        finish = "#"
    most = attributes.integer(session, element, "numDigits", 0, code=13314, low=1)
    silence: float = timeout
    if (given := element.get("speechTimeout")) is not None:
        silence = (
            1
            if given == "auto"
            else attributes.integer(session, element, "speechTimeout", timeout, code=13334)
        )
    return Rules(
        _inputs(session, element),
        float(timeout),
        float(silence),
        finish,
        most or None,
        attributes.flag(session, element, "bargeIn", default=True),
    )


async def _prompts(session: Session, element: Element, rules: Rules) -> Key | Said | None:
    def interrupts(event: Key | Said) -> bool:
        return rules.takes(event) and (isinstance(event, Key) or rules.barge_in)

    for child in element:
        prompt = speak.PROMPTS.get(child.tag)
        if prompt is None:
            session.warn(12200, f"<{child.tag}> cannot stand inside <Gather>; it is skipped")
            continue
        attributes.check(session, child)
        event = await prompt(session, child, interrupts)
        if event is not None:
            return event
    return None


async def _keys(session: Session, first: Key, rules: Rules) -> dict[str, str] | None:
    """Collect keys; None where the finishing key came before any other."""
    digits, finished, event = "", "", first
    while True:
        if event.key == rules.finish:
            finished = event.key
            break
        digits += event.key
        if rules.most is not None and len(digits) >= rules.most:
            break
        following = await _next(session, rules, keys_only=True)
        if not isinstance(following, Key):
            break
        event = following
    if not digits:
        return None
    return {"msg": "Gather End", "Digits": digits, "FinishedOnKey": finished}


async def _next(session: Session, rules: Rules, *, keys_only: bool = False) -> Key | Said | None:
    """Wait up to the timeout for the next event this Gather takes."""
    leg = session.leg
    end = leg.clock.now() + rules.timeout
    while True:
        event = await leg.listen(max(0.0, end - leg.clock.now()))
        if event is None or (rules.takes(event) and (isinstance(event, Key) or not keys_only)):
            return event


async def _words(session: Session, element: Element, said: Said, rules: Rules) -> dict[str, str]:
    """Wait out the words and the silence after them; what is said meanwhile belongs to the same result."""
    text = said.text
    partial = element.get("partialResultCallback")
    if partial:
        heard = {
            **parameters.voice(session.call, session.call.status),
            "StableSpeechResult": text,
            "UnstableSpeechResult": "",
            "Stability": _CONFIDENCE,
            "SequenceNumber": "0",
        }
        url = attributes.absolute(session, partial)
        method = attributes.method(session, element, "partialResultCallbackMethod", code=13312)
        session.exchange.callbacks.other(
            Ask(
                url,
                heard,
                "partial",
                session.call.account_sid,
                session.call.sid,
                method,
                log=session.call.requests,
            )
        )
    left = said.seconds + rules.silence
    while isinstance(event := await session.leg.listen(left), (Key, Said)):
        if isinstance(event, Said):
            text = f"{text} {event.text}"
            left = event.seconds + rules.silence
        else:
            left = rules.silence
    return {"SpeechResult": text, "Confidence": _CONFIDENCE, "Language": element.get("language", "en-US")}


async def gather(session: Session, element: Element) -> Goto | None:
    """Execute Gather; falls through only without input."""
    rules = _rules(session, element)
    method = attributes.method(session, element, code=13312)
    action = attributes.absolute(session, element.get("action"))
    session.leg.collect(wanted=True)
    try:
        event = await _prompts(session, element, rules)
        session.leg.prompted = True
        if event is None:
            event = await _next(session, rules)
        if isinstance(event, Key):
            result = await _keys(session, event, rules)
        elif isinstance(event, Said):
            result = await _words(session, element, event, rules)
        else:
            result = None
            session.leg.timeouts += 1
    finally:
        session.leg.collect(wanted=False)
    if result is not None:
        return Goto(action, method, result)
    if attributes.flag(session, element, "actionOnEmptyResult", default=False, code=13338):
        empty = {"SpeechResult": "", "Confidence": "0.0"} if rules.inputs == {"speech"} else {"Digits": ""}
        return Goto(action, method, {"msg": "Gather End", "FinishedOnKey": "", **empty})
    return None
