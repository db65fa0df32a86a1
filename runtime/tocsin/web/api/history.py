"""Reading what is on record about an episode and about calls. What it means in words is in `timeline`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import and_, or_, select, tuple_

from tocsin.alarms import notices_of
from tocsin.alarms.notices import held_of_runs
from tocsin.calls.tables import calls, effects, message_status, messages, status_events, turns
from tocsin.journal import Entry, entries
from tocsin.pipelines.store import plans_of
from tocsin.pipelines.tables import runs
from tocsin.pipelines.turn import opened

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Table

    from tocsin.pipelines.plan import Plan

_MOST_ENTRIES: Final = 5000
_AT_ONCE: Final = 500  # values in one IN (...): well under every database's limit of parameters


@dataclass(frozen=True, slots=True)
class History:
    """Everything about one episode: its journal, its notices, and the calls and texts that carried them."""

    journal: Sequence[Entry]
    notices: Sequence[Mapping[str, Any]]
    calls: Mapping[str, Mapping[str, Any]]
    turns: Sequence[Mapping[str, Any]]
    effects: Sequence[Mapping[str, Any]]
    statuses: Sequence[Mapping[str, Any]]
    messages: Mapping[str, Mapping[str, Any]]
    receipts: Sequence[Mapping[str, Any]]


def of_episode(connection: Connection, episode_id: str) -> History:
    """Read the history of one episode."""
    told = notices_of(connection, episode_id)
    call_rows = _rows(connection, calls, "id", {one["call_id"] for one in told if one["call_id"]})
    message_rows = _rows(connection, messages, "id", {one["message_id"] for one in told if one["message_id"]})
    ids = {row["id"] for row in call_rows}
    return History(
        journal=entries(connection, episode_id, limit=_MOST_ENTRIES),
        notices=told,
        calls={row["id"]: row for row in call_rows},
        turns=_rows(connection, turns, "call_id", ids),
        effects=_rows(connection, effects, "call_id", ids),
        statuses=_legs(connection, status_events, call_rows),
        messages={row["id"]: row for row in message_rows},
        receipts=_legs(connection, message_status, message_rows),
    )


def _rows(connection: Connection, table: Table, column: str, values: set[str]) -> list[Mapping[str, Any]]:
    """Give the rows whose `column` has one of these values, oldest first."""
    wanted = sorted(values)
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(wanted), _AT_ONCE):
        query = select(table).where(table.c[column].in_(wanted[start : start + _AT_ONCE]))
        order = table.c.id if column != "id" else table.c[_WHEN[table.name]]
        found.extend(dict(row) for row in connection.execute(query.order_by(order)).mappings())
    return found


_WHEN: Final = {calls.name: "started_ms", messages.name: "at_ms"}


def _legs(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Give the events of these calls or messages, oldest first."""
    wanted = sorted({(row["account"], row["sid"]) for row in rows if row["sid"]})
    found: list[Mapping[str, Any]] = []
    for start in range(0, len(wanted), _AT_ONCE // 2):
        some = tuple_(table.c.account, table.c.sid).in_(wanted[start : start + _AT_ONCE // 2])
        query = select(table).where(some).order_by(table.c.id)
        found.extend(dict(row) for row in connection.execute(query).mappings())
    return found


def calls_listed(
    connection: Connection,
    *,
    state: str,
    person: str | None,
    direction: str | None,
    limit: int,
    before: tuple[int, str] | None,
) -> list[Mapping[str, Any]]:
    """Give at most `limit` calls in a state (all, live, ended), newest first, from `before` on."""
    wanted: list[ColumnElement[bool]] = []
    if state != "all":
        wanted.append(calls.c.ended_ms.is_(None) if state == "live" else calls.c.ended_ms.is_not(None))
    if person is not None:
        wanted.append(or_(calls.c.person == person, calls.c.identified == person))
    if direction is not None:
        wanted.append(calls.c.direction == direction)
    if before is not None:
        at_ms, last = before
        wanted.append(or_(calls.c.started_ms < at_ms, and_(calls.c.started_ms == at_ms, calls.c.id < last)))
    query = select(calls).where(*wanted).order_by(calls.c.started_ms.desc(), calls.c.id.desc()).limit(limit)
    return [dict(row) for row in connection.execute(query).mappings()]


def runs_listed(
    connection: Connection, *, state: str, episode_id: str | None, limit: int
) -> list[Mapping[str, Any]]:
    """Give at most `limit` runs in a state (running, ended, all), newest first, as they are shown."""
    wanted: list[ColumnElement[bool]] = [] if state == "all" else [runs.c.state == state]
    if episode_id is not None:
        wanted.append(runs.c.episode_id == episode_id)
    query = select(runs).where(*wanted).order_by(runs.c.started_ms.desc(), runs.c.id.desc()).limit(limit)
    found = [dict(row) for row in connection.execute(query).mappings()]
    plans = plans_of(connection, {row["plan"] for row in found})
    held = held_of_runs(connection, {row["id"] for row in found if row["state"] == "running"})
    return [row | _place(row, plans.get(row["plan"])) | {"held": held.get(row["id"], [])} for row in found]


def _place(row: Mapping[str, Any], plan: Plan | None) -> dict[str, Any]:
    """Give where a run stands, since when, and what it waits for or why it ended."""
    if row["state"] == "ended":
        return {"block": "", "why": row["ended_why"], "since_ms": row["ended_ms"]}
    try:
        position = opened(row["position"])
    except msgspec.ValidationError:  # written by a newer tocsin; the sentence can be shown all the same
        return {"block": "", "why": row["waiting"], "since_ms": row["started_ms"]}
    block = plan.name(position.block) if plan is not None else ""
    return {"block": block, "why": row["waiting"], "since_ms": position.since_ms or row["started_ms"]}
