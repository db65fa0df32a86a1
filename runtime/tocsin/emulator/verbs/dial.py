"""Dial: a second phone rings, answers, perhaps accepts, and both talk until one of them hangs up.

https://www.twilio.com/docs/voice/twiml/dial
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tocsin.emulator import numbers
from tocsin.emulator.call import SUBSCRIPTIONS
from tocsin.emulator.leg import Ended, Goto, HungUp, Key, Leg, Moved
from tocsin.emulator.records import CallOptions
from tocsin.emulator.verbs import attributes, speak

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session

_NOUNS = {"Number": "", "Client": "client:", "Sip": "", "Sim": "sim:"}


@dataclass(frozen=True, slots=True)
class Target:
    """One phone to ring, and the element that named it (None for a number as plain text)."""

    address: str
    noun: Element | None


@dataclass(slots=True)
class Result:
    """How the dialled call ended."""

    status: str = "failed"
    sid: str = ""
    seconds: int = 0
    bridged: bool = False

    def params(self) -> dict[str, str]:
        """Give what the action URL is told."""
        told = {"DialCallStatus": self.status, "DialBridged": str(self.bridged).lower()}
        if self.sid:
            told["DialCallSid"] = self.sid
        if self.status == "completed":
            told["DialCallDuration"] = str(self.seconds)
        return told


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


async def _bridge(session: Session, child: Leg, *, star: bool, limit: float) -> None:
    """Join both legs until the child is gone, `*` is pressed or time is up; raises what ends the parent."""
    parent = session.leg
    parent.peer, child.peer = child, parent
    gone = asyncio.ensure_future(child.until_gone())
    parent.collect(wanted=True)
    try:
        end = parent.clock.now() + limit
        while not gone.done() and parent.clock.now() < end - 1e-6:
            event = await parent.listen(end - parent.clock.now(), also=gone)
            if star and isinstance(event, Key) and event.key == "*":
                return
    finally:
        parent.collect(wanted=False)
        parent.peer = child.peer = None
        gone.cancel()


async def _talk(session: Session, child: Leg, element: Element, result: Result) -> None:
    """Let the answered child accept, then bridge; fills in `result` however it ends."""
    exchange = session.exchange
    try:
        if await session.leg.during(exchange.whisper(child)):
            await session.answer()
            result.bridged = True
            limit = attributes.integer(session, element, "timeLimit", 14_400, code=13212, low=1)
            star = attributes.flag(session, element, "hangupOnStar", default=False, code=13213)
            await _bridge(session, child, star=star, limit=limit)
    finally:
        exchange.finish(child, "hangup")
        result.status = "completed" if result.bridged else "no-answer"
        result.seconds = child.call.duration or 0


async def _call(session: Session, element: Element, result: Result) -> None:
    exchange, call = session.exchange, session.call
    ring = attributes.integer(session, element, "timeout", 30, code=13212, low=1)
    caller = element.get("callerId") or (call.from_ if call.direction == "inbound" else call.to)
    targets = _targets(session, element)
    if not targets:
        return
    children = [
        exchange.child(call, target.address, caller, _options(session, target, ring)) for target in targets
    ]
    rings = [asyncio.ensure_future(exchange.connect(leg)) for leg in children]
    try:
        if call.status == "in-progress" and session.leg.line is not None:
            await speak.sound(session, "(ringing)", 0.0, lambda _: False)
        winner = await session.leg.during(_first_answer(children, rings))
    except (HungUp, Ended, Moved):
        for leg in children:
            leg.interrupt(Ended("cancel"))
        result.status, result.sid = "canceled", children[0].call.sid
        raise
    if winner is None:
        result.status, result.sid = children[0].call.status, children[0].call.sid
        return
    result.sid = winner.call.sid
    await _talk(session, winner, element, result)


async def dial(session: Session, element: Element) -> Goto | None:
    """Execute Dial; with an action the call goes on there, else with the next verb."""
    action = element.get("action")
    url = attributes.absolute(session, action)
    method = attributes.method(session, element, code=13221)
    if not attributes.flag(session, element, "answerOnBridge", default=False):
        await session.answer()
    result = Result()
    try:
        await _call(session, element, result)
    except (HungUp, Ended):
        if action is not None:
            session.report(url, method, result.params(), status="completed")
        raise
    return Goto(url, method, result.params()) if action is not None else None
