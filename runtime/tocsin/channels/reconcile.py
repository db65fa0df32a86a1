"""Attempts of which nobody knows whether Twilio took them: after a crash, a timeout, or an answer lost.

Each is looked for in Twilio's list. Found, it goes on as if the answer had come; missing, what it carried
is told anew, marked as possibly told twice. A webhook that names the call settles it earlier.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import structlog

from tocsin.alarms import notices
from tocsin.calls import placing
from tocsin.channels import store
from tocsin.channels.seeking import Candidate, Verdict, judge
from tocsin.channels.settling import CANCELLED, DUPLICATE
from tocsin.channels.station import RECEIPT, RECONCILE, SMS, VOICE, of_call, of_message, there
from tocsin.channels.texts import Written
from tocsin.channels.watch import watch_in
from tocsin.journal import record
from tocsin.telephony.attempt import placed
from tocsin.telephony.client import TwilioFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection
    from sqlalchemy.engine import RowMapping

    from tocsin.channels.cancelling import Cancelling
    from tocsin.channels.ends import CallEnds
    from tocsin.channels.station import Station
    from tocsin.channels.texts import Texts
    from tocsin.channels.voice import Voice
    from tocsin.engine.port import Job

log = structlog.get_logger("tocsin.channels")

SWEEP: Final = "sweep"
SWEEP_MS: Final = 30_000
ASKING_MS: Final = 5_000
"""So soon an attempt is looked at again whose request is still under way in this process."""

UNREADABLE_MS: Final = 30_000
"""Where Twilio's list cannot be read for so long, people are told another way."""

LONGEST_MS: Final = 15 * 60_000
"""After so long nothing rings any more that was asked for."""

_SOUGHT: Final = ("intent", "unknown", "missing")
"""States of a text that may still turn up in the list; one that is missing was told anew meanwhile."""


class Reconciler:
    """Clears up. Jobs of its queue are calls and texts, and one sweep that finds what has no job."""

    def __init__(
        self, station: Station, voice: Voice, texts: Texts, ends: CallEnds, cancelling: Cancelling
    ) -> None:
        self._station = station
        self._voice = voice
        self._texts = texts
        self._ends = ends
        self._cancelling = cancelling

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Clear each of these up as far as can be."""
        for job in jobs:
            kind, _, ident = job.key.partition(" ")
            if kind == SWEEP:
                await self._station.services.db.write(partial(self._sweep_in, job=job))
            elif kind == "call":
                await self._call(job, ident)
            else:
                await self._message(job, ident)

    # What has no job, whatever the reason.

    def start_in(self, conn: Connection, *, alone: bool) -> None:
        """Begin: `alone` says that no other process can be asking for anything."""
        station = self._station
        now_ms = station.now_ms
        station.engine.enqueue_in(conn, RECONCILE, SWEEP, due_ms=now_ms)
        if alone:
            keys = self._not_known_in(conn)
            station.engine.enqueue_all_in(conn, RECONCILE, [(key, now_ms, 0) for key in keys])
            # Their callbacks may have come while nobody listened; whoever was called waits for no timer.
            for row in store.placed_calls(conn):
                if row["sid"]:
                    watch_in(conn, station, row["id"], row["profile"], now_ms, soon=True)

    @staticmethod
    def _not_known_in(conn: Connection) -> list[str]:
        calls, texts = store.not_known(conn)
        return [of_call(one) for one in calls] + [of_message(one) for one in texts]

    def _sweep_in(self, conn: Connection, *, job: Job) -> None:
        """Give a job to whatever should have one: the safety net under the engine's queues."""
        station = self._station
        now_ms = station.now_ms
        known = store.jobs(conn, RECONCILE)
        missing = [key for key in self._not_known_in(conn) if key not in known]
        station.engine.enqueue_all_in(conn, RECONCILE, [(key, now_ms + ASKING_MS, 0) for key in missing])
        watched = store.jobs(conn, "call-watch")
        for row in store.placed_calls(conn):
            if row["id"] not in watched and (row["sid"] or row["outcome"]):
                watch_in(conn, station, row["id"], row["profile"], now_ms)
        awaited = store.jobs(conn, RECEIPT)
        unheard = [(one, now_ms, 0) for one in store.receipts_awaited(conn) if one not in awaited]
        station.engine.enqueue_all_in(conn, RECEIPT, unheard)
        for channel in (VOICE, SMS):
            self._orphans_in(conn, channel, now_ms)
        station.engine.enqueue_in(conn, job.queue, job.key, due_ms=now_ms + SWEEP_MS)

    def _orphans_in(self, conn: Connection, channel: str, now_ms: int) -> None:
        """Wake dispatchers that have something to do, and free what waits for a profile that is gone."""
        station = self._station
        woken = store.jobs(conn, channel)
        for profile in store.waiting_profiles(conn, channel):
            account = station.account_of(channel, profile)
            if account is None:
                ids = store.queued_ids(conn, channel, profile=profile)
                why = f"there is no profile {profile!r} any more"
                done = notices.settle_in(conn, ids, outcome="failed-provider", why=why, now_ms=now_ms)
                station.events_in(conn, (one.run_id for one in done), now_ms)
            elif account not in woken:
                station.wake_in(conn, channel, [account])

    # Calls.

    async def _call(self, job: Job, call_id: str) -> None:
        station = self._station
        db = station.services.db
        row = await db.read(lambda conn: store.call_row(conn, call_id))
        if row is None or row["ended_ms"] is not None or row["state"] not in ("intent", "unknown"):
            await self._done(job)
        elif call_id in self._voice.asking:
            await self._later(job, station.now_ms + ASKING_MS)
        else:
            await self._seek_call(job, row)

    async def _seek_call(self, job: Job, row: RowMapping) -> None:
        station = self._station
        db = station.services.db
        client = station.client_of(VOICE, row["profile"])
        known = station.ledger.known(row["id"])
        sid = row["sid"] or (known.sid if known is not None else "")
        if sid:
            verdict = Verdict(sid, None, "its webhooks named it")
        else:
            try:
                found = await there(client).list_calls(row["number"])
            except TwilioFailed as error:
                await db.write(partial(self._unreadable_in, job=job, row=row, channel=VOICE, why=str(error)))
                return
            candidates = [Candidate(one.sid, one.created_ms) for one in found]
            verdict = await db.read(lambda conn: self._judged(conn, VOICE, row, candidates))
        idle = await db.write(lambda conn: self._call_judged_in(conn, job, row, verdict))
        if verdict.sid and known is not None and not known.sid:
            station.ledger.bind(known, verdict.sid)
        if idle:
            await self._cancelling.cancel_idle(row["id"])

    def _judged(
        self, conn: Connection, channel: str, row: RowMapping, candidates: Sequence[Candidate]
    ) -> Verdict:
        bound = store.bound_sids(conn, channel, row["account"], [one.sid for one in candidates])
        return judge(
            candidates,
            bound=bound,
            intent_ms=row["started_ms"] if channel == VOICE else row["at_ms"],
            sought_ms=row["sought_ms"],
            now_ms=self._station.now_ms,
        )

    def _call_judged_in(self, conn: Connection, job: Job, before: RowMapping, verdict: Verdict) -> bool:
        """Act on a verdict; True if the call is under way and nobody needs it any more."""
        station = self._station
        now_ms = station.now_ms
        row = store.call_row(conn, before["id"])
        if row is None or row["ended_ms"] is not None or row["state"] not in ("intent", "unknown"):
            station.engine.complete_in(conn, [job])
            return False
        if verdict.sid:
            placing.bound_in(conn, row["id"], verdict.sid)
            self._note(conn, "call.found", row, {"sid": verdict.sid, "why": verdict.why})
            watch_in(conn, station, row["id"], row["profile"], now_ms, soon=True)
            station.engine.complete_in(conn, [job])
            return store.idle(conn, row["id"]) is not None
        if verdict.again_ms is not None or row["outcome"] is not None:
            if row["sought_ms"] is None:
                store.change_call(conn, row["id"], sought_ms=now_ms)
            self._again_in(conn, job, row["started_ms"], verdict.again_ms)
            return False
        self._missing_in(conn, row, VOICE, verdict.why)
        store.change_call(
            conn, row["id"], state="unknown", outcome="failed-provider", outcome_why=verdict.why
        )
        watch_in(conn, station, row["id"], row["profile"], now_ms)
        self._again_in(conn, job, row["started_ms"], None)
        return False

    def _again_in(self, conn: Connection, job: Job, intent_ms: int, again_ms: int | None) -> None:
        """Look again; what was given up for lost, ever more seldom until it cannot ring any more.

        Nobody waits for that: it is for the record, where a list lags longer than anybody is patient.
        """
        station = self._station
        now_ms = station.now_ms
        if again_ms is None and not 0 <= now_ms - intent_ms <= LONGEST_MS:
            station.engine.complete_in(conn, [job])
            return
        seldom_ms = max(SWEEP_MS, now_ms - intent_ms)
        station.engine.enqueue_in(conn, job.queue, job.key, due_ms=again_ms or now_ms + seldom_ms)

    def _missing_in(self, conn: Connection, row: RowMapping, channel: str, why: str) -> None:
        """Have what a lost attempt carried told anew."""
        station = self._station
        now_ms = station.now_ms
        carried = (
            store.carried(conn, call_id=row["id"])
            if channel == VOICE
            else store.carried(conn, message_id=row["id"])
        )
        for one in carried:
            if one.why in CANCELLED:
                notices.settle_in(conn, [one.id], outcome=one.why, why=why, now_ms=now_ms)
                station.events_in(conn, [one.run_id], now_ms)
            else:
                notices.requeue_in(conn, [one.id], due_ms=now_ms, why=DUPLICATE)
        log.warning("attempt-missing", channel=channel, attempt=row["id"], why=why)
        self._note(conn, "call.missing" if channel == VOICE else "message.missing", row, {"why": why})
        station.wake_in(conn, channel, [row["account"]])

    def _unreadable_in(self, conn: Connection, *, job: Job, row: RowMapping, channel: str, why: str) -> None:
        """Look again later; where that takes too long, let people be told another way meanwhile."""
        station = self._station
        now_ms = station.now_ms
        log.warning("twilio-list-unreadable", channel=channel, attempt=row["id"], why=why)
        intent_ms = row["started_ms"] if channel == VOICE else row["at_ms"]
        if not 0 <= now_ms - intent_ms < UNREADABLE_MS:
            if channel == VOICE and row["outcome"] is None:
                ids = [one.id for one in store.carried(conn, call_id=row["id"])]
                self._ends.fail_over_in(conn, ids, row["profile"], why=why, now_ms=now_ms, doubtful=True)
                store.change_call(
                    conn, row["id"], state="unknown", outcome="failed-provider", outcome_why=why
                )
                watch_in(conn, station, row["id"], row["profile"], now_ms)
            elif channel == SMS:
                ids = [one.id for one in store.carried(conn, message_id=row["id"])]
                done = notices.settle_in(conn, ids, outcome="failed-provider", why=why, now_ms=now_ms)
                station.events_in(conn, (one.run_id for one in done), now_ms)
        if now_ms - intent_ms > LONGEST_MS:
            if channel == SMS:
                store.change_message(conn, row["id"], state="missing")
            station.engine.complete_in(conn, [job])
        else:
            given_up = now_ms - intent_ms >= UNREADABLE_MS
            again_ms = SWEEP_MS if given_up else ASKING_MS
            station.engine.enqueue_in(conn, job.queue, job.key, due_ms=now_ms + again_ms)

    # Texts.

    async def _message(self, job: Job, message_id: str) -> None:
        station = self._station
        db = station.services.db
        row = await db.read(lambda conn: store.message_row(conn, message_id))
        if row is None or row["state"] not in (*_SOUGHT, "sent"):
            await self._done(job)
            return
        if row["sid"]:
            # A callback was faster than the answer, and may have been the last one that came.
            await db.write(lambda conn: self._named_in(conn, job, row))
            return
        if message_id in self._texts.asking:
            await self._later(job, station.now_ms + ASKING_MS)
            return
        client = station.sender_of(row["profile"], row["account"], row["own_number"])
        try:
            found = await there(client).list_messages(row["number"])
        except TwilioFailed as error:
            await db.write(partial(self._unreadable_in, job=job, row=row, channel=SMS, why=str(error)))
            return
        candidates = [Candidate(one.sid, one.created_ms) for one in found if one.body == row["body"]]
        verdict = await db.read(lambda conn: self._judged(conn, SMS, row, candidates))
        await db.write(lambda conn: self._message_judged_in(conn, job, row, verdict))

    def _named_in(self, conn: Connection, job: Job, row: RowMapping) -> None:
        self._texts.tried_in(conn, _written_of(row), placed(row["sid"]))
        self._station.engine.complete_in(conn, [job])

    def _message_judged_in(self, conn: Connection, job: Job, before: RowMapping, verdict: Verdict) -> None:
        station = self._station
        now_ms = station.now_ms
        row = store.message_row(conn, before["id"])
        if row is not None and row["sid"] and row["state"] in (*_SOUGHT, "sent"):
            self._named_in(conn, job, row)
            return
        if row is None or row["state"] not in _SOUGHT:
            station.engine.complete_in(conn, [job])
            return
        if verdict.sid:
            self._texts.tried_in(conn, _written_of(row), placed(verdict.sid))
            self._note(conn, "message.found", row, {"sid": verdict.sid})
            station.engine.complete_in(conn, [job])
        elif row["state"] == "missing":
            self._again_in(conn, job, row["at_ms"], None)
        elif verdict.again_ms is not None:
            if row["sought_ms"] is None:
                store.change_message(conn, row["id"], sought_ms=now_ms)
            station.engine.enqueue_in(conn, job.queue, job.key, due_ms=verdict.again_ms)
        else:
            self._missing_in(conn, row, SMS, verdict.why)
            store.change_message(conn, row["id"], state="missing")
            self._again_in(conn, job, row["at_ms"], None)

    # Jobs.

    async def _done(self, job: Job) -> None:
        station = self._station
        await station.services.db.write(lambda conn: station.engine.complete_in(conn, [job]))

    async def _later(self, job: Job, due_ms: int) -> None:
        station = self._station
        await station.services.db.write(
            lambda conn: station.engine.enqueue_in(conn, job.queue, job.key, due_ms=due_ms)
        )

    def _note(self, conn: Connection, kind: str, row: RowMapping, facts: dict[str, Any]) -> None:
        record(
            conn, kind=kind, at_ms=self._station.now_ms, subject=row["id"], person=row["person"], data=facts
        )


def _written_of(row: RowMapping) -> Written:
    return Written(row["id"], row["profile"], row["person"] or "", row["number"], row["body"], row["at_ms"])
