"""Telephone numbers as Twilio writes them, and the one form in which logs may show them."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def is_e164(text: str) -> bool:
    """Say whether the text is an E.164 number such as "+46701234567".

    A plus, then 7 to 15 digits that do not begin with 0 (ITU-T E.164 section 6.2 gives the upper bound;
    no country assigns fewer than 7 digits to a subscriber, its code included). No blanks or hyphens.
    """
    return _E164.fullmatch(text) is not None


def masked(number: str) -> str:
    """Give the form for logs and errors: "+46701234567" becomes "+4670…67".

    Anything of seven characters or fewer shows only its last two, so that short codes and extensions
    stay unguessable; an empty text stays empty.
    """
    if not number:
        return ""
    return f"{number[:5]}…{number[-2:]}" if len(number) > 7 else f"…{number[-2:]}"
