"""Telephone numbers as the emulated carrier reads them: E.164, countries, and Twilio's magic numbers.

The check of E.164 is this room's own, so that a fault in the product's check cannot hide here.
"""

from __future__ import annotations

import re
from functools import lru_cache

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SENDER = re.compile(r"[0-9]{3,6}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)
_ADDRESS = re.compile(r"(client|sip|sim):\S+")

# Country calling codes of the places a demonstration is likely to ring; others report no country.
_CODES = (
    "1:US 7:RU 20:EG 27:ZA 30:GR 31:NL 32:BE 33:FR 34:ES 36:HU 39:IT 40:RO 41:CH 43:AT 44:GB "
    "45:DK 46:SE 47:NO 48:PL 49:DE 52:MX 54:AR 55:BR 56:CL 57:CO 60:MY 61:AU 62:ID 63:PH 64:NZ "
    "65:SG 66:TH 81:JP 82:KR 86:CN 90:TR 91:IN 351:PT 352:LU 353:IE 354:IS 358:FI 359:BG 370:LT "
    "371:LV 372:EE 380:UA 385:HR 386:SI 420:CZ 421:SK 971:AE 972:IL"
)
_COUNTRIES = dict(entry.split(":") for entry in _CODES.split())

# Twilio documents these numbers for its test credentials; the emulator honours them always.
# https://www.twilio.com/docs/iam/test-credentials
MAGIC_CALL_TO = {"+15005550001": 21217, "+15005550002": 21214, "+15005550003": 21215, "+15005550004": 21216}
MAGIC_CALL_FROM = {"+15005550001": 21212}
MAGIC_MESSAGE_TO = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
MAGIC_MESSAGE_FROM = {"+15005550001": 21212, "+15005550007": 21606, "+15005550008": 21611}


def is_e164(text: str) -> bool:
    """Tell whether `text` is a plus sign and 7 to 15 digits, the first of them not 0 (ITU-T E.164)."""
    return _E164.fullmatch(text) is not None


def is_callable(text: str) -> bool:
    """Tell whether a call can be placed to `text`: a number, or a client:, sip: or sim: address."""
    return is_e164(text) or _ADDRESS.fullmatch(text) is not None


def is_sender(text: str) -> bool:
    """Tell whether a message can come from `text`: a number, a short code or a name of up to 11 letters."""
    return is_e164(text.removeprefix("whatsapp:")) or _SENDER.fullmatch(text) is not None


@lru_cache(maxsize=4096)
def country(number: str) -> str:
    """Give the two-letter country of an E.164 number, "" where unknown."""
    for length in (1, 2, 3):
        if (found := _COUNTRIES.get(number[1 : 1 + length])) is not None and number.startswith("+"):
            return found
    return ""


def formatted(number: str) -> str:
    """Write a number as Twilio's `*_formatted` fields do: North American ones in brackets."""
    if number.startswith("+1") and len(number) == 12:
        return f"({number[2:5]}) {number[5:8]}-{number[8:]}"
    return number
