"""The alphabet and the keywords of SMS: how many segments a text takes, and which words end a conversation.

Pure. GSM 03.38 (3GPP TS 23.038) basic and extended alphabets; everything else makes a message UCS-2.
"""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")
_KEYWORDS = {
    **dict.fromkeys(("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"), "STOP"),
    **dict.fromkeys(("START", "YES", "UNSTOP"), "START"),
    **dict.fromkeys(("HELP", "INFO"), "HELP"),
}
REPLIES = {
    "STOP": "You are unsubscribed and will receive no further messages. Reply START to receive them again.",
    "START": "You are subscribed again and will receive messages. Reply STOP to end them.",
    "HELP": "Reply STOP to receive no further messages.",
}


def encoding(text: str) -> str:
    """Give "GSM-7" or "UCS-2", whichever the text needs."""
    return "GSM-7" if all(letter in _BASIC or letter in _EXTENDED for letter in text) else "UCS-2"


def segments(text: str) -> int:
    """Count the segments: 160 or 153 septets each in GSM-7, 70 or 67 UTF-16 units in UCS-2."""
    if encoding(text) == "GSM-7":
        size, single, joined = sum(2 if letter in _EXTENDED else 1 for letter in text), 160, 153
    else:
        size, single, joined = len(text.encode("utf-16-le")) // 2, 70, 67
    return 1 if size <= single else -(-size // joined)


def opt_out_type(text: str) -> str:
    """Give STOP, START or HELP where the whole text is one of their keywords, else ""."""
    return _KEYWORDS.get(text.strip().upper(), "")
