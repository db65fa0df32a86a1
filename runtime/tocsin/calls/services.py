"""What a conversation needs from the rest of the gateway, as one bundle and a few protocols.

The gateway builds it anew at each configuration change, so that people, contacts and PIN policies are
always read live. Nothing here has behaviour beyond looking things up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

from tocsin.calls.phrasebook import Phrasebook
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import tzinfo

    from sqlalchemy import Connection

    from tocsin.alarms import Board, Episode
    from tocsin.alarms.flood import Flood
    from tocsin.calls.call import Call
    from tocsin.calls.outcome import Outcome
    from tocsin.calls.webhook import VoiceWebhook
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.people import Directory, PinCheck
    from tocsin.sandbox.sandbox import Sandbox
    from tocsin.scripts import Library
    from tocsin.tags.tree import Tags
    from tocsin.telephony.attempt import Attempt
    from tocsin.telephony.egress import Egress
    from tocsin.telephony.profiles import Profiles


class NoTurn(TocsinError):  # noqa: N818  it says what is the case
    """A text or call had no turn at its account in time: it was not asked for, and will not be."""


class Messenger(Protocol):
    """Sends a text; bound by the gateway to whatever way out it has."""

    async def send(self, number: str, text: str, *, profile: str, message_id: str) -> Attempt:
        """Send one text, once; `message_id` is what Twilio is to name when it tells how the text fares."""


class Dialler(Protocol):
    """Places a call; bound by the gateway to whatever way out it has."""

    async def place(self, number: str, *, profile: str, **request: Any) -> Attempt:
        """Place one call, once."""

    async def redirect(self, sid: str, url: str, *, profile: str) -> str:
        """Send a live call to another URL; return "" once Twilio did, else why not."""


class PassOn(Protocol):
    """Passes a call's alarms to the next person; bound by the gateway."""

    async def __call__(self, call: Call) -> bool:
        """Escalate now; tell whether somebody else is told."""


class PassOnIn(Protocol):
    """Passes alarms to the next person in the caller's transaction; bound by the gateway to pipelines."""

    def __call__(self, conn: Connection, person: str, episode_ids: Sequence[str], now_ms: int, /) -> bool:
        """Escalate now what `person` is being told of; tell whether somebody else is told."""


class EndedIn(Protocol):
    """Takes a call's end into account in the transaction that records it; bound by the gateway."""

    def __call__(self, conn: Connection, call: Call, outcome: Outcome, now_ms: int) -> None:
        """Do what follows; called once per call. The call's row has its outcome and the reason already."""


class FloodsOf(Protocol):
    """Knows which areas are in a flood of alarms; bound by the gateway."""

    def __call__(self, areas: Iterable[str], /) -> Sequence[Flood]:
        """Give the floods of these areas that are going on, from memory."""


class ReceiptIn(Protocol):
    """Takes a text's status into account in the transaction that records it; bound by the gateway."""

    def __call__(
        self, conn: Connection, row: Mapping[Any, Any], status: str, code: int | None, now_ms: int
    ) -> None:
        """Do what follows; `row` is the text's row, `code` Twilio's error code. Once per status."""


class TextedIn(Protocol):
    """Takes STOP or START from a phone into account in the transaction that records it."""

    def __call__(self, conn: Connection, number: str, opt_out: str, now_ms: int) -> None:
        """Do what follows; `opt_out` is Twilio's OptOutType."""


class OptedOutIn(Protocol):
    """Tells who wants no texts; bound by the gateway."""

    def __call__(self, conn: Connection, number: str, /) -> bool:
        """Tell whether a number has opted out of texts."""


class Turns(Protocol):
    """Lets an account's alarms go first and keeps its rate; bound by the gateway to the dispatchers."""

    async def taken(
        self,
        channel: str,
        account: str,
        number: str,
        intend_in: Callable[[Connection], None],
        *,
        patience_s: float,
    ) -> None:
        """Write an intent down once it is its turn; `channel` is "voice" or "sms".

        Raises NoTurn where that takes longer than `patience_s`, and NotStored.
        """


def no_receipt_wanted(
    conn: Connection, row: Mapping[Any, Any], status: str, code: int | None, now_ms: int
) -> None:
    """Do nothing about a text's status: nobody waits for it."""


def no_opting_out(conn: Connection, number: str, opt_out: str, now_ms: int) -> None:
    """Do nothing about who wants texts: none are sent."""


def no_floods(areas: Iterable[str], /) -> Sequence[Flood]:
    """Give none: nobody watches for floods."""
    del areas
    return ()


def nobody_opted_out(_: Connection, __: str, /) -> bool:
    """Take it that everybody wants texts."""
    return False


def nothing_follows(conn: Connection, call: Call, outcome: Outcome, now_ms: int) -> None:
    """Do nothing about a call's end: nobody planned what comes next."""


@dataclass(frozen=True, slots=True)
class Raisable:
    """The alarm that callers of a profile may raise: `priority` None is that of its rule."""

    path: str
    priority: str | None
    label: str


@dataclass(frozen=True, slots=True)
class Line:
    """How calls of one voice profile behave, resolved from the configuration.

    `pin` gives the policy per priority under "default" and the priorities' names; `base` is the external
    hostname without a trailing slash, or "".
    """

    profile: str
    twilio_profile: str
    account: str
    phone_number: str
    project: str
    base: str
    language: str
    voices: Mapping[str, str]
    digits: str
    pin: Mapping[str, str]
    ring_seconds: int
    machine_detection: bool
    fallback_url: str | None
    egress: Egress
    raises: Raisable | None = None


@dataclass(frozen=True, slots=True)
class TurnLimits:
    """The budgets of one call: milliseconds, counts and minutes as in `[scripts]`."""

    turn_ms: int
    cpu_ms: int
    host_calls: int
    turns_per_call: int
    call_minutes: int


@dataclass(slots=True)
class Services:
    """Everything a conversation reaches; replaced as a whole when the configuration changes."""

    clock: Clock
    db: Database
    directory: Directory
    board: Board
    pins: PinCheck
    sandbox: Sandbox
    library: Library
    messenger: Messenger
    dialler: Dialler
    pass_on: PassOn
    lines: Mapping[str, Line]
    profiles: Profiles
    limits: TurnLimits
    site: str
    timezone: tzinfo
    pass_on_in: PassOnIn | None = None
    ended_in: EndedIn = nothing_follows
    receipt_in: ReceiptIn = no_receipt_wanted
    texted_in: TextedIn = no_opting_out
    opted_out_in: OptedOutIn = nobody_opted_out
    floods: FloodsOf = no_floods
    turns: Turns | None = None
    phrases: Phrasebook = field(default_factory=Phrasebook)
    tags: Tags | None = None
    pipelines: tuple[str, ...] = ()

    async def in_turn(
        self,
        channel: str,
        account: str,
        number: str,
        intend_in: Callable[[Connection], None],
        *,
        patience_s: float,
    ) -> None:
        """Write an intent down once its account is free for it, as `Turns.taken`.

        Without dispatchers nobody else uses the account: it goes at once.
        """
        if self.turns is None:
            await self.db.write(intend_in)
        else:
            await self.turns.taken(channel, account, number, intend_in, patience_s=patience_s)

    def line_for(self, hook: VoiceWebhook) -> Line | None:
        """Return the line of a call known only by its account and numbers, or None where nobody answers."""
        voice = self.profiles.for_call(hook.account, hook.params.get("To", ""), hook.params.get("From", ""))
        return self.lines.get(voice.name) if voice else None

    def said_as(self, episode: Episode) -> str:
        """Return the words that its rule has said on the telephone for an alarm's name, "" for none."""
        rule = self.board.rule_of(episode)
        return (rule.custom_voice_message or "").strip() if rule is not None else ""

    def texted_as(self, episode: Episode) -> str:
        """Return the words that its rule has texted for an alarm's name, "" for none."""
        rule = self.board.rule_of(episode)
        return (rule.custom_sms_message or "").strip() if rule is not None else ""

    def local(self, at_ms: int | None) -> list[int] | None:
        """Return [ms, seconds east of UTC] as scripts' datetimes are made from, or None."""
        if at_ms is None:
            return None
        offset = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.timezone).utcoffset()
        return [at_ms, int(offset.total_seconds()) if offset else 0]
