"""The whole of one voice webhook: whose call, whether a repeat, the turn, what is committed, the answer.

This is where the promises of a turn are kept: a repeat gets the same TwiML and has no second effect, what
must be on disk is on disk before the answer leaves, and whatever fails, the caller hears something.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import structlog

from tocsin.calls import sentences, store
from tocsin.calls.answering import Answering, StillSettling, TurnUnderWay
from tocsin.calls.call import looks_like_pin
from tocsin.calls.host import TurnHost
from tocsin.calls.record import TurnEnd, turn_row
from tocsin.calls.tables import turns
from tocsin.calls.webhook import Answer
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.inprocess import InProcessDefault
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.services import Line, Services
    from tocsin.calls.webhook import VoiceWebhook

log = structlog.get_logger("tocsin.calls")


class Conversation:
    """Answers voice webhooks that reach scripts; status and machine-detection events are in `events`."""

    def __init__(
        self, services: Callable[[], Services], ledger: Ledger, in_process: InProcessDefault
    ) -> None:
        self._services = services
        self._ledger = ledger
        self._answering = Answering(in_process)

    async def answer(self, hook: VoiceWebhook) -> Answer:
        """Answer one webhook with TwiML; never raises because of a script, the database or a lost call."""
        services = self._services()
        try:
            call = await self._ledger.find(services, hook, begin=True)
        except Exception:
            # A caller is on the line: whatever broke, they hear something.
            log.exception("call-not-found", action=hook.action)
            return Answer(sentences.FALLBACK)
        line = services.lines.get(call.profile) if call is not None else None
        if call is None or line is None:
            log.warning("no-voice-profile-answers", account=hook.account)
            return Answer(sentences.FALLBACK)
        try:
            return Answer(await self._twiml(services, line, call, hook))
        except Exception:
            log.exception("turn-failed", call=call.id, action=hook.action)
            return Answer(sentences.FALLBACK)

    async def _twiml(self, services: Services, line: Line, call: Call, hook: VoiceWebhook) -> str:
        """Return what this webhook was answered before or is being answered now, else a new answer."""
        if call.finished:
            return sentences.HANGUP
        answered = call.answers.get(hook.key) if hook.key else None
        if answered is not None:
            return answered
        running = call.running.get(hook.key) if hook.key else None
        if running is not None:
            return await asyncio.shield(running)
        return await self._once(services, line, call, hook)

    async def _once(self, services: Services, line: Line, call: Call, hook: VoiceWebhook) -> str:
        """Run the turn while later deliveries of the same webhook wait for its answer."""
        key = hook.key
        if not key:
            return await self._turn(services, line, call, hook)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        call.running[key] = future
        twiml = sentences.FALLBACK
        try:
            twiml = await self._turn(services, line, call, hook)
            call.keep_answer(key, twiml)
        finally:
            del call.running[key]
            future.set_result(twiml)
        return twiml

    async def _turn(self, services: Services, line: Line, call: Call, hook: VoiceWebhook) -> str:
        started = time.perf_counter_ns()
        at_ms = services.clock.now_ms()
        limits = services.limits
        number = self._number(call, hook)
        if number > limits.turns_per_call or at_ms - call.started_ms > limits.call_minutes * 60_000:
            call.outcome = call.outcome or "answered-silent"
            return sentences.TOO_LONG
        newly_heard = self._arrive(call, hook)
        key = call.waiting.get(number, hook.key) if hook.wait else hook.key
        # Without a key nothing can repeat this webhook, so its steps get a name of their own.
        host = TurnHost(
            services, line, call, key=key or f"once:{number}:{at_ms}", turn=number, wait=hook.wait
        )
        release = await services.library.release(call.release_id) or services.library.current(call.project)
        try:
            end = await self._answering.answer(
                TurnUnderWay(services, line, call, hook, number, host, release)
            )
        except StillSettling:
            call.waiting[number] = key
            end = TurnEnd(sentences.one_moment(_again(line, hook, number)), "one-moment", release.id)
        changed = _take_over(call, end)
        took_us = (time.perf_counter_ns() - started) // 1000
        row = turn_row(call, hook, end, number=number, at_ms=at_ms, took_us=took_us)
        if changed or host.had_effect or newly_heard or not call.stored:
            await self._commit(services, call, row, newly_heard)
        else:
            services.db.append(turns, row)
        return end.twiml

    @staticmethod
    def _number(call: Call, hook: VoiceWebhook) -> int:
        """Give this turn its number: a waiting turn keeps its own, any other gets the next."""
        if hook.wait and hook.turn in call.waiting:
            return hook.turn
        call.turns += 1
        return call.turns

    @staticmethod
    def _arrive(call: Call, hook: VoiceWebhook) -> list[str]:
        """Take over what the webhook itself tells; return the episodes that count as heard from now on."""
        call.answered_by = hook.params.get("AnsweredBy", call.answered_by)
        for name in ("Digits", "SpeechResult"):
            value = hook.params.get(name, "")
            call.pressed = call.pressed or bool(value)
            if value and looks_like_pin(hook.action, value):
                call.pins.add(value.strip())
        if hook.wait or hook.machine or call.answered_by.startswith(("machine_", "fax")):
            return []
        return call.confirm_heard()

    async def _commit(self, services: Services, call: Call, row: dict[str, Any], heard: list[str]) -> None:
        """Put on disk, before the answer leaves, what a crash must not undo."""
        person = call.user.username if call.user else None

        def work(conn: Connection) -> None:
            store.save_call(conn, call)
            store.add_turn(conn, row)
            if heard and person:
                services.board.heard_in(conn, heard, person=person, call_id=call.id, now_ms=row["at_ms"])

        try:
            await services.db.write(work)
        except NotStored as error:
            log.error("turn-not-stored", call=call.id, why=str(error))
            return
        call.stored = True


def _take_over(call: Call, end: TurnEnd) -> bool:
    """Keep what the turn left behind for the next one; True where that must be on disk."""
    changed = False
    if end.session is not None and end.session != call.session:
        session = end.session
        if call.pins:
            session = store.to_json(call.pins.hide_in(store.from_json(session)))
        changed = session != call.session
        call.session = session
    if end.heard or (call.heard_next and end.session is not None):
        changed = True
        call.heard_next = list(end.heard)
    return changed


def _again(line: Line, hook: VoiceWebhook, number: int) -> str:
    """Return the URL at which a turn that is still settling is asked for again."""
    path = hook.path.partition("?")[0]
    query = {**hook.query, "turn": str(number), "wait": str(hook.wait + 1)}
    return f"{line.base}{path}?{urlencode(query)}#rc=2&rp=all"
