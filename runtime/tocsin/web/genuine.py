"""Whether a webhook is Twilio's: which tokens may have signed it, and over which URL.

The URL is the profile's external hostname with the path and query exactly as they came, never the
framework's decoded one: Twilio signs the characters it sent.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from tocsin.calls.webhook import OWN_QUERY
from tocsin.telephony import signature
from tocsin.telephony.addresses import OF_THE_CALL
from tocsin.telephony.form import BadForm, parse

if TYPE_CHECKING:
    from tocsin.telephony.profiles import Profiles

MOST_BYTES = 256 * 1024
"""Twilio's own requests stay far below; a longer body is refused with 413."""

NEVER_BY_GET = frozenset({"ParentCallSid", "AnsweredBy"})
"""What nobody is believed in a GET, in whose URL a script's words and Twilio's stand side by side. Of the
others in OF_THE_CALL Twilio sends one of its own with every turn, and two values are refused."""


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
    """A webhook that a known account signed.

    `params` are the call parameters, `query` what of them a POST carries in its URL (nothing for a GET,
    whose URL carries them all, a PIN too), `own` the query parameters that tocsin itself put there.
    """

    account: str
    params: dict[str, str]
    query: dict[str, str]
    own: dict[str, str]


class NotGenuine(Exception):  # noqa: N818  it says what the request is not
    """No candidate's token made this signature, or the account is unknown: answered with 403."""


def checked(request: Received, profiles: Profiles, *, told: bool = False) -> Genuine:
    """Return the webhook's account and parameters.

    `told`: it is at an address where Twilio alone tells something, so that nothing in the URL counts.
    Raises NotGenuine (403), or BadForm (400) for a body or query that can be read in two ways.
    """
    query = parse(request.query.encode("latin-1")).params if request.query and not told else {}
    own = {name: query.pop(name) for name in OWN_QUERY & query.keys()}
    fields: list[tuple[str, str]] = []
    if request.method == "POST":
        fields, params = _body(request)
        query = {name: value for name, value in query.items() if name not in OF_THE_CALL}
        _refuse_two_values(query, params)
    else:
        query, params = {}, {name: value for name, value in query.items() if name not in NEVER_BY_GET}
    account = params.get("AccountSid", "")
    target = f"{request.path}?{request.query}" if request.query else request.path
    for profile in profiles.by_account(account):
        if profile.webhook_base is not None and signature.matches(
            request.signature, profile.webhook_base + target, fields, profile.tokens
        ):
            return Genuine(account, {**query, **params} if query else params, query, own)
    raise NotGenuine


def _body(request: Received) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return the fields that the signature covers, and the parameters by name."""
    if request.content_type.startswith("application/json"):
        return [], _json(request)
    form = parse(request.body)
    return form.fields, form.params


def _refuse_two_values(query: dict[str, str], params: dict[str, str]) -> None:
    for name, value in query.items():
        if params.get(name, value) != value:
            raise BadForm(f"The parameter {name[:40]!r} has one value in the URL and another in the body.")


def _json(request: Received) -> dict[str, str]:
    """Read a JSON body that `bodySHA256` vouches for; only its plain values become parameters."""
    if not signature.body_matches(request.body, signature.body_hash(request.query)):
        raise NotGenuine
    try:
        document = msgspec.json.decode(request.body)
        json.loads(request.body, object_pairs_hook=_refuse_twice)  # msgspec takes the last of two
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise BadForm("The body is no JSON document.") from None
    if not isinstance(document, dict):
        raise BadForm("The body is no JSON object.")
    return {name: str(value) for name, value in document.items() if isinstance(value, (str, int, float))}


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    if len(dict(pairs)) != len(pairs):
        raise BadForm("The body names a member of a JSON object twice.")
