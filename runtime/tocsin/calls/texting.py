"""Texts that scripts send: intent stored first, then Twilio, then how it ended.

Creating a message at Twilio is not idempotent, so an attempt whose end is unknown is never repeated:
it counts as not sent, and its row says "unknown".
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import structlog

from tocsin.calls import store
from tocsin.db import NotStored
from tocsin.sandbox.host import HostRefused

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.calls.requests import Step

log = structlog.get_logger("tocsin.calls")


async def send_message(step: Step, arguments: tuple[str, str]) -> dict[str, Any]:
    """Send one text for a script; {"sent": True} only if Twilio returned a SID in time."""
    number, text = arguments
    call, services, line = step.call, step.services, step.line
    fault = line.egress.number_fault(number)
    if fault is not None:
        raise HostRefused(f"sendMessage: {fault}")
    if call.pins.hide(text) != text:
        raise HostRefused("sendMessage may not send a PIN")
    message_id = secrets.token_urlsafe(12)
    not_sent = {"reason": "unknown", "sent": False}

    def intend(conn: Connection) -> None:
        step.note(conn, not_sent)
        store.add_message(
            conn,
            {
                "id": message_id,
                "account": line.account,
                "sid": None,
                "direction": "outbound",
                "number": number,
                "own_number": line.phone_number,
                "body": text,
                "state": "intent",
                "error": "",
                "call_id": call.id,
                "at_ms": services.clock.now_ms(),
            },
        )

    try:
        await services.db.write(intend)
    except NotStored as error:
        log.error("message-not-stored", call=call.id, why=str(error))
        return {"reason": "not_recorded", "sent": False}
    call.stored = True
    ended = await services.messenger.send(number, text, profile=line.twilio_profile)
    state = "sent" if ended.state == "placed" else ended.state
    result = {"reason": "ok" if ended.sid else state, "sent": ended.sid is not None}

    def settle(conn: Connection) -> None:
        store.settle_message(conn, message_id, sid=ended.sid, state=state, error=ended.why)
        store.amend_effect(
            conn, call_id=call.id, key=step.key, ordinal=step.ordinal * 2 + 1, result=step.kept(result)
        )

    try:
        await services.db.write(settle)
    except NotStored as error:
        log.error("message-end-not-stored", call=call.id, message=message_id, why=str(error))
    return result
