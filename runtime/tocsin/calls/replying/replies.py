"""Answering texts: each once, and what was asked for is committed before it is said.

The checks go in this order: known already, whose telephone, opted out, understood, PIN, area, and the change
itself. Who is told what once an alarm is acknowledged follows from the change, as it does in calls.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

import structlog

from tocsin.calls.replying import desk as desks
from tocsin.calls.replying.acting import Acting, clock_time, explained
from tocsin.calls.replying.answers import Done, Voice, codes_of
from tocsin.calls.replying.deciding import Wanted, decide
from tocsin.calls.replying.grammar import read_reply, without
from tocsin.calls.replying.inbound import (
    answered_in,
    audit_in,
    audit_row,
    inbound_of,
    seen_in,
    taken_in,
    twiml,
)
from tocsin.calls.replying.words import roles
from tocsin.calls.webhook import Answer
from tocsin.db import NotStored
from tocsin.people import tries
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from tocsin.calls.replying.deciding import Information, Question
    from tocsin.calls.replying.desk import Desk
    from tocsin.calls.replying.grammar import Reply
    from tocsin.calls.replying.inbound import Inbound
    from tocsin.calls.services import Services
    from tocsin.people import User

log = structlog.get_logger("tocsin.calls")

PATIENCE_S: Final = 10.0
"""Twilio waits 15 s for an answer; after so long, in real seconds, it is told that nothing is sure yet."""

_LANGUAGE: Final = "en-US"


class Replies:
    """Answers texts from telephones. One per gateway."""

    def __init__(self, services: Callable[[], Services]) -> None:
        self._services = services
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._under_way: set[asyncio.Task[Answer]] = set()

    async def take(self, params: Mapping[str, str], account: str) -> Answer:
        """Answer one webhook about a text that came in."""
        services = self._services()
        text = inbound_of(services, params, account)
        task = asyncio.ensure_future(self._in_turn(services, text))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        done, _ = await asyncio.wait({task}, timeout=PATIENCE_S)
        if done:
            return task.result()
        log.error("text-answer-late", number=masked(text.number))
        return self._apology(services, text, "not-recorded-yet")

    async def _in_turn(self, services: Services, text: Inbound) -> Answer:
        """Answer the texts of one telephone one after the other; whatever breaks, something is answered."""
        turn = self._turns.setdefault(text.number, asyncio.Lock())
        async with turn:
            try:
                return Answer(twiml(services, text, await self._answered(services, text)))
            except NotStored as error:
                log.error("message-not-stored", why=str(error))
                return self._apology(services, text, "not-recorded")
            except Exception:
                # Whoever wrote must learn that nothing is sure, whatever the fault and wherever it lay.
                log.exception("text-not-answered", number=masked(text.number))
                return self._apology(services, text, "not-recorded-yet")

    def _apology(self, services: Services, text: Inbound, key: str) -> Answer:
        if not text.known:
            return Answer(None, 503)
        said = _voice(services, text).say(key, number=text.own_number)
        return Answer(twiml(services, text, said, on_record=False))

    async def _answered(self, services: Services, text: Inbound) -> str:
        def look(conn: Connection) -> tuple[str | None, bool, Desk | None]:
            desk = desks.desk_in(conn, services, text.number) if text.known else None
            return seen_in(conn, text), services.opted_out_in(conn, text.number), desk

        seen, opted_out, desk = await services.db.read(look)
        if seen is not None:
            log.info("message-repeated", sid=text.sid)
            return seen
        voice = _voice(services, text)
        codes = desk.told if desk is not None else ()
        reply = read_reply(text.body, codes=codes, language=voice.language)
        word = text.opt_out if text.opt_out in ("STOP", "START") else reply.kind.upper()
        if word in ("STOP", "START"):
            return await self._opting(services, text, word)
        if desk is None or opted_out:
            await self._only_recorded(services, text, "opted-out" if desk is not None else "unknown-number")
            return ""
        decided = decide(reply, desk.told, question=desk.dialogue.question, now_ms=text.at_ms)
        exchange = Exchange(services, text, reply, desk, voice)
        return await (exchange.do(decided) if isinstance(decided, Wanted) else exchange.inform(decided))

    async def _opting(self, services: Services, text: Inbound, word: str) -> str:
        """Take STOP or START; to the words that Twilio takes itself, it has answered."""
        by_twilio = text.opt_out or text.body.strip().casefold() in roles("en")
        said = _voice(services, text).say("stopped" if word == "STOP" else "started")

        def work(conn: Connection) -> str:
            if not taken_in(conn, text):
                return seen_in(conn, text) or ""
            services.texted_in(conn, text.number, word, text.at_ms)
            audit_in(conn, services, text, [audit_row(text, "text", word.lower())])
            return answered_in(conn, text, "" if by_twilio or not text.known else said, acted=True)

        return await services.db.write(work)

    async def _only_recorded(self, services: Services, text: Inbound, why: str) -> None:
        def work(conn: Connection) -> None:
            if taken_in(conn, text):
                audit_in(conn, services, text, [audit_row(text, "text", why)])

        await services.db.write(work)
        log.warning("text-not-answered", why=why, number=masked(text.number))


class Exchange:
    """One text of somebody we know, and its answer."""

    def __init__(self, services: Services, text: Inbound, reply: Reply, desk: Desk, voice: Voice) -> None:
        self._services = services
        self._text = text
        self._reply = reply
        self._desk = desk
        self._voice = voice
        self._users = services.directory.by_number(text.number)

    async def inform(self, what: Information) -> str:
        """Answer with words."""
        if what in ("help", "nothing-open"):
            return await self._say(self._voice.say(what))
        identified = False
        pin = self._reply.pin
        if pin is not None and what == "list" and any(one.secret for one in self._desk.open()):
            who = await self._identified(pin, None)
            if isinstance(who, str):
                return who
            identified = True
        first = "" if what == "list" else self._voice.say(what)
        return await self._list(first, identified=identified)

    async def do(self, wanted: Wanted) -> str:
        """Do what was asked for, or say what it still takes, or why it cannot be had."""
        if not wanted.targets:
            said = explained(self._services, wanted.rest, wanted.unknown)
            told = self._voice.done(Done(wanted.action, tuple(said)))
            return await (self._list(told) if wanted.unknown else self._say(told))
        actor = self._actor(wanted)
        if wanted.takes_pin:
            question = wanted.question(self._text.at_ms)
            if self._reply.pin is None:
                asking = self._voice.say("ask-pin", codes=codes_of(wanted.targets))
                return await self._say(asking, question)
            who = await self._identified(self._reply.pin, question)
            if isinstance(who, str):
                return who
            actor = who
            # In a question it may stand in the note; whether it did is known only now.
            wanted = replace(wanted, note=without(self._reply.pin, wanted.note))
        acting = Acting(self._services, self._text, wanted, actor, self._voice)
        return await self._services.board.transact(acting.work)

    def _actor(self, wanted: Wanted) -> User:
        """Give whom the text counts for without a PIN: who was told, if still at this number."""
        told = {one.person for one in wanted.targets}
        return next((user for user in self._users if user.username in told), self._users[0])

    async def _identified(self, pin: str, question: Question | None) -> User | str:
        """Check a PIN; give the person, or what is answered instead, which is on record then."""
        services, text = self._services, self._text
        answers: list[str] = []

        def also(conn: Connection, reason: str, _: User | None) -> None:
            if reason == "wrong_pin":
                answers.append(self._say_in(conn, self._wrong_in(conn), question, "wrong_pin"))

        step = f"sms/{text.sid or text.id}"
        verdict = await services.pins.match(
            pin, self._users, number=text.number, via="sms", step=step, also=also
        )
        if verdict.user is not None:
            return verdict.user
        if verdict.reason == "wrong_pin":
            return answers[-1]
        if verdict.reason == "not_recorded":
            raise NotStored("the PIN could not be counted")
        said = self._locked(verdict.until_ms)
        return await services.db.write(lambda conn: self._say_in(conn, said, None, "locked"))

    def _wrong_in(self, conn: Connection) -> str:
        """Say that a PIN was wrong; of the last one before a lock, that too."""
        now = tries.standing(conn, tries.telephone(self._text.number), self._text.at_ms)
        return self._locked(now.until_ms) if now.locked else self._voice.say("wrong-pin")

    def _locked(self, until_ms: int | None) -> str:
        if until_ms is None:
            return self._voice.say("locked-for-good")
        return self._voice.say("locked", at=clock_time(self._services, until_ms))

    async def _say(self, said: str, question: Question | None = None) -> str:
        return await self._services.db.write(lambda conn: self._say_in(conn, said, question))

    def _say_in(self, conn: Connection, said: str, question: Question | None, result: str = "") -> str:
        """Record the text and an answer that changes nothing."""
        if not taken_in(conn, self._text):
            return seen_in(conn, self._text) or ""
        if result:
            audit_in(conn, self._services, self._text, [audit_row(self._text, "pin", result)])
        return answered_in(conn, self._text, said, acted=False, question=question)

    async def _list(self, first: str, *, identified: bool = False) -> str:
        """Answer with what is open: what this telephone was told of, and what else its people may answer."""
        services, text = self._services, self._text
        waiting = {one.id: one for one in desks.may_answer(services, self._users)}
        waiting |= {one.episode.id: one.episode for one in self._desk.open()}

        def work(conn: Connection) -> str:
            if not taken_in(conn, text):
                return seen_in(conn, text) or ""
            told, more = desks.listing_in(conn, services, text, list(waiting.values()))
            said = self._voice.listed(told, more, first=first, identified=identified)
            return answered_in(conn, text, said, acted=False)

        return await services.db.write(work)


def _voice(services: Services, text: Inbound) -> Voice:
    """Give the language of a telephone: that of whoever is at it."""
    users = services.directory.by_number(text.number)
    language = next((user.language for user in users if user.language), None)
    return Voice(services.phrases, language or _LANGUAGE)
