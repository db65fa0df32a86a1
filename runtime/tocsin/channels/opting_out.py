"""A person wants no more texts, or wants them again: what they texted holds at once, and nobody is surprised.

The person is called and told so, because a text to them is not delivered any more. Whoever looks after the
gateway finds an alarm of the gateway's own, and a more urgent one where nothing else reaches that person, or
nobody is left on a roster whom anything reaches. That is looked for again every hour.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.alarms import AlarmEvent, notices
from tocsin.calls.on_request import CannotAsk, InCall, OnRequest
from tocsin.calls.own_words import OWN, own_data
from tocsin.calls.services import NoTurn
from tocsin.channels import contacts, reach
from tocsin.db import after_commit
from tocsin.journal import record
from tocsin.telephony.numbers import masked

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from tocsin.channels.station import Station
    from tocsin.engine.port import Job
    from tocsin.people import User

log = structlog.get_logger("tocsin.channels")

CONTACT: Final = f"{OWN}Contact/"
REACH_QUEUE: Final = "reach"
HOUR_MS: Final = 3_600_000
_LANGUAGE: Final = "en-US"
_AGAIN_S: Final = 10.0
_TRIES: Final = 60


class OptingOut:
    """Takes STOP and START."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Note the event loop on which people are called."""
        self._loop = asyncio.get_running_loop()

    def texted_in(self, conn: Connection, number: str, word: str, now_ms: int) -> None:
        """Take it that STOP or START was texted from a number; a second time changes nothing."""
        if word == "STOP" and self.stopped_in(conn, number, why="texted STOP", now_ms=now_ms):
            self._call_after(conn, self._users(number), now_ms)
        elif word == "START" and contacts.opted_out(conn, number):
            contacts.opted_in_in(conn, number)
            self._note(conn, number, "contact.opted-in", "texted START", now_ms)
            over = [
                AlarmEvent(path=f"{CONTACT}{user.username}", name="Texts", state="clear")
                for user in self._users(number)
            ]
            self.look_in(conn, now_ms, also=over)

    def stopped_in(
        self, conn: Connection, number: str, *, why: str, now_ms: int, code: int | None = None
    ) -> bool:
        """Send a number no more texts, whoever said so; False where that was so before.

        Nobody is called about it here: whoever learns it from Twilio is about to tell of an alarm.
        """
        if contacts.opted_out(conn, number):
            return False
        contacts.opted_out_in(conn, number, why=why, code=code, now_ms=now_ms)
        self._note(conn, number, "contact.opted-out", why, now_ms)
        users = self._users(number)
        self.look_in(conn, now_ms, also=[_note_of(user) for user in users])
        return True

    def _users(self, number: str) -> Sequence[User]:
        return self._station.services.directory.by_number(number)

    def _note(self, conn: Connection, number: str, kind: str, why: str, now_ms: int) -> None:
        for user in self._users(number):
            facts = {"channel": "sms", "number": masked(number), "why": why}
            record(conn, kind=kind, at_ms=now_ms, subject=user.username, person=user.username, data=facts)

    # Who looks after the gateway.

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Look, as every hour, whether there are people whom nothing reaches."""
        del jobs
        station = self._station

        def work(conn: Connection) -> None:
            now_ms = station.now_ms
            self.look_in(conn, now_ms)
            station.engine.enqueue_in(conn, REACH_QUEUE, "hourly", due_ms=now_ms + HOUR_MS)

        await station.services.db.write(work)

    def look_in(self, conn: Connection, now_ms: int, *, also: Sequence[AlarmEvent] = ()) -> None:
        """Raise an alarm for whom nothing reaches any more, and clear it for whom something does."""
        services = self._station.services
        found = reach.unreached(services.directory, contacts.unreachable_in(conn, now_ms))
        for one in found:
            log.error("cannot-be-told", kind=one.kind, name=one.name)
        raised = {
            one.path
            for one in services.board.kept()
            if one.path.startswith(reach.REACH) and one.state == "active"
        }
        self._report_in(conn, [*also, *reach.events(found, raised)], now_ms)

    def _report_in(self, conn: Connection, events: Sequence[AlarmEvent], now_ms: int) -> None:
        if not events:
            return
        board, loop = self._station.services.board, self._loop
        accepted = board.report_in(conn, events, now_ms=now_ms)

        def apply() -> None:
            if loop is not None:
                loop.call_soon_threadsafe(board.applied, accepted)

        after_commit(conn, apply)

    # The person.

    def _call_after(self, conn: Connection, users: Collection[User], now_ms: int) -> None:
        """Call those who have a telephone, once it is on record that they get no texts.

        Not whoever is being called about an alarm, or is about to be: that must not find the line engaged.
        """
        unreachable = contacts.unreachable_in(conn, now_ms)
        called = [
            (user, phones[0])
            for user in users
            if not notices.of_person(conn, user.username, channel="voice")
            if (phones := [number for channel, number in reach.ways(user, unreachable) if channel == "voice"])
        ]
        loop = self._loop
        if loop is None or not called:
            return

        def call() -> None:
            for user, number in called:
                self._station.spawn(self._tell(user, number))

        def committed() -> None:
            loop.call_soon_threadsafe(call)

        after_commit(conn, committed)

    async def _tell(self, user: User, number: str, tries: int = 1) -> None:
        """Say that there are no more texts; a call that cannot be placed leaves the alarm to tell of it.

        Where its account has no turn for it now, it is tried again in a while.
        """
        services = self._station.services
        said = services.phrases.phrase(user.language or _LANGUAGE, "text-stopped-call", site=services.site)
        request = OnRequest(lambda: self._station.services, self._station.ledger)
        try:
            await request.place(number, by="tocsin", message=said, person=user, patience_s=0)
        except NoTurn as error:
            if tries < _TRIES:
                self._station.later(_AGAIN_S, lambda: self._tell(user, number, tries + 1))
            else:
                log.warning("not-told-of-no-more-texts", person=user.username, why=str(error))
        except (CannotAsk, InCall) as error:
            log.warning("not-told-of-no-more-texts", person=user.username, why=str(error))


def _note_of(user: User) -> AlarmEvent:
    """Raise an alarm that stands until somebody has taken note of it, or texts are wanted again."""
    path, label = f"{CONTACT}{user.username}", f"{user.username} wants no more texts"
    data = own_data("stopped-texts", person=user.username)
    return AlarmEvent(path=path, name="Texts", state="active", priority="Low", label=label, data=data)
