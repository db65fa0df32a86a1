"""Twilio numbers over REST: list, buy, show, set up, give back.

https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tocsin.emulator import numbers
from tocsin.emulator.parameters import API_VERSION
from tocsin.emulator.refusal import Refused
from tocsin.emulator.rest.wire import BASE, Body, Query, page, rfc2822

if TYPE_CHECKING:
    from tocsin.emulator.exchange import Exchange
    from tocsin.emulator.records import Number

_URLS = {
    "VoiceUrl": "voice_url",
    "VoiceFallbackUrl": "voice_fallback_url",
    "SmsUrl": "sms_url",
    "SmsFallbackUrl": "sms_fallback_url",
    "StatusCallback": "status_callback",
}
_METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "SmsMethod": "sms_method",
    "SmsFallbackMethod": "sms_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}


def shape(number: Number) -> dict[str, Any]:
    """Give a number as the resource shows it."""
    return {
        "account_sid": number.account_sid,
        "address_sid": None,
        "address_requirements": "none",
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": {"mms": True, "sms": True, "voice": True, "fax": False},
        "date_created": rfc2822(number.created),
        "date_updated": rfc2822(number.updated),
        "friendly_name": number.setting("friendly_name") or numbers.formatted(number.phone_number),
        "identity_sid": None,
        "phone_number": number.phone_number,
        "origin": "twilio",
        "sid": number.sid,
        "sms_application_sid": None,
        **{name: number.setting(name) or None for name in _URLS.values()},
        **{name: number.setting(name) or "POST" for name in _METHODS.values()},
        "trunk_sid": None,
        "uri": f"{BASE}/Accounts/{number.account_sid}/IncomingPhoneNumbers/{number.sid}.json",
        "voice_receive_mode": "voice",
        "voice_application_sid": None,
        "voice_caller_id_lookup": False,
        "emergency_status": "Inactive",
        "emergency_address_sid": None,
        "emergency_address_status": "unregistered",
        "bundle_sid": None,
        "status": "in-use",
        "type": "local",
    }


def _find(query: Query) -> Number:
    number = query.account.numbers.get(query.path["sid"])
    if number is None:
        raise Refused(20404, query.url)
    return number


def _set_up(exchange: Exchange, query: Query, number: Number) -> None:
    fields = query.fields
    read = {setting: fields.url(name) for name, setting in _URLS.items() if name in fields}
    read |= {setting: fields.method(name) for name, setting in _METHODS.items() if name in fields}
    if "FriendlyName" in fields:
        read["friendly_name"] = fields.get("FriendlyName")
    number.settings.update(read)
    number.updated = exchange.world.clock.now()
    if read:
        exchange.world.accounts.configured(number)


def listing(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """List the account's numbers by PhoneNumber (a part of it) and FriendlyName."""
    wanted, name = query.fields.get("PhoneNumber").replace("*", ""), query.fields.get("FriendlyName")
    found = [
        number
        for number in reversed(query.account.numbers.values())
        if wanted in number.phone_number and (not name or shape(number)["friendly_name"] == name)
    ]
    return 200, page(query, "incoming_phone_numbers", found, shape)


def create(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Buy a number."""
    wanted = query.fields.get("PhoneNumber")
    if not numbers.is_e164(wanted):
        raise Refused(21421, wanted)
    number = exchange.world.accounts.own(query.account, wanted)
    _set_up(exchange, query, number)
    return 201, shape(number)


def fetch(exchange: Exchange, query: Query) -> tuple[int, Body]:  # noqa: ARG001  # the shape of every handler
    """Show one number."""
    return 200, shape(_find(query))


def update(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Say where calls and messages to a number go."""
    number = _find(query)
    _set_up(exchange, query, number)
    return 200, shape(number)


def delete(exchange: Exchange, query: Query) -> tuple[int, Body]:
    """Give a number back."""
    exchange.world.accounts.release(query.account, _find(query))
    return 204, None
