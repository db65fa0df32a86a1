"""Texts: intent stored first, then Twilio once, then how it ended. Who is texted is decided elsewhere.

A text waits for its account's turn: texts about alarms go first, and the account's rate is kept. What does
not get its turn in time is not sent, neither now nor later.

Creating a message at Twilio is not idempotent, so an attempt whose end is unknown is never repeated:
it counts as not sent, and its row says "unknown".
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.calls import auditing, store
from tocsin.calls.services import NoTurn
from tocsin.db import NotStored
from tocsin.sandbox.host import HostRefused
from tocsin.telephony.egress import plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tocsin.calls.services import Services
    from tocsin.calls.step import Step
    from tocsin.telephony.attempt import Attempt

log = structlog.get_logger("tocsin.calls")

SCRIPT_PATIENCE_S: Final = 8.0
"""So long a script's text waits for its turn: the caller hears "one moment" three times meanwhile at most."""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One text to be sent: from which Twilio profile, to whom, for which message profile, person or call."""

    twilio_profile: str
    account: str
    own_number: str
    number: str
    text: str
    profile: str = ""
    person: str | None = None
    call_id: str | None = None


async def send_text(
    services: Services,
    message: Outgoing,
    *,
    patience_s: float,
    intended_in: Callable[[Connection, str], None] | None = None,
    settled_in: Callable[[Connection, str, Attempt], None] | None = None,
) -> Attempt:
    """Send one text, once; `sid` is set only where Twilio took it in time.

    `intended_in(connection, message_id)` and `settled_in(connection, message_id, attempt)` take part in the
    transactions before and after the request. Raises NoTurn where its turn does not come within `patience_s`
    seconds, and NotStored where the intent cannot be written: then nothing was sent. An end that cannot be
    written is logged, and is for reconciling.
    """
    message_id, text = secrets.token_urlsafe(12), store.kept_text(message.text)

    def intend(conn: Connection) -> None:
        if intended_in is not None:
            intended_in(conn, message_id)
        store.add_message(
            conn,
            {
                "id": message_id,
                "account": message.account,
                "sid": None,
                "direction": "outbound",
                "number": message.number,
                "own_number": message.own_number,
                "body": text,
                "state": "intent",
                "error": "",
                "profile": message.profile,
                "person": message.person,
                "call_id": message.call_id,
                "at_ms": services.clock.now_ms(),
            },
        )

    await services.in_turn("sms", message.account, message.number, intend, patience_s=patience_s)

    def settle(conn: Connection) -> None:
        state = "sent" if ended.state == "placed" else ended.state
        store.settle_message(conn, message_id, sid=ended.sid, state=state, error=ended.why)
        if settled_in is not None:
            settled_in(conn, message_id, ended)
        now_ms = services.clock.now_ms()
        auditing.text_in(conn, services, message_id, action="text", result=state, now_ms=now_ms)

    with services.clock.hold():
        ended = await services.messenger.send(
            message.number, text, profile=message.twilio_profile, message_id=message_id
        )
        try:
            await services.db.write(settle)
        except NotStored as error:
            log.error("message-end-not-stored", message=message_id, call=message.call_id, why=str(error))
    return ended


async def send_message(step: Step, arguments: tuple[str, str]) -> dict[str, Any]:
    """Send one text for a script; {"sent": True} only if Twilio returned a SID in time."""
    number, text = plain(arguments[0]), arguments[1]
    call, line = step.call, step.line
    fault = line.egress.number_fault(number)
    if fault is not None:
        raise HostRefused(f"sendMessage: {fault}")
    if call.pins.hide(text) != text:
        raise HostRefused("sendMessage may not send a PIN")
    not_sent = {"reason": "unknown", "sent": False}

    def intended_in(conn: Connection, _: str) -> None:
        step.note(conn, not_sent)

    def settled_in(conn: Connection, _: str, ended: Attempt) -> None:
        result = step.kept(_result(ended))
        store.amend_effect(conn, call_id=call.id, key=step.key, ordinal=step.ordinal * 2 + 1, result=result)

    message = Outgoing(line.twilio_profile, line.account, line.phone_number, number, text, call_id=call.id)
    try:
        ended = await send_text(
            step.services,
            message,
            patience_s=SCRIPT_PATIENCE_S,
            intended_in=intended_in,
            settled_in=settled_in,
        )
    except NotStored as error:
        log.error("message-not-stored", call=call.id, why=str(error))
        return {"reason": "not_recorded", "sent": False}
    except NoTurn as error:
        log.warning("message-had-no-turn", call=call.id, why=str(error))
        return {"reason": "no_turn", "sent": False}
    call.stored = True
    return _result(ended)


def _result(ended: Attempt) -> dict[str, Any]:
    state = "sent" if ended.state == "placed" else ended.state
    return {"reason": "ok" if ended.sid else state, "sent": ended.sid is not None}
