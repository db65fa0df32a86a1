"""The channels as the gateway binds them: their part in others' transactions, and what the engine runs."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tocsin.alarms import notices
from tocsin.channels import contacts, store
from tocsin.channels.cancelling import Cancelling
from tocsin.channels.ends import CallEnds
from tocsin.channels.last_resort import LastResort
from tocsin.channels.opting_out import REACH_QUEUE, OptingOut
from tocsin.channels.receipts import Receipts
from tocsin.channels.reconcile import Reconciler
from tocsin.channels.standing import Standing
from tocsin.channels.station import LAST_RESORT, RECEIPT, RECONCILE, SMS, VOICE, WATCH, Station
from tocsin.channels.texts import Texts
from tocsin.channels.throttle import Throttles
from tocsin.channels.turns import AccountTurns
from tocsin.channels.voice import Voice
from tocsin.channels.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.notices import NewNotice
    from tocsin.calls.call import Call
    from tocsin.calls.events import CallEvents
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.outcome import Outcome
    from tocsin.calls.services import Services
    from tocsin.channels.station import Runs
    from tocsin.engine.port import Engine
    from tocsin.telephony.client import TwilioClient

_REQUESTS_S = 90.0
"""A handler that asks Twilio twice has ended by then, by the timeouts of its requests."""


class Channels:
    """Calls and texts to people. One per gateway, made before the engine starts.

    `clients` gives the client of a Twilio profile by its name, None where it is gone; `alone` says that no
    other gateway shares the database; `last_resort` gives the numbers called when all else has failed,
    `throttles` how much quiet people get.
    """

    def __init__(
        self,
        services: Callable[[], Services],
        *,
        ledger: Ledger,
        engine: Engine,
        events: CallEvents,
        clients: Callable[[str], TwilioClient | None],
        runs: Runs,
        alone: bool = True,
        last_resort: Callable[[], Sequence[str]] = tuple,
        throttles: Callable[[], Throttles] = Throttles,
    ) -> None:
        self.station = Station(
            services,
            ledger=ledger,
            engine=engine,
            clients=clients,
            runs=runs,
            alone=alone,
            throttles=throttles,
        )
        self._alone = alone
        self._ends = CallEnds(self.station)
        self._cancelling = Cancelling(self.station)
        self._opting_out = OptingOut(self.station)
        self._receipts = Receipts(self.station, self._opting_out)
        self.voice = Voice(self.station, self._ends, self._cancelling)
        self.texts = Texts(self.station, self._receipts)
        self.turns = AccountTurns(self.station, (self.voice, self.texts))
        self._watch = Watch(self.station, events)
        self._reconciler = Reconciler(self.station, self.voice, self.texts, self._ends, self._cancelling)
        self._standing = Standing(self.station)
        self._looking: asyncio.Task[None] | None = None
        self.last_resort = LastResort(self.station, numbers=last_resort)
        engine.handle(LAST_RESORT, self.last_resort.handle, batch=64, lease_s=_REQUESTS_S * 10)
        engine.handle(VOICE, self.voice.handle, batch=8, rank=1)
        engine.handle(SMS, self.texts.handle, batch=8, rank=2)
        engine.handle(WATCH, self._watch.handle, batch=1, at_once=2, lease_s=_REQUESTS_S)
        engine.handle(RECEIPT, self._receipts.handle, batch=1, at_once=2, lease_s=_REQUESTS_S)
        engine.handle(REACH_QUEUE, self._opting_out.handle, batch=1)
        engine.handle(RECONCILE, self._reconciler.handle, batch=1, at_once=2, lease_s=_REQUESTS_S)
        engine.moved_in(
            lambda connection, delta_ms: store.move_queued(connection, delta_ms, now_ms=self.station.now_ms)
        )

    async def start(self) -> None:
        """Take up what an earlier process left; call it before the engine's own start."""
        self._cancelling.start()
        self._opting_out.start()
        self._watch.start()
        station = self.station

        def work(conn: Connection) -> None:
            self._reconciler.start_in(conn, alone=self._alone)
            station.engine.enqueue_in(conn, REACH_QUEUE, "hourly", due_ms=station.now_ms)
            for channel in (VOICE, SMS):
                station.wake_all_in(conn, channel)

        await station.services.db.write(work)
        await self.last_resort.start()
        self._looking = asyncio.ensure_future(self._standing.keep_looking())

    async def aclose(self) -> None:
        """Let requests under way end; call it after the engine's."""
        if self._looking is not None:
            self._looking.cancel()
        await self.last_resort.aclose()
        await self.station.aclose()

    # In others' transactions.

    def notify_in(self, conn: Connection, news: Sequence[NewNotice], now_ms: int) -> None:
        """Queue notices and wake the dispatchers of their accounts."""
        notices.add_in(conn, news, now_ms)
        self._wake_in(conn, {(one.channel, one.profile) for one in news})

    def hasten_in(self, conn: Connection, runs: Mapping[str, int], _: int) -> None:
        """Let what these runs have queued be as urgent as is said of each, and wake the dispatchers."""
        changed = notices.hasten_in(conn, runs)
        self._wake_in(conn, {(one.channel, one.profile) for one in changed})

    def _wake_in(self, conn: Connection, ways: Collection[tuple[str, str]]) -> None:
        for channel in {channel for channel, _ in ways}:
            profiles = {profile for one, profile in ways if one == channel}
            found = (self.station.account_of(channel, profile) for profile in sorted(profiles))
            # A profile without an account is found, and its notices freed, by the reconciler's sweep.
            self.station.wake_in(conn, channel, [account for account in found if account is not None])

    def ended_in(self, conn: Connection, call: Call, outcome: Outcome, now_ms: int) -> None:
        """Settle what a call carried, in the transaction that records its end."""
        self._ends.ended_in(conn, call, outcome, now_ms)

    def cancelled_in(self, conn: Connection, episode_ids: Sequence[str], why: str, now_ms: int) -> None:
        """Take back what nobody needs any more; `why` is "cancelled-by-ack" or "cancelled-by-clear"."""
        self._cancelling.cancelled_in(conn, episode_ids, why, now_ms)

    def taken_back_in(self, conn: Connection, ids: Sequence[int], now_ms: int) -> None:
        """Take back notices whose people have acknowledged, where others still have to."""
        self._cancelling.taken_back_in(conn, ids, now_ms)

    def nobody_reached_in(self, conn: Connection, episode_id: str, now_ms: int) -> None:
        """Have the numbers of last resort called until somebody looks after this episode."""
        self.last_resort.nobody_reached_in(conn, episode_id, now_ms)

    def receipt_in(
        self, conn: Connection, row: Mapping[Any, Any], status: str, code: int | None, now_ms: int
    ) -> None:
        """Take a text's status; `row` is its row in ts_message."""
        self._receipts.receipt_in(conn, row, status, code, now_ms)

    def opted_out_in(self, conn: Connection, number: str, /) -> bool:
        """Tell whether a number has opted out of texts."""
        return contacts.opted_out(conn, number)

    def texted_in(self, conn: Connection, number: str, opt_out: str, now_ms: int) -> None:
        """Take it that a person has texted STOP or START (`opt_out`, Twilio's OptOutType)."""
        self._opting_out.texted_in(conn, number, opt_out, now_ms)
