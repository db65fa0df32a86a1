"""The accounts that calls and texts go out through, and what each may do. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

from tocsin.channels.dispatch import Budget
from tocsin.channels.throttle import Throttles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.channels.throttle import Limit
    from tocsin.telephony.section import MessageProfileSection, TwilioProfileSection, VoiceProfileSection

_ONE: Final = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """By (channel, profile) the account, and by (channel, account) its budget; rings by voice profile, ms.

    What is not named goes out through one account with the usual budget.
    """

    accounts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    budgets: Mapping[tuple[str, str], Budget] = field(default_factory=dict)
    ring_ms: Mapping[str, int] = field(default_factory=dict)
    throttles: Throttles = field(default_factory=Throttles)

    @classmethod
    def of(
        cls,
        twilio: Mapping[str, TwilioProfileSection],
        voice: Mapping[str, VoiceProfileSection],
        messages: Mapping[str, MessageProfileSection],
        throttles: Throttles | None = None,
    ) -> Self:
        """Read them from a configuration's profiles; of several figures for one account the least counts."""
        accounts: dict[tuple[str, str], str] = {}
        budgets: dict[tuple[str, str], Budget] = {}
        for name, call in voice.items():
            section = twilio[call.twilio_profile]
            key = ("voice", section.account_sid)
            accounts["voice", name] = section.account_sid
            own = Budget(section.calls_per_second, section.concurrent_calls)
            budgets[key] = _least(budgets.get(key), own)
        for name, text in messages.items():
            section = twilio[text.twilio_profile]
            key = ("sms", section.account_sid)
            accounts["sms", name] = section.account_sid
            budgets[key] = _least(budgets.get(key), Budget(section.messages_per_second))
        ring_ms = {name: one.ring_seconds * 1000 for name, one in voice.items()}
        return cls(accounts, budgets, ring_ms, throttles or Throttles())

    def account(self, channel: str, profile: str) -> str:
        """Give the account a profile goes out through."""
        return self.accounts.get((channel, profile), _ONE)

    def budget(self, channel: str, account: str) -> Budget:
        """Give what an account may do over a channel."""
        return self.budgets.get((channel, account)) or Budget(1, 2 if channel == "voice" else None)

    def limit(self, channel: str) -> Limit:
        """Give how much quiet people get over a channel."""
        return self.throttles.texts if channel == "sms" else self.throttles.calls


def _least(one: Budget | None, other: Budget) -> Budget:
    if one is None:
        return other
    at_once = [found for found in (one.at_once, other.at_once) if found is not None]
    return Budget(min(one.per_second, other.per_second), min(at_once, default=None))
