"""Sms (and Message, its name elsewhere) inside a call: sends one text and goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tocsin.emulator.leg import Goto
from tocsin.emulator.refusal import Refused
from tocsin.emulator.verbs import attributes

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from tocsin.emulator.session import Session


async def sms(session: Session, element: Element) -> Goto | None:
    """Execute Sms: between the two ends of the call, unless the element names others."""
    call = session.call
    person, own = (call.to, call.from_) if call.direction.startswith("outbound") else (call.from_, call.to)
    status_url = element.get("statusCallback")
    result = {"SmsSid": "", "SmsStatus": "failed"}
    try:
        message = session.exchange.messaging.send(
            session.exchange.world.accounts.get(call.account_sid),
            to=element.get("to") or person,
            from_=element.get("from") or own,
            body="".join(element.itertext()).strip(),
            status_url=attributes.absolute(session, status_url) if status_url else "",
            direction="outbound-call",
        )
        result = {"SmsSid": message.sid, "MessageSid": message.sid, "SmsStatus": message.status}
    except Refused as refusal:
        session.warn(refusal.code, str(refusal))
    if element.get("action"):
        method = attributes.method(session, element, code=14105)
        return Goto(attributes.absolute(session, element.get("action")), method, result)
    return None
