"""What the dispatchers of calls and of texts have in common: each account's turn, as one transaction.

Whose turn it is is decided in `dispatch`; what is then written down and asked for is each channel's own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final, Generic, TypeVar

from tocsin.alarms import notices
from tocsin.channels import dispatch, store
from tocsin.telephony.client import LONGEST_S

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from tocsin.channels.dispatch import Decision, Waiting
    from tocsin.channels.station import Station
    from tocsin.engine.port import Job

UNANSWERED_MS: Final = round(LONGEST_S * 1000) + 3_000
"""An attempt without any answer after so long has none: its process has died, or storage refused."""

STALE_MS: Final = 10_000
"""A decision older than this is not carried out where other processes share the database: this one stood
still, and another may have gone on meanwhile."""

_MOST_GONE: Final = 100

Planned = TypeVar("Planned")


class Dispatcher(ABC, Generic[Planned]):
    """Gives accounts their turns. Jobs of its queue, which is named like the channel, are accounts."""

    channel: ClassVar[str]

    def __init__(self, station: Station) -> None:
        self.station = station
        self.asking: set[str] = set()
        """Ids of the attempts that Twilio is being asked for by this process."""

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Give each of these accounts its turn."""
        db = self.station.services.db
        for job in jobs:
            planned = await db.write(partial(self._turn_in, job=job))
            if planned is not None:
                self.begin(planned)

    @abstractmethod
    def plan_in(self, conn: Connection, chosen: Waiting, account: str, now_ms: int) -> Planned | None:
        """Write down an attempt and what it carries; None where the person cannot be reached like that."""

    @abstractmethod
    def give_up_in(self, conn: Connection, ids: list[int], profile: str, why: str, now_ms: int) -> None:
        """Let notices go another way than this profile."""

    @abstractmethod
    def begin(self, planned: Planned) -> None:
        """Ask Twilio, in the background, for what is now on record."""

    def _turn_in(self, conn: Connection, *, job: Job) -> Planned | None:
        station, account, look_ms = self.station, job.key, None
        store.one_at_a_time(conn)
        for _ in range(_MOST_GONE):
            now_ms = station.now_ms
            decision = self._decision(conn, account, now_ms)
            look_ms = decision.look_ms
            for one in decision.give_up:
                ids = store.queued_ids(conn, self.channel, profile=one.profile, person=one.person)
                self.give_up_in(conn, ids, one.profile, decision.why, now_ms)
            self._hold_in(conn, decision, now_ms)
            if decision.next is None:
                if look_ms is None:
                    station.engine.complete_in(conn, [job])
                    return None
                break
            planned = self.plan_in(conn, decision.next, account, now_ms)
            if planned is not None:
                station.engine.enqueue_in(conn, self.channel, account, due_ms=look_ms or now_ms)
                return planned
        station.engine.enqueue_in(conn, self.channel, account, due_ms=look_ms or station.now_ms)
        return None

    def _hold_in(self, conn: Connection, decision: Decision, now_ms: int) -> None:
        for one in decision.held:
            if one.waiting.unsaid:
                store.hold(conn, self.channel, one.waiting, until_ms=one.until_ms, why=one.why, now_ms=now_ms)

    def beside_in(self, conn: Connection, account: str, number: str, now_ms: int) -> Decision | None:
        """Say why a call or text that no alarm asks for has to wait, or None: it may go now."""
        station, channel = self.station, self.channel
        store.one_at_a_time(conn)
        budget = station.budget(channel, account)
        return dispatch.beside(
            self._decision(conn, account, now_ms),
            account=account,
            number=number,
            budget=budget,
            now_ms=now_ms,
            live=store.live(conn) if budget.at_once is not None else [],
            last_ms=store.last_used(conn, channel, account, now_ms - budget.spacing_ms, now_ms),
            trouble=station.noted(channel, account, store.tried(conn, channel, account), now_ms),
        )

    def _decision(self, conn: Connection, account: str, now_ms: int) -> Decision:
        station, channel = self.station, self.channel
        budget = station.budget(channel, account)
        live = store.live(conn) if budget.at_once is not None else []
        last_ms = store.last_used(conn, channel, account, now_ms - budget.spacing_ms, now_ms)
        trouble = station.noted(channel, account, store.tried(conn, channel, account), now_ms)
        if trouble is None:
            held = dispatch.held(account, budget, live, last_ms, now_ms)
            if held is not None:
                return held  # in a flood, whoever waits need not be counted to know that nobody can go
        decision = dispatch.decide(
            store.waiting(conn, channel, station.profiles_of(channel, account), now_ms),
            account=account,
            budget=budget,
            now_ms=now_ms,
            live=live,
            history=store.lately(conn, channel, account, now_ms),
            limit=station.limit(channel),
            last_ms=last_ms,
            trouble=trouble,
        )
        station.held[channel, account] = len({one.waiting.person for one in decision.held})
        return decision

    def stale(self, decided_ms: int) -> bool:
        """Tell whether a decision is too old to be carried out."""
        return not self.station.alone and abs(self.station.now_ms - decided_ms) > STALE_MS

    def gone_in(self, conn: Connection, chosen: Waiting, *, profile_there: bool, now_ms: int) -> None:
        """Settle what waits for a person by a way that the configuration does not have any more."""
        ids = store.queued_ids(
            conn, self.channel, profile=chosen.profile, person=chosen.person, number=chosen.number
        )
        why = "the number is no contact of theirs any more" if profile_there else "the profile is gone"
        outcome = "failed-number" if profile_there else "failed-provider"
        self.failed_in(conn, ids, outcome, why, now_ms)

    def failed_in(self, conn: Connection, ids: Sequence[int], outcome: str, why: str, now_ms: int) -> None:
        """Give notices their outcome and let their runs know."""
        done = notices.settle_in(conn, ids, outcome=outcome, why=why, now_ms=now_ms)
        self.station.events_in(conn, (one.run_id for one in done), now_ms)
