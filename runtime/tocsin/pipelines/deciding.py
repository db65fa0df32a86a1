"""One decision, whatever happens: what the plan says, else that everybody is told, else the last resort.

Pure but for the log. No fault of one run reaches beyond it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from tocsin.pipelines.advance import advance
from tocsin.pipelines.safety import in_place_of, last_stand

if TYPE_CHECKING:
    from tocsin.pipelines.plan import Plan
    from tocsin.pipelines.run import Decision, Event, RunState
    from tocsin.pipelines.world import World

log = structlog.get_logger("tocsin.pipelines")


def decide(run: RunState, plan: Plan | None, event: Event, world: World, now_ms: int) -> Decision:
    """Decide on a run; `plan` None means that what it began with cannot be read."""
    fault = "its blocks cannot be read"
    if plan is not None:
        try:
            return advance(run, plan, event, world, now_ms)
        except Exception as error:
            # Whatever is wrong with this run, its alarm must still be told.
            fault = f"{type(error).__name__}: {error}"
            log.exception("run-failed", run=run.id, episode=run.episode_id)
    try:
        return in_place_of(run, plan, event, world, now_ms, fault=fault)
    except Exception:
        log.exception("fallback-failed", run=run.id, episode=run.episode_id)
        return last_stand(run, event, now_ms, fault=fault)
