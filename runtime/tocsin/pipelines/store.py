"""Runs, plans and what a run must know of its episode and notices, as rows. Nothing is decided here.

Every function takes the connection first and belongs to the caller's transaction; each handles any number
of runs with a few statements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import and_, bindparam, delete, exists, insert, or_, select, update

from tocsin.alarms.tables import episodes, notices
from tocsin.db import insert_into
from tocsin.engine.store import NEVER
from tocsin.engine.tables import timers
from tocsin.pipelines.plan import from_stored, to_stored
from tocsin.pipelines.run import ACTIVE, OWN, Alarm, Pass, RunState, Telling
from tocsin.pipelines.tables import passes, plans, runs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Update

    from tocsin.alarms import Episode
    from tocsin.pipelines.plan import Plan

REMEMBERED_MS: Final = 24 * 3_600_000
"""So far back is looked: as long as a rate gate's time can be."""
QUEUE: Final = "run"
"""The engine's queue; keys are ids of runs."""
_AT_ONCE: Final = 500  # values in one IN (...): well under every database's limit of parameters

_FIELDS: Final = (
    "id", "episode_id", "pipeline", "plan", "started_ms", "position", "hook", "state", "due_ms", "waiting",
    "priority", "ended_ms", "ended_why", "version", "parent",
)  # fmt: skip
_RUN: Final = tuple(runs.c[name] for name in _FIELDS)
_ALARM: Final = tuple(episodes.c[name] for name in Alarm._fields)
_TELLING: Final = (notices.c.run_id, *(notices.c[name] for name in Telling._fields))
_CHANGING: Final = (
    "state", "position", "due_ms", "waiting", "priority", "ended_ms", "ended_why", "version",
)  # fmt: skip
_BEGINNING: Final = (*_CHANGING, "plan", "pipeline", "started_ms")


def _update(names: Sequence[str]) -> Update:
    return (
        update(runs)
        .where(runs.c.id == bindparam("run_id"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )


_CHANGE: Final = _update(_CHANGING)
_BEGIN_ANEW: Final = _update(_BEGINNING)


def _portions(values: Collection[str]) -> Iterator[Sequence[str]]:
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _AT_ONCE):
        yield wanted[start : start + _AT_ONCE]


# --- reading ---------------------------------------------------------------------------------------------


def running(connection: Connection, run_ids: Collection[str]) -> list[RunState]:
    """Give those of the runs that are running; nobody else changes them until the transaction ends."""
    found: list[RunState] = []
    for some in _portions(run_ids):
        query = select(*_RUN).where(runs.c.id.in_(some), runs.c.state == "running")
        found += _locked(connection, query)
    return found


def of_episodes(connection: Connection, episode_ids: Collection[str]) -> list[RunState]:
    """Give all runs of these episodes, ended or not, likewise."""
    found: list[RunState] = []
    for some in _portions(episode_ids):
        found += _locked(connection, select(*_RUN).where(runs.c.episode_id.in_(some)))
    return found


def _locked(connection: Connection, query: Any) -> list[RunState]:
    # In one order, so that two transactions cannot wait for each other; SQLite has one writer anyway.
    return [RunState(*row) for row in connection.execute(query.order_by(runs.c.id).with_for_update()).all()]


def existing(connection: Connection, run_ids: Collection[str]) -> dict[str, RunState]:
    """Give those of the runs that there are, ended or not, by id."""
    found: list[RunState] = []
    for some in _portions(run_ids):
        found += _locked(connection, select(*_RUN).where(runs.c.id.in_(some)))
    return {run.id: run for run in found}


def below(connection: Connection, run_ids: Collection[str]) -> list[RunState]:
    """Give the running ones among these runs and all that they have begun."""
    found: list[RunState] = []
    wanted = list(run_ids)
    while wanted:
        some = wanted[:_AT_ONCE]
        wanted = wanted[_AT_ONCE:]
        of_these = or_(runs.c.id.in_(some), runs.c.parent.in_(some))
        fresh = _locked(connection, select(*_RUN).where(of_these, runs.c.state == "running"))
        known = {run.id for run in found}
        found += [run for run in fresh if run.id not in known]
        wanted += [run.id for run in fresh if run.id not in known and run.id not in some]
    return found


def families(connection: Connection, episode_ids: Collection[str]) -> dict[str, dict[str, bool]]:
    """Give the runs that look after an active alarm, by episode: each id, and whether it runs."""
    found: dict[str, dict[str, bool]] = {}
    for some in _portions(episode_ids):
        query = select(runs.c.episode_id, runs.c.id, runs.c.state).where(
            runs.c.episode_id.in_(some), runs.c.hook == ACTIVE
        )
        for episode_id, run_id, state in connection.execute(query):
            found.setdefault(episode_id, {})[run_id] = state == "running"
    return found


def gate_passes(connection: Connection, now_ms: int) -> dict[str, list[Pass]]:
    """Give who went through a gate in the last day, or will go."""
    query = select(passes.c.gate, passes.c.at_ms, passes.c.urgency).where(
        passes.c.at_ms > now_ms - REMEMBERED_MS
    )
    found: dict[str, list[Pass]] = {}
    for gate, at_ms, urgency in connection.execute(query.order_by(passes.c.id)):
        found.setdefault(gate, []).append(Pass(at_ms, urgency))
    return found


def look(connection: Connection, episode_id: str) -> list[RunState]:
    """Give the runs of an episode for whoever shows them."""
    query = select(*_RUN).where(runs.c.episode_id == episode_id).order_by(runs.c.started_ms)
    return [RunState(*row) for row in connection.execute(query)]


def priorities(connection: Connection, run_ids: Collection[str]) -> list[tuple[str, int]]:
    """Give id and priority of those of the runs that are running, and of those beside them.

    A branch may wait for what comes of another.
    """
    found: dict[str, int] = {}
    for some in _portions(run_ids):
        episodes_of = select(runs.c.episode_id).where(runs.c.id.in_(some))
        query = select(runs.c.id, runs.c.priority, runs.c.parent).where(
            runs.c.episode_id.in_(episodes_of), runs.c.state == "running"
        )
        wanted = set(some)
        found |= {row[0]: row[1] for row in connection.execute(query) if row[0] in wanted or row[2]}
    return list(found.items())


def alarms(connection: Connection, episode_ids: Collection[str]) -> dict[str, Alarm]:
    """Give what runs must know of their episodes; ask for it after the runs, so that it is the latest."""
    found: dict[str, Alarm] = {}
    for some in _portions(episode_ids):
        for row in connection.execute(select(*_ALARM).where(episodes.c.id.in_(some))).all():
            found[row[0]] = Alarm(*row)
    return found


def alarm_of(episode: Episode) -> Alarm:
    """Give what a run must know of an episode at hand."""
    return Alarm(*(getattr(episode, name) for name in Alarm._fields))


def tellings(connection: Connection, run_ids: Collection[str], now_ms: int) -> dict[str, list[Telling]]:
    """Give the notices of each run, oldest first: those without an outcome, and those of the last day.

    A run without any is left out. What ended before is settled; an alarm that nobody takes over for a week
    must not cost more every hour.
    """
    recent = or_(notices.c.state != "done", notices.c.ended_ms > now_ms - REMEMBERED_MS)
    found: dict[str, list[Telling]] = {}
    for some in _portions(run_ids):
        query = select(*_TELLING).where(notices.c.run_id.in_(some), recent).order_by(notices.c.id)
        for row in connection.execute(query).all():
            found.setdefault(row[0], []).append(Telling(*row[1:]))
    return found


def plans_of(connection: Connection, hashes: Collection[str]) -> dict[str, Plan]:
    """Give plans by their hash; one that cannot be read is left out."""
    found: dict[str, Plan] = {}
    for some in _portions(hashes):
        for key, blocks in connection.execute(
            select(plans.c.hash, plans.c.blocks).where(plans.c.hash.in_(some))
        ):
            try:
                found[key] = from_stored(blocks)
            except msgspec.ValidationError:
                continue  # written by a newer tocsin; whoever needs it falls back
    return found


def late(connection: Connection, before_ms: int, *, limit: int) -> list[tuple[str, int | None, int]]:
    """Give running runs that were due before `before_ms` or have no due time: (id, due_ms, priority).

    Without those whose timer is there in time: to hand it out is the engine's business, and where the clock
    was set, to move it.
    """
    its_timer = and_(timers.c.queue == QUEUE, timers.c.key == runs.c.id, timers.c.due_ms < NEVER)
    in_time = or_(timers.c.due_ms <= runs.c.due_ms, timers.c.tries > 0)  # or it is put off, as it failed
    query = (
        select(runs.c.id, runs.c.due_ms, runs.c.priority)
        .where(runs.c.state == "running", or_(runs.c.due_ms < before_ms, runs.c.due_ms.is_(None)))
        .where(~exists().where(its_timer, in_time))
        .order_by(runs.c.due_ms)
        .limit(limit)
    )
    return [(row[0], row[1], row[2]) for row in connection.execute(query)]


def forsaken(connection: Connection, *, limit: int) -> list[str]:
    """Give episodes that are active and that nobody has taken over, and that no run looks after.

    An episode whose run a person has cancelled is not among them, nor one that needs no acknowledgement and
    whose run has ended, nor an alarm of the gateway itself.
    """
    its_run = and_(runs.c.episode_id == episodes.c.id, runs.c.hook == ACTIVE, runs.c.parent.is_(None))
    cancelled = runs.c.ended_why.startswith(CANCELLED, autoescape=True)
    on_own_path = episodes.c.path.startswith(OWN, autoescape=True)
    unacknowledged, needs_none = episodes.c.acked_ms.is_(None), episodes.c.acked_via == "unused"
    query = (
        select(episodes.c.id)
        .select_from(episodes.outerjoin(runs, its_run))
        .where(episodes.c.state == "active", or_(unacknowledged, and_(runs.c.id.is_(None), needs_none)))
        .where(or_(runs.c.id.is_(None), and_(runs.c.state == "ended", ~cancelled)))
        .where(or_(episodes.c.pipeline.is_not(None), episodes.c.source != "", ~on_own_path))
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


CANCELLED: Final = "cancelled by "
"""How `ended_why` begins where a person has cancelled a run."""


# --- writing ---------------------------------------------------------------------------------------------


def keep_plans(connection: Connection, wanted: Mapping[str, Plan], now_ms: int) -> None:
    """Store plans that are not stored yet, by their hash."""
    rows = [
        {"hash": key, "blocks": to_stored(plan), "created_ms": now_ms} for key, plan in sorted(wanted.items())
    ]
    connection.execute(insert_into(plans, connection).on_conflict_do_nothing(), rows)


def add(connection: Connection, fresh: Sequence[RunState]) -> None:
    """Insert new runs; IntegrityError where another transaction has just started the same."""
    if fresh:
        rows = [{name: getattr(run, name) for name in _FIELDS} for run in fresh]
        connection.execute(insert(runs), rows)


def change(connection: Connection, news: Sequence[RunState]) -> None:
    """Write the new states of runs that this transaction has read; what they began with stays."""
    _write(connection, _CHANGE, _CHANGING, news)


def begin_anew(connection: Connection, news: Sequence[RunState]) -> None:
    """Write runs that have ended and begin again, with what they begin with."""
    _write(connection, _BEGIN_ANEW, _BEGINNING, news)


def _write(connection: Connection, statement: Update, names: Sequence[str], news: Sequence[RunState]) -> None:
    if news:
        rows = [{f"new_{name}": getattr(run, name) for name in names} | {"run_id": run.id} for run in news]
        connection.execute(statement, rows)


def keep_passes(connection: Connection, gone: Sequence[tuple[str, int, int]], now_ms: int) -> None:
    """Write down who goes through which gate when, and forget what counts no more for any gate."""
    rows = [{"gate": gate, "at_ms": at_ms, "urgency": urgency} for gate, at_ms, urgency in gone]
    connection.execute(insert(passes), rows)
    connection.execute(delete(passes).where(passes.c.at_ms < now_ms - 2 * REMEMBERED_MS))
