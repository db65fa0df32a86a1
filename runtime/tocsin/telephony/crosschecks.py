"""What must hold between the profiles of one configuration, beyond what each section says alone.

Values in, `Fault`s out. Whether a project's folder exists is asked by those who read it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tocsin.config import Fault, did_you_mean
from tocsin.telephony.table.values import ENUMS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from tocsin.telephony.section import MessageProfileSection, TwilioProfileSection, VoiceProfileSection

_SECRET_KEYS = ("auth_token", "auth_token_secondary", "api_key_secret")


def all_on_emulator(twilio: Mapping[str, TwilioProfileSection]) -> bool:
    """Say whether every Twilio profile talks to the emulator; only then do literal secrets count."""
    return all(section.on_emulator for section in twilio.values())


def crosscheck(
    twilio: Mapping[str, TwilioProfileSection],
    voice: Mapping[str, VoiceProfileSection],
    message: Mapping[str, MessageProfileSection],
    *,
    audit_profiles: Collection[str],
) -> list[Fault]:
    """Find what is wrong between the profiles; paths begin with the top-level table's name."""
    return [
        *_unknown_names(twilio, voice, message, audit_profiles),
        *_failover_circles("voice_profiles", voice),
        *_failover_circles("message_profiles", message),
        *_inbound_doubts(twilio, voice),
        *_credentials(twilio),
        *_addresses(twilio),
        *_shared_numbers(twilio),
        *_voices(voice),
    ]


def _unknown(path: tuple[str, ...], kind: str, name: str, known: Collection[str]) -> Iterator[Fault]:
    if name not in known:
        there = ", ".join(sorted(known)) or "none"
        hint = did_you_mean(name, known)
        yield Fault(path, f'there is no {kind} "{name}"{hint or f"; defined are: {there}"}')


def _unknown_names(
    twilio: Mapping[str, TwilioProfileSection],
    voice: Mapping[str, VoiceProfileSection],
    message: Mapping[str, MessageProfileSection],
    audit_profiles: Collection[str],
) -> Iterator[Fault]:
    tables: dict[str, Mapping[str, VoiceProfileSection | MessageProfileSection]] = {
        "voice_profiles": voice,
        "message_profiles": message,
    }
    for table, sections in tables.items():
        for name, section in sections.items():
            at = (table, name)
            yield from _unknown((*at, "twilio_profile"), "Twilio profile", section.twilio_profile, twilio)
            if section.audit_profile is not None:
                yield from _unknown(
                    (*at, "audit_profile"), "audit profile", section.audit_profile, audit_profiles
                )
    for table in ("voice_profiles", "message_profiles"):
        for name, one in tables[table].items():
            if one.failover is not None:
                kind = table.removesuffix("_profiles") + " profile"
                yield from _unknown((table, name, "failover"), kind, one.failover, tables[table])
    for name, account in twilio.items():
        if account.inbound is not None:
            yield from _unknown(("twilio_profiles", name, "inbound"), "voice profile", account.inbound, voice)


def _failover_circles(
    table: str, profiles: Mapping[str, VoiceProfileSection] | Mapping[str, MessageProfileSection]
) -> Iterator[Fault]:
    told: set[str] = set()
    for start in profiles:
        way = [start]
        while (after := profiles[way[-1]].failover) in profiles and after not in way:
            way.append(str(after))
        if after in way and not told.intersection(way):
            circle = way[way.index(str(after)) :]
            told.update(circle)
            yield Fault(
                (table, circle[-1], "failover"),
                f"goes round in a circle: {' -> '.join([*circle, circle[0]])}; "
                "let the last one have no failover",
            )


def _inbound_doubts(
    twilio: Mapping[str, TwilioProfileSection], voice: Mapping[str, VoiceProfileSection]
) -> Iterator[Fault]:
    for name, account in twilio.items():
        using = [each for each, section in voice.items() if section.twilio_profile == name]
        if account.inbound is None and len(using) > 1:
            yield Fault(
                ("twilio_profiles", name),
                f"the voice profiles {', '.join(using)} all use this number and none is named to answer "
                f'calls to it; add inbound = "{using[0]}"',
            )
        elif account.inbound is not None and account.inbound in voice and account.inbound not in using:
            yield Fault(
                ("twilio_profiles", name, "inbound"),
                f'the voice profile "{account.inbound}" calls from another Twilio profile '
                f'("{voice[account.inbound].twilio_profile}"); name one with twilio_profile = "{name}"',
            )


def _credentials(twilio: Mapping[str, TwilioProfileSection]) -> Iterator[Fault]:
    literals_count = all_on_emulator(twilio)
    for name, account in twilio.items():
        at = ("twilio_profiles", name)
        for key in _SECRET_KEYS:
            secret = getattr(account, key)
            if secret is not None and secret.is_literal and not literals_count:
                yield Fault(
                    (*at, key),
                    "is written into the file, which is only accepted while every Twilio profile talks to "
                    f'the emulator; write {{ env = "{key.upper()}" }} or {{ file = "path" }}',
                )
        if (account.api_key_sid is None) != (account.api_key_secret is None):
            missing = "api_key_secret" if account.api_key_secret is None else "api_key_sid"
            yield Fault(at, f"an API key needs both its SID and its secret; add {missing}")


def _addresses(twilio: Mapping[str, TwilioProfileSection]) -> Iterator[Fault]:
    for name, account in twilio.items():
        at = ("twilio_profiles", name)
        outside = account.external_hostname
        if outside is None:
            continue
        if outside.startswith("http:") and not account.on_emulator:
            yield Fault(
                (*at, "external_hostname"),
                "webhooks over http show PINs and numbers to anyone on the way; use https",
                "warning",
            )
        if account.fallback_url is not None and _host(account.fallback_url) == _host(outside):
            yield Fault(
                (*at, "fallback_url"),
                "is on the same host as external_hostname, so it fails together with it; use another host, "
                "such as a TwiML Bin",
                "warning",
            )


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").lower()


def _shared_numbers(twilio: Mapping[str, TwilioProfileSection]) -> Iterator[Fault]:
    first: dict[tuple[str, str], str] = {}
    for name, account in twilio.items():
        owner = first.setdefault((account.account_sid, account.phone_number), name)
        if owner != name:
            yield Fault(
                ("twilio_profiles", name, "phone_number"),
                f'is already the number of "{owner}" in the same account; use one Twilio profile for both',
            )


def _voices(voice: Mapping[str, VoiceProfileSection]) -> Iterator[Fault]:
    known = {name.lower() for name in ENUMS["SayVoice"]} | {"man", "woman", "alice"}
    for profile, section in voice.items():
        for language, name in section.voices.items():
            if name.lower() not in known:
                yield Fault(
                    ("voice_profiles", profile, "voices", language),
                    f'"{name}" is not among the voices that Twilio\'s libraries list'
                    + did_you_mean(name, ENUMS["SayVoice"]),
                    "warning",
                )
