"""The addresses at which Twilio reaches the gateway, and which of them TwiML may name.

A script writes the URLs that Twilio asks and signs. So it may lead its call to call actions only: what
Twilio alone tells, of calls and of texts, has addresses of its own, and whose call it is stands in the body.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterator

VOICE: Final = "/main/system/twilio-voice/"
MESSAGE: Final = "/main/system/twilio-message/"

EVENTS: Final = frozenset({"status", "amd", "fallback"})
"""Actions of URLs at which Twilio tells tocsin something; none of them reaches a script."""

TOLD: Final = EVENTS - {"fallback"}
"""Those of them by which Twilio tells how a call goes. A fallback is answered, whatever it says."""

OF_THE_CALL: Final = frozenset({"CallSid", "ParentCallSid", "AccountSid", "AnsweredBy", "CallStatus"})
"""Parameters that say whose call a webhook is and how it stands: never believed of a URL."""

_EVENT = "|".join(sorted(EVENTS))
_DOORS = re.compile(f"{VOICE}(?:{_EVENT})/|{MESSAGE}")
_TURNS = VOICE.strip("/").split("/")

# An address of a call action, nothing but values in it encoded, and none of OF_THE_CALL in its query: what
# nearly all URLs in TwiML are, seen by one match.
_FIELD = r"[A-Za-z0-9_.~-]+=[A-Za-z0-9_.~%+-]*"
_PLAIN = re.compile(
    rf"(?:{VOICE}|\.\./)(?!(?:{_EVENT})/)[A-Za-z0-9_-]+/[A-Za-z0-9_-]+/?"
    rf"(?:\?(?![^#]*(?:CallSid|AccountSid|AnsweredBy|CallStatus)){_FIELD}(?:&{_FIELD})*)?(?:#[!-\[\]-~]*)?"
)


def is_plain(url: str) -> bool:
    """Tell whether a URL, without scheme and host, is a usual one of a call action."""
    return _PLAIN.fullmatch(url) is not None


def fault(url: str) -> str | None:
    """Say why a URL of ours, relative or without scheme and host, may not stand in TwiML, or None."""
    path, _, query = url.partition("#")[0].partition("?")
    names = {unquote_plus(field.partition("=")[0]) for field in query.split("&")} if query else set()
    for name in sorted(OF_THE_CALL & names):
        return f"{name} in a URL would say whose call it is, which only Twilio does; choose another name"
    parts = path.split("/")
    if any("%" in part and unquote(part) in (".", "..") for part in parts):
        return "dots that lead upwards are not percent-encoded, for not everybody reads them then"
    if any(_DOORS.search(place) for place in _places(parts)):
        return "only Twilio itself reports to this address; lead the call to an action, as call.url does"
    return None


def _places(parts: list[str]) -> Iterator[str]:
    """Give the paths that one may lead to, decoded: as it stands, and with its dots resolved.

    How they are resolved is told in RFC 3986, 5.2.4. A relative one begins at the address of a turn, which
    may have a slash at its end.
    """
    yield _joined(parts)
    for base in ([],) if not parts[0] else ([*_TURNS, "x"], [*_TURNS, "x", "0"]):
        found = [*base]
        for part in parts:
            if part == "..":
                del found[-1:]
            elif part != ".":
                found.append(part)
        yield _joined(found)


def _joined(parts: list[str]) -> str:
    return "/" + "".join(f"{unquote(part)}/" for part in parts if part)
