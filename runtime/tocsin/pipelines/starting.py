"""Beginning runs: for new episodes, and anew for those whose alarm is unacknowledged once more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from tocsin.journal import record_all
from tocsin.pipelines import store
from tocsin.pipelines.run import ACTIVE, Position, RunState
from tocsin.pipelines.turn import afresh, opened, urgency
from tocsin.pipelines.writing import QUEUE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.engine.port import Engine
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.routing import Routing
    from tocsin.pipelines.run import Alarm, Hook


def begin_in(
    connection: Connection, engine: Engine, routing: Routing, alarms: Sequence[Alarm], now_ms: int
) -> int:
    """Begin a run, due now, for each alarm that is active and unacknowledged; give how many.

    IntegrityError where an episode has one already.
    """
    plans: dict[str, Plan] = {}
    fresh = [_fresh(routing, alarm, plans, now_ms) for alarm in alarms if wanted(alarm)]
    if fresh:
        store.keep_plans(connection, plans, now_ms)
        store.add(connection, fresh)
        _announce(connection, engine, fresh, now_ms)
    return len(fresh)


def begin_anew_in(
    connection: Connection,
    engine: Engine,
    routing: Routing,
    ended: Sequence[tuple[RunState, Alarm]],
    now_ms: int,
) -> int:
    """Begin ended runs anew, with the plan in force now; give how many. Notices of before stay settled."""
    plans: dict[str, Plan] = {}
    again = [
        _fresh(routing, alarm, plans, now_ms, before=run)
        for run, alarm in ended
        if wanted(alarm) and run.state == "ended"
    ]
    if again:
        store.keep_plans(connection, plans, now_ms)
        store.begin_anew(connection, again)
        _announce(connection, engine, again, now_ms)
    return len(again)


def wanted(alarm: Alarm) -> bool:
    """Whether a run is to look after an alarm: it is active, and nobody has taken it over."""
    return alarm.state == "active" and not alarm.acknowledged and not alarm.told_by_nobody


def begin_hooks_in(
    connection: Connection,
    engine: Engine,
    routing: Routing,
    wanted_hooks: Sequence[tuple[Alarm, Hook]],
    known: Mapping[str, RunState],
    now_ms: int,
) -> int:
    """Begin the runs that tell of clearing and acknowledging, for alarms that name a pipeline for it.

    `known`: runs there are, by id; one that still runs goes on, one that has ended begins anew.
    """
    plans: dict[str, Plan] = {}
    fresh: list[RunState] = []
    again: list[RunState] = []
    for alarm, hook in wanted_hooks:
        pipeline = routing.hook(alarm, hook)
        before = known.get(f"{alarm.id}.{hook}")
        if pipeline is None or alarm.told_by_nobody or (before is not None and before.state == "running"):
            continue
        run = _fresh(routing, alarm._replace(pipeline=pipeline), plans, now_ms, before=before, hook=hook)
        (fresh if before is None else again).append(run)
    if fresh or again:
        store.keep_plans(connection, plans, now_ms)
        store.add(connection, fresh)
        store.begin_anew(connection, again)
        _announce(connection, engine, [*fresh, *again], now_ms)
    return len(fresh) + len(again)


def _fresh(
    routing: Routing,
    alarm: Alarm,
    plans: dict[str, Plan],
    now_ms: int,
    *,
    before: RunState | None = None,
    hook: Hook = ACTIVE,
) -> RunState:
    named = routing.named(alarm.pipeline)
    plans[named.hash] = named.plan
    return RunState(
        id=f"{alarm.id}.{hook}",
        episode_id=alarm.id,
        pipeline=named.pipeline,
        plan=named.hash,
        started_ms=now_ms,
        position=_from_the_beginning(before) if before is not None else {},
        hook=hook,
        due_ms=now_ms,
        waiting="has just begun" if before is None else "has just begun anew",
        priority=urgency(alarm.priority),
        version=1 if before is None else before.version + 1,
    )


def _from_the_beginning(run: RunState) -> Position:
    try:
        seen = opened(run.position)
    except msgspec.ValidationError:
        return Position()
    return afresh(seen)


def _announce(connection: Connection, engine: Engine, begun: Sequence[RunState], now_ms: int) -> None:
    engine.enqueue_all_in(connection, QUEUE, [(run.id, now_ms, run.priority) for run in begun])
    record_all(
        connection,
        [
            {
                "at_ms": now_ms,
                "kind": "run.started",
                "subject": run.episode_id,
                "data": {"run": run.id, "pipeline": run.pipeline or "built-in", "plan": run.plan},
            }
            for run in begun
        ],
    )
