"""The live calls: found by id or by leg, loaded when the process has forgotten them, dropped when they end.

No webhook is ever refused for a call that cannot be found: an id that is unknown, or that does not fit the
leg's CallSid, counts as 0, and the call is then found by its leg or begun as a new one.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import structlog

from tocsin.calls import store
from tocsin.calls.call import Call

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from tocsin.calls.services import Line, Services
    from tocsin.calls.webhook import VoiceWebhook
    from tocsin.people import User

log = structlog.get_logger("tocsin.calls")

LINGER_MS = 60_000
"""How long an ended call is kept at hand, for webhooks that arrive after its last status."""

DAY_MS = 24 * 60 * 60 * 1000
"""How long Twilio's idempotency token tells a repeat."""

MOST_TOKENS = 10_000
"""So many tokens are at hand; older ones are found on disk."""


class Ledger:
    """Live calls by id, and which leg belongs to which."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._legs: dict[tuple[str, str], str] = {}
        self._tokens: dict[tuple[str, str], str] = {}

    def __len__(self) -> int:
        """Return how many calls are at hand."""
        return len(self._calls)

    def at_hand(self) -> list[Call]:
        """Return the calls at hand."""
        return list(self._calls.values())

    def known(self, call_id: str) -> Call | None:
        """Return a call that is at hand."""
        return self._calls.get(call_id)

    async def load(self, services: Services, call_id: str) -> Call | None:
        """Return a call, at hand or from the database; None if it is on no record."""
        known = self._calls.get(call_id)
        if known is not None:
            return known
        return self._first(
            services,
            await services.db.read(lambda conn: store.load_call(conn, services.directory, call_id=call_id)),
        )

    async def find(self, services: Services, hook: VoiceWebhook, *, begin: bool) -> Call | None:
        """Return the call a webhook belongs to.

        Where there is none, one is begun if `begin` says so and a voice profile answers; else None.
        """
        known = self._calls.get(self._tokens.get((hook.account, hook.token), "")) if hook.token else None
        if known is not None:
            return known
        if hook.ref != "0":
            call = await self._by_id(services, hook)
            if call is not None:
                return call
        for sid in (hook.params.get("ParentCallSid", ""), hook.sid):
            if sid:
                call = await self._by_leg(services, hook.account, sid)
                if call is not None:
                    return call
        if hook.token:
            call = await self._by_token(services, hook)
            if call is not None:
                return call
        # Another webhook of the same leg may have begun the call while this one was looking.
        begun = self.of_leg(hook.account, hook.sid)
        if begun is not None:
            return begun
        line = services.line_for(hook) if begin else None
        return await self._begin(services, hook, line) if line is not None else None

    async def _by_token(self, services: Services, hook: VoiceWebhook) -> Call | None:
        """Return the call in which this very webhook was answered within a day, before a restart."""
        since_ms = services.clock.now_ms() - DAY_MS
        return self._first(
            services,
            await services.db.read(
                lambda conn: store.load_answered(
                    conn, services.directory, account=hook.account, key=hook.key, since_ms=since_ms
                )
            ),
        )

    def of_leg(self, account: str, sid: str) -> Call | None:
        """Return the call of a leg if it is in memory."""
        return self._calls.get(self._legs.get((account, sid), ""))

    def answered(self, hook: VoiceWebhook, call: Call) -> None:
        """Remember which call a webhook's token belongs to, whatever leg it is repeated for."""
        if hook.token:
            self._tokens[hook.account, hook.token] = call.id
            if len(self._tokens) > MOST_TOKENS:
                del self._tokens[next(iter(self._tokens))]

    async def _by_id(self, services: Services, hook: VoiceWebhook) -> Call | None:
        call = await self.load(services, hook.ref)
        if call is None or call.account != hook.account:
            log.warning("unknown-call", ref=hook.ref[:40], action=hook.action)
            return None
        if not call.sid:
            self.bind(call, hook.sid)
        elif hook.sid not in ("", call.sid) and hook.params.get("ParentCallSid") != call.sid:
            log.warning("call-does-not-fit-leg", ref=hook.ref[:40], action=hook.action)
            return None
        return call

    async def _by_leg(self, services: Services, account: str, sid: str) -> Call | None:
        known = self._legs.get((account, sid))
        if known is not None:
            return self._calls.get(known)
        return self._first(
            services,
            await services.db.read(
                lambda conn: store.load_call(conn, services.directory, account=account, sid=sid)
            ),
        )

    def _first(self, services: Services, call: Call | None) -> Call | None:
        """Keep a call that was loaded, unless two webhooks loaded it at once: then the first is the call."""
        if call is None:
            return None
        known = self._calls.get(call.id)
        if known is None:
            self.keep(services, call)
        return known or call

    async def _begin(self, services: Services, hook: VoiceWebhook, line: Line) -> Call:
        number, own = hook.numbers
        person = services.directory.owner(number)
        call = Call(
            id=secrets.token_urlsafe(12),
            sid=hook.sid,
            account=hook.account,
            direction="inbound" if hook.inbound else "outbound",
            number=number,
            own_number=own,
            profile=line.profile,
            project=line.project,
            release_id=services.library.current(line.project).id,
            language=(person.language if person else None) or line.language,
            started_ms=services.clock.now_ms(),
            person=person,
        )
        self.keep(services, call)
        call.ended_ms = await services.db.read(lambda conn: _over_ms(conn, call))
        return call

    def open_outbound(
        self, services: Services, line: Line, person: User | None, number: str, *, attempt: int = 1
    ) -> Call:
        """Begin the record of a call tocsin is about to place to a person, or to a number of nobody's."""
        call = outbound(services, line, person, number, attempt=attempt)
        self.keep(services, call)
        return call

    def keep(self, services: Services, call: Call) -> None:
        """Hold a call at hand, and its release in force for it, until it ends."""
        self._calls[call.id] = call
        if not call.finished:
            services.library.pin(call.id, call.release_id)
        if call.sid:
            self._legs[call.account, call.sid] = call.id

    def bind(self, call: Call, sid: str) -> None:
        """Note which leg a call tocsin placed has become."""
        if sid:
            call.sid = sid
            self._legs[call.account, sid] = call.id

    def sweep(self, services: Services) -> int:
        """Drop calls that ended a minute ago, or that outlived twice their limit; return how many."""
        now_ms, call_minutes = services.clock.now_ms(), services.limits.call_minutes
        stale_ms = 2 * call_minutes * 60_000
        gone = [
            call
            for call in self._calls.values()
            if not call.running
            and (
                (call.ended_ms is not None and now_ms - call.ended_ms > LINGER_MS)
                or now_ms - call.started_ms > stale_ms
            )
        ]
        for call in gone:
            del self._calls[call.id]
            self._legs.pop((call.account, call.sid), None)
            services.library.unpin(call.id)
        return len(gone)


def _over_ms(conn: Connection, call: Call) -> int | None:
    """Return when a call that seems to begin was over; such a call answers nothing more.

    Twilio may tell of a call's end before its first turn arrives. A call that was counted and then removed
    is a recorded one, sent again: its signature, and the PIN in it, may fit for years.
    """
    ended_ms = store.ended_ms(conn, account=call.account, sid=call.sid)
    if ended_ms is None and store.is_forgotten(conn, account=call.account, sid=call.sid):
        log.warning("call-of-long-ago", sid=call.sid)
        return call.started_ms
    return ended_ms


def outbound(services: Services, line: Line, person: User | None, number: str, *, attempt: int = 1) -> Call:
    """Make a call to be placed to a person, or to a number of nobody's; nothing keeps it yet."""
    return Call(
        id=secrets.token_urlsafe(12),
        sid="",
        account=line.account,
        direction="outbound",
        number=number,
        own_number=line.phone_number,
        profile=line.profile,
        project=line.project,
        release_id=services.library.current(line.project).id,
        language=(person.language if person else None) or line.language,
        started_ms=services.clock.now_ms(),
        person=person,
        attempt=attempt,
    )
