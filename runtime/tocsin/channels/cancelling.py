"""Taking back what nobody needs any more: queued notices at once, ringing calls after the commit.

A call that was answered goes on: the person hears at the next prompt that somebody else was first.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

from tocsin.alarms import notices
from tocsin.channels import store
from tocsin.channels.station import LAST_RESORT
from tocsin.db import after_commit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms.notices import Notice
    from tocsin.channels.station import Station

log = structlog.get_logger("tocsin.channels")


class Cancelling:
    """Cancels notices of episodes that are acknowledged, cleared or shelved."""

    def __init__(self, station: Station) -> None:
        self._station = station
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Note the event loop on which calls are cancelled."""
        self._loop = asyncio.get_running_loop()

    def cancelled_in(self, conn: Connection, episode_ids: Sequence[str], why: str, now_ms: int) -> None:
        """Take queued notices of these episodes out of the queue, and mark those under way.

        `why` is "cancelled-by-ack" or "cancelled-by-clear". Calls that ring for nothing else are cancelled
        at Twilio once the transaction is committed. The last resort is not called for them any more.
        """
        self._station.engine.cancel_in(conn, LAST_RESORT, episode_ids)
        self._take_back(conn, notices.of_episodes(conn, episode_ids), why, now_ms)

    def taken_back_in(self, conn: Connection, ids: Sequence[int], now_ms: int) -> None:
        """Do the same for single notices, whose people have acknowledged."""
        open_ones = [one for one in notices.by_ids(conn, ids) if one.open]
        self._take_back(conn, open_ones, "cancelled-by-ack", now_ms)

    def _take_back(self, conn: Connection, open_ones: Sequence[Notice], why: str, now_ms: int) -> None:
        queued = [one.id for one in open_ones if one.state == "queued"]
        done = notices.settle_in(conn, queued, outcome=why, now_ms=now_ms)
        self._station.events_in(conn, (one.run_id for one in done), now_ms)
        placed = [one for one in open_ones if one.state == "placed"]
        store.mark(conn, [one.id for one in placed], why)
        call_ids = list(dict.fromkeys(one.call_id for one in placed if one.call_id))
        loop = self._loop
        if not call_ids or loop is None:
            return

        def committed() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the gateway is stopping
                loop.call_soon_threadsafe(self._spawn, call_ids)

        after_commit(conn, committed)

    def _spawn(self, call_ids: Iterable[str]) -> None:
        for call_id in call_ids:
            self._station.spawn(self.cancel_idle(call_id))

    async def cancel_idle(self, call_id: str) -> None:
        """Cancel a call at Twilio if it carries nothing any more and has not been answered."""
        station = self._station
        services = station.services
        row = await services.db.read(lambda conn: store.idle(conn, call_id))
        if row is None or not row["sid"]:
            return
        line = services.lines.get(row["profile"])
        client = station.client(line.twilio_profile) if line is not None else None
        if client is None:
            return
        call = station.ledger.known(call_id)
        if call is not None and call.turns:
            return
        why = await client.cancel_call(row["sid"])
        if why:
            log.info("call-not-cancelled", call=call_id, why=why)
        else:
            log.info("call-cancelled", call=call_id)
