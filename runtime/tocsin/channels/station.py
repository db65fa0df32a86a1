"""What every channel works with: the services of the gateway, the engine, clients of Twilio, and its tasks.

Built by the gateway. Nothing is decided here.
"""

from __future__ import annotations

import asyncio
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import structlog

from tocsin.channels.dispatch import Budget, trouble_of
from tocsin.channels.throttle import Limit, Throttles
from tocsin.telephony.client import TwilioFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Sequence

    from sqlalchemy import Connection

    from tocsin.calls.ledger import Ledger
    from tocsin.calls.services import Services
    from tocsin.channels.dispatch import Tried, Trouble
    from tocsin.engine.port import Engine
    from tocsin.people import User
    from tocsin.telephony.client import TwilioClient
    from tocsin.telephony.profiles import TwilioProfile

log = structlog.get_logger("tocsin.channels")

_FORGOTTEN_MS = 60_000

VOICE, SMS = "voice", "sms"
"""Names of the channels, and of the engine's queues in which each account has its turn."""

RECONCILE, WATCH, RECEIPT, LAST_RESORT = "reconcile", "call-watch", "receipt", "last-resort"


def of_call(call_id: str) -> str:
    """Give the key under which a call is cleared up."""
    return f"call {call_id}"


def of_message(message_id: str) -> str:
    """Give the key under which a text is cleared up."""
    return f"message {message_id}"


def there(client: TwilioClient | None) -> TwilioClient:
    """Give a client back; raises TwilioFailed where its profile is gone from the configuration."""
    if client is None:
        raise TwilioFailed("its Twilio profile is not configured any more")
    return client


class Runs(Protocol):
    """Who decides what follows an outcome; bound by the gateway."""

    def event_in(self, connection: Connection, run_id: str, now_ms: int) -> None:
        """Have a run look at its notices again, because one of them has its outcome."""


class Station:
    """The desk at which calls and texts are placed."""

    def __init__(
        self,
        services: Callable[[], Services],
        *,
        ledger: Ledger,
        engine: Engine,
        clients: Callable[[str], TwilioClient | None],
        runs: Runs,
        alone: bool = True,
        throttles: Callable[[], Throttles] = Throttles,
    ) -> None:
        self._services = services
        self._throttles = throttles
        self.ledger = ledger
        self.engine = engine
        self.client = clients
        self.runs = runs
        self.alone = alone
        """Whether no other process shares the database."""
        self._under_way: set[asyncio.Task[None]] = set()
        self._put_off: set[asyncio.Task[None]] = set()
        self.held: dict[tuple[str, str], int] = {}
        """How many people a throttle held back at the last look, by channel and account."""
        self.lagging: dict[str, str] = {}
        """What is wrong with the texts of which account, as the last look found it."""
        self.refusing: dict[tuple[str, str], int] = {}
        """Since when which account takes nothing as it is (ms UTC), by channel and account."""
        self._troubles: dict[tuple[str, str], Trouble] = {}

    @property
    def services(self) -> Services:
        """What is in force now."""
        return self._services()

    @property
    def now_ms(self) -> int:
        """The time, ms UTC."""
        return self._services().clock.now_ms()

    # Accounts that take nothing.

    def noted(self, channel: str, account: str, tried: Sequence[Tried], now_ms: int) -> Trouble | None:
        """Tell whether an account is to be left alone for a while, and remember it for `troubles`."""
        found = trouble_of(tried, now_ms)
        if found is None:
            self._troubles.pop((channel, account), None)
        else:
            self._troubles[channel, account] = found
        return found

    def well(self, channel: str, account: str) -> None:
        """Take note that an account has just taken something."""
        self._troubles.pop((channel, account), None)
        self.refusing.pop((channel, account), None)

    def troubles(self, now_ms: int) -> list[tuple[str, str, int]]:
        """Give (channel, account, ms) of those that have taken nothing for so long, as far as was tried.

        One that was not ready, and that nobody has had a reason to try again since, is forgotten after a
        while; one that takes nothing as it is stays so until it has taken something.
        """
        since = {
            way: one.since_ms
            for way, one in dict(self._troubles).items()
            if now_ms < one.until_ms + _FORGOTTEN_MS
        }
        for way, since_ms in dict(self.refusing).items():
            since[way] = min(since_ms, since.get(way, since_ms))
        return [
            (channel, account, now_ms - since_ms)
            for (channel, account), since_ms in since.items()
            if since_ms <= now_ms
        ]

    # Work in the background.

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Run `work` to its end while time that tests move stands still; its faults are logged."""
        held = ExitStack()
        held.enter_context(self.services.clock.hold())
        task = asyncio.ensure_future(work)
        self._under_way.add(task)

        def ended(done: asyncio.Task[None]) -> None:
            self._under_way.discard(done)
            held.close()
            if not done.cancelled() and done.exception() is not None:
                # What was to be done stands in the database; the reconciler finishes it.
                log.error("channel-task-failed", exc_info=done.exception())

        task.add_done_callback(ended)

    def later(self, seconds: float, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Spawn `work` once so much time has passed, unless the gateway stops before."""

        async def wait() -> None:
            await self.services.clock.sleep(seconds)
            self.spawn(work())

        task = asyncio.ensure_future(wait())
        self._put_off.add(task)
        task.add_done_callback(self._put_off.discard)

    async def aclose(self) -> None:
        """Wait for requests under way; each ends by its own timeout."""
        for task in tuple(self._put_off):
            task.cancel()
        while self._under_way:
            await asyncio.wait(set(self._under_way))

    # What the configuration says.

    def accounts(self, channel: str) -> dict[str, list[TwilioProfile]]:
        """Give, per account, the Twilio profiles through which a channel's notification profiles go out."""
        profiles = self.services.profiles
        used = profiles.voice if channel == VOICE else profiles.message
        found: dict[str, list[TwilioProfile]] = {}
        for one in used.values():
            found.setdefault(one.twilio.account_sid, []).append(one.twilio)
        return found

    def account_of(self, channel: str, profile: str) -> str | None:
        """Give the account through which a notification profile goes out, None where there is none."""
        profiles = self.services.profiles
        known = (profiles.voice if channel == VOICE else profiles.message).get(profile)
        return None if known is None else known.twilio.account_sid

    def profiles_of(self, channel: str, account: str) -> list[str]:
        """Give the notification profiles of a channel that go out through an account."""
        profiles = self.services.profiles
        used = profiles.voice if channel == VOICE else profiles.message
        return [name for name, one in used.items() if one.twilio.account_sid == account]

    def budget(self, channel: str, account: str) -> Budget:
        """Give what an account may do; of several profiles with their own figures the least counts."""
        sections = [one.section for one in self.accounts(channel).get(account, ())]
        if channel == SMS:
            return Budget(min((one.messages_per_second for one in sections), default=1))
        return Budget(
            min((one.calls_per_second for one in sections), default=1),
            min((one.concurrent_calls for one in sections), default=1),
        )

    def limit(self, channel: str) -> Limit:
        """Give how much quiet a person gets over a channel."""
        throttles = self._throttles()
        return throttles.texts if channel == SMS else throttles.calls

    def reachable(self, person: str, number: str) -> User | None:
        """Give a person who can still be reached at a number, as the configuration is now."""
        directory = self.services.directory
        user = directory.users.get(person)
        if user is None:
            return None
        # A contact that names a notification profile is theirs as well, although nobody is known by it.
        own = any(contact.value == number for contact in user.contacts)
        return user if own or user in directory.by_number(number) else None

    def client_of(self, channel: str, profile: str) -> TwilioClient | None:
        """Give the client a notification profile goes out by, or went while calls of it are under way."""
        line = self.services.lines.get(profile) if channel == VOICE else None
        if line is not None:
            return self.client(line.twilio_profile)
        profiles = self.services.profiles
        known = (profiles.voice if channel == VOICE else profiles.message).get(profile)
        return None if known is None else self.client(known.twilio.name)

    def sender_of(self, profile: str, account: str, number: str) -> TwilioClient | None:
        """Give the client that sent from a number of an account, by message profile or without one."""
        known = self.services.profiles.message.get(profile)
        if known is not None:
            return self.client(known.twilio.name)
        sender = next(
            (one for one in self.services.profiles.by_account(account) if one.phone_number == number), None
        )
        return None if sender is None else self.client(sender.name)

    def base_of(self, channel: str, profile: str) -> str:
        """Give what stands before the path of webhooks of a notification profile; "" where none come in."""
        client = self.client_of(channel, profile)
        return (client.profile.webhook_base or "") if client is not None else ""

    # Waking.

    def wake_in(self, connection: Connection, channel: str, accounts: Iterable[str]) -> None:
        """Have the dispatchers of these accounts look again once the transaction is committed."""
        now_ms = self.now_ms
        for account in dict.fromkeys(accounts):
            self.engine.enqueue_in(connection, channel, account, due_ms=now_ms)

    def wake_all_in(self, connection: Connection, channel: str) -> None:
        """Have every dispatcher of a channel look again."""
        self.wake_in(connection, channel, self.accounts(channel))

    def events_in(self, connection: Connection, run_ids: Iterable[str | None], now_ms: int) -> None:
        """Tell runs that some of their notices have an outcome."""
        for run_id in dict.fromkeys(run_ids):
            if run_id is not None:
                self.runs.event_in(connection, run_id, now_ms)
