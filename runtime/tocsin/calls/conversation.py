"""The whole of one voice webhook: whose call, whether a repeat, the turn, what is committed, the answer.

This is where the promises of a turn are kept: a repeat gets the same TwiML and has no second effect, what
must be on disk is on disk before the answer leaves, and whatever fails, the caller hears something.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import structlog

from tocsin.calls import ending, sentences, store
from tocsin.calls.answering import Answering, StillSettling, TurnUnderWay
from tocsin.calls.call import BESIDE, Waiting, ends_call, entered, has_keys, looks_like_pin, pin_in
from tocsin.calls.host import WAITS, TurnHost
from tocsin.calls.phrasebook import FALLBACK_LANGUAGE
from tocsin.calls.record import TurnEnd, turn_row
from tocsin.calls.tables import turns
from tocsin.calls.webhook import MACHINE, Answer
from tocsin.db import NotStored

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.inprocess import InProcessDefault
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.services import Line, Services
    from tocsin.calls.webhook import VoiceWebhook
    from tocsin.scripts import Release

log = structlog.get_logger("tocsin.calls")

LEAST_PATIENCE_S = 0.2
"""So long a turn's commit is waited for, however much of the turn's time is gone."""

RELEASE_PATIENCE_S = 0.5
"""So long a turn waits for the release its call began with to be loaded; then the one in force answers it."""


class Conversation:
    """Answers voice webhooks that reach scripts; status and machine-detection events are in `events`."""

    def __init__(
        self, services: Callable[[], Services], ledger: Ledger, in_process: InProcessDefault
    ) -> None:
        self._services = services
        self._ledger = ledger
        self._answering = Answering(in_process)
        self._commits: set[asyncio.Task[None]] = set()

    @property
    def failures(self) -> Mapping[str, int]:
        """In how many turns the scripts failed since the start, by the kind of their failure."""
        return self._answering.failures

    async def answer(self, hook: VoiceWebhook) -> Answer:
        """Answer one webhook with TwiML; never raises because of a script, the database or a lost call."""
        services = self._services()
        try:
            call = await self._ledger.find(services, hook, begin=not hook.beside)
        except Exception:
            # A caller is on the line: whatever broke, they hear something.
            log.exception("call-not-found", action=hook.action)
            return Answer(_not_now(services, hook))
        line = services.lines.get(call.profile) if call is not None else None
        if hook.beside and (call is None or call.finished):
            return Answer(sentences.NOTHING)
        if call is None or line is None:
            log.warning("no-voice-profile-answers", account=hook.account)
            return Answer(_not_now(services, hook))
        try:
            return Answer(await self._twiml(services, line, call, hook))
        except Exception:
            log.exception("turn-failed", call=call.id, action=hook.action)
            return Answer(_not_now(services, hook))

    def fallback(self, hook: VoiceWebhook) -> Answer:
        """Answer Twilio's fallback URL, which it fetches after a failure: without user code and database.

        Twilio tells by ErrorCode and ErrorUrl what it could not use
        (https://www.twilio.com/docs/voice/twiml).
        """
        failed = urlsplit(hook.params.get("ErrorUrl", "")).path[:200]
        log.error(
            "fallback-answered", call=hook.ref[:40], code=hook.params.get("ErrorCode", "")[:10], url=failed
        )
        return Answer(_not_now(self._services(), hook))

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
        turn = self._told_beside if hook.beside else self._turn
        if not key:
            async with call.in_turn:
                return await turn(services, line, call, hook)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        call.running[key] = future
        twiml = ""
        try:
            # One turn after the other: two at once would each begin with the session the other changes.
            async with call.in_turn:
                twiml = await turn(services, line, call, hook)
            call.keep_answer(key, twiml)
            self._ledger.answered(hook, call)
        finally:
            del call.running[key]
            future.set_result(twiml or _not_now(services, hook))
        return twiml

    async def _turn(self, services: Services, line: Line, call: Call, hook: VoiceWebhook) -> str:
        started = time.perf_counter_ns()
        at_ms = services.clock.now_ms()
        limits = services.limits
        number = self._number(call, hook, limits.turns_per_call)
        waiting = call.waiting.get(number) if hook.wait else None
        if waiting is not None:
            if waiting.commit is not None:
                return await self._committed(services, line, call, hook, number, waiting)
            # Twilio fetches a Redirect without the keys that were pressed before it.
            hook = replace(hook, params=waiting.params)
        if number > limits.turns_per_call or _talked_ms(line, call, at_ms) > limits.call_minutes * 60_000:
            call.over_budget = True
            await self._end(services, call)
            return sentences.too_long(services.phrases.manner(call.language, line.voices))
        newly_heard = self._arrive(call, hook)
        # Without a key nothing can repeat this webhook, so its steps get a name of their own.
        key = (hook.step if hook.wait else "") or hook.key or f"once:{number}:{at_ms}"
        host = TurnHost(services, line, call, key=key, turn=number, wait=hook.wait)
        release = await _release(services, call)
        try:
            end = await self._answering.answer(
                TurnUnderWay(services, line, call, hook, number, host, release)
            )
        except StillSettling:
            call.waiting[number] = Waiting(key, hook.params)
            end = TurnEnd(_one_moment(services, line, call, hook, number, key), "one-moment", release.id)
        came_earlier = _came_earlier(call, hook)
        changed = _take_over(call, end)
        call.said_goodbye = ends_call(end.twiml)
        took_us = (time.perf_counter_ns() - started) // 1000
        row = turn_row(call, hook, end, number=number, at_ms=at_ms, took_us=took_us, answers=host.answers)
        if not (changed or host.had_effect or newly_heard or came_earlier or not call.stored):
            services.db.append(turns, row)
            return end.twiml
        commit = self._begin_commit(services, call, row, newly_heard, hide_earlier=came_earlier)
        if end.answered == "one-moment":
            return end.twiml  # its steps are committed by themselves; there is nothing to wait for twice
        call.waiting[number] = Waiting(key, hook.params, end.twiml, commit)
        spent_s = (time.perf_counter_ns() - started) / 1e9
        return await self._committed(services, line, call, hook, number, call.waiting[number], spent_s)

    async def _told_beside(self, services: Services, line: Line, call: Call, hook: VoiceWebhook) -> str:
        """Let the scripts know what Twilio tells beside the call; the conversation stays where it is.

        Its phone has not come back, so that nothing more was heard, no turn is used up and no answer waited
        for. What the scripts keep and do counts.
        """
        started, at_ms = time.perf_counter_ns(), services.clock.now_ms()
        call.told_beside += 1
        if call.told_beside > services.limits.turns_per_call:
            return sentences.NOTHING
        _mark_pins(call, hook)
        key = hook.key or f"beside:{secrets.token_hex(8)}"
        number = max(call.turns, 1)
        host = TurnHost(services, line, call, key=key, turn=number)
        release = await _release(services, call)
        end = await self._answering.beside(TurnUnderWay(services, line, call, hook, number, host, release))
        came_earlier = _came_earlier(call, hook)
        changed = _take_over(call, end)
        took_us = (time.perf_counter_ns() - started) // 1000
        row = turn_row(call, hook, end, number=number, at_ms=at_ms, took_us=took_us, answers=host.answers)
        if changed or host.had_effect or came_earlier or not call.stored:
            commit = self._begin_commit(services, call, row, [], hide_earlier=came_earlier)
            await asyncio.wait([commit], timeout=LEAST_PATIENCE_S)
        else:
            services.db.append(turns, row)
        return end.twiml

    async def _committed(
        self,
        services: Services,
        line: Line,
        call: Call,
        hook: VoiceWebhook,
        number: int,
        waiting: Waiting,
        spent_s: float = 0.0,
    ) -> str:
        """Return a turn's answer once it is on disk; while it is not, the caller hears "one moment".

        After the last wait the answer is given all the same: what it says was done is committed by itself,
        and only the call's own memory of this turn is late.
        """
        assert waiting.commit is not None
        patience_s = max(services.limits.turn_ms / 1000 - spent_s, LEAST_PATIENCE_S)
        if not services.db.health.ok:
            patience_s = LEAST_PATIENCE_S  # it refuses already; nobody shall wait for that in silence
        await asyncio.wait([waiting.commit], timeout=patience_s)
        if waiting.commit.done() or hook.wait >= WAITS:
            call.waiting.pop(number, None)
            return waiting.twiml
        log.warning("turn-commit-slow", call=call.id, turn=number, wait=hook.wait)
        return _one_moment(services, line, call, hook, number, waiting.key)

    @staticmethod
    async def _end(services: Services, call: Call) -> None:
        """Record how a call beyond its budget ends; what it acknowledged stays acknowledged."""
        if call.outcome is not None:
            return
        try:
            await ending.end(services, call, ending.Ended(ending.OVER_BUDGET))
        except Exception as error:  # noqa: BLE001  the call ends all the same, and Twilio tells of its end
            log.error("call-end-not-stored", call=call.id, why=repr(error))

    @staticmethod
    def _number(call: Call, hook: VoiceWebhook, most: int) -> int:
        """Give this turn its number: a waiting turn keeps its own, any other gets the next.

        Never below the one in the URL: a crash may have lost the trace of turns that had no effect.
        """
        if hook.wait and hook.turn in call.waiting:
            return hook.turn
        call.turns = max(call.turns + 1, min(hook.turn or 0, most))
        return call.turns

    @staticmethod
    def _arrive(call: Call, hook: VoiceWebhook) -> list[str]:
        """Take over what the webhook itself tells; return the episodes that count as heard from now on."""
        call.answered_by = hook.params.get("AnsweredBy", call.answered_by)
        call.pressed = call.pressed or has_keys(hook.params.get("Digits", ""))
        _mark_pins(call, hook)
        nobody = call.answered_by.startswith(MACHINE) and not call.pressed  # a key proves a person
        if hook.wait or nobody:
            return []
        return call.confirm_heard()

    def _begin_commit(
        self, services: Services, call: Call, row: dict[str, Any], heard: list[str], *, hide_earlier: bool
    ) -> asyncio.Task[None]:
        commit = asyncio.ensure_future(self._commit(services, call, row, heard, hide_earlier=hide_earlier))
        self._commits.add(commit)
        commit.add_done_callback(self._commits.discard)
        return commit

    async def _commit(
        self, services: Services, call: Call, row: dict[str, Any], heard: list[str], *, hide_earlier: bool
    ) -> None:
        """Put on disk, before the answer leaves, what a crash must not undo."""
        person = call.user.username if call.user else None

        def work(conn: Connection) -> None:
            store.save_call(conn, call)
            store.add_turn(conn, row)
            if hide_earlier:
                store.hide_pins(conn, call)
            if heard and person:
                services.board.heard_in(conn, heard, person=person, call_id=call.id, now_ms=row["at_ms"])

        try:
            if hide_earlier:
                await services.db.flush()  # the trace of earlier turns may still be on its way
            await services.db.write(work)
        except NotStored as error:
            log.error("turn-not-stored", call=call.id, why=str(error))
            return
        call.stored = True


def _talked_ms(line: Line, call: Call, at_ms: int) -> int:
    """Return how long a call has lasted at least; one that tocsin placed may have rung first."""
    rang_ms = 0 if call.direction == "inbound" else line.ring_seconds * 1000
    return at_ms - call.started_ms - rang_ms


async def _release(services: Services, call: Call) -> Release:
    release = await services.library.release(call.release_id, within_s=RELEASE_PATIENCE_S)
    return release or services.library.current(call.project)


def _mark_pins(call: Call, hook: VoiceWebhook) -> None:
    """Remember as PINs what was typed or said where one was asked for."""
    if hook.action == "pin":
        for value in entered(hook.params):
            if looks_like_pin(value):
                call.pins.add(value)


def _came_earlier(call: Call, hook: VoiceWebhook) -> bool:
    """Tell whether a PIN became known in this turn that an earlier one had brought, and kept as it came."""
    new = call.pins.since(call.pins_hidden)
    return bool(new) and not set(new) <= {pin_in(value) for value in entered(hook.params)}


def _take_over(call: Call, end: TurnEnd) -> bool:
    """Keep what the turn left behind for the next one; True where that must be on disk."""
    changed = False
    session = call.session if end.session is None else end.session
    if session != call.session or len(call.pins) > call.pins_hidden:
        if call.pins:
            session = store.to_json(call.pins.hide_in(store.from_json(session)))
            call.pins_hidden = len(call.pins)
        changed = session != call.session
        call.session = session
    if end.answered == BESIDE:
        return changed  # nobody hears what it reads out
    if end.heard or (call.heard_next and end.session is not None):
        changed = True
        call.reads_out(frozenset(end.heard))
    return changed


def _not_now(services: Services, hook: VoiceWebhook) -> str:
    """Return what a caller hears whom nothing could answer, in their own language where they are known.

    It is told by their number and by the number they talk to, as neither call nor database may be at hand.
    """
    try:
        line, person = services.line_for(hook), services.directory.owner(hook.numbers[0])
        language = (person.language if person else None) or (line.language if line else FALLBACK_LANGUAGE)
        return sentences.not_now(services.phrases.manner(language, line.voices if line else {}))
    except Exception:
        log.exception("no-language-known", action=hook.action)
        return sentences.FALLBACK


def _one_moment(services: Services, line: Line, call: Call, hook: VoiceWebhook, number: int, key: str) -> str:
    """Return the document that asks for this turn again; its key goes along, for after a crash."""
    path = hook.path.partition("?")[0]
    query = {**hook.query, "turn": str(number), "wait": str(hook.wait + 1), "step": key}
    manner = services.phrases.manner(call.language, line.voices)
    return sentences.one_moment(manner, f"{line.base}{path}?{urlencode(query)}#rc=2&rp=all")
