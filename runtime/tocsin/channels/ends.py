"""What follows the end of a call: its notices get their outcomes or go back, runs hear of it, lines are free.

All of it in the transaction that records the end. Which outcome it was is decided by calls, what becomes
of each notice in `settling`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from tocsin.alarms import notices
from tocsin.calls.outcome import told
from tocsin.channels import contacts, failing_over, settling, store
from tocsin.channels.settling import DUPLICATE, Over
from tocsin.channels.station import RECONCILE, VOICE, WATCH, of_call

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

    from tocsin.calls.call import Call
    from tocsin.calls.outcome import Outcome
    from tocsin.channels.station import Station

REST_MS: Final = 60_000
"""What was not heard in a call comes due again so long after it."""

NOBODY_THERE = frozenset({"busy", "no-answer", "failed-number", "failed-provider"})
"""Outcomes that do not prove a working telephone."""


class CallEnds:
    """Takes part in the transaction that records a call's end."""

    def __init__(self, station: Station) -> None:
        self._station = station

    def ended_in(self, conn: Connection, call: Call, outcome: Outcome, now_ms: int) -> None:
        """Settle what the call carried. Called once per call, with its row up to date."""
        station = self._station
        row = store.call_row(conn, call.id)
        if call.direction == "outbound" and row is not None:
            if row["state"] != "refused" and call.person is not None and store.carried(conn, call_id=call.id):
                self._joined_in(conn, call, call.person.username, now_ms)
            if row["state"] == "refused":
                self._refused_in(conn, call, row, outcome, now_ms)
            else:
                self._contact_in(conn, call, outcome, now_ms)
                self._settle_in(conn, call, row, outcome, now_ms)
            station.engine.cancel_in(conn, WATCH, [call.id])
            station.engine.cancel_in(conn, RECONCILE, [of_call(call.id)])
        else:
            self._settle_in(conn, call, row or {}, outcome, now_ms)
        station.wake_all_in(conn, VOICE)

    def _joined_in(self, conn: Connection, call: Call, person: str, now_ms: int) -> None:
        """Let what came due for the same telephone meanwhile share the call's end.

        What is said is decided when somebody answers, so a call about alarms was about these as well; a phone
        that has just rung for nothing is not to ring again at once because there is more to say. One that was
        placed for no alarm may have said something else entirely, and joins nothing.
        """
        ids = store.due_at(conn, VOICE, person, call.number, now_ms)
        notices.place_in(conn, ids, call_id=call.id, now_ms=now_ms)

    def _settle_in(
        self, conn: Connection, call: Call, row: Mapping[Any, Any], outcome: Outcome, now_ms: int
    ) -> None:
        people = {user.username for user in (call.person, call.identified) if user is not None}
        why = row.get("outcome_why", "")
        over = Over(outcome, told(outcome), call.number, call.profile, call.started_ms, people, why)
        carried = store.carried(conn, call_id=call.id)
        carry_out_in(self._station, conn, settling.fates(carried, over), now_ms)
        for fate in settling.fates(store.carried(conn, call_id=call.id, planned=False), over):
            # Nobody planned these, so none goes back into the queue: each ends as the call did.
            ended = fate.outcome or ("notified-no-ack" if over.told else over.outcome)
            store.conclude(conn, fate.id, ended, fate.why if fate.outcome or over.told else over.why)
        if over.told:
            self._heard_beside_in(conn, call, people, now_ms)

    def _heard_beside_in(self, conn: Connection, call: Call, people: Iterable[str], now_ms: int) -> None:
        """Take out of the queue what was queued for these people and heard in this call anyway."""
        heard = [one.episode_id for one in notices.of_call(conn, call.id) if one.heard_ms is not None]
        for person in people:
            ids = store.queued_for(conn, person, heard)
            done = notices.settle_in(
                conn, ids, outcome="notified-no-ack", why=f"heard in call {call.id}", now_ms=now_ms
            )
            self._station.events_in(conn, (one.run_id for one in done), now_ms)

    def _contact_in(self, conn: Connection, call: Call, outcome: Outcome, now_ms: int) -> None:
        if outcome == "failed-number":
            contacts.bad_in(conn, VOICE, call.number, why="the call failed", now_ms=now_ms)
        elif outcome not in NOBODY_THERE and not outcome.startswith("cancelled"):
            contacts.good_in(conn, VOICE, call.number)

    # What Twilio did not take.

    def _refused_in(
        self, conn: Connection, call: Call, row: Mapping[Any, Any], outcome: Outcome, now_ms: int
    ) -> None:
        """Try another way at once where the refusal was about the way; wait where it was about the moment."""
        refusal, why = row["refusal"], row["why"]
        carried = store.carried(conn, call_id=call.id)
        if refusal in ("transient", "account", "barred"):
            self._needless_in(conn, carried, now_ms)
        ids = [one.id for one in carried if one.why not in settling.CANCELLED]
        if refusal == "transient":
            notices.requeue_in(conn, ids, due_ms=now_ms, why=_kept(row, "Twilio was not ready"))
            return
        if refusal in ("account", "barred"):
            doubtful = bool(row["possible_duplicate"])
            self.fail_over_in(
                conn, ids, call.profile, why=why, now_ms=now_ms, outcome=outcome, doubtful=doubtful
            )
            return
        if refusal == "number":
            contacts.bad_in(conn, VOICE, call.number, why=why, code=row["code"], now_ms=now_ms, for_good=True)
        self._settle_in(conn, call, row, outcome, now_ms)

    def _needless_in(self, conn: Connection, carried: Iterable[settling.Carried], now_ms: int) -> None:
        """Settle what nobody needs any more, rather than try it another way."""
        for one in carried:
            if one.why in settling.CANCELLED:
                why = "not needed any more before it was told"
                notices.settle_in(conn, [one.id], outcome=one.why, why=why, now_ms=now_ms)
                self._station.events_in(conn, [one.run_id], now_ms)

    def fail_over_in(
        self,
        conn: Connection,
        ids: list[int],
        profile: str,
        *,
        why: str,
        now_ms: int,
        outcome: str = "failed-provider",
        doubtful: bool = False,
    ) -> None:
        """Let notices go out through the profile after this one; where there is none, they have failed.

        `doubtful`: an earlier attempt may have reached the person after all.
        """
        failing_over.fail_over_in(
            self._station,
            conn,
            VOICE,
            ids,
            profile,
            why=why,
            now_ms=now_ms,
            outcome=outcome,
            doubtful=doubtful,
        )


def carry_out_in(station: Station, conn: Connection, fates: Iterable[settling.Fate], now_ms: int) -> None:
    """Give notices their outcomes, and let their runs know, or take them back into the queue."""
    alike: defaultdict[tuple[str, str, bool], list[int]] = defaultdict(list)
    for fate in fates:
        alike[fate.outcome, fate.why, fate.rest].append(fate.id)
    for (outcome, why, rest), ids in alike.items():
        if outcome:
            done = notices.settle_in(conn, ids, outcome=outcome, why=why, now_ms=now_ms)
            station.events_in(conn, (one.run_id for one in done), now_ms)
        else:
            notices.requeue_in(conn, ids, due_ms=now_ms + (REST_MS if rest else 0), why=why)


def _kept(row: Mapping[Any, Any], why: str) -> str:
    """Give why a notice is queued again; that it may have been told already is never forgotten."""
    return DUPLICATE if row["possible_duplicate"] else why
