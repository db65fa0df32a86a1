"""The profiles of a configuration, indexed as webhooks and outgoing calls ask for them.

Values in, values out: no network, no clock. Who is called and what is said is decided elsewhere; what must
hold between the sections is in `crosschecks`.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tocsin.telephony.section import MessageProfileSection, TwilioProfileSection, VoiceProfileSection


@dataclass(frozen=True, slots=True)
class TwilioProfile:
    """One Twilio profile by its name; `tokens` are those whose signatures count, primary first."""

    name: str
    account_sid: str
    phone_number: str
    webhook_base: str | None
    section: TwilioProfileSection = field(repr=False)
    tokens: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class VoiceProfile:
    """One voice profile by its name, with the Twilio profile it calls from."""

    name: str
    section: VoiceProfileSection
    twilio: TwilioProfile


@dataclass(frozen=True, slots=True)
class MessageProfile:
    """One message profile by its name, with the Twilio profile it sends from."""

    name: str
    section: MessageProfileSection
    twilio: TwilioProfile


P = TypeVar("P", VoiceProfile, MessageProfile)


class Profiles:
    """An index over the profiles of one configuration; replaced whole when the configuration changes."""

    def __init__(
        self, twilio: Mapping[str, TwilioProfile], voice: Mapping[str, VoiceProfile],
        message: Mapping[str, MessageProfile],
    ) -> None:  # fmt: skip
        self.twilio, self.voice, self.message = twilio, voice, message
        accounts: defaultdict[str, list[TwilioProfile]] = defaultdict(list)
        numbers: defaultdict[str, list[TwilioProfile]] = defaultdict(list)
        for profile in twilio.values():
            accounts[profile.account_sid].append(profile)
            numbers[profile.phone_number].append(profile)
        self._accounts = {sid: tuple(found) for sid, found in accounts.items()}
        self._numbers = {number: tuple(found) for number, found in numbers.items()}
        self._inbound = {name: _inbound(profile, voice) for name, profile in twilio.items()}

    @classmethod
    def of(
        cls,
        twilio: Mapping[str, TwilioProfileSection],
        voice: Mapping[str, VoiceProfileSection],
        message: Mapping[str, MessageProfileSection],
        *,
        listen: str,
    ) -> Self:
        """Build the index from sections that passed `crosscheck`; `listen` is the gateway's own "host:port".

        Raises KeyError where a voice or message profile names a Twilio profile that does not exist.
        """
        accounts = {name: _twilio_profile(name, section, listen) for name, section in twilio.items()}
        return cls(
            accounts,
            {name: VoiceProfile(name, at, accounts[at.twilio_profile]) for name, at in voice.items()},
            {name: MessageProfile(name, at, accounts[at.twilio_profile]) for name, at in message.items()},
        )

    def by_account(self, account_sid: str) -> tuple[TwilioProfile, ...]:
        """Give the profiles of an account, in the order of the configuration; empty where none is known."""
        return self._accounts.get(account_sid, ())

    def by_number(self, number: str) -> tuple[TwilioProfile, ...]:
        """Give the profiles that own a number."""
        return self._numbers.get(number, ())

    def inbound(self, twilio_profile: str) -> VoiceProfile | None:
        """Give the voice profile that answers calls to a Twilio profile's number, or None."""
        return self._inbound.get(twilio_profile)

    def for_call(self, account_sid: str, *numbers: str) -> VoiceProfile | None:
        """Give the voice profile of a call known only by its account and its two numbers.

        A profile that owns one of the numbers goes first, in the order given; then the account's first
        profile that answers calls at all.
        """
        candidates = self.by_account(account_sid)
        owners = [found for number in numbers for found in candidates if found.phone_number == number]
        for profile in (*owners, *candidates):
            if (answering := self._inbound.get(profile.name)) is not None:
                return answering
        return None

    def failovers(self, voice_profile: str) -> tuple[VoiceProfile, ...]:
        """Give the voice profiles to try, the named one first, each once."""
        return _chain(self.voice, voice_profile)

    def message_failovers(self, message_profile: str) -> tuple[MessageProfile, ...]:
        """Give the message profiles to try, the named one first, each once."""
        return _chain(self.message, message_profile)


def _chain(profiles: Mapping[str, P], first: str) -> tuple[P, ...]:
    found: dict[str, P] = {}
    name: str | None = first
    while name is not None and name not in found and name in profiles:
        found[name] = profiles[name]
        name = found[name].section.failover
    return tuple(found.values())


def _twilio_profile(name: str, section: TwilioProfileSection, listen: str) -> TwilioProfile:
    tokens = [section.auth_token.reveal()]
    if section.auth_token_secondary is not None:
        tokens.append(section.auth_token_secondary.reveal())
    return TwilioProfile(
        name=name,
        account_sid=section.account_sid,
        phone_number=section.phone_number,
        webhook_base=webhook_base(section, listen=listen),
        section=section,
        tokens=tuple(tokens),
    )


def _inbound(profile: TwilioProfile, voice: Mapping[str, VoiceProfile]) -> VoiceProfile | None:
    if profile.section.inbound is not None:
        return voice.get(profile.section.inbound)
    using = [found for found in voice.values() if found.twilio.name == profile.name]
    return using[0] if len(using) == 1 else None


def webhook_base(section: TwilioProfileSection, *, listen: str) -> str | None:
    """Give what stands before the path in every URL that Twilio signs for this profile, or None.

    That is `external_hostname`; with the emulator, where none is set, the gateway's own "host:port". None
    means outbound-only: no URL of ours can be given to Twilio.
    """
    if section.external_hostname is not None:
        return section.external_hostname
    return f"http://{listen}" if section.on_emulator else None
