"""Runs of branches as rows: begun by a decision of their parent, stopped with it, and heard of when they end.

Everything in the caller's transaction. Nothing is decided here.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tocsin.alarms import notices
from tocsin.journal import record_all
from tocsin.pipelines import store
from tocsin.pipelines.run import Spawn, Stop, branch_of

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Connection

    from tocsin.pipelines.run import Decision, RunState


def spawn_in(connection: Connection, decisions: Sequence[Decision], now_ms: int) -> list[RunState]:
    """Begin the runs that decisions ask for, and give them; one left over from before begins anew."""
    fresh = [
        branch_of(decision.run, effect, now_ms)
        for decision in decisions
        for effect in decision.effects
        if isinstance(effect, Spawn)
    ]
    if fresh:
        known = store.existing(connection, [run.id for run in fresh])
        store.add(connection, [run for run in fresh if run.id not in known])
        store.begin_anew(
            connection,
            [replace(run, version=known[run.id].version + 1) for run in fresh if run.id in known],
        )
    return fresh


def stop_in(connection: Connection, decisions: Sequence[Decision], now_ms: int) -> list[str]:
    """End the runs that decisions stop, with what they have begun; give their ids."""
    stopped: list[str] = []
    for decision in decisions:
        for effect in decision.effects:
            if isinstance(effect, Stop):
                stopped += end_in(connection, effect.ids, effect.why, now_ms)
    return stopped


def end_in(
    connection: Connection, run_ids: Collection[str], why: str, now_ms: int, *, by: str | None = None
) -> list[str]:
    """End runs and what they have begun, and take back what they have queued; give whose jobs are to go."""
    ending = store.below(connection, run_ids)
    ended = [
        replace(
            run, state="ended", due_ms=None, waiting="", ended_ms=now_ms, ended_why=why,
            version=run.version + 1,
        )
        for run in ending
    ]  # fmt: skip
    store.change(connection, ended)
    tellings = store.tellings(connection, [run.id for run in ended], now_ms)
    queued = [one.id for some in tellings.values() for one in some if one.state == "queued"]
    notices.settle_in(connection, queued, outcome="cancelled-by-clear", why=why, now_ms=now_ms)
    kind = "run.cancelled" if by else "run.branch-stopped"
    record_all(
        connection,
        [
            {
                "at_ms": now_ms,
                "kind": kind,
                "subject": run.episode_id,
                "person": by,
                "data": {"run": run.id} | ({} if by else {"why": why}),
            }
            for run in ended
            if by is None or run.id in run_ids
        ],
    )
    return [run.id for run in ended]
