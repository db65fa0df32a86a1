"""The runs of a gateway: started as alarms go active, advanced where something is due, ended with the cause.

Works named `…_in` run inside the caller's transaction, on the database's thread. What a run does next is
decided in `deciding`, and a decision is written in `writing`; here it is found out whom one is about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from sqlalchemy.exc import DBAPIError, IntegrityError

from tocsin.db import NotStored
from tocsin.engine.port import LeaseLost
from tocsin.pipelines import branching, starting, store
from tocsin.pipelines.bindings import Bindings
from tocsin.pipelines.deciding import decide
from tocsin.pipelines.gathering import Gathered
from tocsin.pipelines.moving import move_in
from tocsin.pipelines.run import ACTIVE, Event, Notify, TakeBack
from tocsin.pipelines.safety import last_stand
from tocsin.pipelines.turn import opened
from tocsin.pipelines.writing import QUEUE, Made, Writing

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection

    from tocsin.alarms import AlarmChanged
    from tocsin.clock import Clock
    from tocsin.db import Database
    from tocsin.engine.port import Engine, Job
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.routing import Routing
    from tocsin.pipelines.run import Alarm, Answer, Hook, RunState
    from tocsin.pipelines.watchdog import Strays
    from tocsin.pipelines.world import Unusable

log = structlog.get_logger("tocsin.pipelines")

BATCH: Final = 256
_ANEW: Final = frozenset({"unacknowledged", "re-alarmed"})
"""Changes after which people are to be told anew."""
_BY_ITSELF: Final = frozenset({"auto", "unused"})
LEASE_S: Final = 30.0


class Runs:
    """All runs. One per gateway; `bindings` are what it needs of rooms that it does not know."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        engine: Engine,
        *,
        routing: Routing,
        bindings: Bindings | None = None,
    ) -> None:
        """Take the engine's queue "run"; before the engine starts."""
        self._db = db
        self._clock = clock
        self._engine = engine
        self._routing = routing
        self._bindings = bindings or Bindings()
        self._writing = Writing(engine, self._bindings)
        engine.handle(QUEUE, self.handle, batch=BATCH, lease_s=LEASE_S, rank=0)
        engine.moved_in(lambda connection, delta_ms: move_in(connection, delta_ms, now_ms=clock.now_ms()))

    def configure(self, routing: Routing) -> None:
        """Put another configuration in force; runs under way keep the plan they began with."""
        self._routing = routing

    def stats(self) -> dict[str, int]:
        """Count since the start: `started`, `decided`, `failed`, `nobody_reached`, and what was `rescued`."""
        counts = self._writing.counts
        return {name: counts[name] for name in ("started", "decided", "failed", "nobody_reached", "rescued")}

    # --- alarms change -----------------------------------------------------------------------------------

    def changed_in(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:
        """Start a run for each new episode; let the runs of changed ones end, pause or go on.

        Bound to `Board.also_in`. A fault in here costs no alarm its place: the change is stored all the
        same, and the watchdog starts what has no run.
        """
        fresh = [store.alarm_of(change.episode) for change in changes if change.before is None]
        others = [change for change in changes if _matters(change)]
        try:
            with connection.begin_nested():
                self._count("started", self._begin(connection, fresh, now_ms))
                if others:
                    self._touch(connection, others, now_ms)
        except Exception as error:
            if isinstance(error, DBAPIError) and not isinstance(error, IntegrityError):
                raise
            log.exception("runs-not-changed", alarms=len(changes))

    def _begin(self, connection: Connection, alarms: Sequence[Alarm], now_ms: int) -> int:
        return starting.begin_in(connection, self._engine, self._routing, alarms, now_ms)

    def _touch(self, connection: Connection, changes: Sequence[AlarmChanged], now_ms: int) -> None:
        alarms = {change.episode.id: store.alarm_of(change.episode) for change in changes}
        found = store.of_episodes(connection, alarms)
        running = [run for run in found if run.state == "running"]
        self._write(connection, self._decided(connection, running, alarms, now_ms), now_ms)
        self._tell_of(connection, changes, {run.id: run for run in found}, now_ms)
        # Who cancelled a run meant the telling of then, not the one that an alarm comes back for.
        anew = {one.episode.id for one in changes if one.kind in _ANEW}
        ended = [
            (run, alarms[run.episode_id])
            for run in _first(found)
            if not run.ended_why.startswith(store.CANCELLED) or run.episode_id in anew
        ]
        self._count("started", starting.begin_anew_in(connection, self._engine, self._routing, ended, now_ms))
        known = {run.episode_id for run in _first(found)}
        without = [alarm for key, alarm in alarms.items() if key not in known]
        self._count("started", self._begin(connection, without, now_ms))

    def _tell_of(
        self,
        connection: Connection,
        changes: Sequence[AlarmChanged],
        known: Mapping[str, RunState],
        now_ms: int,
    ) -> None:
        """Begin the runs that tell people that an alarm has cleared, or that somebody has taken it over."""
        hooks = [(store.alarm_of(one.episode), hook) for one in changes for hook in _hooks(one)]
        if hooks:
            begun = starting.begin_hooks_in(connection, self._engine, self._routing, hooks, known, now_ms)
            self._count("started", begun)

    # --- something is due --------------------------------------------------------------------------------

    async def handle(self, jobs: Sequence[Job]) -> None:
        """Advance the runs that are due, all in one transaction; bound to the engine's queue "run".

        Where that fails each is advanced by itself, and for one that fails again the last resort is called.
        """
        try:
            # The time is read inside: what is written goes by the clock as it is then, should it be set.
            await self._db.write(lambda connection: self._advance(connection, jobs, self._clock.now_ms()))
        except (NotStored, LeaseLost):
            raise
        except Exception:
            log.exception("runs-failed-together", runs=len(jobs))
            now_ms = self._clock.now_ms()
            for job in jobs:
                await self._alone(job, now_ms)

    async def _alone(self, job: Job, now_ms: int) -> None:
        try:
            await self._db.write(lambda connection: self._advance(connection, [job], now_ms))
        except (NotStored, LeaseLost):
            raise
        except Exception as error:
            log.exception("run-not-written", run=job.key)
            fault = f"{type(error).__name__}: {error}"
            await self._db.write(lambda connection: self._stand(connection, job, now_ms, fault))

    def _advance(self, connection: Connection, jobs: Sequence[Job], now_ms: int) -> None:
        running = store.running(connection, [job.key for job in jobs])
        alarms = store.alarms(connection, [run.episode_id for run in running])
        made = self._decided(connection, running, alarms, now_ms)
        self._write(connection, made, now_ms, handling=True)
        self._engine.complete_in(connection, jobs)

    def _stand(self, connection: Connection, job: Job, now_ms: int, fault: str) -> None:
        made = []
        for run in store.running(connection, [job.key]):
            event = Event(store.alarms(connection, [run.episode_id])[run.episode_id])
            made.append(Made(event, last_stand(run, event, now_ms, fault=fault)))
        self._write(connection, made, now_ms, handling=True)
        self._engine.complete_in(connection, [job])

    def _decided(
        self,
        connection: Connection,
        running: Sequence[RunState],
        alarms: Mapping[str, Alarm],
        now_ms: int,
        *,
        passed_on_by: str = "",
        answer: Answer | None = None,
    ) -> list[Made]:
        """Decide on all of these runs."""
        if not running:
            return []
        scripts = self._bindings.run_script is not None
        gathered = Gathered(connection, running, alarms, now_ms, scripts=scripts)
        world = self._routing.reach.at(now_ms, self._unusable(connection, now_ms))
        made = []
        for run in sorted(running, key=lambda run: (run.priority, run.started_ms, run.id)):
            event = gathered.event(run, passed_on_by=passed_on_by, answer=answer)
            decision = decide(run, gathered.plans.get(run.plan), event, world, now_ms)
            gathered.decided(decision)
            made.append(Made(event, decision))
        return made

    def _unusable(self, connection: Connection, now_ms: int) -> Unusable:
        try:
            return self._bindings.unusable_in(connection, now_ms)
        except DBAPIError:
            raise
        except Exception:
            # Rather a call to a number that is none than no call at all.
            log.exception("unusable-numbers-not-known")
            return {}

    def _write(
        self, connection: Connection, made: Sequence[Made], now_ms: int, *, handling: bool = False
    ) -> None:
        self._writing.write_in(connection, made, now_ms, handling=handling)

    def _count(self, name: str, more: int) -> None:
        self._writing.counts[name] += more

    # --- others have news --------------------------------------------------------------------------------

    def event_in(self, connection: Connection, run_id: str, now_ms: int) -> None:
        """Have a run look at its notices now, because one of them has its outcome."""
        self.events_in(connection, [run_id], now_ms)

    def events_in(self, connection: Connection, run_ids: Collection[str], now_ms: int) -> None:
        """Do `event_in` for many; what has ended, and what there is not, is passed over."""
        due = [(key, now_ms, priority) for key, priority in store.priorities(connection, run_ids)]
        self._engine.enqueue_all_in(connection, QUEUE, due)

    def pass_on_in(
        self, connection: Connection, person: str, episode_ids: Collection[str], now_ms: int
    ) -> bool:
        """Tell the next person of these episodes now, because `person` asks for it.

        True where somebody else is told, has been asked to be told, or the last resort is called, for each
        of them that a run looks after. A run that has nobody else stays as it is.
        """
        running = [run for run in store.of_episodes(connection, episode_ids) if run.state == "running"]
        alarms = store.alarms(connection, [run.episode_id for run in running])
        made = self._decided(connection, running, alarms, now_ms, passed_on_by=person)
        passed = [one for one in made if _somebody_else(one, person)]
        self._write(connection, passed, now_ms)
        # Of the branches of one alarm it is enough that one tells somebody else.
        return bool(made) and {_of(one) for one in passed} == {_of(one) for one in made}

    def answer_in(
        self, connection: Connection, run_id: str, asked_ms: int, answer: Answer, now_ms: int
    ) -> bool:
        """Take the answer of a script that was asked at `asked_ms`; False where nobody waits for it."""
        running = [run for run in store.running(connection, [run_id]) if _asked(run, asked_ms)]
        alarms = store.alarms(connection, [run.episode_id for run in running])
        self._write(connection, self._decided(connection, running, alarms, now_ms, answer=answer), now_ms)
        return bool(running)

    # --- looking and cancelling --------------------------------------------------------------------------

    async def waiting(self, episode_id: str) -> list[dict[str, Any]]:
        """Give what each running run of an episode waits for: run, pipeline, block, why, since, due (ms)."""
        return await self._db.read(lambda connection: self.waiting_in(connection, episode_id))

    def waiting_in(self, connection: Connection, episode_id: str) -> list[dict[str, Any]]:
        """Do `waiting` inside the caller's transaction."""
        found = [run for run in store.look(connection, episode_id) if run.state == "running"]
        plans = store.plans_of(connection, {run.plan for run in found})
        return [_shown(run, plans.get(run.plan)) for run in found]

    async def cancel(self, run_id: str, by: str) -> bool:
        """End a run because a person says so, and take back what is on its way; False where none runs.

        Nobody else is told then: it is this person's decision, and on record as such.
        """
        now_ms = self._clock.now_ms()
        return await self._db.write(lambda connection: self.cancel_in(connection, run_id, by, now_ms))

    def cancel_in(self, connection: Connection, run_id: str, by: str, now_ms: int) -> bool:
        """Do `cancel` inside the caller's transaction."""
        (run,) = store.running(connection, [run_id]) or (None,)
        if run is None:
            return False
        why = f"{store.CANCELLED}{by}"
        ended = branching.end_in(connection, [run_id], why, now_ms, by=by)
        if run.parent is None and run.hook == ACTIVE:
            # Calls that ring for this alarm are cancelled as well, and branches have told for the same one.
            self._bindings.withdraw_in(connection, [run.episode_id], "cancelled-by-clear", now_ms)
        elif run.parent is not None:
            self._engine.enqueue_in(connection, QUEUE, run.parent, due_ms=now_ms, priority=run.priority)
        self._engine.cancel_in(connection, QUEUE, ended)
        self._count("decided", len(ended))
        return True

    # --- what the watchdog finds -------------------------------------------------------------------------

    def rescue_in(self, connection: Connection, strays: Strays, now_ms: int) -> None:
        """Give late runs their timers anew, at their own due times, and forsaken alarms a run."""
        self._count("rescued", len(strays.late) + len(strays.forsaken))
        self._engine.enqueue_all_in(
            connection,
            QUEUE,
            [(key, now_ms if due_ms is None else due_ms, priority) for key, due_ms, priority in strays.late],
        )
        if not strays.forsaken:
            return
        alarms = store.alarms(connection, strays.forsaken)
        found = store.of_episodes(connection, alarms)
        ended = [(run, alarms[run.episode_id]) for run in _first(found)]
        starting.begin_anew_in(connection, self._engine, self._routing, ended, now_ms)
        known = {run.episode_id for run in _first(found)}
        self._begin(connection, [alarm for key, alarm in alarms.items() if key not in known], now_ms)


def _matters(change: AlarmChanged) -> bool:
    """Whether a change of an episode is one that its run must hear of at once."""
    before = change.before
    return before is not None and (change.kind != "updated" or before.priority != change.episode.priority)


def _somebody_else(made: Made, person: str) -> bool:
    """Whether anybody but `person` is told after this decision."""
    event, decision = made
    others = [one for one in decision.effects if not isinstance(one, TakeBack)]
    asked = any(not isinstance(one, Notify) or one.person != person for one in others)
    return asked or any(one.person != person and one.state != "done" for one in event.notices)


def _first(found: Sequence[RunState]) -> list[RunState]:
    """Give the runs that answer for alarms being told: no branches, and none that tell of an end."""
    return [run for run in found if run.hook == ACTIVE and run.parent is None]


def _hooks(change: AlarmChanged) -> list[Hook]:
    """Give what an alarm's change is to be told of; what happens by itself is no news."""
    before, after = change.before, change.episode
    hooks: list[Hook] = []
    if before is None:
        return hooks
    if before.state == "active" and after.state == "cleared":
        hooks.append("clear")
    if not before.acked and after.acked and after.acked_via not in _BY_ITSELF:
        hooks.append("ack")
    return hooks


def _asked(run: RunState, asked_ms: int) -> bool:
    try:
        position = opened(run.position)
    except msgspec.ValidationError:
        return False
    return position.waiting == "script" and position.asked_ms == asked_ms


def _of(made: Made) -> str:
    return made.decision.run.episode_id


def _shown(run: RunState, plan: Plan | None) -> dict[str, Any]:
    block, since_ms = "", run.started_ms
    try:
        position = opened(run.position)
    except msgspec.ValidationError:
        pass  # what cannot be read is not shown; the sentence still is
    else:
        since_ms = position.since_ms or run.started_ms
        block = plan.name(position.block) if plan is not None else ""
    return {
        "run": run.id,
        "pipeline": run.pipeline,
        "block": block,
        "why": run.waiting,
        "since": since_ms,
        "due": run.due_ms,
    }
