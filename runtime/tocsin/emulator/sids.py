"""Identifiers that look like Twilio's and can never be mistaken for them.

A SID is two letters and 32 hexadecimal digits; every one made here begins, after the letters, with
`fa4efa4e`. With the same seed the same run makes the same SIDs; without a seed every run differs, so
that a product with a database never meets a CallSid twice.
"""

from __future__ import annotations

import hashlib
import itertools
import secrets
import uuid
from collections import defaultdict

MARKER = "fa4efa4e"


class Sids:
    """A source of SIDs and idempotency tokens."""

    def __init__(self, seed: int | None) -> None:
        self._salt = secrets.token_bytes(16) if seed is None else f"seed {seed}".encode()
        self._counts: defaultdict[str, itertools.count[int]] = defaultdict(itertools.count)

    def _digest(self, kind: str) -> bytes:
        text = f"{kind}{next(self._counts[kind])}".encode()
        return hashlib.blake2b(text, key=self._salt, digest_size=16).digest()

    def new(self, prefix: str) -> str:
        """Make the next SID of a kind: CA call, SM message, RE recording, PN number, NO notification."""
        return f"{prefix}{MARKER}{self._digest(prefix)[:12].hex()}"

    def token(self) -> str:
        """Make the next idempotency token, a UUID."""
        return str(uuid.UUID(bytes=self._digest("token")))
