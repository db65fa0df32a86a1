"""Enqueue, which puts a caller on hold, and Dial of a Queue, which fetches the caller waiting longest.

TaskRouter (`workflowSid`, Task) is not emulated; it is said in the timeline where it is asked for.
https://www.twilio.com/docs/voice/twiml/enqueue, https://www.twilio.com/docs/voice/twiml/queue
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tocsin.emulator.leg import Ended, Goto, HungUp, Moved, Summoned
from tocsin.emulator.meeting import Meeting
from tocsin.emulator.verbs import allowed, attributes, dialled, speak
from tocsin.emulator.verbs.conference import Left, music

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.queue import Queue, Waiting
    from tocsin.emulator.session import Session

_LONGEST_TALK = 14_400.0
_MOST = 100


async def _talk(session: Session, caller: Waiting) -> None:
    """Hear the document of whoever fetched this caller, if there is one, then talk."""
    assert caller.meeting is not None
    if caller.first is not None:
        await session.run(caller.first, within=True, allowed=allowed.ACCEPT)
    caller.meeting.join(session.leg)
    caller.answer(ready=True)
    await caller.meeting.stay(session.leg, seconds=_LONGEST_TALK, star=False)


async def _hold(session: Session, element: Element, queue: Queue, caller: Waiting) -> str:
    """Wait until fetched, then talk; returns the QueueResult."""
    method = attributes.method(session, element, "waitUrlMethod", code=13233)
    base = session.base
    try:
        await music(session, element.get("waitUrl"), method, lambda: queue.facts(caller), allowed.HOLD)
    except Summoned:
        session.base = base
        await _talk(session, caller)
        return "bridged"
    except Left as left:
        return "leave" if left.verb == "leave" else "hangup"
    finally:
        session.base = base
        queue.leave(caller)
        caller.answer(ready=False)
        session.leg.unsummoned()
        if caller.meeting is not None:
            caller.meeting.leave(session.leg)
            caller.meeting.close()
    raise AssertionError("music ends only by an exception")


async def enqueue(session: Session, element: Element) -> Goto | None:
    """Execute Enqueue: the documents of `waitUrl` again and again until fetched, Leave or hang-up."""
    name = (element.text or "").strip()
    if not name:
        session.warn(13233, "<Enqueue> has no name of a queue; the caller goes on")
        return None
    queue = session.exchange.queues.get(session.call.account_sid, name)
    action, url = element.get("action"), attributes.absolute(session, element.get("action"))
    method = attributes.method(session, element, code=13231)
    began = session.leg.clock.now()

    def result(why: str) -> dict[str, str]:
        waited = str(round(session.leg.clock.now() - began))
        return {"QueueResult": why, "QueueSid": queue.sid, "QueueTime": waited}

    if len(queue.callers) >= attributes.integer(session, element, "maxQueueSize", _MOST, code=13230, low=1):
        return Goto(url, method, result("queue-full")) if action else None
    try:
        why = await _hold(session, element, queue, queue.enter(session.leg))
    except (HungUp, Ended):
        if action:
            session.report(url, method, result("hangup"))
        raise
    except Moved:
        if action:
            session.report(url, method, result("redirected"), status="in-progress")
        raise
    return Goto(url, method, result(why)) if action else None


async def _next(session: Session, queue: Queue, seconds: float) -> Waiting | None:
    """Give the caller waiting longest; where there is none, wait for one as long as a phone rings."""
    leg = session.leg
    end = leg.clock.now() + seconds
    while not queue.callers:
        came: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue.agents.append(came)
        try:
            await leg.listen(max(0.0, end - leg.clock.now()), also=came)
        finally:
            # However the waiting ended: the next caller is for somebody who still waits.
            if came in queue.agents:
                queue.agents.remove(came)
        if not came.done():
            return None
    caller = queue.callers[0]
    queue.leave(caller)
    return caller


async def serve(session: Session, element: Element, noun: Element, result: dialled.Result) -> None:
    """Talk to the caller who waits longest in the queue that the noun names; fills in `result`."""
    name = (noun.text or "").strip()
    await session.answer()
    ring = attributes.integer(session, element, "timeout", 30, code=13212, low=1)
    queue = session.exchange.queues.get(session.call.account_sid, name)
    await speak.sound(session, "(ringing)", 0.0, lambda _: False)
    result.status = "no-answer"
    caller = await _next(session, queue, ring)
    if caller is None:
        return
    first = None
    if noun.get("url"):
        method = attributes.method(session, noun, code=13221)
        first = Goto(attributes.absolute(session, noun.get("url")), method)
    meeting, talk = Meeting(), dialled.talk(session, element)
    try:
        caller.summon(meeting, first)
        if not await session.leg.during(_came(caller)):
            return
        result.status, result.bridged, result.sid = "completed", True, caller.leg.call.sid
        result.more = {"QueueSid": queue.sid}
        began = session.leg.clock.now()
        meeting.join(session.leg)
        try:
            await meeting.stay(session.leg, seconds=talk.seconds, star=talk.star)
        finally:
            result.seconds = round(session.leg.clock.now() - began)
    finally:
        meeting.close()


async def _came(caller: Waiting) -> bool:
    return await asyncio.shield(caller.came)
