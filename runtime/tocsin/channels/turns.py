"""Texts and calls that no alarm asks for take their turn at an account: behind alarms, within its budgets.

They wait here, in this process and in the order in which they came, and are written down when it is their
turn: what is still waiting when the process ends was never asked for.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from typing import TYPE_CHECKING, Any, Final

from tocsin.calls.services import NoTurn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy import Connection

    from tocsin.channels.dispatch import Decision
    from tocsin.channels.dispatcher import Dispatcher
    from tocsin.channels.station import Station
    from tocsin.clock import Clock

LONGEST_LOOK_S: Final = 1.0
"""So long at most nobody looks whether it is the turn of whoever is first."""

_KINDS: Final = {"voice": "call", "sms": "text"}


class AccountTurns:
    """The queues of those who wait, one per channel and account."""

    def __init__(self, station: Station, dispatchers: Iterable[Dispatcher[Any]]) -> None:
        self._station = station
        self._dispatchers = {one.channel: one for one in dispatchers}
        self._queues: defaultdict[tuple[str, str], deque[asyncio.Event]] = defaultdict(deque)

    async def taken(
        self,
        channel: str,
        account: str,
        number: str,
        intend_in: Callable[[Connection], None],
        *,
        patience_s: float,
    ) -> None:
        """Write an intent down once it is its turn.

        Raises NoTurn where that takes longer than `patience_s`, at once where so many are waiting that it
        must; raises NotStored.
        """
        clock = self._station.services.clock
        spacing_s = self._station.budget(channel, account).spacing_ms / 1000
        queue, first = self._queues[channel, account], asyncio.Event()
        until, why = clock.monotonic() + patience_s, f"{len(queue)} are waiting already"
        if len(queue) * spacing_s > patience_s:
            raise _no_turn(channel, patience_s, why)
        queue.append(first)
        try:
            if queue[0] is not first:
                await _set_within(first, patience_s, clock)
            while queue[0] is first:
                waits = await self._asked(channel, account, number, intend_in)
                if waits is None:
                    return
                why = waits.why
                left_s = until - clock.monotonic()
                if left_s <= 0:
                    break
                look_s = ((waits.look_ms or 0) - self._station.now_ms) / 1000
                await clock.sleep(min(max(look_s, 0.001), left_s, LONGEST_LOOK_S))
            raise _no_turn(channel, patience_s, why)
        finally:
            queue.remove(first)
            if queue:
                queue[0].set()

    async def _asked(
        self, channel: str, account: str, number: str, intend_in: Callable[[Connection], None]
    ) -> Decision | None:
        """Write the intent down if that may be now; else say why not."""
        dispatcher = self._dispatchers[channel]

        def work(conn: Connection) -> Decision | None:
            waits = dispatcher.beside_in(conn, account, number, self._station.now_ms)
            if waits is None:
                intend_in(conn)
            return waits

        services = self._station.services
        with services.clock.hold():
            return await services.db.write(work)


async def _set_within(event: asyncio.Event, seconds: float, clock: Clock) -> None:
    """Return once an event is set, or so many seconds of a clock have passed."""
    waits = [asyncio.ensure_future(one) for one in (event.wait(), clock.sleep(seconds))]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in waits:
            one.cancel()


def _no_turn(channel: str, patience_s: float, why: str) -> NoTurn:
    return NoTurn(f"the {_KINDS[channel]} had no turn within {patience_s:g} s and was given up: {why}")
