"""One running gateway: start, reload, stop. What it is built of is read top to bottom in `start`.

Starting undoes itself: what was begun is closed by the same stack that stopping uses.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import structlog

from tocsin.alarms import Board
from tocsin.calls import store as call_store
from tocsin.calls.conversation import Conversation
from tocsin.calls.deciding import Deciding
from tocsin.calls.events import CallEvents
from tocsin.calls.inprocess import InProcessDefault
from tocsin.calls.ledger import Ledger
from tocsin.calls.messages import Messages
from tocsin.calls.services import Services
from tocsin.calls.statistics_tags import TwilioTags
from tocsin.clock import SystemClock
from tocsin.config import ConfigRefused, in_order, shipped
from tocsin.config.toml_files import MAIN
from tocsin.config.watch import changes
from tocsin.errors import Finding
from tocsin.gateway import binding, checks, readiness, reloading, what_if
from tocsin.gateway.auditing import audited
from tocsin.gateway.health_watch import HealthWatch, failures_of
from tocsin.gateway.heartbeat import Heartbeat
from tocsin.gateway.lock import PATIENCE_S, FolderLock
from tocsin.gateway.notifying import Notifying, routing_of
from tocsin.gateway.retention import Retention
from tocsin.gateway.roster_watch import coming_gaps
from tocsin.gateway.sandboxing import sandbox_for
from tocsin.gateway.storage import is_embedded, open_database, owner_of
from tocsin.journal.audit_key import AuditKey
from tocsin.people import PinCheck, PinKey
from tocsin.people.crosschecks import stale_pins
from tocsin.pipelines.section import ackers_needed
from tocsin.scripts import Library
from tocsin.tags.tree import Tags
from tocsin.telephony.profiles import Profiles
from tocsin.web.tokens import Tokens

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    from tocsin.calls.phrasebook import Phrasebook
    from tocsin.calls.services import Messenger
    from tocsin.clock import Clock
    from tocsin.config import Loaded
    from tocsin.config.toml_files import Stamp
    from tocsin.db import Database
    from tocsin.gateway.configuration import Configuration
    from tocsin.people import Directory
    from tocsin.sandbox.sandbox import Sandbox
    from tocsin.telephony.client import TwilioClient

log = structlog.get_logger("tocsin.gateway")

SWEEP_S = 30.0
REMIND_S = 3600.0
"""So often a gateway says that none of its calls reaches a real telephone."""


class Gateway:
    """A gateway for one project folder.

    `listen` overrides the configured address; `dev` marks runs in which the emulator is expected; `state`
    is where it keeps what must outlive it (`.tocsin` in the project); `messenger` replaces Twilio for
    texts; `loaded` is the configuration where the caller has read it already; `read` is how it is read, then
    and whenever it changes; `sandbox` is one that outlives this gateway, begun or not; without `watch`,
    saved files wait for `reload`; without `notify`, alarms are recorded and nobody is told.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock | None = None,
        listen: str | None = None,
        dev: bool = False,
        emulator_url: str | None = None,
        state: Path | None = None,
        messenger: Messenger | None = None,
        loaded: tuple[Loaded[Configuration], list[Finding]] | None = None,
        read: Callable[[Path], tuple[Loaded[Configuration], list[Finding]]] = checks.read,
        sandbox: Sandbox | None = None,
        watch: bool = True,
        notify: bool = True,
    ) -> None:
        self.folder = folder.resolve()
        self.state = state or self.folder / ".tocsin"
        self._messenger = messenger
        self._loaded = loaded
        self._read = read
        self._shared_sandbox = sandbox
        self._watch = watch
        self._notify = notify
        self.clock = clock or SystemClock()
        self.dev = dev
        self.ledger = Ledger()
        self.refused: tuple[Finding, ...] = ()
        self._awaited: Mapping[Path, Stamp | None] = {}
        self.at_restart: tuple[str, ...] = ()
        self._listen = listen
        self._emulator_url = emulator_url
        self._stack = AsyncExitStack()
        self._ways_out: binding.TwilioWaysOut | None = None
        self.loaded: Loaded[Configuration]
        self._started_with: Configuration
        self._pin_key: PinKey
        self.services: Services
        self.profiles: Profiles
        self.tokens: Tokens
        self.conversation: Conversation
        self.events: CallEvents
        self.messages: Messages

    @property
    def configuration(self) -> Configuration:
        """The configuration in force."""
        return self.loaded.value

    @property
    def projects(self) -> set[str]:
        """The names of the projects whose scripts answer calls."""
        return binding.projects_of(self.configuration)

    @property
    def listen(self) -> str:
        """The host:port this gateway serves, as configured or overridden."""
        return self._listen or self.configuration.gateway.listen

    async def start(self) -> None:
        """Bring everything up; raises ConfigRefused, AlreadyRunning, NotStored or UnusableAddress."""
        async with AsyncExitStack() as stack:
            self.loaded, warnings = self._loaded or self._read(self.folder)
            value = self._started_with = self.configuration
            stack.callback(FolderLock(self.state, patience_s=PATIENCE_S).close)
            sandbox = self._shared_sandbox or sandbox_for(value)
            if self._shared_sandbox is None:
                stack.push_async_callback(sandbox.aclose)
            # The zygote warms up in its own process while the database opens in this one.
            sandbox.begin()
            await asyncio.sleep(0)  # lets it begin before the next lines hold the loop
            db = open_database(value, self.state, self.clock)
            stack.push_async_callback(db.aclose)
            board = Board(db, self.clock, value.alarms, **_rules(value))
            board.also_in(audited(lambda: self.configuration))
            await board.start()
            self._pin_key = PinKey.load(self.state)
            self._tell_doubts(self.loaded, [*warnings, *coming_gaps(self.loaded, self.clock.now_ms())])
            pins = PinCheck(key=self._pin_key, db=db, clock=self.clock)
            stack.callback(pins.close)
            self.tokens = Tokens(db, self.clock, folder=self.state)
            self.tokens.start()
            stack.push_async_callback(self.tokens.aclose)
            await sandbox.start()
            library = Library(
                sandbox=sandbox, db=db, clock=self.clock, default=shipped("user_scripts") / "acknowledge.py"
            )
            stack.push_async_callback(library.aclose)
            await library.start(self._projects(value))
            await self._restore_pins(db, library)
            self.events = CallEvents(lambda: self.services, self.ledger)
            self.tags = Tags(self.clock)
            self.tags.add(TwilioTags(db, self.clock, lambda: self.services.directory))
            directory = binding.directory_of(value)
            self.notifying = Notifying(
                clock=self.clock,
                db=db,
                board=board,
                ledger=self.ledger,
                events=self.events,
                services=lambda: self.services,
                client=self._client,
                routing=routing_of(value, directory),
                last_resort=lambda: self.configuration.gateway.last_resort,
                throttles=lambda: self.configuration.throttles,
                deciding=self._deciding(),
                retention=Retention(
                    db,
                    lambda: self.configuration,
                    AuditKey.load(self.state),
                    in_force=lambda: {library.current(name).id for name in self.projects},
                ),
                owner=owner_of(value, self.state),
                alone=is_embedded(value),
            )
            self.services = self._services(value, directory, db, board, pins, sandbox, library)
            stack.callback(self._close_ways_out)
            self._begin_conversations(library)
            if self._notify:
                await self.notifying.start()
                stack.push_async_callback(self.notifying.aclose)
            self.heartbeat = Heartbeat(
                lambda: self.configuration.gateway.heartbeat_url,
                lambda: [code for code, _ in readiness.reasons(self)],
                self.clock,
            )
            tasks = [self._sweep(), self.heartbeat.run(), *self._watches(board)]
            if self._watch:
                library.start_watching()
                tasks.append(self._watch_configuration())
            for task in tasks:
                running = asyncio.ensure_future(task)
                stack.push_async_callback(_ended, running)
            self._remind_of_the_emulator()
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        """Take everything down in reverse order."""
        await self._stack.aclose()

    def _watches(self, board: Board) -> list[Coroutine[Any, Any, None]]:
        if not self._notify:
            return []
        watch = HealthWatch(
            board,
            self.clock,
            codes=lambda: [code for code, _ in readiness.reasons(self)],
            failures=lambda: failures_of(self.services.sandbox.stats(), self.conversation.failures),
            state=self.state,
        )
        return [watch.run()]

    def _deciding(self) -> Deciding:
        return Deciding(
            lambda: self.services,
            folder=self.folder,
            lockdown=lambda: self.configuration.scripts.lockdown,
        )

    def _projects(self, value: Configuration) -> dict[str, Path | None]:
        projects: dict[str, Path | None] = {binding.DEFAULT_PROJECT: None}
        return projects | {name: (self.folder / name).resolve() for name in binding.projects_of(value)}

    async def _restore_pins(self, db: Database, library: Library) -> None:
        """Keep the releases of calls that were under way when the process ended."""
        for call_id, release_id in await db.read(call_store.unfinished_ids):
            library.pin(call_id, release_id)

    def _services(
        self,
        value: Configuration,
        directory: Directory,
        db: Database,
        board: Board,
        pins: PinCheck,
        sandbox: Sandbox,
        library: Library,
        *,
        before: Services | None = None,
    ) -> Services:
        profiles = Profiles.of(
            value.twilio_profiles, value.voice_profiles, value.message_profiles, listen=self.listen
        )
        lines = binding.lines_of(value, profiles, directory)
        if before is not None:
            profiles, lines = binding.draining(profiles, lines, before, self.ledger.at_hand())
        self._ways_out = binding.TwilioWaysOut(
            profiles, emulator_url=self._emulator_url, before=self._ways_out
        )
        self.profiles = profiles
        return Services(
            clock=self.clock,
            db=db,
            directory=directory,
            board=board,
            pins=pins,
            sandbox=sandbox,
            library=library,
            messenger=self._messenger or self._ways_out,
            dialler=self._ways_out,
            pass_on=binding.refuse_to_pass_on,
            pass_on_in=self.notifying.runs.pass_on_in,
            ended_in=self.notifying.channels.ended_in,
            receipt_in=self.notifying.channels.receipt_in,
            texted_in=self.notifying.channels.texted_in,
            opted_out_in=self.notifying.channels.opted_out_in,
            floods=self.notifying.floods.in_flood,
            turns=self.notifying.channels.turns if self._notify else None,
            tags=self.tags,
            pipelines=tuple(value.pipelines),
            phrases=_prepared_phrases(value),
            lines=lines,
            profiles=profiles,
            limits=binding.turn_limits(value),
            site=value.gateway.name,
            timezone=ZoneInfo(value.gateway.timezone),
        )

    def _client(self, twilio_profile: str) -> TwilioClient | None:
        return self._ways_out.clients.get(twilio_profile) if self._ways_out is not None else None

    def _close_ways_out(self) -> None:
        if self._ways_out is not None:
            self._ways_out.close()

    def _begin_conversations(self, library: Library) -> None:
        in_process = InProcessDefault(library.default.program)
        self.conversation = Conversation(lambda: self.services, self.ledger, in_process)
        self.messages = Messages(lambda: self.services)

    async def reload(self) -> list[Finding]:
        """Take over a changed configuration whole, or keep the one in force and return what is wrong."""
        try:
            loaded, warnings = await reloading.read_at_rest(self.folder, self.loaded, self._read)
        except ConfigRefused as error:
            self.refused, self._awaited = error.findings, error.awaited
            log.error("configuration-refused", findings=[str(one) for one in error.findings])
            return list(error.findings)
        value, now = loaded.value, self.services
        await now.library.start(self._projects(value))
        now.board.configure(value.alarms, **_rules(value))
        directory = binding.directory_of(value)
        self.services = self._services(
            value, directory, now.db, now.board, now.pins, now.sandbox, now.library, before=now
        )
        if self._notify:
            await self.notifying.configure(routing_of(value, directory))
        self.loaded, self.refused, self._awaited = loaded, (), {}
        self.at_restart = reloading.at_restart(self._started_with, value)
        if self.at_restart:
            log.warning("configuration-at-restart", keys=list(self.at_restart))
        # Of a thousand people and two hundred pipelines it takes a second, which callers do not wait for.
        warnings = [*warnings, *await asyncio.to_thread(_doubts, loaded, self.clock.now_ms())]
        self._tell_doubts(loaded, warnings)
        log.info("configuration-taken-over")
        return warnings

    def _tell_doubts(self, loaded: Loaded[Configuration], warnings: list[Finding]) -> None:
        stale = in_order(loaded.places, stale_pins(loaded.value.users, self._pin_key))
        for finding in [*warnings, *stale]:
            log.warning("configuration-doubt", finding=str(finding))

    async def _watch_configuration(self) -> None:
        async for told in changes(self.folder, also=self._read_beside, at_once=True):
            before = self.loaded
            try:
                # The first time round: what was saved while the gateway started is no change to the watch.
                if not told and not await asyncio.to_thread(reloading.written_since, before):
                    continue
                await self.reload()
            except Exception:
                # Whatever this change broke, the next one must still be noticed.
                log.exception("configuration-not-taken-over")
                if self.loaded is before:
                    self.refused = (Finding(MAIN, None, "could not be taken over; the log says why"),)

    def _read_beside(self) -> Mapping[Path, Stamp | None]:
        """Give the files whose change is one of the configuration, those that a refused one needs too."""
        return {**self.loaded.beside, **self._awaited}

    def _remind_of_the_emulator(self) -> None:
        names = [name for name, one in self.profiles.twilio.items() if one.section.on_emulator]
        if names and not self.dev:
            log.warning("profiles-on-emulator", names=names)

    async def _sweep(self) -> None:
        """Drop ended calls and what only they used, and say hourly what must not be forgotten."""
        reminded = self.clock.monotonic()
        while True:
            await self.clock.sleep(SWEEP_S)
            self.ledger.sweep(self.services)
            self.services.library.tidy()
            if self.clock.monotonic() - reminded >= REMIND_S:
                reminded = self.clock.monotonic()
                self._remind_of_the_emulator()


def _doubts(loaded: Loaded[Configuration], now_ms: int) -> list[Finding]:
    """Find what of a saved configuration would leave people untold; for a thread of its own."""
    return [*coming_gaps(loaded, now_ms), *what_if.endless_loops(loaded, now_ms)]


def _prepared_phrases(value: Configuration) -> Phrasebook:
    """Return what is said under a configuration; what its languages need is read by a thread meanwhile."""
    phrases = binding.phrases_of(value)
    loop = asyncio.get_running_loop()
    prepared = loop.run_in_executor(None, phrases.prepare, binding.languages_of(value))
    prepared.add_done_callback(_tell_unprepared)
    return phrases


def _tell_unprepared(prepared: asyncio.Future[None]) -> None:
    if not prepared.cancelled() and (error := prepared.exception()) is not None:
        log.error("languages-not-prepared", why=repr(error))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _rules(value: Configuration) -> dict[str, Any]:
    """Return what alarms are taken by beside their own rules."""
    return {
        "pipelines": value.pipelines,
        "ackers_needed": ackers_needed(value.pipelines),
        "own_pipeline": value.gateway.own_alarms,
    }
