"""Signed webhooks as bytes on the wire, made before the clock runs.

Every request has its own call leg where asked for, the parameters Twilio sends with a voice webhook, and a
valid signature. The idempotency token is not signed: each sending of a request gets a fresh one.
"""

from __future__ import annotations

import itertools
import random
import secrets
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from plants import ACCOUNT, BASE, NUMBER, TOKEN

from tocsin.telephony import signature

_run: Final = secrets.token_hex(6)
_sent = itertools.count()


@dataclass(frozen=True, slots=True)
class Webhook:
    """One request in two parts, between which the idempotency token goes."""

    head: bytes
    tail: bytes

    def fresh(self) -> bytes:
        """Return the request with a token nobody has seen."""
        return self.head + f"{_run}-{next(_sent):023d}".encode() + self.tail


def webhook(
    action: str,
    *,
    sid: str = "",
    account: str = ACCOUNT,
    number: str = NUMBER,
    caller: str = "+12223334444",
    ref: str = "0",
    query: str = "",
    **more: str,
) -> Webhook:
    """Return one voice webhook of a call, with the parameters of a call that goes on."""
    path = f"/main/system/twilio-voice/{action}/{ref}" + (f"?{query}" if query else "")
    fields = {
        "CallSid": sid or f"CA{secrets.token_hex(16)}",
        "AccountSid": account,
        "ApiVersion": "2010-04-01",
        "CallStatus": "in-progress",
        "Direction": "inbound",
        "Called": number,
        "CalledCity": "",
        "CalledCountry": "US",
        "CalledState": "NY",
        "CalledZip": "",
        "Caller": caller,
        "CallerCity": "NEW YORK",
        "CallerCountry": "US",
        "CallerState": "NY",
        "CallerZip": "10028",
        "From": caller,
        "FromCity": "NEW YORK",
        "FromCountry": "US",
        "FromState": "NY",
        "FromZip": "10028",
        "To": number,
        "ToCity": "",
        "ToCountry": "US",
        "ToState": "NY",
        "ToZip": "",
        **more,
    }
    body = urlencode(fields).encode()
    signed = signature.expected(BASE + path, list(fields.items()), TOKEN)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: alarms.example.com\r\nUser-Agent: TwilioProxy/1.1\r\nAccept: */*\r\n"
        "X-Home-Region: us1\r\nI-Twilio-Idempotency-Token: "
    )
    tail = (
        "\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {signed}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Webhook(head.encode(), tail.encode() + body)


def menu_calls(count: int) -> list[Webhook]:
    """Return turns of so many calls in the menu; keys 1, 2 and others by turns."""
    dice = random.Random(1)
    return [
        webhook(
            "menu", caller=f"+1222{dice.randrange(10**7):07d}", Digits="123"[number % 3], msg="Gather End"
        )
        for number in range(count)
    ]
