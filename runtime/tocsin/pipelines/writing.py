"""Decisions as rows: runs' new states, notices, journal entries, timers, all in the caller's transaction.

Nothing is decided here. Hundreds of decisions take a few statements.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from tocsin.alarms.episode import PRIORITIES
from tocsin.alarms.notices import NewNotice
from tocsin.journal import record_all
from tocsin.pipelines import branching, store
from tocsin.pipelines.run import AdminNotice, AskScript, NobodyReached, Notify, Passed, Position, TakeBack

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from tocsin.engine.port import Engine
    from tocsin.pipelines.bindings import Bindings
    from tocsin.pipelines.run import Decision, Event, RunState

log = structlog.get_logger("tocsin.pipelines")

QUEUE: Final = store.QUEUE
"""The engine's queue of runs; a job's key is the run's id."""

_OWED_MS: Final = 60_000  # a last resort that could not be called is called again after that


class Made(NamedTuple):
    """A decision, and what it was made of."""

    event: Event
    decision: Decision


class Writing:
    """Writes decisions; `counts` what they were since the start."""

    def __init__(self, engine: Engine, bindings: Bindings) -> None:
        self._engine = engine
        self._bindings = bindings
        self.counts: Counter[str] = Counter()

    def write_in(
        self, connection: Connection, all_made: Sequence[Made], now_ms: int, *, handling: bool
    ) -> None:
        """Write decisions and what they ask for.

        `handling`: the runs' jobs are done with it, so that each run needs its next timer even where nothing
        has changed, and one that has ended needs none dropped.
        """
        made = [one for one in all_made if one.decision.changed]
        self.counts["decided"] += len(made)
        owed = self._call_last_resort(connection, made, now_ms)
        store.change(connection, [one.decision.run for one in made])
        self._hasten(connection, made, now_ms)
        self._notify(connection, made, now_ms)
        self._withdraw(connection, made, now_ms)
        self._tell_admin(connection, made, now_ms)
        _put_on_record(connection, made, now_ms)
        woken = self._side_by_side(connection, [one.decision for one in made], now_ms)
        self._ask_scripts(connection, made, now_ms)
        rest = [one for one in (all_made if handling else made) if one.decision.run.id not in woken]
        self._set_timers(connection, rest, owed, now_ms, handling=handling)

    def _call_last_resort(self, connection: Connection, made: Sequence[Made], now_ms: int) -> set[str]:
        """Say that nobody was reached; give the runs for which that is still to be said."""
        owed: set[str] = set()
        for _, decision in made:
            nobody = next((one for one in decision.effects if isinstance(one, NobodyReached)), None)
            if nobody is None:
                continue
            self.counts["nobody_reached"] += 1
            run = decision.run
            call = partial(self._bindings.nobody_reached_in, connection, run, now_ms)
            if not _apart(connection, call, "last-resort-not-called", run):
                owed.add(run.id)
                if isinstance(run.position, Position):
                    run.position.owed = nobody.why
        return owed

    def _notify(self, connection: Connection, made: Sequence[Made], now_ms: int) -> None:
        news = [
            NewNotice(
                run_id=decision.run.id,
                episode_id=decision.run.episode_id,
                person=effect.person,
                channel=effect.channel,
                profile=effect.profile,
                number=effect.number,
                priority=_priority(decision.run),
                due_ms=effect.due_ms,
            )
            for _, decision in made
            for effect in decision.effects
            if isinstance(effect, Notify)
        ]
        if news:
            self._bindings.notify_in(connection, news, now_ms)

    def _hasten(self, connection: Connection, made: Sequence[Made], now_ms: int) -> None:
        """Let what alarms that have become more urgent have queued wait as such ones do."""
        runs = {one.run.id: _priority(one.run) for _, one in made if one.more_urgent}
        if runs:
            self._bindings.hasten_in(connection, runs, now_ms)

    def _withdraw(self, connection: Connection, made: Sequence[Made], now_ms: int) -> None:
        by_outcome: dict[str, list[str]] = {}
        for _, decision in made:
            if decision.withdraw:
                by_outcome.setdefault(decision.withdraw, []).append(decision.run.episode_id)
        for outcome, episode_ids in by_outcome.items():
            self._bindings.withdraw_in(connection, episode_ids, outcome, now_ms)
        spared = [
            number
            for _, decision in made
            for effect in decision.effects
            if isinstance(effect, TakeBack)
            for number in effect.ids
        ]
        if spared:
            self._bindings.take_back_in(connection, spared, now_ms)

    def _side_by_side(self, connection: Connection, decisions: Sequence[Decision], now_ms: int) -> set[str]:
        """Begin and stop branches, tell parents of those that ended, and write down who passed a gate.

        Gives the runs that are due now because of it, whatever they had decided to wait for.
        """
        # In this order: what a stopped branch has just begun stops with it.
        begun = branching.spawn_in(connection, decisions, now_ms)
        stopped = branching.stop_in(connection, decisions, now_ms)
        self._engine.cancel_in(connection, QUEUE, stopped)
        wake = [(run.id, now_ms, run.priority) for run in begun]
        ended = {one.run.id for one in decisions if one.run.state == "ended"}
        for one in decisions:
            parent = one.run.parent
            if parent is not None and one.run.id in ended and parent not in ended:
                wake.append((parent, now_ms, one.run.priority))
        if wake:
            self._engine.enqueue_all_in(connection, QUEUE, wake)
        gone = [
            (effect.gate, effect.at_ms, effect.urgency)
            for one in decisions
            for effect in one.effects
            if isinstance(effect, Passed)
        ]
        if gone:
            store.keep_passes(connection, gone, now_ms)
        return {key for key, _, _ in wake}

    def _ask_scripts(self, connection: Connection, made: Sequence[Made], now_ms: int) -> None:
        run_script = self._bindings.run_script
        for _, decision in made:
            for effect in decision.effects:
                if isinstance(effect, AskScript) and run_script is not None:
                    # A script that is not asked for is one that does not answer in time.
                    ask = partial(run_script, connection, decision.run, effect, now_ms)
                    _apart(connection, ask, "script-not-asked", decision.run)

    def _tell_admin(self, connection: Connection, made: Sequence[Made], now_ms: int) -> None:
        said: set[tuple[str, str, str]] = set()
        for _, decision in made:
            for effect in decision.effects:
                if not isinstance(effect, AdminNotice):
                    continue
                # One call that carried two hundred alarms is one thing to know.
                key = effect.outcome, effect.person, effect.number or effect.why
                if key not in said:
                    said.add(key)
                    tell = partial(self._bindings.admin_notice_in, connection, decision.run, effect, now_ms)
                    _apart(connection, tell, "admin-not-told", decision.run)

    def _set_timers(
        self, connection: Connection, made: Sequence[Made], owed: set[str], now_ms: int, *, handling: bool
    ) -> None:
        items: list[tuple[str, int, int]] = []
        ended: list[str] = []
        for _, decision in made:
            run = decision.run
            if run.state == "ended":
                ended.append(run.id)
                continue
            due_ms = run.due_ms if run.due_ms is not None else now_ms + _OWED_MS
            items.append((run.id, min(due_ms, now_ms + _OWED_MS) if run.id in owed else due_ms, run.priority))
        if items:
            self._engine.enqueue_all_in(connection, QUEUE, items)
        if ended and not handling:
            self._engine.cancel_in(connection, QUEUE, ended)


def _priority(run: RunState) -> int:
    """Give a run's priority as notices have it: higher is more urgent."""
    return len(PRIORITIES) - 1 - run.priority


def _apart(connection: Connection, work: Callable[[], None], failed: str, run: RunState) -> bool:
    """Do what somebody else was bound for; its mistakes undo nothing but itself. False where it failed.

    What the database refuses is raised: the whole transaction is to be done again.
    """
    try:
        with connection.begin_nested():
            work()
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
            raise
        log.exception(failed, run=run.id, episode=run.episode_id)
        return False
    return True


def _put_on_record(connection: Connection, made: Sequence[Made], now_ms: int) -> None:
    record_all(
        connection,
        [
            {
                "at_ms": now_ms,
                "kind": record.kind,
                "subject": decision.run.episode_id,
                "person": record.person,
                "data": record.data,
            }
            for _, decision in made
            for record in decision.records
        ],
    )
