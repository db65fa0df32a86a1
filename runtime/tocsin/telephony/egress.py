"""Where TwiML may send a caller, a recording or money: numbers, hosts and verbs, decided value by value.

The rules come from the project's `[scripts]` section; here they are only applied. What must not live here:
reading TwiML, and who the contacts are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

from tocsin.telephony import addresses
from tocsin.telephony.table.elements import ELEMENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

PLAIN_VERBS = frozenset({
    "Say", "Play", "Pause", "Gather", "Record", "Dial", "Number", "Redirect", "Hangup", "Reject", "Sms",
    "Enqueue", "Leave", "Message",
})  # fmt: skip
"""What scripts may use without being listed under `verbs`; Message is the reply to a text."""

_TAGS = {name: row[0] for name, row in ELEMENTS.items()}
_PARENTS = ("VoiceResponse", "MessagingResponse", "Dial", "Connect", "Start", "Stop", "Refer")

CONTROLLED_VERBS = frozenset(_TAGS[child] for parent in _PARENTS for _, child in ELEMENTS[parent][4])
"""Verbs and the nouns that decide who is connected; what is nested deeper comes with its parent."""

# Nothing here can be read as another host: no scheme, no second slash in front, no backslash, no blank.
_SURELY_RELATIVE = re.compile(
    r"(?!//)(?:[A-Za-z0-9._~/%!$&'()*+,=@-][A-Za-z0-9._~/%!$&'()*+,;=@-]*)?(?:\?[!-\[\]-~]*)?"
)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_AUTHORITY = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")
_SIP_SCHEME = re.compile("sips?:", re.IGNORECASE)
_SIP_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]{1,5})?")
# Parameters and headers of a SIP address that send the call past the host it names.
_SIP_DETOUR = re.compile("maddr=|route=|via=", re.IGNORECASE)
_DEFAULT_PORTS = {"https": "443", "http": "80", "wss": "443", "ws": "80"}
_SOCKETS = {"wss": "https", "ws": "http"}
_NUMBER = re.compile(r"\+?[0-9*#]{1,20}")
_PUNCTUATION = str.maketrans("", "", " ().-/")
_TOKENS = re.compile(r"[/?&=#;,:@!+\s]+")


def plain(number: str) -> str:
    """Return a telephone number without the blanks and signs that people write into it."""
    return number.strip().translate(_PUNCTUATION)


def matching(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Give a rule that allows the numbers matching one of the patterns.

    In a pattern "*" stands for any digits, at its beginning for a plus and any digits; the rest is literal.
    """
    forms = [
        (r"\+?" if pattern.startswith("*") else "") + "[0-9]*".join(map(re.escape, pattern.split("*")))
        for pattern in patterns
    ]
    if not forms:
        return lambda _: False
    form = re.compile("|".join(forms))
    return lambda number: form.fullmatch(number) is not None


def _origin(host: str, scheme: str) -> str:
    """Give "host:port" in lower case, the port of the scheme where none is named."""
    host = host.lower()
    name, colon, port = host.rpartition(":")
    if colon and port.isdigit():
        return f"{name}:{int(port)}"
    return f"{host}:{_DEFAULT_PORTS[scheme]}"


@dataclass(frozen=True)
class Egress:
    """What the scripts of one project may reach.

    `dial` says for a number (as written, without punctuation) whether it may be called or texted. `hosts`
    are names as in URLs, with a port where it is not the usual one. `own` is the external hostname with its
    scheme, "" in outbound-only mode. `verbs` are those beyond PLAIN_VERBS.
    """

    dial: Callable[[str], bool]
    own: str = ""
    hosts: frozenset[str] = frozenset()
    verbs: frozenset[str] = frozenset()
    refused_verbs: frozenset[str] = field(init=False, repr=False, compare=False)
    _schemes: frozenset[str] = field(init=False, repr=False, compare=False)
    _origins: frozenset[str] = field(init=False, repr=False, compare=False)
    _names: frozenset[str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        scheme, _, rest = self.own.partition("://")
        schemes = {"https", *([scheme.lower()] if rest else [])}
        origins = {_origin(host, each) for host in self.hosts for each in schemes}
        if rest:
            origins.add(_origin(rest.partition("/")[0], scheme.lower()))
        names = {host.lower() for host in self.hosts}
        object.__setattr__(self, "refused_verbs", CONTROLLED_VERBS - PLAIN_VERBS - self.verbs)
        object.__setattr__(self, "_schemes", frozenset(schemes))
        object.__setattr__(self, "_origins", frozenset(origins))
        object.__setattr__(self, "_names", frozenset(names))

    def number_fault(self, text: str) -> str | None:
        """Say why a number may not be dialled or texted, or None where it may."""
        number = plain(text)
        if _NUMBER.fullmatch(number) is None:
            return f"{_shown(text)} is not a telephone number"
        if not self.dial(number):
            return "this number is not among those that scripts may reach; see [scripts].dial"
        return None

    def url_fault(self, url: str, *, socket: bool = False) -> str | None:
        """Say why a URL may not stand in TwiML, or None. With `socket`, wss takes the place of https."""
        if addresses.is_plain(url.removeprefix(self.own)):
            return None
        if _SURELY_RELATIVE.fullmatch(url) is not None:
            return addresses.fault(url)
        url = url.strip(" \t\r\n")
        if not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
            return f"{_shown(url)} holds a blank, a backslash or a character beyond ASCII; percent-encode it"
        if url.startswith("//"):
            return f"{_shown(url)} names a host without a scheme; write https://"
        scheme = _SCHEME.match(url)
        if scheme is None:
            return addresses.fault(url)
        rest = url[scheme.end() :]
        fault = self._absolute_fault(url, scheme[0][:-1].lower(), rest, socket=socket)
        return fault or addresses.fault("/" + rest[2:].partition("/")[2])

    def _absolute_fault(self, url: str, scheme: str, rest: str, *, socket: bool) -> str | None:
        plain = _SOCKETS.get(scheme, scheme) if socket else scheme
        if plain not in self._schemes or not rest.startswith("//") or rest.startswith("///"):
            return f"{_shown(url)} is neither relative nor an address that begins with https://"
        authority = re.split(r"[/?#]", rest[2:], maxsplit=1)[0]
        if "@" in authority:
            return f"{_shown(rest[2:].rpartition('@')[2])} has a user name or password in front of its host"
        host = _AUTHORITY.fullmatch(authority)
        if host is None:
            return f"{_shown(url)} has no usable host"
        if _origin(authority, plain) not in self._origins:
            return f'the host "{authority[:80]}" is neither ours nor listed in [scripts].hosts'
        return None

    def sip_fault(self, text: str) -> str | None:
        """Say why a SIP address may not be dialled, or None where its host is listed."""
        text = text.strip()
        scheme = _SIP_SCHEME.match(text)
        address, *more = re.split("[;?]", text[scheme.end() if scheme else 0 :], maxsplit=1)
        tail = "".join(more)
        host = address.rpartition("@")[2].lower()
        usual = (
            text.isascii() and text.isprintable() and not set(' \\<>"').intersection(text) and "@" not in tail
        )
        if not usual or (scheme is None and "@" not in address) or _SIP_HOST.fullmatch(host) is None:
            return f"{_shown(text)} is not a SIP address such as sip:desk@pbx.example.com"
        if _SIP_DETOUR.search(tail) is not None:
            return f"{_shown(text)} would send the call past the host it names"
        if host not in self._names and host.partition(":")[0] not in self._names:
            return f'the host "{host[:80]}" is not listed in [scripts].hosts'
        return None


def holds_pin(url: str, pins: Collection[str]) -> bool:
    """Say whether a PIN stands in a URL as a path segment, a query value or any other whole token."""
    for text in {url, unquote_plus(url), unquote_plus(unquote_plus(url))}:
        if not {token for token in _TOKENS.split(text) if token}.isdisjoint(pins):
            return True
    return False


def _shown(text: str) -> str:
    return repr(text if len(text) <= 80 else text[:80] + "…")
