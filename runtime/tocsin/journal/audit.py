"""The audit: who was told what with which result, one chain of rows per audit profile.

Rows are appended in the transaction of what they tell of. What makes a chain whole is in `chain`. Nothing
here can tell that the *last* rows were cut off: whoever must be sure of that keeps the number and hash that
`verify` reports, elsewhere, and has the next verification begin there.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BindParameter, bindparam, delete, func, insert, select, text, update

from tocsin.journal.chain import GENESIS, AuditRow, fault_of, linked, numbers_in, signature_of, spans
from tocsin.journal.tables import audit, audit_anchors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.journal.audit_key import AuditKey

_AT_ONCE: Final = 500
_LOCK: Final = 746_612  # any number under which only the audit locks on PostgreSQL


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a verification found: how many rows, from which to which, and the first thing wrong in each way.

    `head` is the hash of the last row; with `last` it names the whole chain up to there.
    """

    profile: str
    rows: int
    first: int
    last: int
    head: str
    findings: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


# --- writing ---------------------------------------------------------------------------------------------


def append_in(conn: Connection, profile: str, rows: Sequence[AuditRow]) -> None:
    """Append rows to a profile's chain, in the caller's transaction."""
    if not rows:
        return
    _alone(conn, profile)
    number, previous = _head(conn, profile)
    columns = []
    for row in rows:
        number += 1
        columns.append(linked(row, profile=profile, number=number, previous=previous))
        previous = columns[-1]["hash"]
    conn.execute(_APPEND, columns)


def _alone(conn: Connection, profile: str) -> None:
    """Let one transaction at a time append to a profile; on SQLite there is but one writer."""
    if conn.dialect.name == "postgresql":
        lock = text("SELECT pg_advisory_xact_lock(:room, hashtext(:profile))")
        conn.execute(lock, {"room": _LOCK, "profile": profile})


# Built once: making a statement costs more than carrying it out.
_MINE: Final[BindParameter[str]] = bindparam("mine")
_LAST: Final = (
    select(audit.c.number, audit.c.hash)
    .where(audit.c.profile == _MINE)
    .order_by(audit.c.number.desc())
    .limit(1)
)
_ANCHOR: Final = select(audit_anchors).where(audit_anchors.c.profile == _MINE)
_APPEND: Final = insert(audit)


def _head(conn: Connection, profile: str) -> tuple[int, str]:
    """Return the number and hash of the last row there is or was."""
    row = conn.execute(_LAST, {"mine": profile}).first()
    return (row.number, row.hash) if row is not None else _removed(conn, profile)


def _removed(conn: Connection, profile: str) -> tuple[int, str]:
    """Return the number and hash of the last row that retention removed."""
    row = conn.execute(_ANCHOR, {"mine": profile}).first()
    return (row.number, row.hash) if row is not None else (0, GENESIS)


# --- reading ---------------------------------------------------------------------------------------------


def profiles(conn: Connection) -> list[str]:
    """Return the names of all audit profiles that have rows or had some."""
    found = {
        *conn.scalars(select(audit.c.profile).distinct()),
        *conn.scalars(select(audit_anchors.c.profile)),
    }
    return sorted(found)


def export(
    conn: Connection, profile: str, *, since_ms: int | None = None, until_ms: int | None = None
) -> Iterator[dict[str, Any]]:
    """Yield rows as they are stored, oldest first, with their hashes, for whoever verifies a copy."""
    for row in _rows(conn, profile):
        if (since_ms is None or row["at_ms"] >= since_ms) and (until_ms is None or row["at_ms"] <= until_ms):
            del row["id"]
            yield row


def _rows(conn: Connection, profile: str, after: int = 0) -> Iterator[dict[str, Any]]:
    while True:
        query = select(audit).where(audit.c.profile == profile, audit.c.number > after)
        some = conn.execute(query.order_by(audit.c.number).limit(_AT_ONCE)).mappings().all()
        for row in some:
            yield dict(row)
        if len(some) < _AT_ONCE:
            return
        after = some[-1]["number"]


def verify(
    conn: Connection, profile: str, *, key: AuditKey | None = None, known: tuple[int, str] | None = None
) -> Verdict:
    """Verify a profile's chain from its anchor or its beginning; `known` is (number, hash) noted earlier.

    Without `key` the signature of the anchor is not looked at.
    """
    begin = _removed(conn, profile)
    found = verify_rows(profile, _rows(conn, profile), begin=begin, known=known)
    return replace(found, findings=(*_anchor_fault(conn, profile, key), *found.findings))


def verify_rows(
    profile: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    begin: tuple[int, str],
    known: tuple[int, str] | None = None,
) -> Verdict:
    """Verify rows of a chain as they are stored or were exported; `begin` is what went before the first."""
    findings: list[str] = []
    number, previous = begin
    seen = known is None or known[0] < begin[0] or known == begin
    nameless: dict[int, str | None] = {}
    forgotten: dict[int, str] = {}
    for row in rows:
        fault = fault_of(row, number=number + 1, previous=previous)
        if fault is not None:
            findings.append(f"audit profile {profile}: {fault}")
            break
        number, previous = row["number"], row["hash"]
        seen = seen or known == (number, previous)
        if row["personal"] is None:
            nameless[number] = row["person"]
        elif row["action"] == FORGET:
            forgotten |= dict.fromkeys(numbers_in(row["data"]["rows"]), row["data"]["pseudonym"])
    else:
        findings += _absent(profile, known if not seen else None, nameless, forgotten)
    return Verdict(profile, number - begin[0], begin[0] + 1, number, previous, tuple(findings))


def _absent(
    profile: str,
    unseen: tuple[int, str] | None,
    nameless: Mapping[int, str | None],
    forgotten: Mapping[int, str],
) -> Iterator[str]:
    """Say what a chain that holds as such lacks all the same."""
    if unseen is not None:
        yield (
            f"audit profile {profile}: row {unseen[0]} with the hash noted earlier is not in it; "
            "rows were cut off, or all of them written anew"
        )
    untold = [one for one, person in nameless.items() if person != forgotten.get(one, "")]
    if untold:
        yield (
            f"audit profile {profile}: row {untold[0]} does not name whom it was written about, "
            "and no row tells that somebody was forgotten there"
        )


def _anchor_fault(conn: Connection, profile: str, key: AuditKey | None) -> list[str]:
    if key is None:
        return []
    row = conn.execute(select(audit_anchors).where(audit_anchors.c.profile == profile)).mappings().first()
    if row is None or hmac.compare_digest(row["signature"], signature_of(key.key, dict(row))):
        return []
    fault = (
        f"audit profile {profile}: what retention removed is not signed with this gateway's audit.key; "
        "rows were removed by somebody else, or the key is another one"
    )
    return [fault]


# --- retention -------------------------------------------------------------------------------------------


def prune_in(
    conn: Connection, profile: str, *, before_ms: int, key: AuditKey, now_ms: int, limit: int = 1000
) -> int:
    """Remove up to `limit` of the oldest rows, all older than `before_ms`, leaving a signed anchor.

    Only from the beginning of the chain up to the first row that is young enough: returns how many.
    """
    _alone(conn, profile)
    young = select(func.min(audit.c.number)).where(audit.c.profile == profile, audit.c.at_ms >= before_ms)
    stop = conn.execute(young).scalar_one()
    old = select(audit.c.number, audit.c.hash).where(audit.c.profile == profile)
    if stop is not None:
        old = old.where(audit.c.number < stop)
    going = conn.execute(old.order_by(audit.c.number).limit(limit)).all()
    if not going:
        return 0
    last = going[-1]
    anchor: dict[str, Any] = {"profile": profile, "number": last.number, "hash": last.hash, "at_ms": now_ms}
    anchor["signature"] = signature_of(key.key, anchor)
    conn.execute(delete(audit_anchors).where(audit_anchors.c.profile == profile))
    conn.execute(insert(audit_anchors).values(**anchor))
    conn.execute(delete(audit).where(audit.c.profile == profile, audit.c.number <= last.number))
    return len(going)


# --- forgetting ------------------------------------------------------------------------------------------

FORGET: Final = "forget"
"""The action of the row that tells which rows somebody was taken out of."""


def forget_in(conn: Connection, person: str, *, pseudonym: str, now_ms: int, via: str = "cli") -> int:
    """Take a person out of every profile's rows, and append to each a row that says where; return how many.

    The rows stay in their chains under the pseudonym. Which person it was is told nowhere.
    """
    taken = 0
    for profile in profiles(conn):
        mine = (audit.c.profile == profile, audit.c.person == person, audit.c.personal.is_not(None))
        _alone(conn, profile)
        numbers = list(conn.scalars(select(audit.c.number).where(*mine).order_by(audit.c.number)))
        if not numbers:
            continue
        conn.execute(update(audit).where(*mine).values(person=pseudonym, personal=None))
        told = {"pseudonym": pseudonym, "rows": spans(numbers)}
        append_in(conn, profile, [AuditRow(now_ms, FORGET, "ok", via=via, data=told)])
        taken += len(numbers)
    return taken
