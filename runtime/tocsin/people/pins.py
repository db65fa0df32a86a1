"""PINs: how they are kept, and which are too easy to guess.

A PIN has few digits, so a hash alone would be tried through in a minute. Each is first keyed with a secret
of the gateway (HMAC-SHA256), then made slow (scrypt, RFC 7914) with one salt for the whole gateway: without
`pin.key` the hashes in the configuration tell nothing, and one computation finds the person among many.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from tocsin.config import key_file
from tocsin.errors import TocsinError

if TYPE_CHECKING:
    from pathlib import Path

log = structlog.get_logger("tocsin.people")

KEY_FILE: Final = "pin.key"
SHORTEST: Final = 4
LONGEST: Final = 8

# Scheme 1. 16 MiB and about 30 ms on a server's core: a PIN turn must stay within 150 ms on a slow one too.
_SCHEME: Final = 1
_N, _R, _P, _MEMORY = 2**14, 8, 1, 32 * 1024 * 1024


class PinKeyUnusable(TocsinError):  # noqa: N818 - it names what happened, as its siblings do
    """The gateway's PIN key cannot be read or made."""


@dataclass(frozen=True, slots=True)
class PinKey:
    """The gateway's secret for PINs, and its salt."""

    key: bytes = field(repr=False)
    salt: bytes = field(repr=False)

    @classmethod
    def load(cls, state: Path) -> PinKey:
        """Read `pin.key` from the gateway's state folder (`.tocsin`), making both where there is none.

        Raises PinKeyUnusable.
        """
        path = state / KEY_FILE
        try:
            fresh = {"key": secrets.token_hex(32), "salt": secrets.token_hex(16)}
            text, exposed = key_file.read(path, json.dumps(fresh))
            kept = json.loads(text)
            key, salt = bytes.fromhex(kept["key"]), bytes.fromhex(kept["salt"])
        except OSError as error:
            said = f"{path}: cannot be read or made ({error.strerror}); mend its folder"
            raise PinKeyUnusable(said) from None
        except (ValueError, KeyError, TypeError):
            key, salt, exposed = b"", b"", False
        if len(key) < 32 or len(salt) < 16:
            raise PinKeyUnusable(f"{path}: is damaged; restore it, or remove it and set every PIN again")
        if exposed:
            log.warning("pin-key-was-readable", file=str(path), remedy="set every PIN again")
        return cls(key, salt)

    @property
    def id(self) -> str:
        """Eight hexadecimal digits that tell this key from another, part of every hash made with it."""
        return hmac.digest(self.key, b"tocsin pin key id", "sha256")[:4].hex()

    def hash_pin(self, pin: str) -> str:
        """Return the form of a PIN that the configuration keeps. Takes about 30 ms of a core."""
        keyed = hmac.digest(self.key, pin.encode(errors="replace"), "sha256")
        slow = hashlib.scrypt(keyed, salt=self.salt, n=_N, r=_R, p=_P, maxmem=_MEMORY, dklen=32)
        return f"hash:{_SCHEME}:{self.id}:{base64.urlsafe_b64encode(slow).decode().rstrip('=')}"

    def made(self, pin_hash: str) -> bool:
        """Return whether a hash was made with this key; no PIN fits one that was not."""
        return pin_hash.startswith(f"hash:{_SCHEME}:{self.id}:")


# The hundred that people choose most: same digits, steps, ways across the keypad, pairs, years.
_COMMONEST = """
    1234 1111 0000 1212 7777 1004 2000 4444 2222 6969 9999 3333 5555 6666 1122 1313 8888 4321 2001 1010
    2580 0852 0258 1357 2468 1397 7410 1470 3690 0963 1478 3698 9876 6543 5432 2345 3456 4567 5678 6789
    0123 7890 0987 1235 1230 1233 1221 2112 1123 1112 1211 1214 1231 1232 1243 1324 1342 1423 4231 2323
    3434 4545 5656 6767 7878 8989 9090 2121 1414 1515 1616 1717 1818 1919 2020 2525 5050 1984 1985 1986
    1987 1988 1989 1990 1991 1992 1980 1979 1978 2002 2010 0007 0070 0420 0911 1066 1337 3141 1999 2424
"""
COMMONEST: Final = frozenset(_COMMONEST.split())


def weak_pin(pin: str) -> str | None:
    """Return why a PIN must not be set, or None where it may."""
    if not (pin.isascii() and pin.isdecimal() and SHORTEST <= len(pin) <= LONGEST):
        return f"a PIN has {SHORTEST} to {LONGEST} digits"
    if len(set(pin)) == 1:
        return "all its digits are the same"
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    if steps in ({1}, {9}):
        return "its digits are in sequence"
    if pin in COMMONEST or (len(pin) == 8 and pin[:4] == pin[4:]):
        return "it is one of those that are guessed first"
    return None
