"""Enqueue, as much as one caller alone can notice of it: hold until left, moved or hung up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.emulator.leg import Ended, Finish, Goto, HungUp
from tocsin.emulator.verbs import attributes, speak

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session


async def enqueue(session: Session, element: Element) -> Goto | None:
    """Execute Enqueue: the documents of `waitUrl` again and again until Leave; nobody else serves it."""
    queue = session.exchange.world.sids.new("QU")
    began = session.leg.clock.now()
    wait_url = element.get("waitUrl")
    method = attributes.method(session, element, "waitUrlMethod", code=13233)
    action = element.get("action")
    base = session.base
    action_url = attributes.absolute(session, action)

    def result(why: str) -> dict[str, str]:
        waited = str(round(session.leg.clock.now() - began))
        return {"QueueResult": why, "QueueSid": queue, "QueueTime": waited}

    outcome: Finish | None = None
    try:
        if wait_url:
            outcome = await session.hold(Goto(attributes.absolute(session, wait_url), method, result("")))
        else:
            await speak.sound(session, "(waits in a queue)", 1.0, lambda _: False)
            while True:
                await session.leg.listen(None)
    except (HungUp, Ended):
        if action:
            session.report(action_url, method, result("hangup"))
        raise
    finally:
        session.base = base
    why = "leave" if outcome is not None and outcome.verb == "leave" else "error"
    if action:
        return Goto(action_url, attributes.method(session, element, code=13231), result(why))
    return None
