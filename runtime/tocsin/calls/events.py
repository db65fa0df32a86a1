"""Events that reach no script: how a call goes (status) and who answered it (machine detection).

Each event counts once, by (CallSid, SequenceNumber), in whatever order and however often it arrives.
Twilio's names: https://www.twilio.com/docs/voice/api/call-resource#statuscallback
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.alarms import notices
from tocsin.calls import ending, statistics, store
from tocsin.calls.placing import webhook_url
from tocsin.calls.webhook import MACHINE, Answer
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.outcome import Outcome
    from tocsin.calls.services import Services
    from tocsin.calls.webhook import VoiceWebhook

log = structlog.get_logger("tocsin.calls")

FIRST_TURN_LOOK_S: Final = 0.005
"""Real seconds between looks whether the first turn of a call has begun."""

NO_CONTENT = Answer(None, 204)
NOT_STORED = Answer(None, 503)
"""An event is not acknowledged before it is on disk: Twilio then tells us again."""


class CallEvents:
    """Takes in status and machine-detection events."""

    def __init__(self, services: Callable[[], Services], ledger: Ledger) -> None:
        self._services = services
        self._ledger = ledger
        self._under_way: set[asyncio.Task[None]] = set()

    async def status(self, hook: VoiceWebhook) -> Answer:
        """Record one status event; a final one ends the call."""
        services = self._services()
        try:
            call = await self._known(services, hook)
        except NotStored as error:
            log.error("status-not-stored", status=hook.params.get("CallStatus", ""), why=str(error))
            return NOT_STORED
        params = hook.params
        status = params.get("CallStatus", "")
        now_ms = services.clock.now_ms()
        row = {
            "account": hook.account,
            "sid": hook.sid,
            "sequence": _whole(params.get("SequenceNumber")) or 0,
            "status": status,
            "at_ms": now_ms,
            "params": store.to_json(params),
        }
        over = call if status in store.FINAL and call is not None and call.sid in ("", hook.sid) else None
        if over is not None:
            over.answered_by = params.get("AnsweredBy", over.answered_by)
            await _at_rest(over, services.limits.turn_ms / 1000)

        def work(conn: Connection) -> Outcome | None:
            if call is None and store.is_forgotten(conn, account=hook.account, sid=hook.sid):
                return None  # told again, long after retention has removed it: it must not seem to go on
            store.add_status(conn, row)
            statistics.call_event_counted_in(conn, hook.account, params)
            return None if over is None else ending.end_in(conn, services, over, _ended(params), now_ms)

        try:
            outcome = await services.db.write(work)
        except NotStored as error:
            log.error("status-not-stored", status=status, why=str(error))
            return NOT_STORED
        except Exception:
            # What follows a call's end must not get lost with a fault of ours: we are told again.
            log.exception("status-not-taken", status=status)
            return NOT_STORED
        if over is not None:
            ending.remember(services, over, _ended(params), outcome, now_ms)
        elif call is None and status in store.FINAL and self._ledger.of_leg(hook.account, hook.sid):
            # Its first turn began the call beside this, and has looked for its end before it was written.
            return await self.status(hook)
        return NO_CONTENT

    async def machine(self, hook: VoiceWebhook) -> Answer:
        """Record who answered, as asynchronous machine detection found out."""
        services = self._services()
        answered_by = hook.params.get("AnsweredBy", "")
        try:
            call = await self._known(services, hook)
        except NotStored as error:
            log.error("machine-detection-not-stored", answered_by=answered_by, why=str(error))
            return NOT_STORED
        if call is None:
            log.info("machine-detection-for-unknown-call", answered_by=answered_by)
            return NO_CONTENT
        if call.sent_to_voicemail:
            return NO_CONTENT  # told again; the voicemail text must not begin anew
        call.answered_by = answered_by
        nobody = answered_by.startswith(MACHINE) and not call.pressed  # a key has proved a person already
        if nobody:
            # What it was told before it was known for a machine counts as little as what comes after.
            call.heard, call.heard_next = {}, {} if call.heard_next is not None else None

        def work(conn: Connection) -> None:
            store.save_call(conn, call)
            if nobody:
                notices.unheard_in(conn, call.id)

        try:
            await services.db.write(work)
        except NotStored as error:
            log.error("machine-detection-not-stored", call=call.id, why=str(error))
            return NOT_STORED
        call.stored = True
        # Twilio is not kept waiting for a request of ours to Twilio.
        task = asyncio.ensure_future(self._to_voicemail(services, call))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return NO_CONTENT

    async def _to_voicemail(self, services: Services, call: Call) -> None:
        """Let a machine hear the voicemail text; a pressed key proves a person, whatever was detected."""
        line = services.lines.get(call.profile)
        if line is None or call.pressed or call.finished or not call.answered_by.startswith(MACHINE):
            return
        if call.sent_to_voicemail:
            return  # told twice in one moment
        call.sent_to_voicemail = True
        url = webhook_url(line, "voicemail", call)
        why = await services.dialler.redirect(call.sid, url, profile=line.twilio_profile)
        if why:
            log.warning("voicemail-not-reached", call=call.id, why=why)

    async def _known(self, services: Services, hook: VoiceWebhook) -> Call | None:
        """Return the call of an event; an event never begins one."""
        return await self._ledger.find(services, hook, begin=False)


async def _at_rest(call: Call, patience_s: float) -> None:
    """Wait a little for what the call's last turn is still carrying out: it belongs to the outcome."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(patience_s):
            # One that a webhook has begun is there before its first turn is.
            while not call.state and not call.turns and not call.finished:
                await asyncio.sleep(FIRST_TURN_LOOK_S)
            async with call.in_turn:
                pass
            if call.unsettled:
                await asyncio.wait(call.unsettled.values())


def _ended(params: Mapping[str, str]) -> ending.Ended:
    return ending.Ended(
        params.get("CallStatus", ""),
        code=_whole(params.get("ErrorCode")),
        sip_code=_whole(params.get("SipResponseCode")),
        duration_s=_whole(params.get("CallDuration")),
        billed_minutes=_whole(params.get("Duration")),
    )


def _whole(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None
