"""The emulator as one object: all that the web app, a terminal phone and a test kit do goes through it."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, Self

from tocsin.clock import Clock, SystemClock
from tocsin.emulator import persona
from tocsin.emulator.account import DEFAULT_AUTH_TOKEN, Account, Accounts
from tocsin.emulator.events import Events
from tocsin.emulator.exchange import Exchange
from tocsin.emulator.faults import Faults
from tocsin.emulator.limits import Limits
from tocsin.emulator.messaging import Messaging
from tocsin.emulator.pace import Pace
from tocsin.emulator.phone import Phone
from tocsin.emulator.sids import Sids
from tocsin.emulator.timers import Timers
from tocsin.emulator.webhook import Webhooks
from tocsin.emulator.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import httpx2
    from starlette.types import ASGIApp

    from tocsin.emulator.records import Call, Message, Number, WebhookRecord


class Emulator:
    """A fake Twilio with phones one can answer.

    `clock` may be shared with the product under test. `seed` makes SIDs and chance repeatable; without it
    every run differs. `autojump` moves a virtual clock by itself whenever nothing else can happen.
    `settle_s` is how many real seconds the product gets to react before virtual time moves on.
    `calls_per_second` and `messages_per_second` (per sender) queue what comes faster; `message_queue` is how
    many messages may wait.
    `transport` replaces the sockets webhooks go out on, for a product in the same process.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        auth_token: str = DEFAULT_AUTH_TOKEN,
        api_keys: Mapping[str, str] | None = None,
        seed: int | None = None,
        autojump: bool = False,
        settle_s: float = 0.005,
        calls_per_second: float | None = None,
        messages_per_second: float | None = None,
        message_queue: int | None = None,
        transport: httpx2.AsyncBaseTransport | None = None,
        public_url: str = "http://127.0.0.1:8089",
    ) -> None:
        self.clock: Clock = clock if clock is not None else SystemClock()
        self.auth_token = auth_token
        self.faults = Faults()
        self.limits = Limits(calls_per_second, messages_per_second, message_queue)
        self.events = Events()
        self._pace = Pace(self.clock, settle_s=settle_s)
        self._timers = Timers(self.clock, self._failed)
        sids = Sids(seed)
        accounts = Accounts(clock=self.clock, sids=sids, auth_token=auth_token, api_keys=api_keys or {})
        self._webhooks = Webhooks(
            clock=self.clock, pace=self._pace, sids=sids, faults=self.faults, events=self.events,
            auth_token=auth_token, transport=transport,
        )  # fmt: skip
        self.world = World(
            self.clock, self._timers, self._pace, self.events, self.faults, sids, accounts, self._webhooks,
            random.Random(seed),  # noqa: S311  # chance of a rehearsal, not a secret
            self.limits,
        )  # fmt: skip
        self.exchange = Exchange(self.world, self.phone)
        self.exchange.public_url = public_url
        self.exchange.messaging = Messaging(self.world, self.phone, self.exchange.callbacks)
        self._phones: dict[str, Phone] = {}
        self._autojump = autojump
        self._jumper: asyncio.Task[None] | None = None
        self._app: ASGIApp | None = None

    # Life.

    async def start(self) -> None:
        """Begin to run timers (and to jump, where that was asked for) on the running event loop."""
        self._timers.start()
        if self._autojump:
            await self.autojump(on=True)

    async def aclose(self) -> None:
        """Drop every call and message under way and close connections."""
        await self.autojump(on=False)
        await self.exchange.aclose()
        await self.exchange.messaging.aclose()
        await self._timers.aclose()
        await self._webhooks.aclose()

    def _failed(self, error: BaseException) -> None:
        self.world.errors.append(error)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @property
    def app(self) -> ASGIApp:
        """Give the ASGI application: Twilio's REST API and the control API."""
        if self._app is None:
            from tocsin.emulator.app import create_app

            self._app = create_app(self)
        return self._app

    # Phones.

    def phone(self, number: str) -> Phone:
        """Give the phone with this number; one never named before is a manual phone."""
        phone = self._phones.get(number)
        if phone is None:
            phone = self._phones[number] = Phone(number, self.world)
            phone.dialler = self.exchange.dial_in
            phone.texter = self.exchange.messaging.receive
        return phone

    def put_phone(self, number: str, given: Mapping[str, Any]) -> Phone:
        """Say who answers `number` from the next call on; raises BadPersona. Transcript and failures stay."""
        read = persona.read(given)
        phone = self.phone(number)
        phone.persona = read
        phone.texts = 0
        return phone

    @property
    def phones(self) -> list[Phone]:
        """Give every phone named so far."""
        return list(self._phones.values())

    # The account.

    def account(self, sid: str) -> Account:
        """Give the account with this SID."""
        return self.world.accounts.get(sid)

    def add_number(self, account_sid: str, phone_number: str, **settings: str) -> Number:
        """Own a Twilio number with `voice_url`, `sms_url`, `status_callback` and so on set."""
        accounts = self.world.accounts
        number = accounts.own(accounts.get(account_sid), phone_number)
        number.settings.update(settings)
        accounts.configured(number)
        return number

    @property
    def calls(self) -> list[Call]:
        """Give every call of every account, oldest first."""
        found = [call for account in self.world.accounts.all() for call in account.calls.values()]
        return sorted(found, key=lambda call: call.created)

    @property
    def messages(self) -> list[Message]:
        """Give every message of every account, oldest first."""
        found = [message for account in self.world.accounts.all() for message in account.messages.values()]
        return sorted(found, key=lambda message: message.created)

    @property
    def webhooks(self) -> list[WebhookRecord]:
        """Give every request made to the product, oldest first."""
        return list(self._webhooks.records)

    @property
    def internal_errors(self) -> list[BaseException]:
        """Give faults of the emulator itself; empty unless this room has a bug."""
        return list(self.world.errors)

    # Time.

    @property
    def live(self) -> int:
        """Count the calls that have not ended."""
        return len(self.exchange.legs)

    @property
    def autojumps(self) -> bool:
        """Whether a virtual clock moves by itself while nothing else can happen."""
        return self._jumper is not None

    async def autojump(self, *, on: bool) -> None:
        """Let a virtual clock move by itself, or stop that; raises NotMovable on any other clock."""
        if on and self._jumper is None:
            self._pace.movable()
            self._jumper = asyncio.create_task(self._pace.autojump(), name="emulator-autojump")
        elif not on and self._jumper is not None:
            self._jumper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._jumper
            self._jumper = None

    async def advance(self, seconds: float) -> None:
        """Move a virtual clock, stopping at every due moment until all webhooks of it are answered."""
        await self._pace.advance(seconds)

    async def quiet(self) -> None:
        """Return once no webhook is open and what was under way has settled; time does not move."""
        await self._pace.quiet()

    async def run_until(self, done: Callable[[], bool], *, limit_s: float = 3600.0) -> bool:
        """Jump a virtual clock from due moment to due moment until `done()`; False if that never comes."""
        return await self._pace.run_until(done, limit_s=limit_s)

    async def run_calls(self, *, limit_s: float = 4 * 3600.0) -> bool:
        """Jump until no call is under way, then let the last callbacks settle."""
        ended = await self.run_until(lambda: not self.exchange.legs, limit_s=limit_s)
        await self.quiet()
        return ended

    @contextlib.contextmanager
    def hold(self) -> Iterator[None]:
        """Keep virtual time still while the body runs, as an open webhook does."""
        with self._pace.busy():
            yield
