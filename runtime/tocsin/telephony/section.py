"""The configuration sections of telephony: Twilio profiles, voice profiles, message profiles.

What lives here is what one table may say on its own. What needs several tables (a name that must exist, a
circle of failovers) is decided in `profiles`; what the values are for is decided by those who use them.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from tocsin.config import Secret, Section, did_you_mean
from tocsin.telephony.numbers import is_e164

PinMode = Literal["to-acknowledge", "to-hear", "none"]
Priority = Literal["Diagnostic", "Low", "Medium", "High", "Critical"]
PriorityOrDefault = Literal["default", "Diagnostic", "Low", "Medium", "High", "Critical"]

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", re.ASCII)
_VOICE = re.compile(r"[A-Za-z][A-Za-z0-9._:-]*", re.ASCII)


def _sid(prefix: str, what: str) -> AfterValidator:
    form = re.compile(prefix + "[0-9a-fA-F]{32}", re.ASCII)

    def check(text: str) -> str:
        if form.fullmatch(text) is None:
            shown = text[:2] + "…" * (len(text) > 2)  # it may be a token, put in the wrong place
            raise ValueError(
                f'"{shown}" with {len(text)} characters is not {what}; copy it from the Twilio console: '
                f"{prefix} and 32 hexadecimal digits"
            )
        return text

    return AfterValidator(check)


def _e164(text: str) -> str:
    if not is_e164(text):
        raise ValueError(
            f'"{text}" is not an E.164 number; write a plus, the country code and the number without its '
            "leading 0, such as +46701234567"
        )
    return text


def _web_address(text: str) -> str:
    """Accept `scheme://host[:port][/path]` of http or https, all of it visible ASCII."""
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        raise ValueError("is not a web address; write visible ASCII characters only, without blanks")
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or "://" not in text:
        raise ValueError(f'"{text}" is not a web address; write it with https:// in front')
    if "@" in parts.netloc:
        raise ValueError(
            "holds a user name or password; Twilio would sign them and logs would show them, "
            "so take the part before the @ away"
        )
    try:
        port_ok = parts.port != 0
    except ValueError:
        port_ok = False
    name = parts.netloc if parts.netloc.endswith("]") else parts.netloc.rpartition(":")[0] or parts.netloc
    if not port_ok or parts.netloc.endswith(":") or _HOST.fullmatch(name) is None:
        raise ValueError(f'"{text}" names no usable host and port; write it like https://alarms.example.com')
    return text


def _external_hostname(text: str) -> str:
    _web_address(text)
    if "?" in text or "#" in text:
        raise ValueError(
            f'"{text}" has a query or fragment; write scheme, host, port and path prefix as Twilio sees them'
        )
    if text.endswith("/"):
        raise ValueError(f'"{text}" ends in a slash; write {text.rstrip("/")}')
    return text


def _api_base(text: str) -> str:
    if text == "emulator":
        return text
    if "/" not in text and (meant := did_you_mean(text, ["emulator"])):
        raise ValueError(f'"{text}" is not a web address{meant}')
    return _web_address(text).rstrip("/")


def _language(text: str) -> str:
    if _LANGUAGE.fullmatch(text) is None:
        raise ValueError(f'"{text}" is not a language tag; write it like en-US or sv-SE')
    return text


def _voice(text: str) -> str:
    if _VOICE.fullmatch(text) is None:
        raise ValueError(
            f'"{text}" is not a voice; write its name as Twilio does, such as Polly.Joanna-Neural'
        )
    return text


E164 = Annotated[str, AfterValidator(_e164)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Language = Annotated[str, AfterValidator(_language)]
Name = Annotated[str, Field(min_length=1)]


class TwilioProfileSection(Section):
    """One Twilio account as tocsin uses it: its credentials, its number, and where Twilio reaches tocsin."""

    account_sid: Annotated[str, _sid("AC", "an account SID")] = Field(
        description="SID of the Twilio account: AC and 32 hexadecimal digits"
    )
    auth_token: Secret = Field(description="auth token of the account; verifies webhooks")
    auth_token_secondary: Secret | None = Field(
        None, description="second auth token, accepted for webhooks while tokens are rotated"
    )
    api_key_sid: Annotated[str, _sid("SK", "an API key SID")] | None = Field(
        None, description="SID of an API key; REST calls then use the key instead of the token"
    )
    api_key_secret: Secret | None = Field(None, description="secret of that API key")
    external_hostname: Annotated[str, AfterValidator(_external_hostname)] | None = Field(
        None,
        description="scheme, host, port and path prefix under which Twilio reaches tocsin, without a slash "
        "at the end; absent: calls go out, no webhook comes in",
    )
    fallback_url: WebAddress | None = Field(
        None,
        description="where Twilio turns when tocsin does not answer; on another host, such as a TwiML Bin",
    )
    phone_number: E164 = Field(description="the Twilio number, E.164, such as +15005550006")
    api_base: Annotated[str, AfterValidator(_api_base)] | None = Field(
        None, description='absent: the real Twilio; "emulator": the built-in one; or the address of another'
    )
    calls_per_second: float = Field(1, gt=0, le=100, description="calls placed per second, per account")
    concurrent_calls: int = Field(2, ge=1, le=1000, description="calls in progress at the same time")
    messages_per_second: float = Field(1, gt=0, le=1000, description="messages sent per second, per account")
    inbound: Name | None = Field(
        None, description="voice profile that answers calls to this number; needed when several use it"
    )

    @property
    def on_emulator(self) -> bool:
        """Whether this profile talks to the built-in emulator instead of Twilio."""
        return self.api_base == "emulator"


class RaisingSection(Section):
    """The alarm that a person who calls in may raise by a key, once a PIN has told who it is."""

    path: str = Field(
        min_length=1, description="path of the alarm; it needs a rule in [alarms], without a tag"
    )
    priority: Priority | None = Field(None, description="how urgent it is; absent: as its rule says")


class VoiceProfileSection(Section):
    """How people are called: which account, language and voice, which project's scripts, which PIN rule."""

    description: str = Field("", description="what this profile is for, in your own words")
    twilio_profile: Name = Field(description="name of the Twilio profile whose number calls")
    failover: Name | None = Field(None, description="voice profile tried when this one cannot place the call")
    language: Language = Field("en-US", description="language for callees without their own")
    voices: dict[Language, Annotated[str, AfterValidator(_voice)]] = Field(
        default_factory=dict, description="voice per language, by Twilio's names"
    )
    project: Name | None = Field(
        None, description='folder with twilio_scripts/; "." is this project; absent: default script only'
    )
    audit_profile: Name | None = Field(None, description="name of the audit profile")
    machine_detection: bool = Field(
        True, description="ask Twilio who answered, without delaying the greeting"
    )
    ring_seconds: int = Field(
        25, ge=5, le=600, description="seconds a phone rings before it counts as no answer"
    )
    digits: Literal["ignition", "pagerduty"] = Field(
        "ignition", description="which keys the default script uses"
    )
    pin: PinMode | dict[PriorityOrDefault, PinMode] = Field(
        "to-acknowledge",
        description="when a PIN is asked for; one rule, or one per priority with a default. Where it is "
        '"none", a number that calls in, which can be forged, is enough to hear and acknowledge',
    )
    raise_alarm: RaisingSection | None = Field(
        None, description="the alarm that people who call in may raise by a key; absent: none"
    )

    def pin_for(self, priority: str) -> PinMode:
        """Give the PIN rule for an alarm of this priority; "to-acknowledge" where a table names none."""
        return _pin_for(self.pin, priority)


class MessageProfileSection(Section):
    """How people are texted: which account, and which PIN rule."""

    description: str = Field("", description="what this profile is for, in your own words")
    twilio_profile: Name = Field(description="name of the Twilio profile whose number sends")
    failover: Name | None = Field(
        None, description="message profile that sends when this one's account takes nothing or is slow"
    )
    audit_profile: Name | None = Field(None, description="name of the audit profile")
    pin: PinMode | dict[PriorityOrDefault, PinMode] = Field(
        "to-acknowledge", description="when a PIN is asked for; one rule, or one per priority with a default"
    )

    def pin_for(self, priority: str) -> PinMode:
        """Give the PIN rule for an alarm of this priority; "to-acknowledge" where a table names none."""
        return _pin_for(self.pin, priority)


def _pin_for(rule: PinMode | dict[PriorityOrDefault, PinMode], priority: str) -> PinMode:
    if isinstance(rule, str):
        return rule
    by_name: dict[str, PinMode] = dict(rule.items())
    return by_name.get(priority) or by_name.get("default") or "to-acknowledge"
