"""The chain of audit rows: what is hashed, how, and what makes a row or its place in the chain wrong. Pure.

A row's hash covers the hash before it and everything in the row that names nobody. Whom it is about is
covered by a salted digest alone, so that a person can be taken out of a row, salt and all, and the chain
still holds; whoever changes a name, and does not take it out, is found.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

GENESIS: Final = ""
"""What stands for the hash before the first row."""

COVERED: Final = (
    "profile", "number", "at_ms", "episode_id", "action", "result", "via", "call_id", "message_id", "data",
    "digest", "previous",
)  # fmt: skip
"""The columns that the hash covers."""


@dataclass(frozen=True, slots=True)
class AuditRow:
    """What is to be written: what was done about which episode, with what result, to or by whom.

    `number` is a telephone number already masked. `note` and whatever else is about a person go into
    `personal`, not into `data`: that is kept for as long as the row is.
    """

    at_ms: int
    action: str
    result: str
    person: str | None = None
    number: str = ""
    note: str = ""
    episode_id: str | None = None
    via: str = ""
    call_id: str | None = None
    message_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    personal: Mapping[str, Any] = field(default_factory=dict)


def canonical(value: Any) -> bytes:
    """Return JSON that is the same for the same data: sorted names, no blanks, UTF-8 (as RFC 8785 asks).

    Raises ValueError for numbers that are none.
    """
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def linked(row: AuditRow, *, profile: str, number: int, previous: str) -> dict[str, Any]:
    """Return the columns of a row at its place in the chain, with digest and hash."""
    personal = {"salt": secrets.token_hex(16), "number": row.number, "note": row.note, **row.personal}
    columns = {
        "profile": profile,
        "number": number,
        "at_ms": row.at_ms,
        "episode_id": row.episode_id,
        "action": row.action,
        "result": row.result,
        "via": row.via,
        "call_id": row.call_id,
        "message_id": row.message_id,
        "data": json.loads(canonical(dict(row.data))),
        "person": row.person,
        "personal": json.loads(canonical(personal)),
        "previous": previous,
    }
    columns["digest"] = digest_of(columns)
    columns["hash"] = hash_of(columns)
    return columns


def digest_of(columns: Mapping[str, Any]) -> str:
    """Return the digest of whom a row is about; the salt among it hides what could be guessed."""
    about = {"person": columns["person"], "personal": columns["personal"]}
    return hashlib.sha256(canonical(about)).hexdigest()


def hash_of(columns: Mapping[str, Any]) -> str:
    """Return the hash of a row."""
    return hashlib.sha256(canonical({name: columns[name] for name in COVERED})).hexdigest()


def fault_of(columns: Mapping[str, Any], *, number: int, previous: str) -> str | None:
    """Say what is wrong with a row where `number` is due and `previous` went before; None if nothing."""
    found = columns["number"]
    if found != number:
        gone = f"row {number}" if found == number + 1 else f"rows {number} to {found - 1}"
        return f"{gone} of it {'is' if found == number + 1 else 'are'} missing"
    if columns["previous"] != previous:
        return f"row {number} does not follow the one before it: that one was changed, or this one put in"
    if columns["hash"] != hash_of(columns):
        return f"row {number} is not as it was written"
    if columns["personal"] is not None and columns["digest"] != digest_of(columns):
        return f"row {number} names somebody else than when it was written"
    return None


def signature_of(key: bytes, anchor: Mapping[str, Any]) -> str:
    """Sign what retention removed: profile, number and hash of the last row gone, and when (HMAC-SHA256)."""
    told = {name: anchor[name] for name in ("profile", "number", "hash", "at_ms")}
    return hmac.digest(key, b"tocsin audit anchor\0" + canonical(told), "sha256").hex()


def spans(numbers: list[int]) -> str:
    """Write ascending numbers as `1-4,7`."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def numbers_in(written: str) -> set[int]:
    """Read what `spans` wrote."""
    found: set[int] = set()
    for part in filter(None, written.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found
