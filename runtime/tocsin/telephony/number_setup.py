"""How a Twilio number must be set up so that calls and texts to it reach the gateway. Values only.

The settings are those of Twilio's IncomingPhoneNumber resource
(https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_RETRIES: Final = "#rc=2&rp=all"
"""Connection overrides: Twilio asks twice more whatever kept it from an answer."""

_WORDS: Final = {
    "voice_url": "calls",
    "voice_fallback_url": "calls while this host is down",
    "status_callback": "the ends of calls",
    "sms_url": "texts",
}


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number as the account holds it; an address that is not set is "".

    `handled_by` names what Twilio asks instead of the addresses: a TwiML app or a SIP trunk.
    """

    sid: str
    urls: Mapping[str, str]
    methods: Mapping[str, str]
    handled_by: str = ""

    @classmethod
    def of(cls, resource: Any) -> Self:
        """Read the official client's object."""
        voice_app, sms_app = resource.voice_application_sid, resource.sms_application_sid
        trunk = resource.trunk_sid
        return cls(
            sid=resource.sid,
            urls={name: getattr(resource, name) or "" for name in _WORDS},
            methods={name: getattr(resource, method_of(name)) or "POST" for name in _WORDS},
            handled_by=trunk or voice_app or sms_app or "",
        )


def method_of(name: str) -> str:
    """Name the setting that holds the HTTP method of an address."""
    return "status_callback_method" if name == "status_callback" else name.replace("_url", "_method")


def wanted(base: str, *, fallback_url: str | None) -> dict[str, str]:
    """Give the addresses that a number needs; `base` is scheme, host and prefix as Twilio sees them."""
    return {
        "voice_url": f"{base}/main/system/twilio-voice/inbound/0{_RETRIES}",
        "voice_fallback_url": fallback_url or f"{base}/main/system/twilio-voice/fallback/0",
        "status_callback": f"{base}/main/system/twilio-voice/status/0{_RETRIES}",
        "sms_url": f"{base}/main/system/twilio-message/inbound/0{_RETRIES}",
    }


def differences(found: FoundNumber, wanted_urls: Mapping[str, str]) -> dict[str, str]:
    """Give, by setting, one sentence for each that would keep calls or texts from arriving.

    Connection overrides behind `#` and a slash at the end make no difference to where Twilio asks. What shall
    answer while this host is down may be anywhere but on it: such an address is right as it is, unless
    another one is configured.
    """
    wrong = {}
    for name, url in wanted_urls.items():
        here = found.urls.get(name, "")
        if name == "voice_fallback_url" and here and _is_net(here, url, wanted_urls["voice_url"]):
            continue
        if _place(here) != _place(url):
            wrong[name] = f"{_WORDS[name]} go to {here or 'nowhere'} instead of {url}"
        elif found.methods.get(name) == "GET" and name != "voice_fallback_url":
            wrong[name] = (
                f"{_WORDS[name]} are asked for by GET, by which no text and no call's end comes in; use POST"
            )
    return wrong


def _is_net(here: str, wanted_url: str, ours: str) -> bool:
    """Tell whether somebody has put an address off this host, where the configuration names none."""
    return _host(wanted_url) == _host(ours) != _host(here)


def _host(url: str) -> str | None:
    return urlsplit(url).hostname


def _place(url: str) -> str:
    return url.partition("#")[0].rstrip("/")
