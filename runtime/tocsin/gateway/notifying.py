"""The way from an alarm to a person, put together: engine, runs, channels, and what keeps them going.

Only what belongs to whom is said here. Each part decides for itself; this module binds what one of them
asks for to the one that does it, so that none of them needs to know the others.
"""

from __future__ import annotations

import asyncio
import importlib
import threading
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.alarms.floods import QUEUE as FLOODS
from tocsin.alarms.floods import Floods
from tocsin.alarms.timer import QUEUE as ALARMS
from tocsin.alarms.timer import AlarmTimer
from tocsin.channels.channels import Channels
from tocsin.channels.contacts import unreachable_in
from tocsin.db import NotStored
from tocsin.engine.embedded import EmbeddedEngine
from tocsin.gateway.deciding import Decisions
from tocsin.gateway.own_alarms import OwnAlarms
from tocsin.gateway.roster_watch import RosterWatch
from tocsin.gateway.upkeep import Upkeep
from tocsin.pipelines import Bindings, Routing, Runs, Watchdog

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import Board, Episode
    from tocsin.calls.deciding import Deciding
    from tocsin.calls.events import CallEvents
    from tocsin.calls.ledger import Ledger
    from tocsin.calls.services import Services
    from tocsin.channels.section import ThrottlesSection
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.gateway.configuration import Configuration
    from tocsin.gateway.retention import Retention
    from tocsin.people import Directory
    from tocsin.pipelines.run import Answer, AskScript, RunState
    from tocsin.telephony.client import TwilioClient

log = structlog.get_logger("tocsin.gateway")

_FOLLOW_S: Final = 1.0  # real seconds: as often as the engine looks for what others asked for
_WARM_AFTER_S: Final = 1.0  # real seconds: the port opens first


class Notifying:
    """One per gateway: made before the services, started after them, closed before they are.

    `owner` names this replica, the same after a restart; `alone` says that there is no other.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        db: Database,
        board: Board,
        ledger: Ledger,
        events: CallEvents,
        services: Callable[[], Services],
        client: Callable[[str], TwilioClient | None],
        routing: Routing,
        last_resort: Callable[[], Sequence[str]],
        throttles: Callable[[], ThrottlesSection],
        deciding: Deciding,
        retention: Retention,
        owner: str,
        alone: bool,
    ) -> None:
        self._alone = alone
        self.engine = EmbeddedEngine(db, clock, owner=owner)
        self.floods = Floods(db, clock, self.engine, limits=lambda: throttles().flood.limits)
        self.channels = Channels(
            services,
            ledger=ledger,
            engine=self.engine,
            events=events,
            clients=client,
            runs=self,
            alone=alone,
            last_resort=last_resort,
            throttles=lambda: throttles().throttles,
        )
        self._own_alarms = OwnAlarms(board)
        self._decisions = Decisions(deciding, services, lambda: self.runs)
        self.runs = Runs(
            db,
            clock,
            self.engine,
            routing=routing,
            bindings=Bindings(
                notify_in=self.channels.notify_in,
                hasten_in=self.channels.hasten_in,
                withdraw_in=self.channels.cancelled_in,
                take_back_in=self.channels.taken_back_in,
                nobody_reached_in=self._nobody_reached_in,
                admin_notice_in=self._own_alarms.contact_in,
                unusable_in=unreachable_in,
                run_script=self._decisions.run_script,
            ),
        )
        self._watchdog = Watchdog(db, clock, self.runs)
        self._alarms = AlarmTimer(board, self.engine, db=db, clock=clock)
        self._upkeep = Upkeep(db, clock, self.engine, board, retention)
        self._rosters = RosterWatch(db, clock, self.engine, board, lambda: services().directory)
        self._stack = AsyncExitStack()
        self._warming: asyncio.Future[None] | None = None
        self._board = board
        self.engine.handle(ALARMS, self._alarms.handle)
        self.engine.handle(FLOODS, self.floods.handle)

    async def start(self) -> None:
        """Begin to tell people: what was under way goes on where it was."""
        self._board.also_in(self.floods.changed_in)
        self._board.also_in(self.runs.changed_in)
        self._board.also_in(self._own_alarms.changed_in)
        self._board.also_in(self._alarms.changed_in)
        async with AsyncExitStack() as stack:
            await self._own_alarms.start()
            await self.channels.start()
            stack.push_async_callback(self.channels.aclose)
            await self.floods.start()
            await self._decisions.start()
            stack.push_async_callback(self._decisions.aclose)
            await self.engine.start()
            stack.push_async_callback(self.engine.aclose)
            await self._alarms.refresh()
            await self._upkeep.start()
            await self._rosters.start()
            await self._watchdog.start()
            stack.push_async_callback(self._watchdog.aclose)
            self._warming = asyncio.ensure_future(self._warm())
            if not self._alone:
                following = asyncio.ensure_future(self._keep_following())
                stack.callback(following.cancel)
            self._stack = stack.pop_all()

    async def _keep_following(self) -> None:
        """Know what other gateways on the same database do to alarms, within a second."""
        while True:
            await asyncio.sleep(_FOLLOW_S)
            try:
                await self._board.follow()
                await self.floods.follow()
            except NotStored as error:
                log.debug("others-not-followed", error=str(error))
            except Exception:
                # Whatever it was, the next look may do.
                log.exception("others-not-followed")

    async def _warm(self) -> None:
        """Import Twilio's client once the gateway serves: half a second that the first call would wait."""
        await asyncio.sleep(_WARM_AFTER_S)
        # Of its own and a daemon: nobody who stops the gateway waits for an import.
        threading.Thread(target=importlib.import_module, args=("twilio.rest",), daemon=True).start()

    async def configure(self, routing: Routing) -> None:
        """Put another configuration in force."""
        self.runs.configure(routing)
        await self._decisions.look()
        await self._alarms.refresh()
        await self._rosters.look_soon()

    async def aclose(self) -> None:
        """Let requests under way end; everything else waits in the database for the next start."""
        if self._warming is not None:
            self._warming.cancel()
        await self._stack.aclose()

    def run_script_now(self, asked: AskScript, episode: Episode) -> Answer:
        """Run a pipeline's script for somebody who only asks; see `Decisions.run_now`."""
        return self._decisions.run_now(asked, episode)

    def event_in(self, connection: Connection, run_id: str, now_ms: int) -> None:
        """Have a run look at its notices again; for the channels, which are made before the runs."""
        self.runs.event_in(connection, run_id, now_ms)

    def _nobody_reached_in(self, connection: Connection, run: RunState, now_ms: int) -> None:
        self.channels.nobody_reached_in(connection, run.episode_id, now_ms)
        self._own_alarms.nobody_reached_in(connection, run, now_ms)


def routing_of(value: Configuration, directory: Directory) -> Routing:
    """Give what a configuration says about who is told of what, and in which order."""
    return Routing.of(
        pipelines=value.pipelines,
        outcomes=value.outcome_table,
        directory=directory,
        timezone=value.gateway.timezone,
        voice=tuple(value.voice_profiles),
        messages=tuple(value.message_profiles),
        alarms=value.alarms,
    )
