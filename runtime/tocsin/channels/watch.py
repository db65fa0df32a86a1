"""Calls whose callbacks stay away: looked up at Twilio, and ended as if Twilio had told.

A call is looked at once it should have ended ringing, and again whenever nothing was heard of it for a
minute. Where no webhook can come in at all it is looked at every few seconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeGuard

import structlog

from tocsin.calls import store as call_store
from tocsin.calls.webhook import VoiceWebhook
from tocsin.channels import announced, store
from tocsin.channels.station import WATCH, there
from tocsin.telephony.client import TwilioFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from tocsin.calls.events import CallEvents
    from tocsin.calls.services import Line
    from tocsin.channels.station import Station
    from tocsin.engine.port import Job
    from tocsin.telephony.found import FoundCall

log = structlog.get_logger("tocsin.channels")

SET_UP_MS: Final = 20_000
"""Beyond the time a phone rings: what networks take to reach it, and callbacks to reach us."""

SILENT_MS: Final = 60_000
"""A live call of which nothing is heard for so long is looked up."""

POLL_MS: Final = 3_000
"""So often a call is looked up where nothing of it is ever heard."""

EVENT_SEQUENCE: Final = 1_000_000
"""Sequence number of an end that was looked up: no callback of Twilio's has it."""


def watch_in(
    conn: Connection, station: Station, call_id: str, profile: str, now_ms: int, *, soon: bool = False
) -> None:
    """Have a call that is under way looked after; `soon` where callbacks may have been missed already."""
    first_ms = POLL_MS if soon else _first_look_ms(station.services.lines.get(profile))
    station.engine.enqueue_in(conn, WATCH, call_id, due_ms=now_ms + first_ms)


def _first_look_ms(line: Line | None) -> int:
    if line is None:
        return SILENT_MS
    return line.ring_seconds * 1000 + SET_UP_MS if line.base else POLL_MS


class Watch:
    """Looks after calls that were placed. Jobs of its queue are calls."""

    def __init__(self, station: Station, events: CallEvents) -> None:
        self._station = station
        self._events = events
        self._began_ms: int | None = None

    def start(self) -> None:
        """Note when this process began: what a call told before says nothing of what it missed to hear."""
        self._began_ms = self._station.now_ms

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Look after each of these calls."""
        for job in jobs:
            await self._look(job)

    async def _look(self, job: Job) -> None:
        station = self._station
        services = station.services
        row, heard_ms = await services.db.read(
            lambda conn: (store.call_row(conn, job.key), store.last_heard(conn, job.key))
        )
        if row is None or row["ended_ms"] is not None or not row["sid"]:
            await services.db.write(lambda conn: self._done_in(conn, job, row))
            return
        line = services.lines.get(row["profile"])
        outbound_only = line is not None and not line.base
        now_ms = station.now_ms
        if not outbound_only and self._heard_lately(heard_ms, now_ms):
            await self._later(job, heard_ms + SILENT_MS)
            return
        try:
            found = await self._fetched(row)
        except TwilioFailed as error:
            log.warning("call-not-looked-up", call=job.key, why=str(error))
            if now_ms - row["started_ms"] > self._longest_ms(line):
                await self._ended(row, None)
                return
            await self._later(job, now_ms + (POLL_MS * 3 if outbound_only else SILENT_MS // 2))
            return
        if found.status in call_store.FINAL:
            await self._ended(row, found)
        else:
            await self._later(job, now_ms + (POLL_MS if outbound_only else SILENT_MS))

    def _heard_lately(self, heard_ms: int | None, now_ms: int) -> TypeGuard[int]:
        if heard_ms is None or (self._began_ms is not None and heard_ms < self._began_ms):
            return False
        return 0 <= now_ms - heard_ms < SILENT_MS

    def _done_in(self, conn: Connection, job: Job, row: RowMapping | None) -> None:
        """Let go of a call that is over; of one that never was anywhere, once it cannot ring any more."""
        station = self._station
        longest_ms = self._longest_ms(station.services.lines.get(row["profile"])) if row is not None else 0
        if row is None or row["ended_ms"] is not None:
            station.engine.complete_in(conn, [job])
        elif station.now_ms - row["started_ms"] < longest_ms:
            station.engine.enqueue_in(conn, WATCH, job.key, due_ms=row["started_ms"] + longest_ms)
        else:
            store.change_call(conn, job.key, ended_ms=station.now_ms)
            station.engine.complete_in(conn, [job])

    def _longest_ms(self, line: Line | None) -> int:
        ring_ms = (line.ring_seconds if line is not None else 60) * 1000
        return ring_ms + self._station.services.limits.call_minutes * 60_000 + SILENT_MS

    async def _later(self, job: Job, due_ms: int) -> None:
        station = self._station
        await station.services.db.write(
            lambda conn: station.engine.enqueue_in(conn, WATCH, job.key, due_ms=due_ms)
        )

    async def _fetched(self, row: RowMapping) -> FoundCall:
        station = self._station
        line = station.services.lines.get(row["profile"])
        client = station.client(line.twilio_profile) if line is not None else None
        return await there(client).fetch_call(row["sid"])

    async def _ended(self, row: RowMapping, found: FoundCall | None) -> None:
        """Take the end of a call as it was looked up; without one, as a failure of the provider."""
        station = self._station
        line = station.services.lines.get(row["profile"])
        if found is not None and line is not None and not line.base:
            await announced.end(station, row, found)
            return
        log.info("call-end-looked-up", call=row["id"], status=found.status if found else "unknown")
        answer = await self._events.status(_event(row, found))
        if answer.status != 204:
            raise TwilioFailed(f"the end of call {row['id']} could not be recorded")


def _event(row: RowMapping, found: FoundCall | None) -> VoiceWebhook:
    """Write what was looked up as the status event Twilio would have sent."""
    params = {
        "CallSid": row["sid"],
        "AccountSid": row["account"],
        "From": row["own_number"],
        "To": row["number"],
        "Direction": "outbound-api",
        "CallStatus": found.status if found is not None else "failed",
        "SequenceNumber": str(EVENT_SEQUENCE),
        "CallbackSource": "looked-up",
    }
    if found is None:
        params["ErrorCode"] = "20500"
    elif found.duration_s is not None:
        params["CallDuration"] = str(found.duration_s)
        if found.status == "completed":
            params["Duration"] = str(-(-found.duration_s // 60))
    if found is not None and found.answered_by:
        params["AnsweredBy"] = found.answered_by
    return VoiceWebhook(
        action="status", ref=row["id"], params=params, account=row["account"], token=f"looked-up {row['id']}"
    )
