"""Twilio's request signature, written from its public description and sharing no line with the product.

https://www.twilio.com/docs/usage/security#validating-requests
"""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def signature(token: str, url: str, fields: Iterable[tuple[str, str]]) -> str:
    """Sign one request: HMAC-SHA1 over the URL as sent and, of a form, each key with its sorted values.

    `url` carries its query and no fragment; `fields` is empty for GET. Equal pairs count once.
    """
    body = "".join(key + value for key, value in sorted(set(fields)))
    digest = hmac.digest(token.encode(), (url + body).encode(), "sha1")
    return base64.b64encode(digest).decode()
