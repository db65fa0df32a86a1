"""Writing and reading the journal: what happened, to what, when, and by whom.

An entry is written in the transaction of the change it tells of, so that there is never one without
the other. Nothing here changes or removes an entry.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from tocsin.journal.tables import journal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal; `kind` is dotted, `subject` the id of what it is about."""

    id: int
    at_ms: int
    kind: str
    subject: str
    person: str | None = None
    data: dict[str, Any] = field(default_factory=dict)


def record(
    connection: Connection,
    *,
    kind: str,
    at_ms: int,
    subject: str,
    person: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> None:
    """Write one entry in the caller's transaction; `data` holds JSON values, never a PIN or a secret."""
    connection.execute(
        insert(journal),
        [{"at_ms": at_ms, "kind": kind, "subject": subject, "person": person, "data": dict(data or {})}],
    )


def record_all(connection: Connection, news: Sequence[Mapping[str, Any]]) -> None:
    """Write many entries at once, each a mapping with the names that `record` takes."""
    if news:
        rows = [{"person": None, **entry, "data": dict(entry.get("data") or {})} for entry in news]
        connection.execute(insert(journal), rows)


def entries(
    connection: Connection,
    subject: str | None = None,
    kind: str | None = None,
    *,
    since_ms: int | None = None,
    until_ms: int | None = None,
    limit: int = 1000,
) -> list[Entry]:
    """Give the newest `limit` entries that fit, oldest first; `kind` may end in `.*`."""
    query = select(journal).order_by(journal.c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(journal.c.subject == subject)
    if kind is not None and kind.endswith(".*"):
        query = query.where(journal.c.kind.startswith(kind[:-1], autoescape=True))
    elif kind is not None:
        query = query.where(journal.c.kind == kind)
    if since_ms is not None:
        query = query.where(journal.c.at_ms >= since_ms)
    if until_ms is not None:
        query = query.where(journal.c.at_ms <= until_ms)
    found = [
        Entry(row.id, row.at_ms, row.kind, row.subject, row.person, row.data or {})
        for row in connection.execute(query)
    ]
    found.reverse()
    return found
