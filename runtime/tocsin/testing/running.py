"""One story's gateway and emulator, joined in one process and one movable time. The asynchronous inside.

Time moves only in `step` and `wait`, and only once everything that is under way has been answered: open
webhooks, and requests of the gateway to Twilio.
"""

from __future__ import annotations

from contextlib import AsyncExitStack
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog

from tocsin.calls import store
from tocsin.calls.placing import place
from tocsin.clock import VirtualClock
from tocsin.emulator import Emulator
from tocsin.gateway import binding
from tocsin.gateway.gateway import Gateway
from tocsin.gateway.serving import application
from tocsin.testing.harmless import AUTH_TOKEN
from tocsin.testing.network import TestNetwork
from tocsin.testing.story import Story, Turn

if TYPE_CHECKING:
    from pathlib import Path

    from tocsin.calls.services import Dialler, Messenger
    from tocsin.config import Loaded
    from tocsin.emulator.records import WebhookRecord
    from tocsin.gateway.configuration import Configuration
    from tocsin.people import User
    from tocsin.telephony.attempt import Attempt
    from tocsin.telephony.profiles import TwilioProfile
    from tocsin.testing.stand import TestStand

_VOICE, _MESSAGE = "main/system/twilio-voice", "main/system/twilio-message"
_OURS = "#rc=2&rp=all"
_MOST_CALLS = 10_000
_OF_DOCUMENTS = range(12_000, 14_000)
"""Twilio's errors that are about TwiML; those of fetching it are told by the request itself."""


class RunningPlant:
    """A started gateway with its emulator; `stop` ends both."""

    def __init__(
        self,
        stand: TestStand,
        folder: Path,
        loaded: Loaded[Configuration],
        start: float,
        *,
        notify: bool = False,
    ) -> None:
        self.stand = stand
        self.folder = folder
        self.clock = VirtualClock(start)
        self.network = TestNetwork()
        self.emulator = Emulator(
            clock=self.clock, auth_token=AUTH_TOKEN, seed=1, settle_s=0.0, transport=self.network
        )
        self.story = Story(self.clock, self.emulator.events, self.name_of)
        self._loaded = loaded
        self._notify = notify
        self._stack = AsyncExitStack()
        self._names = {
            contact.value: username
            for username, user in reversed(loaded.value.users.items())
            for contact in user.contacts
        }
        self.gateway: Gateway

    def name_of(self, number: str) -> str:
        """Return the username of the person whose number this is, else the number."""
        return self._names.get(number, number)

    async def start(self) -> None:
        """Start both; nothing has happened yet when it returns."""
        value = self._loaded.value
        async with AsyncExitStack() as stack:
            stack.enter_context(_listening_in(self.story))
            for name in binding.projects_of(value):
                self.stand.copy_scripts((self.folder / name).resolve())
            await stack.enter_async_context(self.emulator)
            url = await self.stand.emulator_url(self.emulator.app)
            self.emulator.exchange.public_url = url
            self.gateway = Gateway(
                self.stand.mirror(self.folder),
                clock=self.clock,
                dev=True,
                emulator_url=url,
                state=await self.stand.state(value),
                loaded=(self._loaded, []),
                sandbox=await self.stand.sandbox(value),
                watch=False,
                notify=self._notify,
            )
            await self.gateway.start()
            stack.push_async_callback(self.gateway.stop)
            services = self.gateway.services
            ways_out = _Held(self.emulator, services.dialler, services.messenger)
            services.dialler = services.messenger = ways_out
            services.turns = None  # time stands still while a webhook is open: no script can wait in it
            services.board.subscribe(self.story.changed)
            self._connect()
            self._stack = stack.pop_all()

    async def stop(self) -> None:
        """End both, whatever is under way."""
        await self._stack.aclose()

    def _connect(self) -> None:
        profiles = list(self.gateway.profiles.twilio.values())
        bases = [profile.webhook_base for profile in profiles if profile.webhook_base]
        self.network.connect(application(self.gateway), bases)
        for profile in profiles:
            if profile.webhook_base:
                self._own_number(profile)

    def _own_number(self, profile: TwilioProfile) -> None:
        """Set a Twilio number up as its owner would in Twilio's console."""
        voice, message = f"{profile.webhook_base}/{_VOICE}", f"{profile.webhook_base}/{_MESSAGE}"
        self.emulator.add_number(
            profile.account_sid,
            profile.phone_number,
            voice_url=f"{voice}/inbound/0{_OURS}",
            voice_fallback_url=profile.section.fallback_url or f"{voice}/fallback/0{_OURS}",
            status_callback=f"{voice}/status/0{_OURS}",
            sms_url=f"{message}/inbound/0{_OURS}",
        )

    # Time.

    async def wait(self, seconds: float) -> None:
        """Let time pass."""
        await self.emulator.advance(seconds)

    async def step(self, limit: float) -> None:
        """Move time to the next thing that is due, at most to `limit` (seconds since 1970-01-01 UTC)."""
        due = self.clock.next_due
        await self.emulator.advance(max(0.0, min(limit, due or limit) - self.clock.now()))

    # What the plant does.

    async def place(self, person: User, number: str, profile: str, attempt: int) -> str:
        """Call a person; return "" or why Twilio did not take it."""
        gateway = self.gateway
        line = gateway.services.lines[profile]
        with self.emulator.hold():
            _, why = await place(gateway.services, gateway.ledger, line, person, number, attempt=attempt)
        await self.emulator.quiet()
        return why

    def broken(self) -> list[str]:
        """Return a sentence for each answer that the gateway failed to give, or gave so that none can use it.

        Faults of the emulator itself are among them. What was done to a request on purpose is not the
        gateway's fault, and only its own addresses count.
        """
        failed: dict[str, WebhookRecord] = {}
        for record in self.emulator.webhooks:
            bad = (record.error or (record.status or 0) >= 400) and not record.spoilt
            if bad and self.network.leads_to_gateway(record.url):
                failed.setdefault(record.token, record)  # its repeats say the same again
        found = [
            f"the gateway answered {one.kind} at {urlsplit(one.url).path} with {one.status or one.error}"
            for one in failed.values()
        ]
        found += [
            f"Twilio cannot use what the gateway answered: {entry.code} {entry.text}"
            for call in self.emulator.calls
            for entry in call.notifications
            if entry.log == 0 and entry.code in _OF_DOCUMENTS and self.network.leads_to_gateway(entry.url)
        ]
        return [*found, *(f"the emulator failed: {one!r}" for one in self.emulator.internal_errors)]

    async def turns(self) -> list[Turn]:
        """Return the turns of every call so far as the gateway recorded them."""
        db = self.gateway.services.db
        await db.flush()
        calls = await db.read(lambda conn: store.recent(conn, _MOST_CALLS))
        found: list[Turn] = []
        for row in reversed(calls):
            record = await db.read(partial(store.trace, call_id=row["id"]))
            found += [_turn(row["sid"], step) for step in (record or {}).get("turns", ())]
        return found


def _turn(sid: str, row: dict[str, Any]) -> Turn:
    log = tuple(
        (str(name), int(line), str(level), str(text)) for name, line, level, text in _json(row["log"])
    )
    return Turn(sid, row["action"], row["answered"], log, _json(row["failure"]))


def _json(text: str) -> Any:
    return store.from_json(text)


class _Held:
    """The gateway's ways out; virtual time stands still while Twilio is being asked for something."""

    def __init__(self, emulator: Emulator, dialler: Dialler, messenger: Messenger) -> None:
        self._emulator = emulator
        self._dialler = dialler
        self._messenger = messenger

    async def send(self, number: str, text: str, *, profile: str, message_id: str) -> Attempt:
        """Send a text."""
        with self._emulator.hold():
            return await self._messenger.send(number, text, profile=profile, message_id=message_id)

    async def place(self, number: str, *, profile: str, **request: Any) -> Attempt:
        """Place a call."""
        with self._emulator.hold():
            return await self._dialler.place(number, profile=profile, **request)

    async def redirect(self, sid: str, url: str, *, profile: str) -> str:
        """Send a live call elsewhere."""
        with self._emulator.hold():
            return await self._dialler.redirect(sid, url, profile=profile)


class _listening_in:  # noqa: N801  used as a context manager in a sentence
    """Lets a story take the gateway's log lines, in place of wherever they went before."""

    def __init__(self, story: Story) -> None:
        self._story = story

    def __enter__(self) -> None:
        # The list itself is changed, as loggers that were used already hold on to it.
        self._processors = structlog.get_config()["processors"]
        self._before = list(self._processors)
        self._processors[:] = [structlog.stdlib.add_log_level, self._take]
        structlog.configure(processors=self._processors)

    def __exit__(self, *_: object) -> None:
        self._processors[:] = self._before
        structlog.configure(processors=self._processors)

    def _take(self, logger: Any, name: str, event: Any) -> Any:
        self._story.logged(logger, name, event)
        raise structlog.DropEvent
