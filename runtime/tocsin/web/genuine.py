"""Whether a webhook is Twilio's: which tokens may have signed it, and over which URL.

The URL is the profile's external hostname with the path and query exactly as they came, never the
framework's decoded one: Twilio signs the characters it sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

import msgspec

from tocsin.telephony import signature
from tocsin.telephony.form import BadForm, parse

if TYPE_CHECKING:
    from tocsin.telephony.profiles import Profiles

MOST_BYTES = 256 * 1024
"""Twilio's own requests stay far below; a longer body is refused with 413."""


@dataclass(frozen=True, slots=True)
class Received:
    """A request as it came: `path` and `query` raw, header names in lower case."""

    method: str
    path: str
    query: str
    content_type: str
    signature: str
    token: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Genuine:
    """A webhook that a known account signed."""

    account: str
    params: dict[str, str]
    query: dict[str, str]


class NotGenuine(Exception):  # noqa: N818  it says what the request is not
    """No candidate's token made this signature, or the account is unknown: answered with 403."""


def checked(request: Received, profiles: Profiles) -> Genuine:
    """Return the webhook's account and parameters.

    Raises NotGenuine (403), or BadForm (400) for a body that is not exactly one form or JSON object.
    """
    query = dict(parse_qsl(request.query, keep_blank_values=True)) if request.query else {}
    fields: list[tuple[str, str]] = []
    params: dict[str, str] = {}
    if request.method == "POST":
        if request.content_type.startswith("application/json"):
            params = _json(request)
        elif request.body:
            form = parse(request.body)
            fields, params = form.fields, form.params
    else:
        params = parse(request.query.encode("ascii", "replace")).params
    account = params.get("AccountSid", query.get("AccountSid", ""))
    target = f"{request.path}?{request.query}" if request.query else request.path
    for profile in profiles.by_account(account):
        if profile.webhook_base is not None and signature.matches(
            request.signature, profile.webhook_base + target, fields, profile.tokens
        ):
            return Genuine(account, {**query, **params} if query else params, query)
    raise NotGenuine


def _json(request: Received) -> dict[str, str]:
    """Read a JSON body that `bodySHA256` vouches for; only its plain values become parameters."""
    if not signature.body_matches(request.body, signature.body_hash(request.query)):
        raise NotGenuine
    try:
        document = msgspec.json.decode(request.body)
    except msgspec.DecodeError:
        raise BadForm("The body is no JSON document.") from None
    if not isinstance(document, dict):
        raise BadForm("The body is no JSON object.")
    return {name: str(value) for name, value in document.items() if isinstance(value, (str, int, float))}
