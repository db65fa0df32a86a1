"""The X-Twilio-Signature of a webhook: what Twilio would have sent, and whether what came is that.

The rule is Twilio's (https://www.twilio.com/docs/usage/security#validating-requests): HMAC-SHA1 keyed with
the account's auth token over the full URL, followed, for a form POST, by every parameter name in code-point
order with its value; base64. Where a name occurs more than once, its different values follow in
code-point order, each after its name. A GET is signed over its URL alone. A body that is no form is
vouched for by the query parameter `bodySHA256`, and the signature covers the URL alone.

Twilio sometimes signs the URL with the port and sometimes without, so both count, as in the official
libraries. What this module must not do: decide which tokens are candidates, or log anything it saw.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_DEFAULT_PORTS = {"https": "443", "http": "80"}


@lru_cache(maxsize=64)
def _keyed(token: str) -> hmac.HMAC:
    # Keying costs two SHA-1 blocks; a copy of the keyed state costs none.
    return hmac.new(token.encode(), digestmod="sha1")


def _signed(data: bytes, token: str) -> bytes:
    mac = _keyed(token).copy()
    mac.update(data)
    return b64encode(mac.digest())


def _tail(fields: Sequence[tuple[str, str]]) -> bytes:
    return "".join(chain.from_iterable(sorted(set(fields)))).encode("utf-8", "surrogatepass")


def expected(url: str, fields: Sequence[tuple[str, str]], token: str) -> str:
    """Give the signature for exactly this URL (port as written) and these form fields.

    `fields` are the decoded (name, value) pairs of the body as they came, repetitions included; empty for
    a GET and for a body that is no form.
    """
    return _signed(url.encode("utf-8", "surrogatepass") + _tail(fields), token).decode("ascii")


def other_port_form(url: str) -> str:
    """Give the URL without its port, or, where it names none, with the default port of its scheme.

    Scheme, user information, host and everything after the authority stay as they are.
    """
    scheme, mark, rest = url.partition("://")
    if not mark:
        return url
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    authority, after = rest[:end], rest[end:]
    host = authority.rpartition("@")[2]
    _, colon, port = host.rpartition(":")
    if colon and (port.isdigit() or not port) and not port.endswith("]"):
        authority = authority[: len(authority) - len(port) - 1]
    else:
        authority = f"{authority}:{_DEFAULT_PORTS.get(scheme.lower(), '80')}"
    return f"{scheme}://{authority}{after}"


def matches(header: str, url: str, fields: Sequence[tuple[str, str]], tokens: Iterable[str]) -> bool:
    """Say whether `header` signs this request with one of the tokens.

    Compared in constant time; the URL counts both as given and with its port taken away or its scheme's
    default port added. An empty header or an empty list of tokens never matches.
    """
    if not header:
        return False
    # What is not ASCII becomes "?", which no base64 text contains.
    given = header.encode("ascii", "replace")
    tail = _tail(fields)
    tokens = [token for token in tokens if token]
    for form in (url, other_port_form(url)):
        data = form.encode("utf-8", "surrogatepass") + tail
        for token in tokens:
            if hmac.compare_digest(_signed(data, token), given):
                return True
    return False


def body_hash(query: str) -> str | None:
    """Give the first `bodySHA256` of a raw query string, or None where there is none."""
    for pair in query.split("&"):
        name, _, value = pair.partition("=")
        if name == "bodySHA256":
            return unquote_plus(value)
    return None


def body_matches(body: bytes, sha256: str | None) -> bool:
    """Say whether the body is the one Twilio hashed: lower-case hex SHA-256, compared in constant time.

    A body that is no form and comes without a hash is vouched for by nobody, so None is False.
    """
    if sha256 is None:
        return False
    return hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), sha256.encode("ascii", "replace"))
