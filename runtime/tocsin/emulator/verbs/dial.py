"""Dial: a second phone rings, answers, perhaps accepts, and both talk until one of them hangs up.

Conferences and queues are dialled in modules of their own.

https://www.twilio.com/docs/voice/twiml/dial
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.emulator import numbers
from tocsin.emulator.call import SUBSCRIPTIONS
from tocsin.emulator.leg import Ended, Goto, HungUp, Leg
from tocsin.emulator.meeting import Meeting
from tocsin.emulator.records import CallOptions
from tocsin.emulator.verbs import attributes, conference, dialled, queue, record, speak
from tocsin.emulator.verbs.dialled import Result

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.records import Recording
    from tocsin.emulator.session import Session

_NOUNS = {"Number": "", "Client": "client:", "Sip": "", "Sim": "sim:"}
_PLACES = {"Conference": conference.conference, "Queue": queue.serve}
_RECORD = (
    "do-not-record", "record-from-answer", "record-from-ringing", "record-from-answer-dual",
    "record-from-ringing-dual", "true", "false",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Target:
    """One phone to ring, and the element that named it (None for a number as plain text)."""

    address: str
    noun: Element | None


def _targets(session: Session, element: Element) -> list[Target]:
    found: list[Target] = []
    plain = (element.text or "").strip()
    if plain:
        found.append(Target(plain, None))
    for noun in element:
        prefix = _NOUNS.get(noun.tag)
        if prefix is None:
            session.warn(13215, f"<{noun.tag}> inside <Dial> is not emulated; it counts as a failed call")
            continue
        attributes.check(session, noun)
        text = (noun.text or "").strip() or (noun.findtext("Identity") or "").strip()
        found.append(Target(text if text.startswith(prefix) else prefix + text, noun))
    usable = [target for target in found if numbers.is_callable(target.address)]
    for target in found:
        if target not in usable:
            session.warn(13224, f"<Dial> cannot call {target.address!r}; write a number as +46701234567")
    return usable


def _options(session: Session, target: Target, ring_seconds: float) -> CallOptions:
    options = CallOptions(ring_seconds=ring_seconds)
    noun = target.noun
    if noun is None:
        return options
    if noun.get("url"):
        options.url = attributes.absolute(session, noun.get("url"))
        options.method = attributes.method(session, noun, code=13221)
    if noun.get("statusCallback"):
        options.status_url = attributes.absolute(session, noun.get("statusCallback"))
        options.status_method = attributes.method(session, noun, "statusCallbackMethod", code=13221)
        named = frozenset((noun.get("statusCallbackEvent") or "completed").split())
        options.events = named & SUBSCRIPTIONS or frozenset({"completed"})
    options.send_digits = noun.get("sendDigits", "")
    return options


async def _first_answer(children: list[Leg], rings: list[asyncio.Task[bool]]) -> Leg | None:
    """Wait until one child is answered; the others stop ringing."""
    pending: set[asyncio.Task[bool]] = set(rings)
    winner: Leg | None = None
    while pending and winner is None:
        done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
        winner = next(
            (leg for leg, ring in zip(children, rings, strict=True) if ring in done and ring.result()), None
        )
    for leg in children:
        if leg is not winner:
            leg.interrupt(Ended("cancel"))
    if pending:
        await asyncio.wait(pending)
    return winner


async def _bridge(session: Session, child: Leg, talk: dialled.Talk) -> None:
    """Join both legs until the child is gone, `*` is pressed or time is up; raises what ends the parent."""
    meeting = Meeting()
    meeting.join(session.leg)
    meeting.join(child)
    gone = asyncio.ensure_future(child.until_gone())
    gone.add_done_callback(lambda _: meeting.close())
    try:
        await meeting.stay(session.leg, seconds=talk.seconds, star=talk.star)
    finally:
        meeting.leave(child)
        gone.cancel()


async def _talk(session: Session, child: Leg, element: Element, result: Result) -> None:
    """Let the answered child accept, then bridge; fills in `result` however it ends."""
    exchange = session.exchange
    try:
        if await session.leg.during(exchange.whisper(child)):
            await session.answer()
            result.bridged = True
            await _bridge(session, child, dialled.talk(session, element))
    finally:
        elsewhere = child.take_move() if result.bridged else None
        if elsewhere is not None:
            exchange.part(child, elsewhere)
            result.seconds = round(child.clock.now() - (child.call.answered or child.clock.now()))
        else:
            exchange.finish(child, "hangup")
            result.seconds = child.call.duration or 0
        result.status = "completed" if result.bridged else "no-answer"


async def _ring(
    session: Session, targets: list[Target], caller: str, seconds: int, result: Result
) -> Leg | None:
    """Let phones ring side by side; returns the one that was answered, fills in `result` where none was."""
    exchange, call = session.exchange, session.call
    children = [
        exchange.child(call, target.address, caller, _options(session, target, seconds)) for target in targets
    ]
    rings = [asyncio.ensure_future(exchange.connect(leg)) for leg in children]
    result.status, result.sid = "canceled", children[0].call.sid
    winner: Leg | None = None
    try:
        winner = await session.leg.during(_first_answer(children, rings))
    finally:
        for leg, ring in zip(children, rings, strict=True):
            if leg is winner:
                continue
            leg.interrupt(Ended("cancel"))
            if ring.done() and ring.result():
                exchange.finish(leg, "hangup")  # it answered in the same moment, or the caller is gone
    result.status, result.sid = children[0].call.status, (winner or children[0]).call.sid
    return winner


async def _call(session: Session, element: Element, result: Result) -> None:
    """Ring all targets at once, or one after the other where `sequential` says so; talk to who answers."""
    call = session.call
    seconds = attributes.integer(session, element, "timeout", 30, code=13212, low=1)
    caller = element.get("callerId") or (call.from_ if call.direction == "inbound" else call.to)
    targets = _targets(session, element)
    if not targets:
        return
    recording = _recording(session, element, "ringing")
    if call.status == "in-progress" and session.leg.line is not None:
        await speak.sound(session, "(ringing)", 0.0, lambda _: False)
    one_by_one = attributes.flag(session, element, "sequential", default=False)
    try:
        for group in [[target] for target in targets] if one_by_one else [targets]:
            child = await _ring(session, group, caller, seconds, result)
            if child is not None:
                recording = recording or _recording(session, element, "answer")
                await _talk(session, child, element, result)
                return
    finally:
        if recording is not None:
            session.exchange.recordings.end(call, recording)
            result.more = {"RecordingUrl": session.exchange.recordings.url(recording)}


def _recording(session: Session, element: Element, moment: str) -> Recording | None:
    """Begin to record the caller's leg where `record` says so and this is the moment for it."""
    wanted = attributes.choice(session, element, "record", _RECORD[0], allowed=_RECORD, code=13216)
    wanted = {"true": "record-from-answer", "false": "do-not-record"}.get(wanted, wanted)
    if wanted.removesuffix("-dual") != f"record-from-{moment}":
        return None
    return session.exchange.recordings.begin(
        session.call,
        "DialVerb",
        told=record.told(session, element, code=13216),
        channels=2 if wanted.endswith("-dual") else 1,
        track=element.get("recordingTrack", "both"),
    )


async def dial(session: Session, element: Element) -> Goto | None:
    """Execute Dial; with an action the call goes on there, else with the next verb."""
    action = element.get("action")
    url = attributes.absolute(session, action)
    method = attributes.method(session, element, code=13221)
    if not attributes.flag(session, element, "answerOnBridge", default=False):
        await session.answer()
    result = Result()
    try:
        for noun in element:
            if noun.tag in _PLACES:
                attributes.check(session, noun)
                await _PLACES[noun.tag](session, element, noun, result)
                break
        else:
            await _call(session, element, result)
    except (HungUp, Ended):
        if action is not None:
            session.report(url, method, result.params(), status="completed")
        raise
    return Goto(url, method, result.params()) if action is not None else None
